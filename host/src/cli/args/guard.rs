//! What can be typed for `guard`.

use super::ProjectArgs;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    override_usage = "takeback guard [OPTIONS] -- COMMAND [ARGS]..."
)]
#[command(after_help = "Examples:
  takeback guard -- skillshare sync     back up, run it, say what it changed
  takeback guard -t claude -- ./tidy    only Claude Code's files
  takeback undo                         take back what it did

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
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(in crate::cli) wait: u64,
    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<OsString>,
}
