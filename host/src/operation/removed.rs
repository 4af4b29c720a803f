//! What operations removed and still keep: files and links in slots, each of which can be
//! brought back to its place by itself, or be deleted for good.

use super::draft::Draft;
use super::error::OperationError;
use super::journal::{self, End};
use super::open::Done;
use super::step::{About, Change, DirTime, OperationKind, Spot, Step};
use super::store::{OperationLock, Operations, Summary, slot_name};
use super::way;
use crate::fs::{Dir, FsError, PrivateDir};
use crate::model::{Fingerprint, Meta, Observer, OperationId, ShownPath};
use std::collections::{BTreeMap, BTreeSet};

/// Something an operation removed, and where it lies now.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The operation that removed it.
    pub by: Summary,
    /// Where it was.
    pub spot: Spot,
    /// The name people know it by.
    pub label: String,
    /// What it is.
    pub state: Fingerprint,
    slot: u32,
}

impl Removed {
    /// The operation whose store holds it. What is in one store comes back together.
    #[must_use]
    pub fn store(&self) -> &OperationId {
        &self.by.store
    }

    fn key(&self) -> (OperationId, u32) {
        (self.by.store.clone(), self.slot)
    }
}

impl Operations {
    /// Everything that operations removed and that can be had back, the last removed first;
    /// directories with what was in them. An operation that cannot be read is left out.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn removed(&self) -> Result<Vec<Removed>, OperationError> {
        let mut found: Vec<Removed> = Vec::new();
        let mut known = BTreeSet::new();
        for by in self.summaries()? {
            let (Ok(record), Ok(store)) = (self.record(&by.id), self.files(&by.store)) else {
                continue;
            };
            let first = found.len();
            for step in record.steps {
                let (Some(before), None) = (step.before, step.after) else {
                    continue;
                };
                let Some(stat) = store.stat(&slot_name(step.slot))? else {
                    continue;
                };
                let same = (stat.size, stat.mtime) == (before.size, before.mtime);
                let removed = Removed {
                    by: by.clone(),
                    spot: step.spot,
                    label: step.label,
                    state: stat.fingerprint(before.digest.filter(|_| same)),
                    slot: step.slot,
                };
                if known.insert(removed.key()) {
                    found.push(removed);
                }
            }
            if let Some(last) = found.get_mut(first..) {
                last.sort_by(|one, other| one.spot.cmp(&other.spot));
            }
        }
        Ok(found)
    }

    /// Brings back what was removed, all of it from one store, as an operation that an undo
    /// takes back. Directories that are missing by now are made again.
    ///
    /// # Errors
    /// When something stands at one of the places, or the disk refuses; nothing was changed
    /// then.
    pub fn put_back(
        &self,
        lock: &OperationLock,
        chosen: &[&Removed],
        observer: &dyn Observer,
    ) -> Result<Done, OperationError> {
        let Some(first) = chosen.first() else {
            return Err(OperationError::NothingToUndo);
        };
        let store = self.files(first.store())?;
        let all = self.removed()?;
        let mut plan = Plan {
            next: free_slot(self, &store, first.store())?,
            dirs: all
                .iter()
                .filter(|one| one.state.is_directory() && one.store() == first.store())
                .map(|one| (&one.spot, one))
                .collect(),
            placed: BTreeSet::new(),
            touched: BTreeMap::new(),
            steps: Vec::new(),
        };
        for one in chosen {
            plan.add(one)?;
        }
        let dirs = plan
            .touched
            .into_iter()
            .map(|(spot, (before, set))| DirTime { spot, before, set });
        let mut change = Change {
            about: About {
                kind: OperationKind::Restore,
                of: None,
                targets: first.by.about.targets.clone(),
                from: "trash".to_owned(),
                safety: None,
                command: None,
            },
            dirs: dirs.collect(),
            steps: plan.steps,
        };
        let draft = Draft::new(self, None)?;
        way::make(&store, &mut change)?;
        self.begin(lock, &draft, Some(first.store()), change)?
            .carry_out(observer)
    }

    /// Deletes for good what was removed. An undo can then not bring it back any more. Gives
    /// how many files and links that were.
    ///
    /// # Errors
    /// When something cannot be deleted; what came before it is gone.
    pub fn delete_removed(
        &self,
        _lock: &OperationLock,
        chosen: &[&Removed],
    ) -> Result<usize, OperationError> {
        // What is in a slot tells how far a step got, as long as its operation is not over.
        let mut open = BTreeSet::new();
        for one in self.summaries()? {
            if journal::end(&self.directory(&one.id)?)? != End::Done {
                open.insert(one.store);
            }
        }
        let mut gone = 0;
        for one in chosen.iter().filter(|one| !open.contains(one.store())) {
            let store = self.files(one.store())?;
            PrivateDir::remove_tree(&store, &slot_name(one.slot))?;
            gone += usize::from(!one.state.is_directory());
        }
        Ok(gone)
    }
}

