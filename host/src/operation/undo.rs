//! Taking an operation back: the opposite steps on the same store, as an operation of its
//! own. What somebody changed since is kept, unless that is forced; then it waits in the
//! store like everything else that was replaced.

use super::draft::Draft;
use super::error::OperationError;
use super::journal::Record;
use super::open::Done;
use super::step::{About, Change, DirTime, OperationKind, Spot, Step};
use super::store::{OperationLock, Operations, Summary, onwards, slot_name};
use super::way;
use crate::fs::{Dir, FileKind, FsError, Stat};
use crate::model::{Fingerprint, Meta, Observer, OperationId};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::rc::Rc;

/// Something an undo leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it is.
    pub spot: Spot,
    /// Why, fitting "PATH: ...".
    pub why: &'static str,
    /// Whether it was changed since, so that something of the undo is left out.
    pub changed: bool,
}

/// What an undo would do.
#[derive(Debug)]
pub struct UndoPlan {
    /// What is taken back.
    pub of: Summary,
    /// The steps.
    pub change: Change,
    /// What stays as it is.
    pub kept: Vec<Kept>,
    force: bool,
}

impl UndoPlan {
    /// Whether nothing would be taken back. The times of directories alone are nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let mode = |meta: Option<Meta>| meta.map(|meta| meta.mode);
        let opened = |dir: &DirTime| dir.set.is_some() && mode(dir.set) != mode(dir.before);
        let there = |dir: &&DirTime| dir.before.is_some();
        let mut dirs = self.change.dirs.iter().filter(there);
        self.change.steps.is_empty() && !dirs.any(opened)
    }
}

/// Plans to take back an operation: the one named, or the last that still stands and left
/// anything to take back.
///
/// # Errors
/// When there is none, it was taken back already, or it cannot be read.
pub fn plan_undo(
    operations: &Operations,
    wanted: Option<&OperationId>,
    force: bool,
) -> Result<UndoPlan, OperationError> {
    let all = operations.summaries()?;
    if let Some(wanted) = wanted {
        let Some(found) = all.into_iter().find(|one| one.id == *wanted) else {
            // One that cannot be read says so.
            operations.record(wanted)?;
            return Err(OperationError::NotFound(wanted.to_string()));
        };
        let plan = plan_one(operations, found, force)?;
        return match &plan.of.undone_by {
            Some(by) if plan.is_empty() => Err(OperationError::AlreadyUndone {
                id: plan.of.id.clone(),
                by: by.clone(),
            }),
            _ => Ok(plan),
        };
    }
    let onwards = onwards(&all);
    let standing = |one: &Summary| one.undone_by.is_none() && onwards.contains(&one.id);
    let mut unreadable = operations.unreadable()?.into_iter().peekable();
    for one in all.into_iter().filter(standing) {
        // It is not known what a newer one did, so nothing is done behind its back.
        if let Some((_, error)) = unreadable.next_if(|(id, _)| *id > one.id) {
            return Err(error);
        }
        let plan = plan_one(operations, one, force)?;
        if !plan.is_empty() || plan.kept.iter().any(|kept| kept.changed) {
            return Ok(plan);
        }
    }
    let error = unreadable.next().map(|(_, error)| error);
    Err(error.unwrap_or(OperationError::NothingToUndo))
}

fn plan_one(operations: &Operations, of: Summary, force: bool) -> Result<UndoPlan, OperationError> {
    let record = operations.record(&of.id)?;
    let store = operations.files(&of.store)?;
    let mut planner = Planner {
        next: way::free_slot(&store, &record.steps)?,
        store,
        force,
        undone: of.undone_by.is_some(),
        anchors: BTreeMap::new(),
        steps: Vec::new(),
        taken: BTreeSet::new(),
        placed: BTreeSet::new(),
        kept: Vec::new(),
    };
    for step in record.steps.iter().rev() {
        planner.step(step)?;
    }
    let dirs = planner.dirs(&record);
    let about = About {
        kind: OperationKind::Undo,
        of: Some(of.id.clone()),
        safety: None,
        ..record.begin.about
    };
    let (steps, mut kept) = (planner.steps, planner.kept);
    kept.reverse();
    Ok(UndoPlan {
        of,
        change: Change { about, steps, dirs },
        kept,
        force,
    })
}

