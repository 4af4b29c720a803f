//! What can be typed to bring in what other programs backed up, and to look for secrets.

use super::{LimitArgs, ProjectArgs, keep};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use takeback::import::Layout;
use takeback::model::RelPath;

#[derive(Args)]
#[command(after_help = "Examples:
  takeback import ~/Backups/claude-code/*.tar.gz -n      what would be imported
  takeback import ~/.local/share/skillshare/backups      every backup skillshare made
  takeback import ~/Dropbox/Mackup                       a Mackup folder
  takeback import home.tar.gz --root home/ada            a tar of a whole home
  takeback import claude-dir.tgz --at .claude            a tar of one directory's content

An imported snapshot has the time at which it was backed up, and stands behind all snapshots
that takeback made: `latest` is never one of these while there is any other.")]
pub(in crate::cli) struct ImportArgs {
    /// Archives (.tar, .tar.gz) and directories
    #[arg(value_name = "SOURCE", required = true)]
    pub(in crate::cli) sources: Vec<PathBuf>,
    /// Show what would be imported; write nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// How the sources are laid out [default: told by what is in them]
    #[arg(long = "as", value_name = "LAYOUT")]
    pub(in crate::cli) layout: Option<LayoutWord>,
    /// Only what these targets keep
    #[arg(long, value_name = "TARGET")]
    pub(in crate::cli) target: Vec<String>,
    /// The directory in the source that is a home
    #[arg(long, value_name = "DIR", value_parser = relative)]
    pub(in crate::cli) root: Option<RelPath>,
    /// The place below the home whose content the source is, such as .claude
    #[arg(long, value_name = "DIR", value_parser = relative)]
    pub(in crate::cli) at: Option<RelPath>,
    /// Leave out transcripts, prompts and plans
    #[arg(long)]
    pub(in crate::cli) no_history: bool,
    /// Also take environment files
    #[arg(long)]
    pub(in crate::cli) include_env: bool,
    /// Also take logins, keys and tokens
    #[arg(long)]
    pub(in crate::cli) include_credentials: bool,
    /// Write this about the snapshots [default: what they were imported from]
    #[arg(long, value_name = "TEXT", value_parser = keep::note)]
    pub(in crate::cli) note: Option<String>,
    /// Also import what was imported before
    #[arg(long)]
    pub(in crate::cli) again: bool,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) wait: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) limits: LimitArgs,
}

/// The layouts by their names.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LayoutWord {
    /// An archive of claude-code-backup: home/ and project/, with manifest.txt.
    ClaudeCodeBackup,
    /// skillshare's directories, named by times.
    Skillshare,
    /// A Mackup folder.
    Mackup,
    /// A home, or a part of one.
    Home,
}

impl LayoutWord {
    pub(in crate::cli) fn layout(self) -> Layout {
        match self {
            Self::ClaudeCodeBackup => Layout::ClaudeCodeBackup,
            Self::Skillshare => Layout::Skillshare,
            Self::Mackup => Layout::Mackup,
            Self::Home => Layout::Home,
        }
    }
}

/// A path without `~/` before and `/` behind it.
fn relative(text: &str) -> Result<RelPath, String> {
    let text = text.strip_prefix("~/").unwrap_or(text);
    let text = text.strip_prefix("./").unwrap_or(text);
    match text.trim_end_matches('/') {
        "" | "." => Ok(RelPath::root()),
        text => RelPath::new(text).map_err(|why| why.to_string()),
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  takeback secrets                 in settings, instructions, skills, agents, memory
  takeback secrets claude --history   in transcripts, too: that reads all of them

Names files, kinds and fields. What was found is never shown.")]
pub(in crate::cli) struct SecretsArgs {
    /// Targets to look through [default: all found]
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// Also look through transcripts, prompts and plans
    #[arg(long)]
    pub(in crate::cli) history: bool,
    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,
}
