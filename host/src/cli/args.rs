//! What can be typed.

mod adapter;
mod guard;
mod import;
mod keep;
mod look;
mod schedule;
mod settings;
mod shell;
mod status;
mod vault;

pub(super) use adapter::{
    AdapterArgs, AdapterCommand, CheckArgs, Language, NewArgs, TrustArgs, UpdateArgs,
};
pub(super) use guard::{
    GuardArgs, GuardCommand, InstallArgs, SetupArgs, SubjectArgs, UninstallArgs,
};
pub(super) use import::{ImportArgs, SecretsArgs};
pub(super) use keep::{CleanupArgs, KeepArgs, NoteArgs, PinArgs, UnpinArgs};
#[cfg(feature = "browse")]
pub(super) use look::BrowseArgs;
pub(super) use look::{DiffArgs, HistoryArgs, ReportArgs};
pub(super) use schedule::{
    Clock, Every, ScheduleArgs, ScheduleCommand, System, TimerArgs, TimerRemoveArgs, Weekday,
};
pub(super) use settings::{ConfigArgs, ConfigCommand};
pub(super) use shell::{CompletionsArgs, ManArgs, Shell};
pub(super) use status::{DoctorArgs, LogArgs, StatusArgs};
pub(super) use vault::{
    ExportArgs, ExportProfile, RemoveArgs, RepairArgs, TrashArgs, TrashCommand, VaultArgs,
    VaultCommand, VerifyArgs,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use takeback::archive::Level;

/// A backup of your developer and AI tools' state, and a restore you can always take back.
#[derive(Parser)]
#[command(
    name = "takeback",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:
  takeback backup                       back up every tool found here
  takeback list                         what there is
  takeback restore claude --dry-run     what a restore would do, file by file
  takeback restore claude               do it, after asking

Exit codes: 0 done, 1 failed, 2 usage, 3 done but something left out, 4 refused by a rule,
5 cancelled, 6 archive damaged or hostile, 7 an adapter failed or is not trusted,
8 something interrupted needs `takeback recover`, 9 a check says no (diff --exit-code,
status --max-age, doctor), 10 nothing found, 11 locked, 129, 130 and 143 stopped by a signal.
guard ends with the code of the command it runs.")]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options every command takes.
#[derive(Args)]
pub(super) struct Global {
    /// Directory that holds the backups [default: $XDG_DATA_HOME/takeback]
    #[arg(long, global = true, env = "TAKEBACK_VAULT", value_name = "DIR")]
    pub(super) vault: Option<PathBuf>,
    /// Configuration file [default: $XDG_CONFIG_HOME/takeback/config.toml]
    #[arg(long, global = true, env = "TAKEBACK_CONFIG", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Use this adapter (.wasm or .toml) for this run, whether or not it is recorded
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) adapter: Vec<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Never ask; what would be asked is answered with no
    #[arg(long, global = true, env = "TAKEBACK_NO_INPUT", value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) no_input: bool,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show which tools there are here, and write a first configuration file
    Init(InitArgs),
    /// Back up the tools found here, or the ones named
    Backup(BackupArgs),
    /// Back up, run a command, say what it changed; an undo takes that back
    Guard(GuardArgs),
    /// List the snapshots, newest first
    List(ListArgs),
    /// Show what is inside a snapshot, by class
    Show(ShowArgs),
    /// Show what changed: here since a snapshot, or between two
    Diff(DiffArgs),
    /// Show every version of one file or directory
    History(HistoryArgs),
    /// Look through the snapshots on a screen, and restore what you pick
    #[cfg(feature = "browse")]
    Browse(BrowseArgs),
    /// Sum up the vault: what there is, how it grew, what changed when
    Report(ReportArgs),
    /// Read every byte of the snapshots and check every digest
    Verify(VerifyArgs),
    /// Write an archive of a snapshot as a plain .tar.gz that any tar opens
    Export(ExportArgs),
    /// Make snapshots of what other programs backed up, with the times they had
    Import(ImportArgs),
    /// Look for keys, tokens and fields for secrets in what would be backed up
    Secrets(SecretsArgs),
    /// Put files back, after showing what would change and asking
    Restore(RestoreArgs),
    /// Take the last restore back, or another operation
    Undo(UndoArgs),
    /// Finish or roll back an interrupted restore (every command does that first)
    Recover(RecoverArgs),
    /// Mend damaged archives with what other archives of the vault hold
    Repair(RepairArgs),
    /// Move snapshots into the trash, from where they can be had back for a week
    Remove(RemoveArgs),
    /// Move what no rule keeps into the trash, after showing every verdict and asking
    Cleanup(CleanupArgs),
    /// Keep a snapshot whatever the rules say
    Pin(PinArgs),
    /// Leave a pinned snapshot to the rules again
    Unpin(UnpinArgs),
    /// Write a note about a snapshot; an empty one removes it
    Note(NoteArgs),
    /// See what was removed, snapshots and files, and have it back
    Trash(TrashArgs),
    /// Say how old the last good backups are, and what changed since
    Status(StatusArgs),
    /// Look for what could keep backups or restores from working, and say what to do
    Doctor(DoctorArgs),
    /// Show what commands did, the newest last
    Log(LogArgs),
    /// See how the vault uses the disk
    Vault(VaultArgs),
    /// See and change which adapters there are
    Adapter(AdapterArgs),
    /// Have the system's own timer back up regularly
    Schedule(ScheduleArgs),
    /// See and change settings
    Config(ConfigArgs),
    /// Print what makes a shell complete commands, targets and snapshots
    Completions(CompletionsArgs),
    /// Print the manual page, or write the pages of all commands
    Man(ManArgs),
}

