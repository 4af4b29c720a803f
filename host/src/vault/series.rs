//! Which archives are to become thin, and against which: computed from the records alone.
//!
//! The archives of one target on one machine, for one home and project, are a series.
//! Safety snapshots are in none: they hold only what a restore overwrote, and share no
//! pieces with what is around them.

use super::record::{SnapshotKind, SnapshotRecord, TargetRecord};
use crate::model::{SnapshotId, TargetId};
use std::collections::BTreeMap;

/// One archive whose form is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Work {
    /// Its snapshot.
    pub(super) id: SnapshotId,
    /// Its target.
    pub(super) target: TargetId,
    /// The snapshot it is to lean on; `None` when it is to be plain again.
    pub(super) base: Option<SnapshotId>,
}

type Member<'a> = (&'a SnapshotRecord, &'a TargetRecord);

/// What the archives of a series have in common: target, machine, home and project.
pub(super) type Key<'a> = (&'a TargetId, &'a String, &'a String, &'a Option<String>);

/// The series that an archive belongs to.
pub(super) fn key<'a>(record: &'a SnapshotRecord, target: &'a TargetRecord) -> Key<'a> {
    (&target.target, &record.host, &record.home, &record.project)
}

/// All series, each from its newest archive to its oldest.
pub(super) fn series(snapshots: &[SnapshotRecord]) -> Vec<Vec<Member<'_>>> {
    let mut newest_first: Vec<&SnapshotRecord> = snapshots.iter().collect();
    newest_first.sort_by_cached_key(|record| std::cmp::Reverse(record.rank()));
    let mut all: BTreeMap<_, Vec<Member<'_>>> = BTreeMap::new();
    let regular = |record: &&SnapshotRecord| record.kind != SnapshotKind::Safety;
    for record in newest_first.into_iter().filter(regular) {
        for target in &record.targets {
            let series = all.entry(key(record, target)).or_default();
            series.push((record, target));
        }
    }
    all.into_values().collect()
}

/// The newest archive of a series that holds everything it was to hold.
pub(super) fn newest_good<'a>(series: &[Member<'a>]) -> Option<&'a SnapshotId> {
    let good = series.iter().find(|(_, target)| target.troubles == 0);
    good.map(|(record, _)| &record.id)
}

/// What is to be done, the oldest first. `plain` of the newest of each series stay plain,
/// and so do pinned ones and the newest good one.
pub(super) fn work(snapshots: &[SnapshotRecord], plain: usize) -> Vec<Work> {
    let mut all = Vec::new();
    for series in series(snapshots) {
        let good = newest_good(&series);
        let stays = |index: usize, record: &SnapshotRecord| {
            index < plain || record.pinned || good == Some(&record.id)
        };
        for (index, (record, target)) in series.iter().enumerate() {
            let thin = target.thin().is_some();
            let (base, order) = match index {
                0 if thin => (None, (record.rank(), 0)),
                _ if index == 0 || thin || stays(index, record) => continue,
                _ => {
                    let (base, under) = base(&series, index);
                    // The same archive twice is one file until the newer of the two is thin.
                    let same = under.digest == target.digest;
                    let order = if same { base.rank() } else { record.rank() };
                    (Some(base.id.clone()), (order, u64::from(same)))
                }
            };
            let (id, target) = (record.id.clone(), target.target.clone());
            all.push((order, Work { id, target, base }));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.into_iter().map(|(_, work)| work).collect()
}

/// The archive that one of a series is to lean on: the next newer, or where several newer
/// ones are the same, the newest of them. So a stretch in which nothing changed is one
/// step, however long it is.
fn base<'a>(series: &[Member<'a>], index: usize) -> Member<'a> {
    let digest = series[index - 1].1.digest;
    let same = series[..index]
        .iter()
        .rev()
        .take_while(|(_, target)| target.digest == digest);
    *same.last().unwrap_or(&series[index - 1])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{content, id, record, target};
    use super::*;

    fn made(number: u64, of: u64) -> SnapshotRecord {
        record(number, target(&content(of)))
    }

    fn planned(snapshots: &[SnapshotRecord], plain: usize) -> Vec<(u64, u64)> {
        let number = |wanted: &SnapshotId| (1..31).find(|n| id(*n) == *wanted).unwrap();
        let work = work(snapshots, plain).into_iter();
        work.map(|work| (number(&work.id), work.base.as_ref().map_or(0, number)))
            .collect()
    }

    #[test]
    fn the_older_lean_on_the_next_newer() {
        let mut all: Vec<SnapshotRecord> = (1..=5).map(|n| made(n, n)).collect();
        assert_eq!(planned(&all, 2), [(1, 2), (2, 3), (3, 4)]);
        assert_eq!(planned(&all, 4), [(1, 2)]);
        all[1].pinned = true;
        assert_eq!(planned(&all, 2), [(1, 2), (3, 4)]);
        // The newest good one stays, however many came after it.
        for record in &mut all[2..] {
            record.targets[0].troubles = 1;
        }
        all[1].pinned = false;
        assert_eq!(planned(&all, 1), [(1, 2), (3, 4), (4, 5)]);
    }

    #[test]
    fn a_stretch_without_change_is_one_step() {
        let all: Vec<SnapshotRecord> = [(1, 1), (2, 2), (3, 2), (4, 2), (5, 5), (6, 6)]
            .map(|(number, of)| made(number, of))
            .into();
        assert_eq!(planned(&all, 2), [(1, 4), (4, 5), (3, 4), (2, 4)]);
    }

    #[test]
    fn machines_homes_and_projects_are_apart_and_safety_snapshots_are_left_alone() {
        let mut all: Vec<SnapshotRecord> = (1..=8).map(|n| made(n, n)).collect();
        all[1].host = "other".to_owned();
        all[3].project = Some("/p".to_owned());
        all[5].home = "/home/v".to_owned();
        all[6].kind = SnapshotKind::Safety;
        assert_eq!(planned(&all, 1), [(1, 3), (3, 5), (5, 8)]);
    }
}
