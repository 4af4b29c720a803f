//! Making steps and taking them back. What is in a slot tells how far its step got, so
//! the same code serves an operation that runs and one that was interrupted.

use super::step::{DirTime, Spot, Step};
use super::store::slot_name;
use crate::fs::{Dir, FsError};
use crate::model::{Fingerprint, Meta};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Why a step is not made.
#[derive(Debug)]
pub(super) enum Stop {
    /// The disk refused.
    Fs(FsError),
    /// The live place is not as expected.
    Changed,
}

impl From<FsError> for Stop {
    fn from(e: FsError) -> Self {
        Self::Fs(e)
    }
}

/// How far a step got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Not made.
    Pending,
    /// The old file was moved aside, where two names cannot be swapped in one step.
    OldAside,
    /// The new one is in place as well, and the old one still aside.
    NewPlaced,
    /// Made.
    Made,
}

/// Moves names between live places and slots.
pub(super) struct Worker {
    /// The store's own slots.
    store: Rc<Dir>,
    annexes: Vec<Rc<Dir>>,
    anchors: BTreeMap<Rc<Path>, Rc<Dir>>,
    /// The directory used last: steps come sorted by place.
    recent: Option<(Spot, Rc<Dir>)>,
    /// Which directory each place was when it was first used: device and inode.
    used: BTreeMap<Spot, (u64, u64)>,
}

impl Worker {
    pub(super) fn new(store: Rc<Dir>, annexes: Vec<Rc<Dir>>) -> Self {
        Self {
            store,
            annexes,
            anchors: BTreeMap::new(),
            recent: None,
            used: BTreeMap::new(),
        }
    }

    fn slots(&self, step: &Step) -> Result<Rc<Dir>, FsError> {
        match step.annex {
            None => Ok(Rc::clone(&self.store)),
            Some(annex) => match self.annexes.get(annex) {
                Some(dir) => Ok(Rc::clone(dir)),
                None => Err(FsError::new(
                    "find the annex for",
                    &step.spot.full(),
                    io::Error::from(io::ErrorKind::NotFound),
                )),
            },
        }
    }

    /// Opens a directory without following links below its anchor.
    pub(super) fn open(&mut self, spot: &Spot) -> Result<Dir, FsError> {
        if !self.anchors.contains_key(&spot.anchor) {
            let anchor = Rc::new(Dir::open(&spot.anchor)?);
            self.anchors.insert(spot.anchor.clone(), anchor);
        }
        self.anchors[&spot.anchor].dir(&spot.rel)
    }

    fn parent(&mut self, step: &Step) -> Result<Rc<Dir>, FsError> {
        if let Some((recent, dir)) = &self.recent
            && step.spot.lies_in(recent)
        {
            return Ok(Rc::clone(dir));
        }
        let spot = step.spot.parent();
        let dir = Rc::new(self.open(&spot)?);
        if !self.used.contains_key(&spot) {
            self.used.insert(spot.clone(), dir.stat_self()?.inode);
        }
        self.recent = Some((spot, Rc::clone(&dir)));
        Ok(dir)
    }

    /// How far a step got.
    pub(super) fn position(&self, step: &Step) -> Result<Position, FsError> {
        let slots = self.slots(step)?;
        let at = slots.stat(&slot_name(step.slot))?;
        let aside = slots.stat(&aside_name(step.slot))?;
        Ok(match (&step.before, &step.after) {
            (None, _) if at.is_some() => Position::Pending,
            (None, _) => Position::Made,
            (Some(_), None) if at.is_some() => Position::Made,
            (Some(_), None) => Position::Pending,
            (Some(_), Some(new)) => {
                let new_there = at.is_some_and(|at| at.inode.1 == new.inode.1);
                match (at.is_some(), new_there, aside.is_some()) {
                    (_, true, false) => Position::Pending,
                    (_, true, true) => Position::OldAside,
                    (false, _, true) => Position::NewPlaced,
                    _ => Position::Made,
                }
            }
        })
    }

