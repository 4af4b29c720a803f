//! The rules, on one series.
//!
//! - Manual, automatic and safety snapshots are counted apart, and pinned ones not at all.
//! - Imported ones are kept until somebody removes them, and count nowhere.
//! - Newer means later in the order of the records, whatever a clock said.
//! - An archive with gaps never takes the place of a complete one. Those after the newest
//!   complete one have the same rules among themselves; those before it are kept by time only.
//! - `within` is counted from the newest archive, and from now where that is earlier: a clock
//!   that is wrong today removes nothing, and neither does a long pause.

use super::{Beyond, Hold, Moment, Period, Policy, Reason, Rules, Verdict};
use crate::model::Digest;
use crate::vault::record::SnapshotKind;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// One archive as the rules see it.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Its place in the order of all snapshots.
    pub sequence: u64,
    /// When it was made, where that is known.
    pub at: Option<Moment>,
    /// Why it was made.
    pub kind: SnapshotKind,
    /// Whether somebody pinned it.
    pub pinned: bool,
    /// Whether it holds everything it was to hold.
    pub good: bool,
    /// Why it is out of the rules' reach, if it is.
    pub held: Option<Hold>,
    /// The file it lies in: archives without change share one.
    pub file: Digest,
    /// Size of that file in bytes.
    pub size: u64,
}

impl Archive {
    /// Whether it counts among those a person can rely on: neither what a restore saved nor
    /// what was imported takes the place of a backup.
    fn is_backup(&self) -> bool {
        self.kind.is_backup()
    }

    fn is_doubtful(&self) -> bool {
        self.held == Some(Hold::ChangedRecord)
    }

    /// Whether it can be the good one that somebody relies on.
    fn is_relied_on(&self) -> bool {
        self.good && self.is_backup() && !self.is_doubtful()
    }
}

/// The verdict on each archive of a series, in the order they are given in; `now` is in
/// seconds since 1970.
#[must_use]
pub fn judge(archives: &[Archive], policy: &Policy, now: i64) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..archives.len()).collect();
    order.sort_by_key(|at| Reverse(archives[*at].sequence));
    let mut bench = Bench {
        archives,
        order,
        now,
        kept: vec![Vec::new(); archives.len()],
        fast: vec![false; archives.len()],
    };
    bench.hold_fast();
    bench.floor(policy.min_keep);
    for (kind, rules) in [
        (SnapshotKind::Manual, &policy.manual),
        (SnapshotKind::Automatic, &policy.automatic),
        (SnapshotKind::Safety, &policy.safety),
    ] {
        bench.count(kind, rules);
    }
    let over = policy.max_size.map(|most| (most, bench.over(most)));
    bench.verdicts(policy.min_keep, over)
}

struct Bench<'a> {
    archives: &'a [Archive],
    /// Their places, the newest first.
    order: Vec<usize>,
    now: i64,
    kept: Vec<Vec<Reason>>,
    /// Those that no size may push out.
    fast: Vec<bool>,
}

