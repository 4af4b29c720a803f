//! The command line: arguments in, words out. Uses the engine's public interface only.

mod adapter;
mod archives;
mod args;
mod backup;
mod begun;
#[cfg(feature = "browse")]
mod browse;
mod choice;
mod cleanup;
mod complete;
mod config;
mod context;
mod diff;
mod doctor;
mod error;
mod export;
mod facts;
mod foreign;
mod guard;
mod history;
mod import;
mod init;
mod keep;
mod last_run;
mod list;
mod log;
mod manual;
mod near;
mod needs;
mod overview;
mod progress;
mod prompt;
mod recover;
mod remarks;
mod remove;
mod render;
mod repair;
mod report;
mod restore;
mod schedule;
mod secrets;
mod settings;
mod show;
mod signals;
mod status;
mod trash;
mod undo;
mod upkeep;
mod vault;
mod verify;

use args::{Cli, Command};
use begun::Begun;
use clap::Parser;
use context::Context;
use error::{CommandError, ExitStatus};
use rustix::fs::Mode;
use std::process::ExitCode;

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    // Whatever is created is the owner's alone, also where no mode is given.
    let umask = rustix::process::umask(Mode::from_raw_mode(0o077));
    if complete::at_start() {
        return ExitCode::SUCCESS;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return usage(&e),
    };
    let json = cli.global.json;
    let done = without_context(&cli).unwrap_or_else(|| {
        let begun = Begun::of(&cli.command);
        // A command that has the terminal to itself gives it back before anything ends it.
        #[cfg(feature = "browse")]
        let patient = matches!(cli.command, Command::Browse(_));
        #[cfg(not(feature = "browse"))]
        let patient = false;
        signals::install(patient)
            .and_then(|stop| Context::new(cli.global, stop, begun))
            .and_then(|context| logged(&context, cli.command, umask))
    });
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

/// What works also where the configuration cannot be read, and needs nothing of it.
fn without_context(cli: &Cli) -> Option<Result<ExitStatus, CommandError>> {
    match &cli.command {
        Command::Config(args) => Some(settings::run(&cli.global, args)),
        Command::Completions(args) => {
            Some(no_json(cli, "a completion script").and_then(|()| complete::run(args)))
        }
        Command::Man(args) => Some(no_json(cli, "a manual page").and_then(|()| manual::run(args))),
        _ => None,
    }
}

/// Refuses `--json` where what is printed is a text that another program reads.
fn no_json(cli: &Cli, what: &str) -> Result<(), CommandError> {
    match cli.global.json {
        true => Err(CommandError::usage(format!("{what} has no JSON")).hint("leave --json out")),
        false => Ok(()),
    }
}

/// Runs a command, and writes down what came of it if it is one that changes something.
fn logged(context: &Context, command: Command, umask: Mode) -> Result<ExitStatus, CommandError> {
    let (word, began) = (log::word(&command), std::time::Instant::now());
    let done = run(context, command, umask);
    match word {
        Some(word) => log::write(context, word, began, &done),
        // A command that only looks may have put in order what another one left.
        None if context.noted.has_recovered() => {
            log::write(context, "recover", began, &Ok(ExitStatus::Done));
        }
        None => {}
    }
    done
}

fn run(context: &Context, command: Command, umask: Mode) -> Result<ExitStatus, CommandError> {
    let automatic = last_run::is_automatic(&command);
    let done = dispatch(context, command, umask);
    if automatic {
        last_run::write(context, &done);
    }
    done
}

/// Runs the command that was given; `umask` is what the person's programs are to have.
fn dispatch(context: &Context, command: Command, umask: Mode) -> Result<ExitStatus, CommandError> {
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
        #[cfg(feature = "browse")]
        Command::Browse(args) => browse::run(context, &args),
        Command::Report(args) => overview::run(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Import(args) => import::run(context, &args),
        Command::Secrets(args) => secrets::run(context, &args),
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
        Command::Status(args) => status::run(context, &args),
        Command::Doctor(_) => doctor::run(context),
        Command::Log(args) => log::run(context, &args),
        Command::Vault(args) => vault::run(context, &args),
        Command::Adapter(args) => adapter::run(context, &args),
        Command::Schedule(args) => schedule::run(context, &args),
        // These are done before there is a context.
        Command::Config(_) | Command::Completions(_) | Command::Man(_) => Ok(ExitStatus::Done),
    }
}