/// A number that no operation on a store uses.
fn free_slot(
    operations: &Operations,
    store: &Dir,
    id: &OperationId,
) -> Result<u32, OperationError> {
    let mut next = way::free_slot(store, &[])?;
    for one in operations.summaries()? {
        if one.store == *id {
            let record = operations.record(&one.id)?;
            next = next.max(way::free_slot(store, &record.steps)?);
        }
    }
    Ok(next)
}

/// The steps back.
struct Plan<'a> {
    /// Directories that were removed too.
    dirs: BTreeMap<&'a Spot, &'a Removed>,
    /// Directories that will be there.
    placed: BTreeSet<Spot>,
    /// The directories that change, with what they were and are to be.
    touched: BTreeMap<Spot, (Option<Meta>, Option<Meta>)>,
    steps: Vec<Step>,
    next: u32,
}

impl Plan<'_> {
    fn add(&mut self, one: &Removed) -> Result<(), OperationError> {
        if self.placed.contains(&one.spot) {
            return Ok(());
        }
        self.way_to(&one.spot)?;
        self.place(&one.spot, &one.label, one.slot, one.state.clone());
        Ok(())
    }

    /// Makes the directories above a place, as far as they are missing, and sees that it is
    /// free.
    fn way_to(&mut self, spot: &Spot) -> Result<(), OperationError> {
        let anchor = Dir::open(&spot.anchor)?;
        let mut missing = Vec::new();
        let mut above = spot.parent();
        while !self.placed.contains(&above) {
            match anchor.dir(&above.rel) {
                Ok(dir) => {
                    self.note(&above, &dir)?;
                    if missing.is_empty() && dir.stat(&spot.name())?.is_some() {
                        return Err(taken(spot));
                    }
                    break;
                }
                Err(e) if e.kind() == std::io::ErrorKind::NotFound && above != above.parent() => {
                    missing.push(above.clone());
                    above = above.parent();
                }
                Err(e) if e.is_missing() || e.is_loop() => return Err(taken(&above)),
                Err(e) => return Err(e.into()),
            }
        }
        for spot in missing.into_iter().rev() {
            match self.dirs.get(&spot).copied() {
                Some(dir) => self.place(&spot, &dir.label, dir.slot, dir.state.clone()),
                None => {
                    let label = spot.full().display().to_string();
                    let slot = self.next;
                    self.next += 1;
                    self.place(&spot, &label, slot, way::unmade());
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, spot: &Spot, dir: &Dir) -> Result<(), FsError> {
        let stat = dir.stat_self()?;
        let meta = Meta {
            mode: stat.mode,
            mtime: stat.mtime,
        };
        self.touched
            .entry(spot.clone())
            .or_insert((Some(meta), None));
        Ok(())
    }

    fn place(&mut self, spot: &Spot, label: &str, slot: u32, state: Fingerprint) {
        if state.is_directory() {
            let meta = (state != way::unmade()).then_some(Meta {
                mode: state.mode & 0o7777,
                mtime: state.mtime,
            });
            self.placed.insert(spot.clone());
            self.touched.insert(spot.clone(), (None, meta));
        }
        self.steps.push(Step {
            spot: spot.clone(),
            label: label.to_owned(),
            slot,
            annex: None,
            before: None,
            after: Some(state),
        });
    }
}

fn taken(spot: &Spot) -> OperationError {
    let path = spot.full();
    OperationError::Occupied(ShownPath(&path).to_string())
}
