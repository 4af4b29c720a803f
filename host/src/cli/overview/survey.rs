//! What a report tells, gathered: from the records, and for what is in the archives from their
//! indexes, or where they have none (thin ones) from the archives. Bounded, however many
//! snapshots there are.

use super::super::context::{Context, tilde};
use super::super::error::CommandError;
use super::changes::{Changed, changed, side};
use super::totals::{ClassTotal, by_class};
use std::collections::BTreeMap;
use takeback::archive::{Listing, OpenArchive};
use takeback::model::{HostFacts, TargetId};
use takeback::vault::{SnapshotKind, SnapshotRecord, TargetRecord, TargetUsage, Usage, Vault};

/// Bytes that are read for one report, of archives as they expand, unless everything is wanted.
/// What changed longer ago is then only told by the records, instead of a report that takes
/// minutes.
const MOST_BYTES: u64 = 256 << 20;
/// Bytes that an entry of an index counts for: its rule is looked up, which takes about as long.
const ENTRY_BYTES: u64 = 4 << 10;
/// Files that are named of what changed between two snapshots.
pub(super) const MOST_FILES: usize = 40;
/// Changes whose files are named; of older ones only the counts are.
pub(super) const MOST_NAMED: usize = 150;

/// Everything a report tells.
pub(super) struct Survey {
    /// The vault, as people know it.
    pub(super) vault: String,
    /// When it was made, in seconds since 1970.
    pub(super) now: i64,
    /// Newest first.
    pub(super) snapshots: Vec<Told>,
    pub(super) targets: Vec<Target>,
    /// Bytes on the disk that came with the snapshots of each month.
    pub(super) months: BTreeMap<String, u64>,
    pub(super) on_disk: u64,
    pub(super) trashed: u64,
    /// Snapshots whose record cannot be read.
    pub(super) damaged: u64,
}

impl Survey {
    /// The newest snapshot that somebody or something made to have a backup; those that
    /// restores make hold only what was overwritten.
    pub(super) fn newest(&self) -> Option<&Told> {
        let made = |told: &&Told| told.record.kind != SnapshotKind::Safety;
        self.snapshots.iter().find(made)
    }
}

/// One snapshot.
pub(super) struct Told {
    pub(super) record: SnapshotRecord,
    /// Its time, in seconds since 1970.
    pub(super) time: i64,
    /// What is different from the one before, for each target where that is known.
    pub(super) changed: Vec<(TargetId, Changed)>,
    /// Of targets that were not looked into: how many files and bytes more, by the records.
    pub(super) unknown: Vec<(TargetId, More)>,
}

impl Told {
    /// Whether something of it is missing.
    pub(super) fn is_partial(&self) -> bool {
        !self.record.is_complete()
    }

    /// Whether something of it is another way than in the one before.
    pub(super) fn has_news(&self) -> bool {
        !self.unknown.is_empty() || self.changed.iter().any(|(_, one)| one.count() > 0)
    }

    /// Bytes of all files in it.
    pub(super) fn bytes(&self) -> u64 {
        self.record.targets.iter().map(|target| target.bytes).sum()
    }
}

/// How much more there is than before; less, where it is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct More {
    pub(super) files: i64,
    pub(super) bytes: i64,
}

/// One target.
pub(super) struct Target {
    pub(super) id: TargetId,
    /// Snapshots that hold it, without safety snapshots.
    pub(super) snapshots: u64,
    /// The oldest from which it can be restored; as far as record and index say.
    pub(super) oldest: Option<Point>,
    pub(super) newest: Option<Point>,
    /// The newest that holds everything it was to hold.
    pub(super) newest_complete: Option<Point>,
    /// What is in the newest one, by class.
    pub(super) classes: Vec<ClassTotal>,
    pub(super) on_disk: u64,
    /// Time, and bytes of its files, oldest first.
    pub(super) sizes: Vec<(i64, u64)>,
}

/// A snapshot's name and time.
#[derive(Clone)]
pub(super) struct Point {
    pub(super) id: String,
    pub(super) time: i64,
}

impl Point {
    fn of(told: &Told) -> Self {
        Self {
            id: told.record.id.to_string(),
            time: told.time,
        }
    }
}

/// Gathers it. A vault that is not there is an empty one.
/// With `full`, every archive is looked into.
pub(super) fn survey(
    context: &Context,
    facts: &HostFacts,
    full: bool,
) -> Result<Survey, CommandError> {
    let catalogue = context.catalogue()?;
    let vault = context.vault()?;
    let usage = match &vault {
        Some(vault) => vault.usage(&catalogue)?,
        None => Usage::default(),
    };
    let damaged = catalogue.damaged.len() as u64;
    let snapshots = catalogue.snapshots.into_iter().map(|record| Told {
        time: seconds(&record),
        record,
        changed: Vec::new(),
        unknown: Vec::new(),
    });
    let mut snapshots: Vec<Told> = snapshots.collect();
    let targets = match &vault {
        Some(vault) => {
            let most = if full { u64::MAX } else { MOST_BYTES };
            find_changes(vault, &mut snapshots, facts, most);
            targets(vault, &snapshots, &usage)
        }
        None => Vec::new(),
    };
    Ok(Survey {
        vault: tilde(&context.vault_path, &context.facts.home),
        now: jiff::Timestamp::now().as_second(),
        snapshots,
        targets,
        on_disk: usage.targets.values().map(TargetUsage::on_disk).sum(),
        months: usage.months,
        trashed: usage.trashed,
        damaged,
    })
}

