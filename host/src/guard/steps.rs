//! From what a command did to the operation that an undo takes back.

use super::aftermath::{Aftermath, Fate, Found};
use super::compare::Raw;
use super::sight::What;
use crate::archive::{ListedEntry, OpenArchive};
use crate::fs::{Dir, FsError, Owner};
use crate::model::{ArchivePath, Fingerprint, Meta, OperationId, TargetId};
use crate::operation::{About, Change, DirTime, Draft, OperationLock, Operations, Spot, Step};
use crate::restore::{RestoreError, StagedTree, check_space};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl Aftermath {
    /// Writes down what the command did as an operation, with what was there before out of
    /// the archives; `None` when there is nothing that could be taken back. Live files are not
    /// touched. `owner` is whose they are, when that is not the user of this process.
    ///
    /// # Errors
    /// When an archive cannot be read or the disk refuses; nothing is written down then.
    pub fn write_down<A: OpenArchive>(
        &self,
        archives: &BTreeMap<TargetId, (String, A)>,
        about: About,
        operations: &Operations,
        lock: &OperationLock,
        owner: Option<Owner>,
    ) -> Result<Option<OperationId>, RestoreError> {
        let counted = self.found.iter().filter(|one| counts(one));
        if counted.clone().next().is_none() {
            return Ok(None);
        }
        let draft = Rc::new(Draft::new(operations, owner)?);
        let staged = self.stage(archives, operations, &draft)?;
        let writer = Writer {
            draft: &draft,
            staged,
        };
        let mut steps = Vec::new();
        let (taken, rest): (Vec<&Found>, Vec<&Found>) = counted.partition(|one| takes(one));
        for found in taken.into_iter().rev().chain(rest) {
            steps.extend(writer.step(found)?);
        }
        let (dirs, ends) = self.dirs(&steps)?;
        let change = Change { about, steps, dirs };
        let id = operations.write_down(lock, &draft, &change, &ends)?;
        Ok(Some(id))
    }

    /// Copies what was changed or removed out of the archives.
    fn stage<A: OpenArchive>(
        &self,
        archives: &BTreeMap<TargetId, (String, A)>,
        operations: &Operations,
        draft: &Rc<Draft>,
    ) -> Result<BTreeMap<TargetId, StagedTree>, RestoreError> {
        let mut wanted: BTreeMap<&TargetId, BTreeSet<&ArchivePath>> = BTreeMap::new();
        for found in self.found.iter().filter(|one| counts(one)) {
            if let (Some(before), true) = (&found.pair.before, found.pair.raw != Raw::Side)
                && let What::File(path) = &before.what
            {
                wanted.entry(&before.target).or_default().insert(path);
            }
        }
        let mut all = BTreeMap::new();
        for (target, paths) in wanted {
            let Some((name, archive)) = archives.get(target) else {
                continue;
            };
            let entries = archive.listing().entries.values();
            let chosen: Vec<&ListedEntry> =
                entries.filter(|one| paths.contains(&one.path)).collect();
            check_space(operations, chosen.iter().map(|one| one.size()).sum())?;
            let mut staged = StagedTree::new(Rc::clone(draft));
            staged.fill(archive, &chosen, name)?;
            all.insert(target.clone(), staged);
        }
        Ok(all)
    }

    /// Every directory that is touched, with what it was before, and is now.
    fn dirs(&self, steps: &[Step]) -> Result<(Vec<DirTime>, Vec<Option<Meta>>), FsError> {
        let mut spots: BTreeSet<Spot> = steps.iter().map(|step| step.spot.parent()).collect();
        let is_dir = |state: Option<&Fingerprint>| state.is_some_and(Fingerprint::is_directory);
        let own = steps
            .iter()
            .filter(|step| is_dir(step.before.as_deref()) || is_dir(step.after.as_ref()));
        spots.extend(own.map(|step| step.spot.clone()));
        let modes = self.found.iter().filter(|one| one.pair.raw == Raw::Mode);
        spots.extend(modes.filter_map(|one| Some(one.pair.before.as_ref()?.spot.clone())));
        let made = steps.iter().filter(|step| !is_dir(step.before.as_deref()));
        let made: BTreeSet<&Spot> = made.map(|step| &step.spot).collect();
        for (spot, before) in &self.directories {
            // Something may have come and gone in it.
            if now(spot)?.is_some_and(|now| now.mtime != before.mtime) {
                spots.insert(spot.clone());
            }
        }
        let mut dirs = Vec::new();
        let mut ends = Vec::new();
        for spot in spots {
            let now = now(&spot)?;
            let known = self.directories.get(&spot).copied();
            // Of a directory that was not looked at before, nothing is to be put back.
            let before = known.or(now).filter(|_| !made.contains(&spot));
            dirs.push(DirTime {
                spot,
                before,
                set: None,
            });
            ends.push(now);
        }
        Ok((dirs, ends))
    }
}

