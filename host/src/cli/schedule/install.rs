//! `takeback schedule install`.

use super::installed::installed;
use super::job::Job;
use super::tool::ToolError;
use super::unit::{Standing, Units};
use super::when::When;
use super::{HERE, cron, detect, launchd, name, systemd, windows};
use crate::cli::args::{System, TimerArgs};
use crate::cli::context::{Context, tilde};
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::prompt;
use crate::cli::render::json;
use serde::Serialize;
use std::collections::BTreeMap;
use takeback::model::{ShownPath, TargetId};
use takeback::vault::Vault;

/// What would be written.
enum Wanted {
    Units(Units),
    /// The block for the crontab.
    Cron(String),
    /// A text that cannot be installed from here.
    Text(String),
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    system: String,
    when: String,
    command: Vec<&'a str>,
    environment: &'a BTreeMap<String, String>,
    files: Vec<FileView>,
    written: bool,
    /// Whether the system's tool took it.
    active: bool,
    problem: Option<String>,
    /// What is left to be run by hand.
    by_hand: Vec<String>,
    next_run: Option<String>,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    text: String,
}

pub(super) fn run(context: &Context, args: &TimerArgs) -> Result<ExitStatus, CommandError> {
    let when = When::new(args.every, args.at, args.on)?;
    let system = args.with.map_or_else(detect, Ok)?;
    if !args.dry_run && !HERE.contains(&system) {
        let message = format!("{} cannot be set up from this system", name(system));
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("-n shows the text, to be taken to where it belongs"));
    }
    let job = Job::new(context, args, when)?;
    let wanted = wanted(context, system, &job)?;
    if args.dry_run {
        show(context, system, &job, &wanted);
        return Ok(ExitStatus::Done);
    }
    let named = args.targets.iter();
    let named: Vec<TargetId> = named.filter_map(|name| TargetId::new(name).ok()).collect();
    context.noted.targets(&named);
    refuse_a_second(context, system)?;
    if !is_there(&wanted)? {
        ask(context, system, &job, &wanted, args)?;
    }
    let problem = place(&wanted)?;
    vault(context);
    said(context, system, &job, &wanted, problem.as_ref());
    Ok(if problem.is_some() {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    })
}

fn wanted(context: &Context, system: System, job: &Job) -> Result<Wanted, CommandError> {
    let user = rustix::process::getuid().as_raw();
    Ok(match system {
        System::Systemd => Wanted::Units(systemd::units(job, &context.facts.config)?),
        System::Launchd => Wanted::Units(launchd::units(job, &context.facts.home, user)),
        System::Cron => Wanted::Cron(cron::block(job)?),
        System::Windows => Wanted::Text(windows::task(job)),
    })
}

/// Two timers would make two backups.
fn refuse_a_second(context: &Context, system: System) -> Result<(), CommandError> {
    let others = installed(context)?;
    match others.iter().find(|other| other.system != system) {
        None => Ok(()),
        Some(other) => {
            let other = name(other.system);
            let message = format!("{other} runs the backup already; nothing was changed");
            Err(
                CommandError::new(ExitStatus::Refused, message).hint(format!(
                    "`takeback schedule remove --with {other}` takes that away"
                )),
            )
        }
    }
}

/// Whether exactly this is written already.
fn is_there(wanted: &Wanted) -> Result<bool, CommandError> {
    match wanted {
        Wanted::Units(units) => {
            units.refuse_foreign()?;
            let same = units.standing()?.into_iter().zip(&units.files).all(
                |(standing, file)| matches!(standing, Standing::Ours(_, text) if text == file.1),
            );
            Ok(same)
        }
        Wanted::Cron(block) => {
            let text = cron::read().map_err(failed)?;
            Ok(cron::Parts::of(&text)?.ours == Some(block))
        }
        Wanted::Text(_) => Ok(false),
    }
}

fn ask(
    context: &Context,
    system: System,
    job: &Job,
    wanted: &Wanted,
    args: &TimerArgs,
) -> Result<(), CommandError> {
    let voice = &context.voice;
    voice.say(format!("{} would run, {}:", name(system), job.when.words()));
    voice.say(format!("  {}", job.shown()));
    for (name, value) in &job.environment {
        voice.say(format!("  with {name}={}", takeback::model::Shown(value)));
    }
    match wanted {
        Wanted::Units(units) => {
            for (path, standing) in units.paths().zip(units.standing()?) {
                let new = if standing == Standing::Nothing {
                    "new"
                } else {
                    "replaced"
                };
                voice.say(format!("  {}    {new}", tilde(&path, &context.facts.home)));
            }
        }
        Wanted::Cron(_) => voice.say("  a line in the crontab; its other lines stay"),
        Wanted::Text(_) => {}
    }
    if args.yes {
        return Ok(());
    }
    prompt::confirm("Install this timer?", context.no_input, "--yes")
}

/// Writes it, and tells the system; what the system's tool refuses is given back.
fn place(wanted: &Wanted) -> Result<Option<ToolError>, CommandError> {
    match wanted {
        Wanted::Units(units) => {
            units.write()?;
            Ok(units.on.iter().find_map(|call| call.run(b"").err()))
        }
        Wanted::Cron(block) => {
            // Once more: somebody may have changed it while this waited for an answer.
            let text = cron::read().map_err(failed)?;
            let parts = cron::Parts::of(&text)?;
            if parts.ours != Some(block) {
                let call = cron::write_call();
                call.run(parts.with(block).as_bytes()).map_err(failed)?;
            }
            Ok(None)
        }
        Wanted::Text(_) => Ok(None),
    }
}