fn seconds(record: &SnapshotRecord) -> i64 {
    let time: Option<jiff::Timestamp> = record.time.parse().ok();
    time.map_or(0, jiff::Timestamp::as_second)
}

/// What an archive holds, if that can be had for so many bytes.
fn listing(
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
    left: &mut u64,
) -> Option<Listing> {
    let price = match target.index {
        Some(_) => target.entries.saturating_mul(ENTRY_BYTES),
        None => target.expanded,
    };
    *left = left.checked_sub(price)?;
    let now = jiff::Timestamp::now().as_second();
    let opened = vault.open_archive(&record.id, target, now).ok()?;
    Some(opened.into_listing())
}

/// The archives of one target on one machine, for one home and project: where they stand among
/// the snapshots, newest first.
type Series = BTreeMap<(TargetId, String, String, Option<String>), Vec<usize>>;

fn series(snapshots: &[Told]) -> Series {
    let mut series = Series::new();
    for (number, told) in snapshots.iter().enumerate() {
        let record = &told.record;
        if record.kind == SnapshotKind::Safety {
            continue;
        }
        for target in &record.targets {
            let (host, home) = (record.host.clone(), record.home.clone());
            let key = (target.target.clone(), host, home, record.project.clone());
            series.entry(key).or_default().push(number);
        }
    }
    series
}

/// Finds what changed from each snapshot to the next, the newest first, as far as it goes.
fn find_changes(vault: &Vault, snapshots: &mut [Told], facts: &HostFacts, most: u64) {
    let all = series(snapshots);
    let share = most / (all.len() as u64).max(1);
    for ((target, ..), numbers) in all {
        let mut left = share;
        let mut newer = None;
        for (step, pair) in numbers.windows(2).enumerate() {
            let &[new, old] = pair else { continue };
            let found = change(vault, snapshots, (new, old), &target, &mut newer, &mut left);
            let most = if step < MOST_NAMED { MOST_FILES } else { 0 };
            match found {
                Some(mut found) => {
                    found.name(most, facts);
                    snapshots[new].changed.push((target.clone(), found));
                }
                None => {
                    let more = more(&snapshots[new], &snapshots[old], &target);
                    snapshots[new].unknown.push((target.clone(), more));
                }
            }
        }
        if let Some(first) = numbers.last() {
            let told = &mut snapshots[*first];
            if let Some(record) = told.record.target(&target) {
                told.changed
                    .push((target.clone(), Changed::first(record.files)));
            }
        }
    }
}

/// What changed between two archives. `newer` is the newer one's listing where it was read
/// already, and becomes the older one's.
fn change(
    vault: &Vault,
    snapshots: &[Told],
    (new, old): (usize, usize),
    target: &TargetId,
    newer: &mut Option<Listing>,
    left: &mut u64,
) -> Option<Changed> {
    let (new, old) = (&snapshots[new].record, &snapshots[old].record);
    let (new_target, old_target) = (new.target(target)?, old.target(target)?);
    if new_target.digest == old_target.digest {
        return Some(Changed::default());
    }
    let after = match newer.take() {
        Some(listing) => Some(listing),
        None => listing(vault, new, new_target, left),
    };
    let before = match after {
        Some(_) => listing(vault, old, old_target, left),
        None => None,
    };
    let found = before.as_ref().zip(after.as_ref()).map(|(before, after)| {
        let both = (before.manifest.classes, after.manifest.classes);
        changed(&side(before, both), &side(after, both))
    });
    *newer = before;
    found
}

/// How much more a snapshot holds of a target, by the records.
fn more(new: &Told, old: &Told, target: &TargetId) -> More {
    let of = |told: &Told| {
        let record = told.record.target(target);
        record.map_or((0, 0), |record| (record.files, record.bytes))
    };
    let (new, old) = (of(new), of(old));
    let by = |new: u64, old: u64| new.cast_signed().saturating_sub(old.cast_signed());
    More {
        files: by(new.0, old.0),
        bytes: by(new.1, old.1),
    }
}

/// What there is of each target. The newest archive is always looked into: it has an index.
fn targets(vault: &Vault, snapshots: &[Told], usage: &Usage) -> Vec<Target> {
    let target = |(id, usage): (&TargetId, &TargetUsage)| {
        let regular = |told: &&Told| told.record.kind != SnapshotKind::Safety;
        let held: Vec<(&Told, &TargetRecord)> = snapshots
            .iter()
            .filter(regular)
            .filter_map(|told| Some((told, told.record.target(id)?)))
            .collect();
        let whole = held.iter().find(|(_, record)| record.troubles == 0);
        let readable = |(told, record): &&(&Told, &TargetRecord)| {
            let id = &told.record.id;
            vault
                .archive(id, record)
                .is_ok_and(|archive| archive.size() == record.size)
        };
        let newest = held.first();
        let listing = newest
            .and_then(|(told, record)| listing(vault, &told.record, record, &mut { u64::MAX }));
        Target {
            id: id.clone(),
            snapshots: held.len() as u64,
            oldest: held
                .iter()
                .rev()
                .find(readable)
                .map(|(told, _)| Point::of(told)),
            newest: newest.map(|(told, _)| Point::of(told)),
            newest_complete: whole.map(|(told, _)| Point::of(told)),
            classes: listing.as_ref().map(by_class).unwrap_or_default(),
            on_disk: usage.on_disk(),
            sizes: held
                .iter()
                .rev()
                .map(|(told, record)| (told.time, record.bytes))
                .collect(),
        }
    };
    usage.targets.iter().map(target).collect()
}
