//! The command line: arguments in, words out. Uses the engine's public interface only.

mod adapter;
mod archives;
mod args;
mod backup;
mod choice;
mod cleanup;
mod config;
mod context;
mod diff;
mod error;
mod export;
mod facts;
mod guard;
mod history;
mod init;
mod keep;
mod list;
mod near;
mod needs;
mod progress;
mod prompt;
mod recover;
mod remarks;
mod remove;
mod render;
mod repair;
mod report;
mod restore;
mod show;
mod signals;
mod trash;
mod undo;
mod upkeep;
mod vault;
mod verify;

use args::{Cli, Command};
use clap::Parser;
use context::Context;
use error::{CommandError, ExitStatus};
use std::process::ExitCode;

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    // Whatever is created is the owner's alone, also where no mode is given.
    let umask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return usage(&e),
    };
    let json = cli.global.json;
    let begins = matches!(cli.command, Command::Init(_));
    let done = signals::install()
        .and_then(|stop| Context::new(cli.global, stop, begins))
        .and_then(|context| run(&context, cli.command, umask));
    match done {
        Ok(status) => status.into(),
        Err(error) => {
            render::error(&error, json);
            error.status.into()
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
    let asked_for = matches!(error.kind(), DisplayHelp | DisplayVersion);
    // What cannot be parsed cannot say how it wants its answer; the word itself must do.
    if !asked_for && std::env::args_os().any(|word| word == "--json") {
        render::error(&CommandError::usage(error.render()), true);
        return ExitStatus::Usage.into();
    }
    // A reader that has gone away is no reason to fail.
    let _ = error.print();
    if asked_for {
        ExitStatus::Done.into()
    } else {
        ExitStatus::Usage.into()
    }
}

/// Runs the command that was given; `umask` is what the person's programs are to have.
fn run(
    context: &Context,
    command: Command,
    umask: rustix::fs::Mode,
) -> Result<ExitStatus, CommandError> {
    recover::at_start(context, &command)?;
    match command {
        Command::Init(args) => init::run(context, &args),
        Command::Backup(args) if args.list => list::run(context, &args::ListArgs::default()),
        Command::Backup(args) => backup::run(context, &args),
        Command::Guard(args) => guard::run(context, &args, umask),
        Command::List(args) => list::run(context, &args),
        Command::Show(args) => show::run(context, &args),
        Command::Diff(args) => diff::run(context, &args),
        Command::History(args) => history::run(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Restore(args) => restore::run(context, &args),
        Command::Undo(args) if args.list => undo::list(context),
        Command::Undo(args) => undo::run(context, &args),
        Command::Recover(args) => recover::run(context, &args),
        Command::Repair(args) => repair::run(context, &args),
        Command::Remove(args) => remove::run(context, &args),
        Command::Cleanup(args) => cleanup::run(context, &args),
        Command::Pin(args) => remarks::pin(context, args),
        Command::Unpin(args) => remarks::unpin(context, args),
        Command::Note(args) => remarks::note(context, args),
        Command::Trash(args) => trash::run(context, &args),
        Command::Vault(args) => vault::run(context, &args),
        Command::Adapter(args) => adapter::run(context, &args),
    }
}
