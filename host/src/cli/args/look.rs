//! What can be typed for commands that only look: at differences, and at versions.

use super::{LimitArgs, ProjectArgs};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  takeback diff claude                  what changed here since the newest snapshot
  takeback diff claude latest~3         since an older one
  takeback diff claude latest~3 latest  between the two
  takeback diff claude --stat           only which files, and how many

The exit code is 0 whether or not anything differs, and 3 when something could not be
compared; with --exit-code it is 9 when something differs.")]
pub(in crate::cli) struct DiffArgs {
    /// The target
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) target: String,
    /// The snapshot to compare with: its name, a date, latest, latest~N [default: latest]
    #[arg(value_name = "A")]
    pub(in crate::cli) before: Option<String>,
    /// Another snapshot, instead of what is here now
    #[arg(value_name = "B")]
    pub(in crate::cli) after: Option<String>,
    /// Compare with this archive from outside; the first snapshot named is then B
    #[arg(long, value_name = "ARCHIVE", conflicts_with = "after")]
    pub(in crate::cli) from: Option<PathBuf>,
    /// Only which files differ, and how many
    #[arg(long)]
    pub(in crate::cli) stat: bool,
    /// Also compare what is in large files, and cut nothing short
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Only these classes (settings, instructions, skills, agents, memory, history, ...)
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub(in crate::cli) only: Vec<String>,
    /// Only paths that match, such as '.claude/skills/review' or '**/*.md'
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) path: Vec<String>,
    /// Exit with 9 when something differs
    #[arg(long)]
    pub(in crate::cli) exit_code: bool,
    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,
    #[command(flatten)]
    pub(in crate::cli) limits: LimitArgs,
}

#[derive(Args)]
#[command(after_help = "Examples:
  takeback history ~/.claude/CLAUDE.md
  takeback history ~/.claude/skills/review")]
pub(in crate::cli) struct HistoryArgs {
    /// A file or directory: as it is called here, or as archives call it (home/.claude/...)
    #[arg(value_name = "PATH")]
    pub(in crate::cli) path: PathBuf,
    /// The target, where several keep it
    #[arg(long, value_name = "TARGET")]
    pub(in crate::cli) target: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,
}

#[derive(Args)]
#[command(
    after_help = "The keys are shown on every screen. A restore or an undo shows its plan and asks, as
`takeback restore` and `takeback undo` do."
)]
#[cfg(feature = "browse")]
pub(in crate::cli) struct BrowseArgs {
    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,
}

#[derive(Args)]
#[command(after_help = "Examples:
  takeback report                       in words
  takeback report --html -o vault.html  as one page for a browser, which needs nothing else")]
pub(in crate::cli) struct ReportArgs {
    /// One self-contained page of HTML
    #[arg(long)]
    pub(in crate::cli) html: bool,
    /// Where the page goes; - is stdout
    #[arg(short, long, value_name = "FILE", requires = "html")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Look into every archive for what changed, which can take long in a large vault
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Also when there is such a file already
    #[arg(long, requires = "output")]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,
}