/// Carries out an undo.
///
/// # Errors
/// When something changed since the plan was made or a step failed; everything is then as
/// it was before, or the error says what is not.
pub fn undo(
    operations: &Operations,
    lock: &OperationLock,
    plan: UndoPlan,
    observer: &dyn Observer,
) -> Result<Done, OperationError> {
    let UndoPlan { of, mut change, .. } = plan;
    // Another undo may have been first. Its steps are on the same store, and must not be
    // taken for steps of this one.
    let now = plan_undo(operations, Some(&of.id), plan.force)?;
    let (now, then) = (now.change.steps, &change.steps);
    let same = now.iter().zip(then).take_while(|(a, b)| a == b).count();
    if let Some(step) = then.get(same).or(now.get(same)) {
        return Err(OperationError::Changed(step.label.clone()));
    }
    let draft = Draft::new(operations, None)?;
    way::make(&operations.files(&of.store)?, &mut change)?;
    operations
        .begin(lock, &draft, Some(&of.store), change)?
        .carry_out(observer)
}

struct Planner {
    store: Dir,
    force: bool,
    /// Whether an undo that stands was there before, and left something out.
    undone: bool,
    anchors: BTreeMap<Rc<Path>, Dir>,
    steps: Vec<Step>,
    /// Places that will be empty.
    taken: BTreeSet<Spot>,
    /// Directories that will be there.
    placed: BTreeSet<Spot>,
    /// The next slot that is free.
    next: u32,
    kept: Vec<Kept>,
}

/// There is no way to a place: something that is no directory stands on it.
struct Blocked;

impl Planner {
    fn open(&mut self, spot: &Spot) -> Result<Dir, FsError> {
        if !self.anchors.contains_key(&spot.anchor) {
            let anchor = Dir::open(&spot.anchor)?;
            self.anchors.insert(spot.anchor.clone(), anchor);
        }
        self.anchors[&spot.anchor].dir(&spot.rel)
    }

