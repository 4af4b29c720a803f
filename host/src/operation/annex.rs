//! Slots on another file system. Names cannot be moved between file systems, so where a
//! step's place is not on the store's, what it needs is first copied to a hidden directory
//! there, and what it took away is copied to the store before that directory goes.

use super::format::{DirJson, Line};
use super::step::{Change, DirTime, Spot, Step};
use super::store::slot_name;
use crate::fs::{Dir, FileKind, FsError, PrivateDir};
use crate::model::limits::FREE_SPACE_MARGIN;
use crate::model::{Meta, OperationId};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::rc::Rc;

/// One of them.
#[derive(Debug)]
pub(super) struct Annex {
    spot: Spot,
    /// Mode and time of the directory it is made in, from before.
    host: Option<Meta>,
}

impl Annex {
    pub(super) fn line(&self) -> Line {
        let dir = DirTime {
            spot: self.spot.clone(),
            before: self.host,
            set: None,
        };
        Line::Annex(DirJson::from(&dir))
    }

    pub(super) fn from_record(dir: &DirTime) -> Self {
        Self {
            spot: dir.spot.clone(),
            host: dir.before,
        }
    }

    fn open_host(&self) -> Result<Dir, FsError> {
        let host = self.spot.parent();
        Dir::open(&host.anchor)?.dir(&host.rel)
    }
}

/// The directories in which annexes of steps could be made.
struct Hosts {
    /// Places that will be empty: an annex cannot lie in what is moved into it.
    taken: BTreeSet<Spot>,
    known: BTreeMap<Spot, Rc<Host>>,
    /// The directory asked for last: steps come sorted by place.
    recent: Option<(Spot, Rc<Host>)>,
}

/// The nearest directory that exists and stays, and its file system.
struct Host {
    spot: Spot,
    place: (u64, u64),
}

impl Hosts {
    /// The one for what lies at a place.
    fn of(&mut self, spot: &Spot) -> Result<Rc<Host>, FsError> {
        if let Some((dir, host)) = &self.recent
            && spot.lies_in(dir)
        {
            return Ok(Rc::clone(host));
        }
        let dir = spot.parent();
        let host = match self.known.get(&dir) {
            Some(host) => Rc::clone(host),
            None => {
                let host = Rc::new(nearest(&dir, &self.taken)?);
                self.known.insert(dir.clone(), Rc::clone(&host));
                host
            }
        };
        self.recent = Some((dir, Rc::clone(&host)));
        Ok(host)
    }
}

/// Finds the steps that need one, and writes its number into them.
pub(super) fn plan(
    id: &OperationId,
    store: &Dir,
    change: &mut Change,
) -> Result<Vec<Annex>, FsError> {
    let own = store.file_system()?;
    let taken = change.steps.iter().filter(|step| step.takes_directory());
    let mut hosts = Hosts {
        taken: taken.map(|step| step.spot.clone()).collect(),
        known: BTreeMap::new(),
        recent: None,
    };
    let mut numbers: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    let mut annexes: Vec<Annex> = Vec::new();
    for step in &mut change.steps {
        let host = hosts.of(&step.spot)?;
        let (host, place) = (&host.spot, host.place);
        if place == own {
            continue;
        }
        let number = *numbers.entry(place).or_insert(annexes.len());
        if number == annexes.len() {
            let meta = own_meta(&Dir::open(&host.anchor)?.dir(&host.rel)?)?;
            annexes.push(Annex {
                spot: host.join(&OsString::from(format!(".takeback-{id}"))),
                host: Some(meta),
            });
        }
        step.annex = Some(number);
    }
    for annex in &annexes {
        let host = annex.spot.parent();
        if !change.dirs.iter().any(|dir| dir.spot == host) {
            change.dirs.push(DirTime {
                spot: host,
                before: annex.host,
                set: annex.host,
            });
        }
    }
    Ok(annexes)
}

/// Looks for it from a place upwards.
fn nearest(spot: &Spot, taken: &BTreeSet<Spot>) -> Result<Host, FsError> {
    let anchor = Dir::open(&spot.anchor)?;
    let mut spot = spot.clone();
    loop {
        match anchor.dir(&spot.rel) {
            Ok(_) if taken.contains(&spot) => spot = spot.parent(),
            Ok(dir) => {
                let place = dir.file_system()?;
                return Ok(Host { spot, place });
            }
            // A link that stands there now makes way for a directory.
            Err(e) if (e.is_missing() || e.is_loop()) && spot.parent() != spot => {
                spot = spot.parent();
            }
            Err(e) => return Err(e),
        }
    }
}

fn own_meta(dir: &Dir) -> Result<Meta, FsError> {
    let stat = dir.stat_self()?;
    Ok(Meta {
        mode: stat.mode & 0o7777,
        mtime: stat.mtime,
    })
}

