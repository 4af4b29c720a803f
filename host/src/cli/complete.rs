//! Completion on the command line. The shell asks the program itself, through a variable that
//! its script sets, so that what is offered is what there is: targets, snapshots, operations.
//!
//! What is absent: nothing is written, no adapter is loaded, and no error is shown; what
//! cannot be read is simply not offered.

use super::args::{Cli, CompletionsArgs, Shell};
use super::config::{self, AdapterLock};
use super::context;
use super::error::{CommandError, ExitStatus};
use super::facts;
use super::settings;
use clap::{Arg, Command, CommandFactory, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::Shells;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use takeback::adapters::Registry;
use takeback::model::{Class, Shown};
use takeback::operation::Operations;
use takeback::vault::{SnapshotRecord, Vault};

/// The variable by which the script of a shell asks.
const VARIABLE: &str = "TAKEBACK_COMPLETE";

/// Answers the shell, if it is a shell that asks.
pub(super) fn at_start() -> bool {
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command).var(VARIABLE);
    // Somebody is in the middle of a line: an error would only be in the way.
    asked
        .try_complete(std::env::args_os(), here.as_deref())
        .unwrap_or(true)
}

/// Prints the script that a shell reads at its start.
pub(super) fn run(args: &CompletionsArgs) -> Result<ExitStatus, CommandError> {
    let value = args.shell.to_possible_value();
    let name = value.as_ref().map_or("", |value| value.get_name());
    let shells = Shells::builtins();
    let failed = |e: std::io::Error| CommandError::new(ExitStatus::Failed, e);
    let mut script = Vec::new();
    if let Some(shell) = shells.completer(name) {
        let (id, bin) = ("takeback", "takeback");
        shell
            .write_registration(VARIABLE, id, bin, bin, &mut script)
            .map_err(failed)?;
    }
    if args.shell == Shell::Zsh {
        // Read by `source` before `compinit` has run, it would only complain.
        let guard = b"(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\n";
        let at = script
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        script.splice(at..at, guard.iter().copied());
    }
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // A reader that has gone away is no reason to fail.
    let _ = out.write_all(&script).and_then(|()| out.flush());
    Ok(ExitStatus::Done)
}

/// The commands with what can be said for each value, known by the name that help gives it.
fn command() -> Command {
    with_values(Cli::command(), "")
}

fn with_values(command: Command, above: &str) -> Command {
    let above = format!("{above} {}", command.get_name());
    let command = command.mut_args(|arg| with_value(arg, &above));
    command.mut_subcommands(|inner| with_values(inner, &above))
}

fn with_value(arg: Arg, command: &str) -> Arg {
    let name = arg.get_value_names().and_then(|names| names.first());
    let completer = match name.map(|name| name.as_str()) {
        Some("TARGET") => ArgValueCompleter::new(targets),
        Some("SNAPSHOT") if command.contains(" trash") => ArgValueCompleter::new(removed),
        Some("SNAPSHOT" | "A" | "B") => ArgValueCompleter::new(snapshots),
        Some("SNAPSHOT|ARCHIVE") => ArgValueCompleter::new(snapshots_and_files),
        Some("OPERATION") => ArgValueCompleter::new(operations),
        Some("CLASS") => ArgValueCompleter::new(classes),
        Some("KEY") => ArgValueCompleter::new(keys),
        Some("PATH" | "GLOB" | "ARCHIVE") => ArgValueCompleter::new(PathCompleter::any()),
        _ => return arg,
    };
    arg.add(completer)
}

/// What is known without asking anybody: the places that are meant, and what is in them.
struct Known {
    config: PathBuf,
    state: PathBuf,
    vault: Option<Vault>,
}

impl Known {
    /// Reads what the words on the line, the variables and the configuration name.
    fn new() -> Option<Self> {
        let (facts, own) = facts::gather().ok()?;
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let named = |flag, name| typed(flag).or_else(|| variable(name));
        let path = named("--config", "TAKEBACK_CONFIG");
        let path = path.unwrap_or_else(|| own.config.join("config.toml"));
        let configured = config::read(&path, false).unwrap_or_default().vault;
        let vault = named("--vault", "TAKEBACK_VAULT");
        let vault = context::vault_path(vault, configured, &facts.home, &own).ok();
        Some(Self {
            vault: vault.and_then(|vault| Vault::open(&vault).ok().flatten()),
            config: own.config,
            state: own.state,
        })
    }