/// Without the tool there is nothing to write into.
fn failed(error: ToolError) -> CommandError {
    let status = match error {
        ToolError::Missing(_) => ExitStatus::NotFound,
        ToolError::Broken { .. } | ToolError::Failed { .. } => ExitStatus::Failed,
    };
    CommandError::new(status, error).hint("nothing was changed; -n shows the line")
}

/// The timer does nothing where there is no vault, so that an unplugged disk is not filled
/// in its absence. The usual place is no such disk.
fn vault(context: &Context) {
    let missing = matches!(context.vault(), Ok(None));
    let usual = context.vault_path == context.own.data;
    if missing && (!usual || Vault::create(&context.vault_path).is_err()) {
        let vault = ShownPath::from_home(&context.vault_path, &context.facts.home);
        context.voice.warn(&format!(
            "there is no vault at {vault} yet, and the timer waits until there is one; \
             `takeback backup` makes it"
        ));
    }
}

fn document<'a>(system: System, job: &'a Job, wanted: &Wanted) -> Document<'a> {
    let files = match wanted {
        Wanted::Units(units) => {
            let texts = units.files.iter().map(|(_, text)| text.clone());
            let paths = units.paths().map(|path| path.display().to_string());
            paths
                .zip(texts)
                .map(|(path, text)| FileView { path, text })
                .collect()
        }
        Wanted::Cron(text) => vec![FileView {
            path: "crontab".to_owned(),
            text: text.clone(),
        }],
        Wanted::Text(text) => vec![FileView {
            path: String::new(),
            text: text.clone(),
        }],
    };
    Document {
        schema_version: json::SCHEMA,
        message_type: "schedule-install",
        dry_run: true,
        system: name(system),
        when: job.when.words(),
        command: job.words().collect(),
        environment: &job.environment,
        files,
        written: false,
        active: false,
        problem: None,
        by_hand: Vec::new(),
        next_run: next(job.when),
    }
}

/// When it runs next by this machine's clock.
fn next(when: When) -> Option<String> {
    let next = when.next(&jiff::Zoned::now())?;
    Some(next.strftime("%Y-%m-%d %H:%M").to_string())
}

fn show(context: &Context, system: System, job: &Job, wanted: &Wanted) {
    let document = document(system, job, wanted);
    if context.voice.json {
        return json::print(&document);
    }
    let several = document.files.len() > 1;
    for file in &document.files {
        if several {
            context
                .voice
                .line(format!("# {}", ShownPath(file.path.as_ref())));
        }
        // Every value in it was checked to be plain text.
        context.voice.line(&file.text);
    }
    let places: Vec<String> = match wanted {
        Wanted::Units(units) => {
            let home = &context.facts.home;
            units.paths().map(|path| tilde(&path, home)).collect()
        }
        Wanted::Cron(_) => vec!["this into the crontab".to_owned()],
        Wanted::Text(_) => {
            context
                .voice
                .say("For `schtasks /Create /TN takeback /XML FILE` on Windows");
            return;
        }
    };
    context
        .voice
        .say(format!("Would write {}", places.join(" and ")));
}

fn by_hand(wanted: &Wanted) -> Vec<String> {
    match wanted {
        Wanted::Units(units) => units
            .on
            .iter()
            .filter(|call| !call.may_fail)
            .map(super::tool::Call::typed)
            .collect(),
        Wanted::Cron(_) | Wanted::Text(_) => Vec::new(),
    }
}

fn said(
    context: &Context,
    system: System,
    job: &Job,
    wanted: &Wanted,
    problem: Option<&ToolError>,
) {
    let (voice, home) = (&context.voice, &context.facts.home);
    if voice.json {
        return json::print(&Document {
            dry_run: false,
            written: true,
            active: problem.is_none(),
            problem: problem.map(ToString::to_string),
            by_hand: problem.map_or_else(Vec::new, |_| by_hand(wanted)),
            ..document(system, job, wanted)
        });
    }
    match wanted {
        Wanted::Units(units) => {
            units
                .paths()
                .for_each(|path| voice.say(format!("Wrote {}", tilde(&path, home))));
        }
        Wanted::Cron(_) => voice.say("Wrote a line into the crontab"),
        Wanted::Text(_) => {}
    }
    if let Some(problem) = problem {
        voice.warn(&format!("it is not switched on: {problem}"));
        let calls = by_hand(wanted).join(" && ");
        return voice.say(format!("To switch it on by hand: {calls}"));
    }
    let next = next(job.when).unwrap_or_default();
    voice.say(format!(
        "Backs up {}; the next time is {next}",
        job.when.words()
    ));
    if system == System::Cron {
        voice.say("Cron does not make up for what was missed while the machine was off or asleep");
    }
    voice.say("`takeback schedule status` shows how the last run ended");
    if system == System::Systemd {
        voice.say("`journalctl --user -u takeback` shows what the runs said");
    }
}