/// Whether an undo has something to do about it.
fn counts(found: &Found) -> bool {
    found.fate.can_be_taken_back()
}

/// Whether a name has gone, or a directory has made way: such steps come first, and what is
/// in a directory before it.
fn takes(found: &Found) -> bool {
    let was_dir = found.pair.before.as_ref();
    let was_dir = was_dir.is_some_and(|one| matches!(one.what, What::Directory { .. }));
    found.fate == Fate::Removed || (found.pair.raw == Raw::Kind && was_dir)
}

/// Mode and time of a directory; nothing when there is none.
fn now(spot: &Spot) -> Result<Option<Meta>, FsError> {
    let opened = Dir::open(&spot.anchor).and_then(|anchor| anchor.dir(&spot.rel));
    match opened.and_then(|dir| dir.stat_self()) {
        Ok(stat) => Ok(Some(Meta {
            mode: stat.mode,
            mtime: stat.mtime,
        })),
        Err(e) if e.is_missing() || e.is_loop() => Ok(None),
        Err(e) => Err(e),
    }
}

/// Puts what was there before into slots.
struct Writer<'a> {
    draft: &'a Draft,
    staged: BTreeMap<TargetId, StagedTree>,
}

impl Writer<'_> {
    /// The step that leads from what was there to what is; none for a directory that only
    /// has another mode.
    fn step(&self, found: &Found) -> Result<Option<Step>, RestoreError> {
        let (before, after) = (&found.pair.before, &found.pair.after);
        let Some(one) = before.as_ref().or(after.as_ref()) else {
            return Ok(None);
        };
        if found.pair.raw == Raw::Mode {
            return Ok(None);
        }
        let old = self.old(found)?;
        Ok(Some(Step {
            spot: one.spot.clone(),
            label: one.label.clone(),
            slot: old
                .as_ref()
                .map_or_else(|| self.draft.free_slot(), |(slot, _)| *slot),
            annex: None,
            before: old.map(|(_, state)| Box::new(state)),
            after: found.live.clone(),
        }))
    }

    /// What was there, in its slot, with the mode and time it had.
    fn old(&self, found: &Found) -> Result<Option<(u32, Fingerprint)>, RestoreError> {
        let Some(before) = found.pair.before.as_ref() else {
            return Ok(None);
        };
        if found.pair.raw == Raw::Side {
            return Ok(None);
        }
        let meta = Meta {
            mode: before.stat.mode,
            mtime: before.stat.mtime,
        };
        Ok(match &before.what {
            What::File(path) => {
                let staged = self
                    .staged
                    .get(&before.target)
                    .and_then(|all| all.get(path));
                let Some(staged) = staged else {
                    return Ok(None);
                };
                self.draft.set_meta(staged.slot, meta)?;
                let state = self.draft.state(staged.slot, Some(staged.digest))?;
                Some((staged.slot, state))
            }
            What::Link(target) => {
                let slot = self.draft.link(target, meta.mtime)?;
                Some((slot, self.draft.recognise(slot)?))
            }
            What::Directory { .. } => {
                let slot = self.draft.directory()?;
                self.draft.set_directory(slot, meta)?;
                Some((slot, self.draft.state(slot, None)?))
            }
            What::Other => None,
        })
    }
}
