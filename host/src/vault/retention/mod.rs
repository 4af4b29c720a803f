//! Which snapshots are kept, and why: computed from the records alone. A plan is data; nothing
//! is removed here.
//!
//! The rules look at one series at a time: the archives of one target on one machine, for one
//! home and project. A snapshot goes as a whole, so it stays as long as one of its archives does.
//!
//! What is absent: no archive is opened, no clock is read, no file is looked at.

mod calendar;
mod judge;
mod plan;
mod reason;
#[cfg(test)]
mod tests;

pub use calendar::{Moment, Period};
pub use judge::{Archive, judge};
pub use plan::{ArchiveVerdict, CleanupPlan, CleanupWish, SeriesPlan, plan_cleanup};
pub use reason::{Beyond, Hold, Reason, Verdict};

use crate::model::TargetId;
use std::collections::BTreeMap;

/// How many snapshots of one kind are kept, by which rule. What any rule keeps is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// So many of the newest.
    pub last: u32,
    /// The newest of each of so many hours.
    pub hourly: u32,
    /// The newest of each of so many days.
    pub daily: u32,
    /// The newest of each of so many ISO weeks.
    pub weekly: u32,
    /// The newest of each of so many months.
    pub monthly: u32,
    /// The newest of each of so many years.
    pub yearly: u32,
    /// Seconds back from the newest one within which all are kept.
    pub within: u64,
}

impl Rules {
    /// A number that no vault comes to: every one.
    pub const ALL: u32 = u32::MAX;

    /// No rule at all: nothing is kept by it.
    pub const NONE: Self = Self {
        last: 0,
        hourly: 0,
        daily: 0,
        weekly: 0,
        monthly: 0,
        yearly: 0,
        within: 0,
    };

    /// How many of a period's snapshots are kept.
    #[must_use]
    pub fn most(&self, period: Period) -> u32 {
        match period {
            Period::Hour => self.hourly,
            Period::Day => self.daily,
            Period::Week => self.weekly,
            Period::Month => self.monthly,
            Period::Year => self.yearly,
        }
    }
}

/// What is kept of one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of snapshots that a timer or a guard made.
    pub automatic: Rules,
    /// Of snapshots that a person made.
    pub manual: Rules,
    /// Of what restores saved before they changed anything.
    pub safety: Rules,
    /// So many of the newest complete ones stay whatever the rules say.
    pub min_keep: u32,
    /// Bytes that the archives of one series may take. The floor and what is needed count, but
    /// stay.
    pub max_size: Option<u64>,
}

/// Seconds of a day.
pub const DAY: u64 = 24 * 3600;

impl Default for Policy {
    fn default() -> Self {
        Self {
            automatic: Rules {
                last: 10,
                daily: 14,
                weekly: 8,
                monthly: 12,
                ..Rules::NONE
            },
            manual: Rules {
                within: 366 * DAY,
                ..Rules::NONE
            },
            safety: Rules {
                within: 30 * DAY,
                ..Rules::NONE
            },
            min_keep: 3,
            max_size: None,
        }
    }
}

/// The policy of every target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Of targets that have none of their own.
    pub general: Policy,
    /// Of single targets.
    pub targets: BTreeMap<TargetId, Policy>,
}

impl Policies {
    /// The policy of a target.
    #[must_use]
    pub fn of(&self, target: &TargetId) -> &Policy {
        self.targets.get(target).unwrap_or(&self.general)
    }
}
