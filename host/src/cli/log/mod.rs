//! The log of what commands did: one line for each that changes something, also when it fails.
//! `takeback log` shows it, and `takeback status` finds the last failure in it.

mod entry;
mod file;

pub(super) use entry::{Entry, Noted};
pub(super) use file::read;

use super::args::{AdapterCommand, Command, GuardCommand, LogArgs, ScheduleCommand, TrashCommand};
use super::backup::PROGRAM;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use entry::in_short;
use serde::Serialize;
use std::time::Instant;
use takeback::model::Shown;

/// The word under which the log knows a command; `None` for those that change nothing.
pub(super) fn word(command: &Command) -> Option<&'static str> {
    match command {
        Command::Backup(args) if args.dry_run || args.list => None,
        Command::Backup(_) => Some("backup"),
        Command::Restore(args) => (!args.dry_run).then_some("restore"),
        Command::Undo(args) => (!args.dry_run && !args.list).then_some("undo"),
        Command::Recover(_) => Some("recover"),
        Command::Repair(_) => Some("repair"),
        Command::Remove(_) => Some("remove"),
        Command::Cleanup(args) => (!args.dry_run).then_some("cleanup"),
        Command::Pin(_) => Some("pin"),
        Command::Unpin(_) => Some("unpin"),
        Command::Note(_) => Some("note"),
        Command::Init(args) => (!args.dry_run).then_some("init"),
        Command::Trash(args) => match args.command {
            TrashCommand::List => None,
            TrashCommand::Restore { .. } => Some("trash restore"),
            TrashCommand::Empty { .. } => Some("trash empty"),
        },
        Command::Adapter(args) => match args.command {
            AdapterCommand::Add { .. } => Some("adapter add"),
            AdapterCommand::Update(_) => Some("adapter update"),
            AdapterCommand::Remove { .. } => Some("adapter remove"),
            _ => None,
        },
        Command::Import(args) => (!args.dry_run).then_some("import"),
        Command::Guard(args) => match &args.setup {
            Some(GuardCommand::Install(args)) => (!args.setup.dry_run).then_some("guard install"),
            Some(GuardCommand::Uninstall(args)) => {
                (!args.setup.dry_run).then_some("guard uninstall")
            }
            None => Some("guard"),
        },
        Command::Schedule(args) => match &args.command {
            ScheduleCommand::Install(args) => (!args.dry_run).then_some("schedule install"),
            ScheduleCommand::Remove(args) => (!args.dry_run).then_some("schedule remove"),
            ScheduleCommand::Status => None,
        },
        #[cfg(feature = "browse")]
        Command::Browse(_) => None,
        Command::List(_)
        | Command::Show(_)
        | Command::Diff(_)
        | Command::History(_)
        | Command::Verify(_)
        | Command::Export(_)
        | Command::Vault(_)
        | Command::Status(_)
        | Command::Doctor(_)
        | Command::Log(_)
        | Command::Report(_)
        | Command::Secrets(_)
        | Command::Config(_)
        | Command::Completions(_)
        | Command::Man(_) => None,
    }
}

/// Writes down how a command ended. That this fails is told and changes nothing else.
pub(super) fn write(
    context: &Context,
    command: &str,
    began: Instant,
    done: &Result<ExitStatus, CommandError>,
) {
    let notes = context.noted.take();
    let status = match done {
        Ok(status) => *status,
        Err(error) => error.status,
    };
    // What was mistyped, named wrongly or answered with no did nothing.
    let nothing = [
        ExitStatus::Usage,
        ExitStatus::NotFound,
        ExitStatus::Cancelled,
    ];
    if notes.nothing || nothing.contains(&status) {
        return;
    }
    let took = began.elapsed();
    let since = jiff::Timestamp::now().checked_sub(took).unwrap_or_default();
    let entry = Entry {
        time: since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        command: command.to_owned(),
        code: status.code(),
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        program: PROGRAM.to_owned(),
        vault: context.vault_path.display().to_string(),
        automatic: notes.automatic,
        targets: notes.targets,
        snapshots: notes.snapshots,
        operation: notes.operation,
        counts: notes.counts,
        error: done.as_ref().err().map(in_short),
    };
    if let Err(e) = file::append(&context.own.state, &entry) {
        let why = &e.source;
        context
            .voice
            .warn(&format!("this is not written down in the log: {e}: {why}"));
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    entries: &'a [Entry],
    unreadable: u64,
}

/// `takeback log`.
pub(super) fn run(context: &Context, args: &LogArgs) -> Result<ExitStatus, CommandError> {
    let log = read(&context.own.state)?;
    let wanted = |entry: &&Entry| !args.failed || !matches!(entry.code, 0 | 3);
    let fitting: Vec<Entry> = log.entries.iter().filter(wanted).cloned().collect();
    let entries = &fitting[fitting.len().saturating_sub(args.number)..];
    if log.unreadable > 0 {
        let lines = human::counted(log.unreadable, "line", "lines");
        let warning = format!("{lines} of the log cannot be read and are left out");
        context.voice.warn(&warning);
    }
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "log",
            entries,
            unreadable: log.unreadable,
        });
        return Ok(ExitStatus::Done);
    }
    context.voice.lines(entries.iter().map(line));
    if entries.is_empty() {
        context.voice.say("The log has nothing to show");
    }
    Ok(ExitStatus::Done)
}

/// `2026-01-20 15:30:00  backup   done           claude, cursor  12 files`.
fn line(entry: &Entry) -> String {
    let time = entry.time.parse::<jiff::Timestamp>().map_or_else(
        |_| Shown::sentence(&entry.time),
        |time| {
            let here = time.to_zoned(jiff::tz::TimeZone::system());
            here.strftime("%Y-%m-%d %H:%M:%S").to_string()
        },
    );
    let list = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| Shown::sentence(name)).collect();
        names.join(", ")
    };
    let counts = entry.counts.iter().filter(|(_, count)| **count > 0);
    let counts = counts.map(|(what, count)| match what.as_str() {
        "bytes" => human::bytes(*count),
        what if *count == 1 => format!("1 {}", Shown::sentence(what.trim_end_matches('s'))),
        what => format!("{count} {}", Shown::sentence(what)),
    });
    let automatic = if entry.automatic { "automatic" } else { "" };
    let parts = [
        list(&entry.targets),
        automatic.to_owned(),
        list(&entry.snapshots),
        counts.collect::<Vec<_>>().join(", "),
        entry.error.as_deref().map(Shown::again).unwrap_or_default(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let command = Shown::sentence(&entry.command);
    // The exit code is the guarded command's, which may mean anything by it.
    let ended = match (entry.command.as_str(), entry.code) {
        ("guard", 1..128) => format!("exit code {}", entry.code),
        (_, code) => said(code),
    };
    let line = format!("{time}  {command:<16}  {ended:<16}  {}", parts.join("  "));
    line.trim_end().to_owned()
}

/// An exit code in words.
pub(super) fn said(code: u8) -> String {
    let word = match code {
        0 => "done",
        1 => "failed",
        3 => "done, with gaps",
        4 => "refused",
        6 => "damaged archive",
        7 => "adapter failed",
        8 => "needs recover",
        11 => "locked",
        128.. => "stopped",
        _ => return format!("exit code {code}"),
    };
    word.to_owned()
}