#[derive(Args)]
pub(super) struct InitArgs {
    /// Show what was found; write nothing
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
    /// Write the configuration file also where there is one already
    #[arg(long)]
    pub(super) force: bool,
}

/// Which project is meant.
#[derive(Args, Clone, Default)]
pub(super) struct ProjectArgs {
    /// Project directory [default: the nearest directory above with `.git`, else this one]
    #[arg(long, value_name = "DIR", conflicts_with = "no_project")]
    pub(super) project: Option<PathBuf>,
    /// Leave the project out
    #[arg(long)]
    pub(super) no_project: bool,
}

#[derive(Args, Default)]
pub(super) struct BackupArgs {
    /// Targets to back up [default: all found]
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// Show what would be backed up; write nothing
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
    /// Which classes of files to take
    #[arg(long, value_name = "NAME", default_value = "default", conflicts_with_all = ["no_history", "full"])]
    pub(super) profile: Profile,
    /// Leave out transcripts, prompts and plans
    #[arg(long)]
    pub(super) no_history: bool,
    /// Also take plugin code and marketplace clones
    #[arg(long, conflicts_with = "no_history")]
    pub(super) full: bool,
    /// Also take environment files
    #[arg(long)]
    pub(super) include_env: bool,
    /// Also take logins, keys and tokens
    #[arg(long)]
    pub(super) include_credentials: bool,
    #[command(flatten)]
    pub(super) project: ProjectArgs,
    /// Write this about the snapshot
    #[arg(long, value_name = "TEXT", value_parser = keep::note)]
    pub(super) note: Option<String>,
    /// Make an automatic snapshot, as timers do: it is kept by other rules than one made by hand
    #[arg(long)]
    pub(super) automatic: bool,
    /// Then move what no rule keeps into the trash, as `takeback cleanup --yes` does
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) cleanup: bool,
    /// Make no snapshot when nothing has changed since the last one
    #[arg(long, conflicts_with_all = ["dry_run", "note"])]
    pub(super) if_changed: bool,
    /// Do nothing, with exit code 10, when the vault is not there, such as an unplugged disk
    #[arg(long)]
    pub(super) if_vault_present: bool,
    /// How hard to compress, from 1 (fast) to 9 (small)
    #[arg(long, value_name = "N", value_parser = level)]
    pub(super) level: Option<Level>,
    /// Read every file, also those that were not changed since the last backup
    #[arg(long)]
    pub(super) verify_content: bool,
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(super) wait: Option<u64>,
    /// Stop before anything is written when a file that would be backed up holds a secret
    #[arg(long)]
    pub(super) strict_secrets: bool,
    /// The same as `takeback list`
    #[arg(long, exclusive = true)]
    pub(super) list: bool,
}

/// Profiles: which classes a backup takes.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Profile {
    /// What a person made, and its history.
    #[default]
    Default,
    /// Without history.
    NoHistory,
    /// With plugin code and marketplace clones.
    Full,
}

