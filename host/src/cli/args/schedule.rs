//! What can be typed after `takeback schedule`.

use super::Profile;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub(in crate::cli) struct ScheduleArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ScheduleCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum ScheduleCommand {
    /// Have the system's own timer back up regularly, after showing what it would write and asking
    #[command(after_help = "Examples:
  takeback schedule install                        every day at 13:00
  takeback schedule install --every hour           every hour
  takeback schedule install --every week --on friday --at 17:30 -n
                                                   only show what would be written")]
    Install(TimerArgs),
    /// Take away what `schedule install` wrote, and nothing else
    Remove(TimerRemoveArgs),
    /// Show whether a timer is installed, when it runs and how the last run ended
    Status,
}

#[derive(Args)]
pub(in crate::cli) struct TimerArgs {
    /// Targets to back up [default: all found]
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// How often
    #[arg(long, value_name = "HOW_OFTEN", default_value = "day")]
    pub(in crate::cli) every: Every,
    /// When: 13:00 for days and weeks, :30 for hours [default: 13:00, or :00]
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) at: Option<Clock>,
    /// On which day of the week, with --every week [default: monday]
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) on: Option<Weekday>,
    /// Which timer to use [default: the one of this system]
    #[arg(long, value_name = "SYSTEM")]
    pub(in crate::cli) with: Option<System>,
    /// Which classes of files to take
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(in crate::cli) profile: Profile,
    /// Also back up this project [default: none]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) project: Option<PathBuf>,
    /// Show the text that would be written; write nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
}

#[derive(Args)]
pub(in crate::cli) struct TimerRemoveArgs {
    /// Only of this timer [default: of all]
    #[arg(long, value_name = "SYSTEM")]
    pub(in crate::cli) with: Option<System>,
    /// Show what would be removed; remove nothing
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Every {
    /// Every hour.
    Hour,
    /// Every day.
    Day,
    /// Every week.
    Week,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// What runs programs at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum System {
    /// A timer of systemd's user manager.
    Systemd,
    /// An agent of launchd, on macOS.
    Launchd,
    /// A line in the crontab.
    Cron,
    /// The text of a task for Windows; it can only be shown, with -n.
    Windows,
}

/// A time of day, or only a minute of the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Clock {
    /// From 0 to 23; absent in `:30`.
    pub(in crate::cli) hour: Option<u8>,
    /// From 0 to 59.
    pub(in crate::cli) minute: u8,
}

impl std::str::FromStr for Clock {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it is a time such as 13:00, or :30 with --every hour";
        let number = |text: &str, least: usize, most: u8| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            let fits = digits && (least..=2).contains(&text.len());
            let number = text.parse().ok().filter(|number| fits && *number < most);
            number.ok_or(WRONG)
        };
        let (hour, minute) = text.split_once(':').ok_or(WRONG)?;
        let hour = (!hour.is_empty())
            .then(|| number(hour, 1, 24))
            .transpose()?;
        let minute = number(minute, 2, 60)?;
        Ok(Self { hour, minute })
    }
}