/// Makes them, and copies what the steps will place.
pub(super) fn fill(annexes: &[Annex], store: &Dir, change: &mut Change) -> Result<(), FsError> {
    let mut open = Vec::new();
    for (number, annex) in annexes.iter().enumerate() {
        let host = annex.open_host()?;
        let of_this = change
            .steps
            .iter()
            .filter(|step| step.annex == Some(number));
        let sizes = of_this.filter_map(|step| Some(step.after.as_ref()?.size));
        if host.free_bytes()? < sizes.sum::<u64>().saturating_add(FREE_SPACE_MARGIN) {
            let full = io::Error::from(io::ErrorKind::StorageFull);
            return Err(FsError::new("make room in", host.path(), full));
        }
        open.push(host.make_dir(&annex.spot.name(), 0o700)?);
    }
    for step in &mut change.steps {
        let (Some(number), Some(after)) = (step.annex, &mut step.after) else {
            continue;
        };
        let (to, slot) = (&open[number], slot_name(step.slot));
        copy(store, &slot, to, &slot)?;
        let stat = to.stat(&slot)?.ok_or_else(|| lost(to, &slot))?;
        *after = stat.fingerprint(after.digest);
    }
    open.iter().try_for_each(Dir::sync_file_system)
}

/// Opens them all.
pub(super) fn open_all(annexes: &[Annex]) -> Result<Vec<Rc<Dir>>, FsError> {
    let open = |annex: &Annex| {
        annex
            .open_host()?
            .dir(Path::new(&annex.spot.name()))
            .map(Rc::new)
    };
    annexes.iter().map(open).collect()
}

fn kept_name(slot: u32) -> OsString {
    OsString::from(format!("{slot}.kept"))
}

/// Copies what the steps took away to the store, beside the slots it belongs in.
pub(super) fn copy_out(annexes: &[Rc<Dir>], store: &Dir, steps: &[Step]) -> Result<(), FsError> {
    let mut any = false;
    for step in steps {
        if let (Some(number), Some(_)) = (step.annex, &step.before) {
            let kept = kept_name(step.slot);
            PrivateDir::remove_tree(store, &kept)?;
            copy(&annexes[number], &slot_name(step.slot), store, &kept)?;
            any = true;
        }
    }
    if any {
        store.sync_file_system()
    } else {
        Ok(())
    }
}

/// Puts what was copied out into its slots.
pub(super) fn put_back(annexes: &[Rc<Dir>], store: &Dir, steps: &[Step]) -> Result<(), FsError> {
    debug_assert!(
        steps
            .iter()
            .all(|step| step.annex.is_none_or(|n| n < annexes.len().max(n + 1)))
    );
    for step in steps.iter().filter(|step| step.annex.is_some()) {
        let (slot, kept) = (slot_name(step.slot), kept_name(step.slot));
        if step.before.is_none() {
            PrivateDir::remove_tree(store, &slot)?;
        } else if store.stat(&kept)?.is_some() {
            PrivateDir::remove_tree(store, &slot)?;
            store.move_new(&kept, store, &slot)?;
        }
    }
    Ok(())
}

/// Removes them with what is in them; `as_before` also gives the directories they were
/// made in their times back.
pub(super) fn remove(annexes: &[Annex], as_before: bool) -> Result<(), FsError> {
    for annex in annexes {
        let host = match annex.open_host() {
            Err(e) if e.is_missing() => continue,
            host => host?,
        };
        PrivateDir::remove_tree(&host, &annex.spot.name())?;
        if let (true, Some(meta)) = (as_before, annex.host) {
            host.set_own_meta(meta)?;
        }
    }
    Ok(())
}

/// Copies a file, link or empty directory with its mode and time, for root also its owner.
fn copy(from: &Dir, name: &OsStr, to: &Dir, new: &OsStr) -> Result<(), FsError> {
    let stat = from.stat(name)?.ok_or_else(|| lost(from, name))?;
    let meta = Meta {
        mode: stat.mode & 0o7777,
        mtime: stat.mtime,
    };
    let owner = from.other_owner_of(name)?;
    let give = || owner.map_or(Ok(()), |owner| to.give_to(new, owner));
    match stat.kind {
        FileKind::Directory => {
            let made = to.make_dir(new, 0o700)?;
            give()?;
            made.set_own_meta(meta)
        }
        FileKind::Link => {
            let target = from.read_link(name)?;
            to.make_link(&target, new)?;
            give()?;
            to.set_link_time(new, meta.mtime)
        }
        _ => {
            let (mut file, _) = from.file(Path::new(name))?;
            let mut out = to.create_new(new, 0o600)?;
            let path = to.path().join(new);
            io::copy(&mut file, &mut out).map_err(|e| FsError::new("write", &path, e))?;
            give()?;
            Dir::set_file_meta(&out, &path, meta)
        }
    }
}

fn lost(dir: &Dir, name: &OsStr) -> FsError {
    let missing = io::Error::from(io::ErrorKind::NotFound);
    FsError::new("find", &dir.path().join(name), missing)
}
