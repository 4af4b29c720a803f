//! Verdicts, each with its reasons.

use super::Period;
use crate::model::{OperationId, TargetId};
use std::fmt;

/// What becomes of an archive, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays, for every one of these reasons.
    Keep(Vec<Reason>),
    /// It may go.
    Remove(Beyond),
}

impl Verdict {
    /// Whether it stays.
    #[must_use]
    pub fn keeps(&self) -> bool {
        matches!(self, Self::Keep(_))
    }
}

/// Why an archive is out of the rules' reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// An operation that can still be taken back needs it.
    Undo(OperationId),
    /// Some operation cannot be read, so nobody knows which safety snapshot it needs.
    UnknownOperation,
    /// It was made by a restore elsewhere, and only there is it known whether it is needed.
    Elsewhere,
    /// Its record was changed since it was written, and nobody knows why.
    ChangedRecord,
}

/// Why an archive stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Somebody pinned it.
    Pinned,
    /// It was imported: no rule counts it, and only a person removes it.
    Imported,
    /// It is out of the rules' reach.
    Held(Hold),
    /// It is the newest of its series.
    Newest,
    /// It is the newest of its series that holds everything it was to hold.
    NewestGood,
    /// Nobody can say when it was made.
    NoTime,
    /// It is this one of the newest.
    Last(u32),
    /// It is the newest of this stretch.
    Of(Period, String),
    /// It was made so short before the newest, in seconds.
    Within(u64),
    /// The floor: it is among so many of the newest.
    Floor(u32),
    /// The rules would let it go, but its snapshot holds an archive of this target that stays.
    Beside(TargetId),
    /// The rules would let it go, but its snapshot holds this target, which is not asked about.
    NotAsked(TargetId),
}

/// Why an archive may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// No rule keeps it.
    EveryRule,
    /// It has gaps, and there is a complete one after it.
    Partial,
    /// Rules would keep it, but all together take more than these bytes.
    Size(u64),
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undo(operation) => write!(f, "needed to take back {operation}"),
            Self::UnknownOperation => f.write_str("an operation that may need it cannot be read"),
            Self::Elsewhere => f.write_str("saved by a restore elsewhere, which may need it"),
            Self::ChangedRecord => f.write_str("its record was changed since it was written"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinned => f.write_str("pinned"),
            Self::Imported => f.write_str("kept until it is removed by name"),
            Self::Held(hold) => hold.fmt(f),
            Self::Newest => f.write_str("newest"),
            Self::NewestGood => f.write_str("newest good"),
            Self::NoTime => f.write_str("its time cannot be read"),
            Self::Last(place) => write!(f, "last {place}"),
            Self::Of(period, stretch) => write!(f, "{} {stretch}", period.rule()),
            Self::Within(seconds) => write!(f, "within {}", Length(*seconds)),
            Self::Floor(count) => write!(f, "at least {count}"),
            Self::Beside(target) => write!(f, "{target} of the same snapshot is kept"),
            Self::NotAsked(target) => write!(f, "the snapshot holds {target} as well"),
        }
    }
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EveryRule => f.write_str("beyond every rule"),
            Self::Partial => f.write_str("partial, and a later one is good"),
            Self::Size(most) => write!(f, "over the size of {most} bytes"),
        }
    }
}

/// A length of time in seconds, as people say it: `30d`, `36h`.
struct Length(u64);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(super::DAY) {
            write!(f, "{}d", self.0 / super::DAY)
        } else {
            write!(f, "{}h", self.0.div_ceil(3600))
        }
    }
}