    fn snapshots(&self) -> Vec<SnapshotRecord> {
        let catalogue = self.vault.as_ref().and_then(|vault| vault.catalogue().ok());
        catalogue
            .map(|catalogue| catalogue.snapshots)
            .unwrap_or_default()
    }
}

/// The value of a flag that stands on the line already.
fn typed(flag: &str) -> Option<PathBuf> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let with = format!("{flag}=");
    words.iter().enumerate().find_map(|(at, word)| {
        if word == flag {
            return words.get(at + 1).map(PathBuf::from);
        }
        word.to_str()?.strip_prefix(&with).map(PathBuf::from)
    })
}

/// Those that begin with what was typed, in the order they are in.
fn offered(typed: &OsStr, all: impl Iterator<Item = (String, String)>) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let fits = all.filter(|(name, _)| name.starts_with(typed)).enumerate();
    fits.map(|(at, (name, about))| {
        let about = (!about.is_empty()).then(|| Shown::again(&about).into());
        CompletionCandidate::new(name)
            .help(about)
            .display_order(Some(at))
    })
    .collect()
}

/// Those that are in the vault first: they are the ones that can be restored.
fn targets(typed: &OsStr) -> Vec<CompletionCandidate> {
    let known = Known::new();
    let records = known.as_ref().map(Known::snapshots).unwrap_or_default();
    let kept = records.iter().flat_map(|record| &record.targets);
    let mut names: Vec<String> = kept.map(|target| target.target.to_string()).collect();
    names.sort();
    let lock = known.and_then(|known| AdapterLock::read(&known.config).ok());
    names.extend(
        lock.unwrap_or_default()
            .adapters
            .into_iter()
            .map(|locked| locked.id),
    );
    let registry = Registry::built_in();
    let mut built_in: Vec<String> = registry.known().map(|(id, _)| id.to_string()).collect();
    built_in.sort();
    names.extend(built_in);
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    offered(typed, names.into_iter().map(|name| (name, String::new())))
}

/// The newest first, each with what is in it; then the words that name one.
fn snapshots(typed: &OsStr) -> Vec<CompletionCandidate> {
    let records = Known::new()
        .map(|known| known.snapshots())
        .unwrap_or_default();
    let about = |record: &SnapshotRecord| {
        let targets: Vec<&str> = record.targets.iter().map(|t| t.target.as_str()).collect();
        let note = record
            .note
            .as_deref()
            .map(|note| format!(": {}", Shown::line(note, 40)));
        format!("{}{}", targets.join(", "), note.unwrap_or_default())
    };
    let ids = records
        .iter()
        .map(|record| (record.id.to_string(), about(record)));
    let words = [("latest", "the newest"), ("latest~1", "the one before")];
    let words = words.map(|(word, about)| (word.to_owned(), about.to_owned()));
    offered(typed, ids.chain(words))
}

fn snapshots_and_files(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut all = snapshots(typed);
    all.extend(PathCompleter::any().complete(typed));
    all
}

fn removed(typed: &OsStr) -> Vec<CompletionCandidate> {
    let vault = Known::new().and_then(|known| known.vault);
    let trash = vault
        .and_then(|vault| vault.trash().ok())
        .unwrap_or_default();
    offered(
        typed,
        trash.iter().map(|one| (one.id.to_string(), String::new())),
    )
}

fn operations(typed: &OsStr) -> Vec<CompletionCandidate> {
    let state = Known::new().map(|known| known.state);
    let operations = state.and_then(|state| Operations::open(&state).ok().flatten());
    let all = operations.and_then(|operations| operations.summaries().ok());
    let all = all.unwrap_or_default();
    let about = |targets: &[takeback::model::TargetId]| {
        targets
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let one = all.iter().map(|one| {
        let what = format!("{} of {}", one.about.kind.word(), about(&one.about.targets));
        (one.id.to_string(), what)
    });
    offered(typed, one)
}

/// Several can be named with commas between them.
fn classes(typed: &OsStr) -> Vec<CompletionCandidate> {
    let names = Class::ALL
        .into_iter()
        .map(|class| (class.as_str().to_owned(), String::new()));
    offered(typed, names)
}

fn keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    let keys = settings::KEYS.iter();
    offered(
        typed,
        keys.map(|key| (key.name.to_owned(), key.about.to_owned())),
    )
}
