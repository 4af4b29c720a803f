//! What a schedule runs: this program, with what was in effect when it was installed.

use super::when::When;
use crate::cli::args::{Profile, TimerArgs};
use crate::cli::context::{Context, unknown_target};
use crate::cli::error::{CommandError, ExitStatus};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use takeback::model::limits::SCHEDULE_VALUE;
use takeback::model::{HostFacts, Shown, ShownPath};

/// Variables that say where takeback's own places are.
const PLACES: [&str; 4] = [
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
];

/// A command with its environment, every value of which is one line of plain text.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) when: When,
    /// The program, by its absolute path.
    pub(super) program: String,
    pub(super) args: Vec<String>,
    /// Variables that a timer's own environment would not have.
    pub(super) environment: BTreeMap<String, String>,
}

impl Job {
    /// What is to be run, for this person and these settings.
    pub(super) fn new(
        context: &Context,
        args: &TimerArgs,
        when: When,
    ) -> Result<Self, CommandError> {
        let job = Self {
            when,
            program: text(&program()?)?,
            args: arguments(context, args)?,
            environment: environment(context, &args.targets)?,
        };
        let variables = job
            .environment
            .iter()
            .flat_map(|(name, value)| [name, value]);
        let all = job.args.iter().chain([&job.program]).chain(variables);
        all.map(String::as_str).try_for_each(plain)?;
        Ok(job)
    }

    /// Program and arguments.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let args = self.args.iter().map(String::as_str);
        std::iter::once(self.program.as_str()).chain(args)
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        let words: Vec<String> = self.words().map(|word| Shown(word).to_string()).collect();
        words.join(" ")
    }
}

/// No format of a timer can hold a line break in a value, and some take control characters
/// for something else.
fn plain(value: &str) -> Result<(), CommandError> {
    let why = if value.chars().any(char::is_control) {
        "has control characters or line breaks in it"
    } else if value.len() > SCHEDULE_VALUE {
        "is too long"
    } else {
        return Ok(());
    };
    let message = format!(
        "{} {why}, so it cannot be written into a timer",
        Shown(value)
    );
    Err(CommandError::new(ExitStatus::Refused, message))
}

fn text(path: &Path) -> Result<String, CommandError> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let shown = ShownPath(path);
        let message = format!("{shown} is not UTF-8, so it cannot be written into a timer");
        CommandError::new(ExitStatus::Refused, message)
    })
}

/// This program by the path it was called by. Where that is a link it stays one: package
/// managers give every version a directory of its own, and a link that is always right.
fn program() -> Result<PathBuf, CommandError> {
    let failed = |e: std::io::Error| {
        let message = format!("the path of this program cannot be found: {e}");
        CommandError::new(ExitStatus::Failed, message)
    };
    let real = std::env::current_exe().map_err(failed)?;
    let called = std::env::args_os()
        .next()
        .map(PathBuf::from)
        .unwrap_or_default();
    let is_this = |path: &PathBuf| path.canonicalize().ok() == real.canonicalize().ok();
    let found = if called.components().count() > 1 {
        std::path::absolute(&called).ok()
    } else {
        on_path(called.as_os_str())
    };
    Ok(found.filter(is_this).unwrap_or(real))
}

/// Where a command is found, by the same rule as a shell's.
pub(super) fn on_path(name: &OsStr) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|dir| dir.join(name));
    places.find(|place| place.is_absolute() && place.is_file())
}

fn arguments(context: &Context, args: &TimerArgs) -> Result<Vec<String>, CommandError> {
    let mut words = Vec::new();
    // What comes from the configuration stays there, so that changing it changes the timer too.
    if context.named.vault {
        words.extend(["--vault".to_owned(), text(&context.vault_path)?]);
    }
    if context.named.config {
        let path = std::path::absolute(&context.config_path);
        let path = path.map_err(|e| CommandError::usage(format!("the configuration file: {e}")))?;
        words.extend(["--config".to_owned(), text(&path)?]);
    }
    for flag in ["--no-input", "backup", "--automatic", "--cleanup"] {
        words.push(flag.to_owned());
    }
    for flag in ["--if-vault-present", "--if-changed", "--wait", "60"] {
        words.push(flag.to_owned());
    }
    if args.profile != Profile::Default {
        let name = args.profile.to_possible_value();
        let name = name.map_or_else(String::new, |name| name.get_name().to_owned());
        words.extend(["--profile".to_owned(), name]);
    }
    match &args.project {
        None => words.push("--no-project".to_owned()),
        Some(dir) => {
            let real = dir.canonicalize().map_err(|e| {
                let shown = ShownPath(dir);
                CommandError::new(ExitStatus::NotFound, format!("the project {shown}: {e}"))
            })?;
            words.extend(["--project".to_owned(), text(&real)?]);
        }
    }
    words.extend(args.targets.iter().cloned());
    Ok(words)
}

/// The variables that decide where things are: takeback's own, and those that adapters look
/// at. A timer does not read the files of a shell in which they may have been set.
fn environment(
    context: &Context,
    targets: &[String],
) -> Result<BTreeMap<String, String>, CommandError> {
    let mut names: Vec<String> = PLACES.map(str::to_owned).to_vec();
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let known: Vec<String> = registry.known().map(|(id, _)| id.to_string()).collect();
    if let Some(unknown) = targets.iter().find(|target| !known.contains(target)) {
        return Err(unknown_target(unknown, &known));
    }
    for loaded in context.load(&registry, &runtime, |_| true) {
        if let Ok(adapter) = &loaded.result {
            names.extend(adapter.identity().variables.iter().cloned());
        }
    }
    let set = &context.facts.environment;
    let is_place = |value: &&String| HostFacts::clean(Path::new(value)).is_some();
    let found = names.into_iter().filter_map(|name| {
        let value = set.get(&name).filter(is_place)?.clone();
        Some((name, value))
    });
    Ok(found.collect())
}
