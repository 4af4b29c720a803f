//! `takeback guard`: a backup, somebody's command, and what that changed.
//!
//! The command is started as it was typed, by its name and arguments and no shell, with this
//! process's terminal and files. No lock is held while it runs.

mod after;
mod before;
mod child;
mod install;
mod show;

use super::args::GuardArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use before::Before;
use child::Ended;
pub(super) use install::Shell;
use rustix::fs::Mode;
use std::ffi::OsString;
use std::path::Path;

/// The exit code when the command was not run because of the backup, as `env` and its kin
/// have it.
const NOT_RUN: u8 = 125;

pub(super) fn run(
    context: &Context,
    args: &GuardArgs,
    umask: Mode,
) -> Result<ExitStatus, CommandError> {
    if let Some(setup) = &args.setup {
        return install::run(context, setup);
    }
    let Some(program) = args.command.first() else {
        return Err(CommandError::usage("there is no command to run")
            .hint("write it behind two dashes: takeback guard -- skillshare sync"));
    };
    if context.voice.json && args.report.is_none() {
        let message = "with guard, stdout is the command's own";
        return Err(CommandError::usage(message)
            .hint("--report FILE writes what was changed to a file, as JSON"));
    }
    let name = name(program);
    let before = before::back_up(context, args, &name).map_err(not_run)?;
    let started = jiff::Timestamp::now();
    let ended = child::run(context, &args.command, umask)?;
    // From here on nothing may hide how the command ended.
    let outcome = before.and_then(|before| after::look(context, args, before, &name));
    let report = show::Report {
        name: &name,
        started,
        ended: &ended,
        outcome: outcome.as_ref(),
    };
    show::show(context, args, &report);
    if let Ended::NotStarted { status, why } = &ended {
        let status = ExitStatus::Command(*status);
        let shown = takeback::model::Shown(&name);
        return Err(CommandError::new(
            status,
            format!("cannot run {shown}: {why}"),
        ));
    }
    Ok(ExitStatus::Command(ended.code()))
}

/// The name of a program, without the way to it: arguments can hold what nobody else may see.
fn name(program: &OsString) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().into_owned()
}

/// Why the command was not run; the exit code must not be taken for the command's.
fn not_run(error: CommandError) -> CommandError {
    let status = match error.status {
        status @ (ExitStatus::Signal(_) | ExitStatus::Usage) => status,
        _ => ExitStatus::Command(NOT_RUN),
    };
    CommandError { status, ..error }.hint("the command was not run; --best-effort runs it anyway")
}
