//! Writes and checks the committed components in `adapters/dist`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for the command line"
)]

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use takeback_artifacts::{dist, gate1, gate2, repository};

/// Writes and checks the components of the built-in adapters
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
    /// The repository; without it, the one this was built in
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Copy the fresh components to adapters/dist and write the lock
    Dist,
    /// Compare sources, lock and components; 1 if something is wrong
    Check,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well; a gate that found something wrong is no error of this tool.
fn run(args: &Args) -> Result<bool> {
    let root = args.root.as_deref().unwrap_or_else(|| repository());
    match args.command {
        Command::Dist => {
            let lines = dist(root)?;
            lines.iter().for_each(|line| println!("{line}"));
            Ok(true)
        }
        Command::Check => check(root),
    }
}

fn check(root: &Path) -> Result<bool> {
    let first = gate1(root)?;
    print!("Gate 1: sources, lock, components\n{first}");
    if first.passed.is_empty() {
        println!("Gate 2: NOT RUN, THERE IS NOTHING TO COMPARE WITH");
        return Ok(false);
    }
    let second = gate2(root)?;
    print!("Gate 2: rebuilt from source\n{second}");
    Ok(first.ok() && second.ok())
}
