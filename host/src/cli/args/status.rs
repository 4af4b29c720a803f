//! What can be typed for commands that say how things stand.

use crate::cli::keep::Length;
use clap::Args;

#[derive(Args)]
#[command(after_help = "Examples:
  takeback status                    every target: its last good backup, and what changed since
  takeback status --line             one line, quickly, for a shell prompt
  takeback status --max-age 2d -q    for monitoring: the exit code is 9 when something is older

The exit code is 0, or with --max-age 9 when a target has no complete backup that is young
enough; 10 when there is no backup at all, and 6 when a record of the vault is damaged.")]
pub(in crate::cli) struct StatusArgs {
    /// Targets to look at [default: all that were ever backed up here]
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// One short line, from the records alone: no file of a tool is looked at
    #[arg(long, conflicts_with = "json")]
    pub(in crate::cli) line: bool,
    /// Do not look at the tools' files for what changed since
    #[arg(long)]
    pub(in crate::cli) no_drift: bool,
    /// Exit with 9 when a target's last complete backup is older, such as 36h or 2d
    #[arg(long, value_name = "AGE")]
    pub(in crate::cli) max_age: Option<Length>,
}

#[derive(Args)]
#[command(
    after_help = "Nothing is changed. The exit code is 0 when there is no problem (warnings may
be), 9 when there is one, and 3 when something could not be looked at."
)]
pub(in crate::cli) struct DoctorArgs {}

#[derive(Args)]
pub(in crate::cli) struct LogArgs {
    /// At most so many lines, the newest
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    pub(in crate::cli) number: usize,
    /// Only what failed
    #[arg(long)]
    pub(in crate::cli) failed: bool,
}