    /// Makes a step, from where it got to.
    pub(super) fn make(&mut self, step: &Step, position: Position) -> Result<(), Stop> {
        if position == Position::Made {
            return Ok(());
        }
        let slots = self.slots(step)?;
        let slot = slot_name(step.slot);
        let (dir, name) = (self.parent(step)?, step.spot.name());
        match (&step.before, &step.after) {
            (None, None) => Ok(()),
            (None, Some(_)) => place(&slots, &slot, &dir, &name),
            (Some(old), Some(_)) => {
                let aside = aside_name(step.slot);
                if position == Position::Pending {
                    expect(&dir, &name, old)?;
                    match slots.exchange(&slot, &dir, &name) {
                        Ok(()) => return confirm_swap(&slots, &slot, &dir, &name, old),
                        Err(e) if cannot_swap(&e) => {}
                        Err(e) => return Err(e.into()),
                    }
                    dir.move_new(&name, &slots, &aside)?;
                    if !still(&slots, &aside, old)? {
                        slots.move_new(&aside, &dir, &name)?;
                        return Err(Stop::Changed);
                    }
                }
                if position != Position::NewPlaced {
                    place(&slots, &slot, &dir, &name)?;
                }
                Ok(slots.move_new(&aside, &slots, &slot)?)
            }
            (Some(old), None) => take(&slots, &slot, &dir, &name, old),
        }
    }

