//! What can be typed for commands that are about the vault and its archives.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args)]
pub(in crate::cli) struct VerifyArgs {
    /// Snapshots to verify [default: all]
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshots: Vec<String>,
    /// Only so many of the archives, other ones each time
    #[arg(long, value_name = "N%", value_parser = percent)]
    pub(in crate::cli) sample: Option<u8>,
}

fn percent(text: &str) -> Result<u8, String> {
    match text.strip_suffix('%').unwrap_or(text).parse() {
        Ok(percent @ 1..=100) => Ok(percent),
        _ => Err("a share is 1% to 100%".to_owned()),
    }
}

#[derive(Args)]
pub(in crate::cli) struct ExportArgs {
    /// A snapshot: its name or the beginning of it, a date, latest, latest~N
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshot: String,
    /// The target
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) target: String,
    /// Where to; - is stdout
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: PathBuf,
    /// Also when there is such a file already
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// What of it: the archive as it is, or what is made to leave this machine
    #[arg(long, value_enum, value_name = "NAME", default_value = "whole")]
    pub(in crate::cli) profile: ExportProfile,
}

/// What of an archive is given out.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum ExportProfile {
    /// The archive, byte for byte
    Whole,
    /// Without transcripts, credentials and plugin code, and with the secret fields of settings blanked
    Portable,
}

#[derive(Args)]
pub(in crate::cli) struct RepairArgs {
    /// Snapshots to repair [default: all]
    #[arg(value_name = "SNAPSHOT")]
    pub(in crate::cli) snapshots: Vec<String>,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) wait: Option<u64>,
}

#[derive(Args)]
pub(in crate::cli) struct RemoveArgs {
    /// Snapshots to remove, as `list` names them
    #[arg(value_name = "SNAPSHOT", required = true)]
    pub(in crate::cli) snapshots: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) wait: Option<u64>,
}

#[derive(Args)]
pub(in crate::cli) struct TrashArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: TrashCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum TrashCommand {
    /// List the snapshots and files that were removed, the last first
    List,
    /// Put snapshots, files or whole directories back
    Restore {
        /// Snapshots or paths, as `trash list` names them
        #[arg(value_name = "SNAPSHOT|PATH", required = true)]
        wanted: Vec<String>,
        /// Of a path that was removed several times, what this operation removed
        #[arg(long, value_name = "OPERATION")]
        from: Option<String>,
        /// Wait so long, in seconds, for another takeback that is at work
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
    /// Remove what is in it for good
    Empty {
        /// Only what was removed so long ago, such as 36h, 30d, 8w
        #[arg(long, value_name = "TIME")]
        older_than: Option<crate::cli::keep::Length>,
        /// Only snapshots
        #[arg(long, conflicts_with = "files")]
        snapshots: bool,
        /// Only files
        #[arg(long)]
        files: bool,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
        /// Wait so long, in seconds, for another takeback that is at work
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
}

#[derive(Args)]
pub(in crate::cli) struct VaultArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: VaultCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum VaultCommand {
    /// Sizes by target and form, what thin and unchanged archives save, growth by month
    Stats,
}