impl Bench<'_> {
    /// Where in the order the newest good one is.
    fn newest_good(&self) -> Option<usize> {
        let mut order = self.order.iter();
        order.position(|at| self.archives[*at].is_relied_on())
    }

    fn keep_fast(&mut self, at: usize, reason: Reason) {
        self.fast[at] = true;
        self.kept[at].push(reason);
    }

    /// What stays whatever the policy says.
    fn hold_fast(&mut self) {
        let mut regular = self.order.iter().copied();
        let newest = regular.find(|at| self.archives[*at].is_backup());
        let good = self.newest_good().map(|place| self.order[place]);
        if let Some(at) = good {
            self.keep_fast(at, Reason::NewestGood);
        }
        if let Some(at) = newest.filter(|_| newest != good) {
            self.keep_fast(at, Reason::Newest);
        }
        for (at, archive) in self.archives.iter().enumerate() {
            if archive.kind == SnapshotKind::Imported {
                self.keep_fast(at, Reason::Imported);
            }
            if archive.pinned {
                self.keep_fast(at, Reason::Pinned);
            }
            if let Some(hold) = &archive.held {
                self.keep_fast(at, Reason::Held(hold.clone()));
            }
            if archive.at.is_none() {
                self.keep_fast(at, Reason::NoTime);
            }
        }
    }

    /// The newest good ones, and as many of those with gaps that came after all good ones.
    fn floor(&mut self, least: u32) {
        let after = self.newest_good().unwrap_or(self.order.len());
        let least = usize::try_from(least).unwrap_or(usize::MAX);
        let good = |at: &usize| self.archives[*at].is_relied_on();
        let partial = |at: &usize| !self.archives[*at].good && self.archives[*at].is_backup();
        let newest = self.order.iter().copied();
        let mut floor: Vec<usize> = newest.clone().filter(good).take(least).collect();
        floor.extend(newest.take(after).filter(partial).take(least));
        floor.into_iter().for_each(|at| self.fast[at] = true);
    }

    /// Applies the rules to the snapshots of one kind.
    fn count(&mut self, kind: SnapshotKind, rules: &Rules) {
        let after = self.newest_good().unwrap_or(self.order.len());
        let counts = |at: &usize| {
            let archive = &self.archives[*at];
            archive.kind == kind
                && !archive.pinned
                && !archive.is_doubtful()
                && archive.at.is_some()
        };
        let of_kind = |places: &[usize], good: bool| -> Vec<usize> {
            let places = places.iter().copied();
            let same = |at: &usize| counts(at) && self.archives[*at].good == good;
            places.filter(same).collect()
        };
        let good = of_kind(&self.order, true);
        let later = of_kind(&self.order[..after], false);
        let earlier = of_kind(&self.order[after..], false);
        for lane in [&good, &later] {
            self.by_number(lane, rules.last);
            for period in Period::ALL {
                self.by_period(lane, period, rules.most(period));
            }
        }
        for lane in [&good, &later, &earlier] {
            self.by_age(lane, rules.within);
        }
    }

    fn by_number(&mut self, lane: &[usize], most: u32) {
        for (place, at) in (1..=most).zip(lane) {
            self.kept[*at].push(Reason::Last(place));
        }
    }

    fn by_period(&mut self, lane: &[usize], period: Period, most: u32) {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut seen = BTreeSet::new();
        for at in lane {
            if seen.len() >= most {
                return;
            }
            let stretch = self.archives[*at].at.and_then(|moment| period.of(moment));
            if let Some(stretch) = stretch.filter(|stretch| seen.insert(stretch.clone())) {
                self.kept[*at].push(Reason::Of(period, stretch));
            }
        }
    }

    fn by_age(&mut self, lane: &[usize], within: u64) {
        if within == 0 {
            return;
        }
        let back = i64::try_from(within).unwrap_or(i64::MAX);
        let since = self.reference().saturating_sub(back);
        for at in lane {
            if self.archives[*at].at.is_some_and(|at| at.utc >= since) {
                self.kept[*at].push(Reason::Within(within));
            }
        }
    }

    /// From when on ages are counted.
    fn reference(&self) -> i64 {
        let mut regular = self.order.iter().map(|at| &self.archives[*at]);
        let newest = regular.find(|archive| archive.is_backup());
        let newest = newest.and_then(|archive| archive.at);
        newest.map_or(self.now, |at| at.utc.min(self.now))
    }

    /// The kept ones that must go for the others to fit, the oldest first. Safety snapshots
    /// are not counted: they go with time; nor are imported ones, which stay.
    fn over(&self, most: u64) -> BTreeSet<usize> {
        let regular = |at: &&usize| self.archives[**at].is_backup();
        let stays = |at: usize| self.fast[at] || !self.kept[at].is_empty();
        let kept: Vec<usize> = self.order.iter().filter(regular).copied().collect();
        let kept: Vec<usize> = kept.into_iter().filter(|at| stays(*at)).collect();
        let (mut files, mut total) = (BTreeSet::new(), 0_u64);
        let mut add = |at: usize| {
            let archive = &self.archives[at];
            if files.insert(archive.file) {
                total = total.saturating_add(archive.size);
            }
            total
        };
        for at in kept.iter().filter(|at| self.fast[**at]) {
            add(*at);
        }
        // Newest first, each is added as long as there is room; from the first that does not
        // fit on, all others go.
        let rest = kept.iter().filter(|at| !self.fast[**at]);
        rest.copied().skip_while(|at| add(*at) <= most).collect()
    }

    fn verdicts(self, least: u32, over: Option<(u64, BTreeSet<usize>)>) -> Vec<Verdict> {
        let after = self.newest_good();
        let before_a_good_one = |at: usize| {
            let place = self.order.iter().position(|other| *other == at);
            !self.archives[at].good && after.is_some_and(|after| place > Some(after))
        };
        let verdict = |(at, reasons): (usize, &Vec<Reason>)| match &over {
            Some((most, over)) if over.contains(&at) => Verdict::Remove(Beyond::Size(*most)),
            _ if !reasons.is_empty() => Verdict::Keep(reasons.clone()),
            _ if self.fast[at] => Verdict::Keep(vec![Reason::Floor(least)]),
            _ if before_a_good_one(at) => Verdict::Remove(Beyond::Partial),
            _ => Verdict::Remove(Beyond::EveryRule),
        };
        self.kept.iter().enumerate().map(verdict).collect()
    }
}
