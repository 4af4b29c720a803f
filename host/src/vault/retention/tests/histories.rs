//! Histories by chance: made by hand and by timers, with gaps, pins, equal stamps, and clocks
//! that jump; around the ends of years of 53 weeks, leap days, and the hours that summer time
//! skips and repeats.

use super::super::{Archive, DAY, Hold, Moment, Policy, Rules};
use crate::model::{Digest, OperationId};
use crate::vault::SnapshotKind;

pub(super) const HOUR: i64 = 3_600;

/// Numbers by chance, the same for the same seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: u64) -> u64 {
        (self.next() >> 11) % most
    }

    pub(super) fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    fn signed(&mut self, most: i64) -> i64 {
        i64::try_from(self.below(most.unsigned_abs())).unwrap()
    }
}

/// Where histories begin, in seconds since 1970.
const BEGINNINGS: [i64; 8] = [
    1_798_416_000, // 2026-12-28: the last week of a year with 53
    1_609_113_600, // 2020-12-28: another one
    1_834_963_200, // 2028-02-24: before a leap day
    1_792_800_000, // 2026-10-24: before summer time ends in Europe
    1_774_656_000, // 2026-03-28: before it begins
    1_735_257_600, // 2024-12-27: days of the next year's first week
    951_696_000,   // 2000-02-28: the leap day of a century
    -2_592_000,    // 1969-12-02: a clock that was never set
];

/// Seconds by which a clock in central Europe is ahead of UTC: two hours from the last Sunday
/// of March, 01:00 UTC, to that of October.
fn europe(utc: i64) -> i64 {
    let changes = [
        (1_774_746_000, 1_792_890_000),
        (1_743_296_400, 1_761_440_400),
        (1_837_645_200, 1_856_394_000 - 7 * 86_400),
    ];
    let summer = changes.iter().any(|(from, to)| (*from..*to).contains(&utc));
    if summer { 2 * HOUR } else { HOUR }
}

fn ahead(dice: &mut Dice, place: u64, utc: i64) -> i32 {
    let seconds = match place {
        0 => 0,
        1 => europe(utc),
        2 => 5 * HOUR + 45 * 60,
        3 => -9 * HOUR - 1_800,
        // Somebody who travels.
        _ => (dice.signed(25) - 11) * HOUR,
    };
    i32::try_from(seconds).unwrap()
}

/// The time to the next snapshot.
fn step(dice: &mut Dice, pace: u64) -> i64 {
    let day = DAY.cast_signed();
    match dice.below(24) {
        0 => 0,
        // The clock is set back, or ahead.
        1 => -dice.signed(3 * day),
        2 => dice.signed(40 * day),
        3 => dice.signed(400 * day),
        4 => -dice.signed(500 * day),
        _ => match pace {
            0 => dice.signed(HOUR),
            1 => dice.signed(8 * HOUR),
            2 => day,
            _ => dice.signed(9 * day),
        },
    }
}

fn kind(dice: &mut Dice) -> SnapshotKind {
    match dice.below(8) {
        0 | 1 => SnapshotKind::Manual,
        2 => SnapshotKind::Safety,
        3 => SnapshotKind::Imported,
        _ => SnapshotKind::Automatic,
    }
}

fn held(dice: &mut Dice, kind: SnapshotKind) -> Option<Hold> {
    let operation = OperationId::new("2026-01-20_15-30-00").unwrap();
    match dice.below(60) {
        0 => Some(Hold::ChangedRecord),
        1 | 2 if kind == SnapshotKind::Safety => Some(Hold::Elsewhere),
        3..8 if kind == SnapshotKind::Safety => Some(Hold::Undo(operation)),
        _ => None,
    }
}

/// The archives of one series in any order, and the time of the clean-up.
pub(super) fn history(dice: &mut Dice) -> (Vec<Archive>, i64) {
    let mut at = BEGINNINGS[dice.below(8) as usize] + dice.signed(2 * HOUR);
    let (place, pace) = (dice.below(5), dice.below(4));
    // Some lose something now and then, some every time.
    let gaps = [2, 6, 1_000, 1][dice.below(4) as usize];
    let count = dice.below(60);
    let mut archives = Vec::new();
    let mut file = Digest::of(b"first");
    for number in 0..count {
        at += step(dice, pace);
        if !dice.one_in(4) {
            file = Digest::of(&number.to_le_bytes());
        }
        let kind = kind(dice);
        let held = held(dice, kind);
        let moment = Moment {
            utc: at,
            ahead: ahead(dice, place, at),
        };
        archives.push(Archive {
            sequence: number + 1,
            at: (!dice.one_in(80)).then_some(moment),
            kind,
            pinned: dice.one_in(15),
            good: held != Some(Hold::ChangedRecord) && (gaps > 900 || !dice.one_in(gaps)),
            held,
            file,
            size: 0,
        });
    }
    // A file has one size, whoever names it.
    for archive in &mut archives {
        let name = archive.file.to_string();
        archive.size = u64::from(name.as_bytes()[0]) % 50;
    }
    let odd = dice.one_in(5);
    let now = at
        + if odd {
            dice.signed(900 * 86_400) - 450 * 86_400
        } else {
            dice.signed(HOUR)
        };
    for last in (1..archives.len()).rev() {
        archives.swap(last, dice.below(last as u64 + 1) as usize);
    }
    (archives, now)
}

fn rules(dice: &mut Dice) -> Rules {
    let mut count = |most: u64| {
        let count = if dice.one_in(2) { 0 } else { dice.below(most) };
        u32::try_from(count).unwrap()
    };
    let (last, hourly, daily) = (count(12), count(30), count(15));
    let (weekly, monthly, yearly) = (count(9), count(13), count(4));
    let within = if dice.one_in(3) {
        dice.below(60 * DAY)
    } else {
        0
    };
    Rules {
        last: if dice.one_in(30) { Rules::ALL } else { last },
        hourly,
        daily,
        weekly,
        monthly,
        yearly,
        within,
    }
}

pub(super) fn policy(dice: &mut Dice, archives: &[Archive]) -> Policy {
    let all: u64 = archives.iter().map(|archive| archive.size).sum();
    Policy {
        automatic: rules(dice),
        manual: rules(dice),
        safety: rules(dice),
        min_keep: u32::try_from(dice.below(5)).unwrap(),
        max_size: dice.one_in(3).then(|| dice.below(all + 2)),
    }
}

/// The same policy with some of it longer.
pub(super) fn longer(dice: &mut Dice, policy: Policy) -> Policy {
    let mut more = |old: u32| {
        let by = if dice.one_in(2) { 0 } else { dice.below(9) };
        old.saturating_add(u32::try_from(by).unwrap())
    };
    let mut rules = |old: Rules| Rules {
        last: more(old.last),
        hourly: more(old.hourly),
        daily: more(old.daily),
        weekly: more(old.weekly),
        monthly: more(old.monthly),
        yearly: more(old.yearly),
        within: old.within + u64::from(more(0)) * DAY,
    };
    Policy {
        automatic: rules(policy.automatic),
        manual: rules(policy.manual),
        safety: rules(policy.safety),
        min_keep: policy.min_keep + 1,
        max_size: policy.max_size,
    }
}
