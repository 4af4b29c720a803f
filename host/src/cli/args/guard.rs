//! What can be typed for `guard`.

use super::ProjectArgs;
use crate::cli::guard::Shell;
use clap::{Args, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    override_usage = "takeback guard [OPTIONS] -- COMMAND [ARGS]...\n       \
                      takeback guard install [OPTIONS] NAME\n       \
                      takeback guard uninstall [OPTIONS] NAME"
)]
#[command(after_help = "Examples:
  takeback guard -- skillshare sync     back up, run it, say what it changed
  takeback guard -t claude -- ./tidy    only Claude Code's files
  takeback undo                         take back what it did
  takeback guard install skillshare     do so whenever skillshare syncs or removes a target

The exit code is the command's own: 128 and the signal's number where a signal ended it, 126
when it cannot be run, 127 when there is none. It is 125 when the backup failed or was not
complete, and so the command was not run.")]
pub(in crate::cli) struct GuardArgs {
    /// A target to back up and to watch [default: all found]
    #[arg(short, long, value_name = "TARGET")]
    pub(in crate::cli) target: Vec<String>,
    /// Run the command also when the backup failed or is not complete
    #[arg(long)]
    pub(in crate::cli) best_effort: bool,
    /// Write this about the snapshot [default: before the command, by its name]
    #[arg(long, value_name = "TEXT", value_parser = super::keep::note)]
    pub(in crate::cli) note: Option<String>,
    /// Write what was changed to this file, as one JSON document
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// Also keep plugin code and marketplace clones
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Also keep environment files
    #[arg(long)]
    pub(in crate::cli) include_env: bool,
    /// Also keep logins, keys and tokens
    #[arg(long)]
    pub(in crate::cli) include_credentials: bool,
    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,
    #[command(subcommand)]
    pub(in crate::cli) setup: Option<GuardCommand>,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(in crate::cli) wait: u64,
    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<OsString>,
}

#[derive(Subcommand)]
pub(in crate::cli) enum GuardCommand {
    /// Have a command guarded whenever it is typed, with a function in the shells' start files
    Install(InstallArgs),
    /// Take such a function out again
    Uninstall(UninstallArgs),
}

/// What is installed, or taken out.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct SubjectArgs {
    /// The command
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// For Claude Code: slash commands, and a hook that backs up when a session begins
    #[arg(long)]
    pub(in crate::cli) claude_code: bool,
}

/// How it is done.
#[derive(Args)]
pub(in crate::cli) struct SetupArgs {
    /// Only for this shell [default: every shell with a start file here]
    #[arg(long, value_name = "SHELL", value_enum, conflicts_with = "claude_code")]
    pub(in crate::cli) shell: Vec<Shell>,
    /// Show what would be written; write nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) wait: Option<u64>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  takeback guard install skillshare               guards `sync` and `target remove`
  takeback guard install npm --on 'install'       guards only `npm install`
  takeback guard install --claude-code            /backup, /restore, /backup-status, and a hook

`takeback undo` takes an installation back.")]
pub(in crate::cli) struct InstallArgs {
    #[command(flatten)]
    pub(in crate::cli) subject: SubjectArgs,
    /// Guard only this sub-command [default: what is known to be risky, else every call]
    #[arg(long, value_name = "SUBCOMMAND", conflicts_with = "claude_code")]
    pub(in crate::cli) on: Vec<String>,
    /// A target to back up and to watch [default: all found]
    #[arg(short, long, value_name = "TARGET", conflicts_with = "claude_code")]
    pub(in crate::cli) target: Vec<String>,
    /// Run the command also when the backup failed or is not complete
    #[arg(long, conflicts_with = "claude_code")]
    pub(in crate::cli) best_effort: bool,
    #[command(flatten)]
    pub(in crate::cli) setup: SetupArgs,
}

#[derive(Args)]
pub(in crate::cli) struct UninstallArgs {
    #[command(flatten)]
    pub(in crate::cli) subject: SubjectArgs,
    #[command(flatten)]
    pub(in crate::cli) setup: SetupArgs,
}
