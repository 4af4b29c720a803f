//! Which archive leans on which: read off the records, and nowhere else.

use super::record::{SnapshotRecord, TargetRecord};
use crate::model::limits::THIN_STEPS;
use crate::model::{SnapshotId, TargetId};

/// All snapshots, in any order, seen as what leans on what.
#[derive(Clone, Copy)]
pub(super) struct Leaning<'a>(pub(super) &'a [SnapshotRecord]);

impl<'a> Leaning<'a> {
    /// A snapshot's record.
    pub(super) fn snapshot(self, id: &SnapshotId) -> Option<&'a SnapshotRecord> {
        self.0.iter().find(|record| record.id == *id)
    }

    /// What a snapshot holds of a target.
    pub(super) fn target(self, id: &SnapshotId, target: &TargetId) -> Option<&'a TargetRecord> {
        self.snapshot(id)?.target(target)
    }

    /// The snapshots whose archive leans directly on this one's.
    pub(super) fn on(self, id: &SnapshotId, target: &TargetId) -> Vec<&'a SnapshotRecord> {
        let leans = |record: &&SnapshotRecord| {
            let thin = record.target(target).and_then(TargetRecord::thin);
            thin.is_some_and(|thin| thin.base == *id)
        };
        self.0.iter().filter(leans).collect()
    }

    /// The snapshots whose archive is lost with this one's, over any number of steps.
    pub(super) fn lost_with(self, id: &SnapshotId, target: &TargetId) -> Vec<SnapshotId> {
        let mut lost = vec![id.clone()];
        let mut next = 0;
        while let Some(id) = lost.get(next).cloned() {
            for record in self.on(&id, target) {
                // Records that were tampered with may lean on one another.
                if !lost.contains(&record.id) {
                    lost.push(record.id.clone());
                }
            }
            next += 1;
        }
        lost.remove(0);
        lost.sort();
        lost
    }

    /// Steps from an archive to the plain one it comes to rest on; more than there may be
    /// where it does not.
    pub(super) fn steps(self, id: &SnapshotId, target: &TargetId) -> usize {
        let mut at = id;
        for steps in 0..=THIN_STEPS {
            match self.target(at, target).map(TargetRecord::thin) {
                Some(Some(thin)) => at = &thin.base,
                Some(None) => return steps,
                None => break,
            }
        }
        THIN_STEPS + 1
    }

    /// Steps of the longest chain that comes down to this archive.
    pub(super) fn height(self, id: &SnapshotId, target: &TargetId) -> usize {
        self.height_within(id, target, THIN_STEPS + 1)
    }

    fn height_within(self, id: &SnapshotId, target: &TargetId, most: usize) -> usize {
        if most == 0 {
            return 0;
        }
        let above = self.on(id, target).into_iter();
        let heights = above.map(|record| 1 + self.height_within(&record.id, target, most - 1));
        heights.max().unwrap_or(0)
    }
}
