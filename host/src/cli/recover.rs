//! `takeback recover`, and the same at the start of every other command.

use super::args::{Command, RecoverArgs};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::json;
use takeback::model::Shown;
use takeback::operation::{
    OperationError, OperationLock, Operations, Recovered, Recovery, recover,
};

/// Puts in order what an interrupted operation left, and says so. A command that only
/// looks goes on when that fails.
pub(super) fn at_start(context: &Context, command: &Command) -> Result<(), CommandError> {
    // Some of them are asked how things stand, and must not change that.
    if matches!(
        command,
        Command::Recover(_) | Command::Status(_) | Command::Doctor(_) | Command::Log(_)
    ) {
        return Ok(());
    }
    let changes = match command {
        Command::Backup(args) => !args.list,
        Command::Restore(_) => true,
        Command::Undo(args) => !args.list,
        Command::Cleanup(args) => !args.dry_run,
        _ => false,
    };
    let operations = match Operations::open(&context.own.state) {
        Ok(Some(operations)) => operations,
        Ok(None) => return Ok(()),
        // A directory that is not trusted says nothing about what was interrupted.
        Err(e) if changes => return Err(e.into()),
        Err(e) => {
            context.voice.warn(&CommandError::from(e).in_full());
            return Ok(());
        }
    };
    match try_recover(&operations) {
        Ok(done) => {
            done.iter().for_each(|one| context.voice.warn(&words(one)));
            note(context, &done);
        }
        Err(e) if changes => return Err(hinted(e)),
        Err(e) => {
            let why = CommandError::from(e).in_full();
            context.voice.warn(&format!(
                "an interrupted operation needs `takeback recover`: {why}"
            ));
        }
    }
    Ok(())
}

/// Says of what was put in order what the log is to know.
fn note(context: &Context, done: &[Recovered]) {
    context.noted.recovered(done.len());
    for one in done {
        context
            .noted
            .targets(one.about.iter().flat_map(|about| &about.targets));
        one.id.iter().for_each(|id| context.noted.operation(id));
    }
}

fn hinted(error: OperationError) -> CommandError {
    CommandError {
        status: ExitStatus::NeedsRecovery,
        ..CommandError::from(error)
    }
    .hint("an operation was interrupted; when the cause is gone, run `takeback recover`")
}

/// Nothing when there is nothing to do, or somebody else is at work.
fn try_recover(operations: &Operations) -> Result<Vec<Recovered>, OperationError> {
    if !operations.needs_recovery()? {
        return Ok(Vec::new());
    }
    match operations.lock("recover", &mut || false) {
        Ok(lock) => recover(operations, &lock),
        Err(OperationError::Locked(_)) => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

/// Takes the lock for a command. What somebody left who was at work when this command
/// began is put in order then: nothing is done on top of it.
pub(super) fn lock(
    context: &Context,
    operations: &Operations,
    command: &str,
    wait: Option<u64>,
) -> Result<OperationLock, CommandError> {
    let lock = operations.lock(command, &mut context.patience(wait))?;
    if operations.needs_recovery()? {
        let done = recover(operations, &lock).map_err(hinted)?;
        done.iter().for_each(|one| context.voice.warn(&words(one)));
    }
    Ok(lock)
}

pub(super) fn run(context: &Context, args: &RecoverArgs) -> Result<ExitStatus, CommandError> {
    let mut done = Vec::new();
    if let Some(operations) = Operations::open(&context.own.state)? {
        let lock = operations.lock("recover", &mut context.patience(args.wait))?;
        done = recover(&operations, &lock).map_err(|e| CommandError {
            status: ExitStatus::NeedsRecovery,
            ..CommandError::from(e)
        })?;
    }
    note(context, &done);
    if done.is_empty() {
        context.noted.nothing_done();
    }
    if context.voice.json {
        json::print(&json::Recover {
            schema_version: json::SCHEMA,
            message_type: "recover",
            recovered: done.iter().map(json::recovered).collect(),
        });
        return Ok(ExitStatus::Done);
    }
    done.iter().for_each(|one| context.voice.line(words(one)));
    if done.is_empty() {
        context.voice.say("Nothing was interrupted");
    }
    Ok(ExitStatus::Done)
}

/// What was done about an operation, as a sentence.
fn words(one: &Recovered) -> String {
    let what = match &one.about {
        None => "an interrupted operation".to_owned(),
        Some(about) => {
            let targets: Vec<&str> = about.targets.iter().map(|id| id.as_str()).collect();
            let id = one
                .id
                .as_ref()
                .map(|id| format!(" ({id})"))
                .unwrap_or_default();
            let (kind, targets) = (about.kind.word(), targets.join(", "));
            let of = if targets.is_empty() { "" } else { " of " };
            format!("an interrupted {kind}{of}{targets}{id}")
        }
    };
    match &one.recovery {
        Recovery::Dropped => format!("{what} had changed nothing; what it had prepared is removed"),
        Recovery::RolledBack => format!("{what} was rolled back; everything is as it was before"),
        Recovery::Finished(kept) if kept.is_empty() => {
            format!(
                "{what} was finished; every file is in place, and `takeback undo` takes it back"
            )
        }
        Recovery::Finished(kept) => {
            let kept: Vec<String> = kept.iter().map(|path| Shown(path).to_string()).collect();
            format!(
                "{what} was finished, except for what was changed since: {}",
                kept.join(", ")
            )
        }
    }
}
