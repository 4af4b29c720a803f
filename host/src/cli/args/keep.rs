//! What can be typed for commands that are about which snapshots stay.

use crate::cli::keep::{Count, Length, Size};
use clap::Args;
use takeback::model::limits::NOTE_BYTES;

#[derive(Args)]
pub(in crate::cli) struct CleanupArgs {
    /// Targets to clean up [default: all]
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// Show every verdict; remove nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) wait: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) keep: KeepArgs,
}

/// Rules for one run. One of the first seven takes the place of all rules for manual and for
/// automatic snapshots; safety snapshots keep theirs.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Rules for this run, instead of the configured ones")]
pub(in crate::cli) struct KeepArgs {
    /// Keep so many of the newest, or all
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_last: Option<Count>,
    /// Keep the newest of each of so many hours
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_hourly: Option<Count>,
    /// Keep the newest of each of so many days
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_daily: Option<Count>,
    /// Keep the newest of each of so many ISO weeks
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_weekly: Option<Count>,
    /// Keep the newest of each of so many months
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_monthly: Option<Count>,
    /// Keep the newest of each of so many years
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_yearly: Option<Count>,
    /// Keep all of this time before the newest, such as 36h, 30d, 8w, 6m, 1y
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) keep_within: Option<Length>,
    /// Keep at most so much of each target, such as 500MB or 2GB
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) max_size: Option<Size>,
    /// Keep at least so many complete ones of each target
    #[arg(long, value_name = "N")]
    pub(in crate::cli) min_keep: Option<Count>,
}

#[derive(Args)]
pub(in crate::cli) struct PinArgs {
    /// A snapshot: its name or the beginning of it, a date, latest, latest~N
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshot: String,
    /// Also write this about it
    #[arg(long, value_name = "TEXT", value_parser = note)]
    pub(in crate::cli) note: Option<String>,
}

#[derive(Args)]
pub(in crate::cli) struct UnpinArgs {
    /// A snapshot: its name or the beginning of it, a date, latest, latest~N
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshot: String,
}

#[derive(Args)]
pub(in crate::cli) struct NoteArgs {
    /// A snapshot: its name or the beginning of it, a date, latest, latest~N
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshot: String,
    /// What to write about it; nothing ('') removes what is there
    #[arg(value_name = "TEXT", value_parser = note)]
    pub(in crate::cli) text: String,
}

/// A note that a record can hold.
pub(in crate::cli) fn note(text: &str) -> Result<String, String> {
    if text.len() > NOTE_BYTES {
        return Err(format!("a note has at most {NOTE_BYTES} bytes"));
    }
    Ok(text.to_owned())
}