    /// Takes a step back, wherever it got to. `false` when the live place is not as the
    /// step left it: that is then kept.
    pub(super) fn unmake(&mut self, step: &Step) -> Result<bool, FsError> {
        let position = self.position(step)?;
        if position == Position::Pending {
            return Ok(true);
        }
        let slots = self.slots(step)?;
        let (slot, aside) = (slot_name(step.slot), aside_name(step.slot));
        let (dir, name) = (self.parent(step)?, step.spot.name());
        let live = dir.stat(&name)?;
        let ours = match (&live, &step.after) {
            (Some(live), Some(new)) => live.inode.1 == new.inode.1,
            (live, None) => live.is_none(),
            (None, Some(_)) => false,
        };
        match (position, &step.before) {
            (Position::OldAside, _) if live.is_none() => slots.move_new(&aside, &dir, &name)?,
            (Position::NewPlaced, _) if ours => {
                dir.move_new(&name, &slots, &slot)?;
                slots.move_new(&aside, &dir, &name)?;
            }
            (Position::Made, None) if live.is_none() => {}
            (Position::Made, None) if ours => return take_away(&slots, &slot, &dir, &name, step),
            (Position::Made, Some(_)) if live.is_none() => slots.move_new(&slot, &dir, &name)?,
            (Position::Made, Some(_)) if ours => match slots.exchange(&slot, &dir, &name) {
                Err(e) if cannot_swap(&e) => {
                    slots.move_new(&slot, &slots, &aside)?;
                    dir.move_new(&name, &slots, &slot)?;
                    slots.move_new(&aside, &dir, &name)?;
                }
                done => done?,
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A directory that was used and is no longer at its place, though no step took it.
    pub(super) fn out_of_place(&mut self, steps: &[Step]) -> Result<Option<PathBuf>, FsError> {
        let taken = steps.iter().filter(|step| step.takes_directory());
        let taken: BTreeSet<&Spot> = taken.map(|step| &step.spot).collect();
        for (spot, inode) in self.used.clone() {
            if taken.contains(&spot) {
                continue;
            }
            let there = match self.open(&spot) {
                Ok(dir) => dir.stat_self()?.inode == inode,
                Err(_) => false,
            };
            if !there {
                return Ok(Some(spot.full()));
            }
        }
        Ok(None)
    }

    /// Gives directories their mode and time: all that can have them, even when one cannot.
    pub(super) fn set_times(
        &mut self,
        dirs: &[DirTime],
        which: fn(&DirTime) -> Option<Meta>,
    ) -> Result<(), FsError> {
        let mut all = Ok(());
        for dir in dirs {
            let Some(meta) = which(dir) else { continue };
            let done = match self.open(&dir.spot) {
                Ok(open) => open.set_own_meta(meta),
                // Not made, or gone again.
                Err(e) if e.is_missing() => Ok(()),
                Err(e) => Err(e),
            };
            all = all.and(done);
        }
        all
    }

    /// Mode and time that directories have now.
    pub(super) fn times(&mut self, dirs: &[DirTime]) -> Vec<Option<Meta>> {
        let mut now = |dir: &DirTime| {
            let stat = self.open(&dir.spot).ok()?.stat_self().ok()?;
            Some(Meta {
                mode: stat.mode & 0o7777,
                mtime: stat.mtime,
            })
        };
        dirs.iter().map(&mut now).collect()
    }

    /// Makes all changes of live places and slots durable: one call for each file system.
    pub(super) fn sync(&mut self) -> Result<(), FsError> {
        let mut synced = vec![];
        let places: Vec<(Spot, (u64, u64))> = self
            .used
            .iter()
            .map(|(spot, inode)| (spot.clone(), *inode))
            .collect();
        for (spot, (device, _)) in places {
            if !synced.contains(&device) {
                match self.open(&spot) {
                    Ok(dir) => dir.sync_file_system()?,
                    // Taken away by a step, or taken back.
                    Err(e) if e.is_missing() => continue,
                    Err(e) => return Err(e),
                }
                synced.push(device);
            }
        }
        let own = self.store.stat_self()?.inode.0;
        if !synced.contains(&own) {
            self.store.sync_file_system()?;
        }
        Ok(())
    }
}

/// Where the old file waits on file systems that cannot swap two names.
fn aside_name(slot: u32) -> OsString {
    OsString::from(format!("{slot}.old"))
}

/// Some file systems cannot swap two names in one step.
fn cannot_swap(e: &FsError) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

fn place(slots: &Dir, slot: &OsStr, dir: &Dir, name: &OsStr) -> Result<(), Stop> {
    slots.move_new(slot, dir, name).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => Stop::Changed,
        _ => Stop::Fs(e),
    })
}

fn take(slots: &Dir, slot: &OsStr, dir: &Dir, name: &OsStr, old: &Fingerprint) -> Result<(), Stop> {
    expect(dir, name, old)?;
    dir.move_new(name, slots, slot)?;
    let empty =
        || Ok::<_, FsError>(!old.is_directory() || slots.dir(slot.as_ref())?.list()?.is_empty());
    if still(slots, slot, old)? && empty()? {
        return Ok(());
    }
    slots.move_new(slot, dir, name)?;
    Err(Stop::Changed)
}

/// Takes back something that was placed. A directory stays when somebody has put
/// something in it since.
fn take_away(
    slots: &Dir,
    slot: &OsStr,
    dir: &Dir,
    name: &OsStr,
    step: &Step,
) -> Result<bool, FsError> {
    let is_dir = step.after.as_ref().is_some_and(Fingerprint::is_directory);
    if is_dir && !dir.dir(name.as_ref())?.list()?.is_empty() {
        return Ok(true);
    }
    dir.move_new(name, slots, slot)?;
    if is_dir && !slots.dir(slot.as_ref())?.list()?.is_empty() {
        slots.move_new(slot, dir, name)?;
    }
    Ok(true)
}

/// What was swapped out must be what was looked at before the swap.
fn confirm_swap(
    slots: &Dir,
    slot: &OsStr,
    dir: &Dir,
    name: &OsStr,
    old: &Fingerprint,
) -> Result<(), Stop> {
    if still(slots, slot, old)? {
        return Ok(());
    }
    slots.exchange(slot, dir, name)?;
    Err(Stop::Changed)
}

/// The live state must be the one the plan was made for.
fn expect(dir: &Dir, name: &OsStr, old: &Fingerprint) -> Result<(), Stop> {
    let now = dir.stat(name)?.map(|stat| stat.fingerprint(None));
    match now {
        Some(now) if now.same_file(old) && (old.is_directory() || now.ctime == old.ctime) => Ok(()),
        _ => Err(Stop::Changed),
    }
}

/// The same after a move, which changes the inode's own time.
fn still(slots: &Dir, slot: &OsStr, old: &Fingerprint) -> Result<bool, FsError> {
    let now = slots.stat(slot)?.map(|stat| stat.fingerprint(None));
    Ok(now.is_some_and(|now| now.same_file(old)))
}
