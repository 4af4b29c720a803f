//! From the records to what goes: the rules on every series, then snapshot by snapshot.

use super::{Archive, Hold, Moment, Policies, Reason, Verdict, judge};
use crate::model::{SnapshotId, TargetId};
use crate::vault::layout::Catalogue;
use crate::vault::record::{SnapshotKind, SnapshotRecord};
use crate::vault::series::{Key, key};
use std::collections::BTreeMap;

/// What a clean-up is to be.
pub struct CleanupWish<'a> {
    /// What is kept.
    pub policies: &'a Policies,
    /// The targets it is about; none for all.
    pub targets: &'a [TargetId],
    /// Why a snapshot is out of the rules' reach, if it is.
    pub held: &'a dyn Fn(&SnapshotRecord) -> Option<Hold>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Every verdict, and what follows for the snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanupPlan {
    /// The series it is about.
    pub series: Vec<SeriesPlan>,
    /// The snapshots that go, the oldest first: so nothing has to be thinned anew for one
    /// that goes as well.
    pub remove: Vec<SnapshotId>,
    /// Bytes of their files, those not counted that also belong to a snapshot that stays.
    pub frees: u64,
    /// How many snapshots stay.
    pub stay: usize,
}

/// The verdicts on one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPlan {
    /// The target.
    pub target: TargetId,
    /// The machine.
    pub host: String,
    /// The home directory.
    pub home: String,
    /// The project directory.
    pub project: Option<String>,
    /// Its archives, the newest first.
    pub archives: Vec<ArchiveVerdict>,
}

/// The verdict on one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveVerdict {
    /// Its snapshot.
    pub id: SnapshotId,
    /// Why that was made.
    pub kind: SnapshotKind,
    /// Size of its file in bytes.
    pub size: u64,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// Where an archive is: its record, and its place in it.
type Place = (usize, usize);

/// Computes what a clean-up would keep and remove. Records that could not be read are not
/// in the catalogue and have no verdict.
#[must_use]
pub fn plan_cleanup(catalogue: &Catalogue, wish: &CleanupWish<'_>) -> CleanupPlan {
    let records = &catalogue.snapshots;
    let held = |record: &SnapshotRecord| {
        let changed = catalogue.changed.contains(&record.id);
        changed
            .then_some(Hold::ChangedRecord)
            .or_else(|| (wish.held)(record))
    };
    let order = order(records);
    let mut series: BTreeMap<Key<'_>, Vec<Place>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        for (place, target) in record.targets.iter().enumerate() {
            let series = series.entry(key(record, target)).or_default();
            series.push((at, place));
        }
    }
    let mut verdicts: BTreeMap<Place, Verdict> = BTreeMap::new();
    for (key, places) in &series {
        let archives: Vec<Archive> = places
            .iter()
            .map(|place| archive(records, *place, order[place.0], held(&records[place.0])))
            .collect();
        let judged = judge(&archives, wish.policies.of(key.0), wish.now);
        verdicts.extend(places.iter().copied().zip(judged));
    }
    let mut plan = CleanupPlan::default();
    for at in (0..records.len()).rev() {
        let id = &records[at].id;
        if as_a_whole(&records[at], at, wish.targets, &mut verdicts) {
            plan.remove.push(id.clone());
        } else {
            plan.stay += 1;
        }
    }
    plan.frees = frees(records, &plan.remove);
    let asked = |key: &Key<'_>| wish.targets.is_empty() || wish.targets.contains(key.0);
    let series = series.iter().filter(|(key, _)| asked(key));
    plan.series = series
        .map(|(key, places)| told(records, *key, places, &verdicts))
        .collect();
    plan
}

/// The place of each record in the order of all.
fn order(records: &[SnapshotRecord]) -> Vec<u64> {
    let mut sorted: Vec<usize> = (0..records.len()).collect();
    sorted.sort_by_cached_key(|at| records[*at].rank());
    let mut order = vec![0; records.len()];
    for (place, at) in (1..).zip(sorted) {
        order[at] = place;
    }
    order
}

fn archive(
    records: &[SnapshotRecord],
    (at, place): Place,
    sequence: u64,
    held: Option<Hold>,
) -> Archive {
    let (record, target) = (&records[at], &records[at].targets[place]);
    Archive {
        sequence,
        at: Moment::of(record),
        kind: record.kind,
        pinned: record.pinned,
        // Of a record that was changed nobody knows what is true.
        good: target.troubles == 0 && held != Some(Hold::ChangedRecord),
        held,
        file: target.stored_digest(),
        size: target.stored_size(),
    }
}

/// Whether a snapshot goes. Where it stays for some of its archives, the others stay too, and
/// their verdicts say so.
fn as_a_whole(
    record: &SnapshotRecord,
    at: usize,
    asked: &[TargetId],
    verdicts: &mut BTreeMap<Place, Verdict>,
) -> bool {
    let places = || (0..record.targets.len()).map(|place| (at, place));
    let keeps = |place: &Place| verdicts.get(place).is_none_or(Verdict::keeps);
    let target = |(_, place): Place| record.targets[place].target.clone();
    let kept = places().find(keeps).map(target);
    let not_asked = |place: &Place| !asked.is_empty() && !asked.contains(&target(*place));
    let why = match (kept, places().find(not_asked)) {
        (Some(target), _) => Reason::Beside(target),
        (None, Some(place)) => Reason::NotAsked(target(place)),
        (None, None) => return !record.targets.is_empty(),
    };
    for place in places() {
        if let Some(verdict @ Verdict::Remove(_)) = verdicts.get_mut(&place) {
            *verdict = Verdict::Keep(vec![why.clone()]);
        }
    }
    false
}

/// Bytes of the files that only belong to snapshots that go.
fn frees(records: &[SnapshotRecord], gone: &[SnapshotId]) -> u64 {
    let gone: std::collections::BTreeSet<&SnapshotId> = gone.iter().collect();
    let mut files = BTreeMap::new();
    for record in records {
        let goes = gone.contains(&record.id);
        for target in &record.targets {
            let size = target.stored_size();
            let file = files.entry(target.stored_digest()).or_insert((true, size));
            file.0 &= goes;
        }
    }
    let gone = files.into_values().filter(|(goes, _)| *goes);
    gone.fold(0, |sum, (_, size)| u64::saturating_add(sum, size))
}

fn told(
    records: &[SnapshotRecord],
    (target, host, home, project): Key<'_>,
    places: &[Place],
    verdicts: &BTreeMap<Place, Verdict>,
) -> SeriesPlan {
    let told = |place: &Place| {
        let record = &records[place.0];
        Some(ArchiveVerdict {
            id: record.id.clone(),
            kind: record.kind,
            size: record.targets[place.1].stored_size(),
            verdict: verdicts.get(place)?.clone(),
        })
    };
    SeriesPlan {
        target: target.clone(),
        host: host.clone(),
        home: home.clone(),
        project: project.clone(),
        archives: places.iter().filter_map(told).collect(),
    }
}