#[derive(Args, Default)]
pub(super) struct ListArgs {
    /// Only snapshots that hold this target
    #[arg(value_name = "TARGET")]
    pub(super) target: Option<String>,
}

#[derive(Args)]
pub(super) struct ShowArgs {
    /// A snapshot: its name or the beginning of it, a date, latest, latest~N
    #[arg(value_name = "SNAPSHOT", default_value = "latest")]
    pub(super) snapshot: String,
    /// Only this target
    #[arg(value_name = "TARGET")]
    pub(super) target: Option<String>,
}

#[derive(Args)]
#[command(group(clap::ArgGroup::new("trees").args(["home_only", "project_only"])))]
pub(super) struct RestoreArgs {
    /// Targets to restore
    #[arg(value_name = "TARGET", required = true)]
    pub(super) targets: Vec<String>,
    /// A snapshot (name, date, latest, latest~N) or the path of an archive, also one of another
    /// program (see `import`)
    #[arg(long, value_name = "SNAPSHOT|ARCHIVE", default_value = "latest")]
    pub(super) from: String,
    /// Show what would be done; change nothing
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Do not ask, and also restore over newer files, beside a running tool, or from elsewhere
    #[arg(long)]
    pub(super) force: bool,
    /// Do not save first what would be overwritten
    #[arg(long)]
    pub(super) no_backup_existing: bool,
    /// Leave the project out
    #[arg(long)]
    pub(super) home_only: bool,
    /// Only the project
    #[arg(long)]
    pub(super) project_only: bool,
    /// Only these classes (settings, instructions, skills, agents, memory, history, ...)
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Only paths that match, such as '.claude/skills/review' or '**/*.md'
    #[arg(long, value_name = "GLOB")]
    pub(super) path: Vec<String>,
    /// Show for every file that is replaced what changes in it
    #[arg(long)]
    pub(super) diff: bool,
    /// Refuse an archive that holds anything outside the known trees
    #[arg(long)]
    pub(super) strict: bool,
    /// Also remove what is only local inside the restored places
    #[arg(long)]
    pub(super) exact: bool,
    /// Put files in the place of live links; what the links point to stays
    #[arg(long)]
    pub(super) replace_links: bool,
    /// Wait so long, in seconds, for the tool to be closed and for another takeback
    #[arg(long, value_name = "SECONDS")]
    pub(super) wait: Option<u64>,
    #[command(flatten)]
    pub(super) project: ProjectArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
}

#[derive(Args)]
pub(super) struct UndoArgs {
    /// The operation to take back, as --list names it [default: the last restore]
    #[arg(value_name = "OPERATION")]
    pub(super) operation: Option<String>,
    /// List the operations, newest first
    #[arg(long, conflicts_with_all = ["operation", "dry_run", "yes", "force"])]
    pub(super) list: bool,
    /// Show what would be done; change nothing
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Do not ask, and also take back what was changed since (it can be had back by undoing the undo)
    #[arg(long)]
    pub(super) force: bool,
    /// Wait so long, in seconds, for the files to be closed and for another takeback
    #[arg(long, value_name = "SECONDS")]
    pub(super) wait: Option<u64>,
}

#[derive(Args)]
pub(super) struct RecoverArgs {
    /// Wait so long, in seconds, for another takeback that is at work
    #[arg(long, value_name = "SECONDS")]
    pub(super) wait: Option<u64>,
}

/// Limits for archives from outside the vault, in bytes and entries.
#[derive(Args)]
#[command(next_help_heading = "Limits for archives from outside the vault")]
pub(super) struct LimitArgs {
    /// Largest archive
    #[arg(long, value_name = "BYTES")]
    pub(super) max_archive_size: Option<u64>,
    /// Most bytes it may expand to
    #[arg(long, value_name = "BYTES")]
    pub(super) max_expanded_size: Option<u64>,
    /// Largest file in it
    #[arg(long, value_name = "BYTES")]
    pub(super) max_file_size: Option<u64>,
    /// Most entries
    #[arg(long, value_name = "N")]
    pub(super) max_entries: Option<u64>,
}

fn level(text: &str) -> Result<Level, &'static str> {
    let level = text.parse().ok().and_then(Level::new);
    level.ok_or("it is a number from 1 to 9")
}