    /// What stands at a place now, with its digest where the two states need it; `Err` in
    /// it when links or files stand where its directories were.
    fn live(&mut self, step: &Step) -> Result<Result<Option<Fingerprint>, Blocked>, FsError> {
        let parent = step.spot.parent();
        let dir = match self.open(&parent) {
            _ if self.placed.contains(&parent) => return Ok(Ok(None)),
            Ok(dir) => dir,
            // Without its anchor there is nothing to put a way back below.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let anchored = self.anchors.contains_key(&parent.anchor);
                return Ok(anchored.then_some(None).ok_or(Blocked));
            }
            Err(e) if e.is_missing() || e.is_loop() => return Ok(Err(Blocked)),
            Err(e) => return Err(e),
        };
        let name = step.spot.name();
        let known = [step.before.as_deref(), step.after.as_ref()]
            .into_iter()
            .flatten();
        Ok(Ok(
            if known.into_iter().any(|state| state.digest.is_some()) {
                dir.recognise(&name)?
            } else {
                dir.stat(&name)?.map(|stat| stat.fingerprint(None))
            },
        ))
    }

    fn step(&mut self, step: &Step) -> Result<(), FsError> {
        let slot = self.store.stat(&slot_name(step.slot))?;
        if self.is_back(step, slot.as_ref())? {
            return Ok(());
        }
        let Ok(live) = self.live(step)? else {
            self.keep(step, "it was changed since", true);
            return Ok(());
        };
        if let (None, Some(made)) = (&step.before, &step.after)
            && made.is_directory()
        {
            return self.directory(step, live, slot);
        }
        let as_left = same(live.as_ref(), step.after.as_ref());
        let as_before = same(live.as_ref(), step.before.as_deref());
        let is_dir = |state: Option<&Fingerprint>| state.is_some_and(Fingerprint::is_directory);
        match (&step.before, slot) {
            _ if as_before && !as_left => {}
            // A directory that somebody made meanwhile serves as well.
            _ if is_dir(step.before.as_deref()) && is_dir(live.as_ref()) => {}
            // Somebody has removed since what the operation created.
            (None, _) if live.is_none() => {}
            (None, None) if as_left || self.force => self.push(step, live, None),
            (Some(_), _)
                if is_dir(step.after.as_ref()) && as_left && self.holds_more(&step.spot)? =>
            {
                self.keep(step, "there is something else in it", true);
            }
            (Some(_), Some(old)) if as_left || live.is_none() || self.force => {
                self.make_way(&step.spot)?;
                self.push(step, live, Some(old));
            }
            (Some(_), None) => self.keep(step, "what it replaced is gone", true),
            _ => self.keep(step, "it was changed since", true),
        }
        Ok(())
    }

    /// Whether a step was taken back already: its slot then holds what it had put in place.
    fn is_back(&self, step: &Step, slot: Option<&Stat>) -> Result<bool, FsError> {
        let (Some(slot), Some(after)) = (slot, &step.after) else {
            return Ok(false);
        };
        if step.annex.is_none() {
            return Ok(slot.inode.1 == after.inode.1);
        }
        // What was on another file system came back as a copy.
        let copy = self.store.recognise(&slot_name(step.slot))?;
        Ok(self.undone && same(copy.as_ref(), Some(after)))
    }

    /// A directory that was made goes when nothing is left in it.
    fn directory(
        &mut self,
        step: &Step,
        live: Option<Fingerprint>,
        slot: Option<Stat>,
    ) -> Result<(), FsError> {
        let Some(there) = live else { return Ok(()) };
        if !there.is_directory() || slot.is_some() {
            self.keep(step, "it was changed since", true);
            return Ok(());
        }
        if self.holds_more(&step.spot)? {
            self.keep(step, "there is something else in it", false);
        } else {
            self.push(step, Some(there), None);
        }
        Ok(())
    }

    /// Whether a directory holds anything but what is taken out of it.
    fn holds_more(&mut self, spot: &Spot) -> Result<bool, FsError> {
        let names = self.open(spot)?.list()?;
        let taken = |name| self.taken.contains(&spot.join(name));
        Ok(!names.iter().all(|name| taken(name)))
    }

    /// Puts back the directories that are gone since from above a place.
    fn make_way(&mut self, spot: &Spot) -> Result<(), FsError> {
        let mut missing = Vec::new();
        let mut above = spot.parent();
        while !self.placed.contains(&above) && self.open(&above).is_err_and(|e| e.is_missing()) {
            missing.push(above.clone());
            above = above.parent();
        }
        for spot in missing.into_iter().rev() {
            self.placed.insert(spot.clone());
            self.steps.push(Step {
                label: spot.full().display().to_string(),
                spot,
                slot: self.next,
                annex: None,
                before: None,
                after: Some(way::unmade()),
            });
            self.next += 1;
        }
        Ok(())
    }

    fn keep(&mut self, step: &Step, why: &'static str, changed: bool) {
        let spot = step.spot.clone();
        self.kept.push(Kept { spot, why, changed });
    }

    fn push(&mut self, step: &Step, live: Option<Fingerprint>, slot: Option<Stat>) {
        match slot.map(|slot| slot.kind) {
            None => self.taken.insert(step.spot.clone()),
            Some(FileKind::Directory) => self.placed.insert(step.spot.clone()),
            Some(_) => false,
        };
        // What was written to the old file since, through a handle held open before, makes
        // its recorded digest void.
        let digest = |slot: &Stat| {
            let before = step.before.as_ref()?;
            let same = (slot.size, slot.mtime) == (before.size, before.mtime);
            before.digest.filter(|_| same)
        };
        self.steps.push(Step {
            annex: None,
            before: live.map(Box::new),
            after: slot.map(|slot| slot.fingerprint(digest(&slot))),
            ..step.clone()
        });
    }

    /// The directories that change, with the times they had before the operation, unless
    /// somebody else changed them since.
    fn dirs(&mut self, record: &Record) -> Vec<DirTime> {
        let mut dirs = Vec::new();
        for (at, dir) in record.dirs.iter().enumerate() {
            let now = self.open(&dir.spot).and_then(|open| open.stat_self());
            let now = now.ok().map(|stat| Meta {
                mode: stat.mode & 0o7777,
                mtime: stat.mtime,
            });
            let end = record.ends.get(at).copied().flatten();
            let untouched = now.is_some_and(|now| end.is_some_and(|end| now.mtime == end.mtime));
            let set = match (now, dir.before) {
                _ if self.taken.contains(&dir.spot) => None,
                (Some(now), Some(before)) if untouched => Some(Meta {
                    mode: if end.is_some_and(|end| end.mode == now.mode) {
                        before.mode
                    } else {
                        now.mode
                    },
                    mtime: before.mtime,
                }),
                (None, before) if self.placed.contains(&dir.spot) => before,
                // Gone, or behind a link by now.
                _ => None,
            };
            dirs.push(DirTime {
                spot: dir.spot.clone(),
                before: now,
                set,
            });
        }
        dirs
    }
}

/// Whether what stands somewhere is what a state describes.
fn same(live: Option<&Fingerprint>, state: Option<&Fingerprint>) -> bool {
    match (live, state) {
        (None, None) => true,
        (Some(live), Some(state)) => match (live.digest, state.digest) {
            (Some(here), Some(there)) => here == there && live.mode == state.mode,
            _ => live.same_file(state),
        },
        _ => false,
    }
}
