//! Removing a snapshot. What leans on it is first let lean on something else.

use super::error::VaultError;
use super::layout::Vault;
use super::leaning::Leaning;
use super::lock::VaultLock;
use super::record::SnapshotRecord;
use super::reform::Bench;
use super::series::{newest_good, series};
use super::thinning::lower;
use crate::archive::thin::rebase;
use crate::model::limits::THIN_STEPS;
use crate::model::{SnapshotId, TargetId};

impl Vault {
    /// Moves a snapshot into the trash; `now` is in seconds since 1970. Archives that lean
    /// on it are first thinned against what it leans on itself, or made plain. Whether it
    /// may go is for the caller to decide.
    ///
    /// # Errors
    /// When an archive that leans on it cannot be given another form, some record cannot be
    /// read, which may say that it leans on this snapshot, or the disk refuses: the snapshot
    /// is then still there, and every other one can be read.
    pub fn remove(&self, lock: &VaultLock, id: &SnapshotId, now: i64) -> Result<(), VaultError> {
        let ids = std::slice::from_ref(id);
        self.remove_all(lock, ids, now, &mut |_| true)
    }

    /// Moves snapshots into the trash, one after the other; those that others lean on should
    /// come last. `more` is told before each how many are gone, and says whether to go on.
    ///
    /// # Errors
    /// As [`Vault::remove`]: those before the one that could not go are gone.
    pub fn remove_all(
        &self,
        lock: &VaultLock,
        ids: &[SnapshotId],
        now: i64,
        more: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), VaultError> {
        let catalogue = self.catalogue()?;
        if let Some(unread) = catalogue.damaged.into_iter().next() {
            return Err(unread);
        }
        let mut bench = Bench::of(self, lock, catalogue.snapshots);
        for (gone, id) in ids.iter().enumerate() {
            if !more(gone) {
                return Ok(());
            }
            self.remove_one(&mut bench, id, now)?;
        }
        more(ids.len());
        Ok(())
    }

    fn remove_one(
        &self,
        bench: &mut Bench<'_>,
        id: &SnapshotId,
        now: i64,
    ) -> Result<(), VaultError> {
        let record = bench.leaning().snapshot(id);
        let targets = record.map(|record| record.targets.iter().map(|t| t.target.clone()));
        let targets: Vec<TargetId> = targets.into_iter().flatten().collect();
        for target in &targets {
            free(bench, id, target)?;
        }
        self.discard(id, now)?;
        bench.forget(id);
        Ok(())
    }
}

/// Lets everything that leans on an archive lean on something else.
fn free(bench: &mut Bench<'_>, id: &SnapshotId, target: &TargetId) -> Result<(), VaultError> {
    if bench.leaning().on(id, target).is_empty() {
        return Ok(());
    }
    if let Some(twin) = twin(bench, id, target)? {
        for leans in leaning_on(bench, id, target) {
            let leaning = bench.leaning();
            let steps = leaning.steps(&twin, target) + 1 + leaning.height(&leans, target);
            if leans != twin && steps <= THIN_STEPS {
                bench.lean_on(&leans, target, &twin)?;
            }
        }
    }
    for leans in leaning_on(bench, id, target) {
        let (recipe, below) = (bench.recipe(&leans, target)?, bench.recipe(id, target)?);
        let base = bench
            .target(id, target)?
            .thin()
            .map(|thin| thin.base.clone());
        let direct = match (recipe, below, base) {
            (Some(recipe), Some(below), Some(base)) => {
                let recipe = rebase(&recipe, &below).ok();
                recipe.map(|recipe| (recipe, base))
            }
            _ => None,
        };
        let height = bench.leaning().height(&leans, target);
        let direct = match direct {
            Some((recipe, base)) => lower(bench, target, recipe, base, height)?,
            None => None,
        };
        match direct.filter(|(recipe, _)| recipe.own_bytes() <= recipe.whole().1 / 2) {
            Some((recipe, base)) => bench.make_thin(&leans, target, &recipe, &base)?,
            None => bench.make_plain(&leans, target)?,
        }
    }
    Ok(())
}

fn leaning_on(bench: &Bench<'_>, id: &SnapshotId, target: &TargetId) -> Vec<SnapshotId> {
    let on = bench.leaning().on(id, target).into_iter();
    on.map(|record| record.id.clone()).collect()
}

/// Another snapshot with the same archive that does not lean on this one: there may be one
/// where nothing changed in between. One that does lean on it takes its form over first.
fn twin(
    bench: &mut Bench<'_>,
    id: &SnapshotId,
    target: &TargetId,
) -> Result<Option<SnapshotId>, VaultError> {
    let leaning = bench.leaning();
    let digest = bench.target(id, target)?.digest;
    let lost = leaning.lost_with(id, target);
    let twins = bench.snapshots().iter().filter(|record| {
        let same = record.target(target).is_some_and(|t| t.digest == digest);
        record.id != *id && same
    });
    let twins: Vec<SnapshotId> = twins.map(|record| record.id.clone()).collect();
    if let Some(apart) = twins.iter().find(|twin| !lost.contains(twin)) {
        return Ok(Some(apart.clone()));
    }
    // The newest first, as the records are.
    let Some(heir) = twins.first() else {
        return Ok(None);
    };
    let heir = heir.clone();
    bench.take_form(&heir, target, id)?;
    Ok(Some(heir))
}

/// Why a snapshot must not go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Somebody pinned it.
    Pinned,
    /// It holds the newest complete archive of this target on its machine, for its home and
    /// project.
    NewestGood(TargetId),
}

/// Whether a snapshot must stay.
#[must_use]
pub fn needed(snapshots: &[SnapshotRecord], id: &SnapshotId) -> Option<Needed> {
    let record = Leaning(snapshots).snapshot(id)?;
    if record.pinned {
        return Some(Needed::Pinned);
    }
    let series = series(snapshots);
    let last = series.iter().find(|series| newest_good(series) == Some(id));
    let target = last.and_then(|series| series.first());
    target.map(|(_, target)| Needed::NewestGood(target.target.clone()))
}
