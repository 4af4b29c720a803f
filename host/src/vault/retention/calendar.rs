//! Hours, days, weeks, months and years, as the person's clock showed them when the snapshot
//! was made. A snapshot's name is that clock's time and its record has the time in UTC, so no
//! table of zones is asked, and what a day is does not change when somebody travels.

use crate::vault::record::SnapshotRecord;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Seconds by which a clock may differ from UTC. A name that is further away is no local time.
const FARTHEST: i64 = 26 * 3600;

/// When a snapshot was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970, in UTC.
    pub utc: i64,
    /// Seconds by which the person's clock was ahead of UTC.
    pub ahead: i32,
}

impl Moment {
    /// When a snapshot was made; `None` when its record has no time that can be read.
    #[must_use]
    pub fn of(record: &SnapshotRecord) -> Option<Self> {
        let utc = record.time.parse::<Timestamp>().ok()?.as_second();
        let stamp = record.id.as_str().get(..19).unwrap_or_default();
        let shown = DateTime::strptime("%Y-%m-%d_%H-%M-%S", stamp).ok();
        let shown = shown.and_then(|shown| Offset::UTC.to_timestamp(shown).ok());
        let ahead = shown.map_or(0, |shown| shown.as_second().saturating_sub(utc));
        let ahead = if ahead.abs() <= FARTHEST { ahead } else { 0 };
        let ahead = i32::try_from(ahead).unwrap_or_default();
        Some(Self { utc, ahead })
    }

    /// What the clock showed.
    fn shown(self) -> Option<DateTime> {
        let seconds = self.utc.checked_add(self.ahead.into())?;
        let time = Timestamp::from_second(seconds).ok()?;
        Some(Offset::UTC.to_datetime(time))
    }
}

/// A stretch of time of which one snapshot is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week by ISO 8601: from Monday, and of the year its Thursday is in.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Period {
    /// All, from the shortest.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The name of the rule that keeps one of each.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::Hour => "hourly",
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Year => "yearly",
        }
    }

    /// The name of the stretch a moment lies in: `2026-11-20`, `2026-W47`. The hour that
    /// comes twice in autumn is two hours, told apart by what the clock was ahead.
    #[must_use]
    pub fn of(self, at: Moment) -> Option<String> {
        let shown = at.shown()?;
        let date = shown.date();
        let (year, month) = (date.year(), date.month());
        Some(match self {
            Self::Hour => {
                let minutes = at.ahead / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
                format!("{date} {:02}h{sign}{hours:02}:{rest:02}", shown.hour())
            }
            Self::Day => date.to_string(),
            Self::Week => {
                let week = date.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Year => format!("{year:04}"),
        })
    }
}
