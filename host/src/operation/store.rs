//! Where operations are kept: `operations/` in the state directory, one directory each.

use super::error::OperationError;
use super::journal::{self, End, Journal, Record};
use super::step::{About, OperationKind, Tally};
use crate::fs::{Dir, FileKind, FsError, Lock, Locking, PrivateDir};
use crate::model::OperationId;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

/// How the names of drafts begin.
pub(super) const DRAFT: &str = ".draft-";
/// The directory of the slots in an operation's own.
pub(super) const FILES: &str = "files";

/// The name of a slot in a store.
pub(super) fn slot_name(slot: u32) -> OsString {
    OsString::from(slot.to_string())
}

/// The operations of one state directory.
#[derive(Debug)]
pub struct Operations {
    state: Dir,
    dir: Dir,
}

/// Shows that nobody else changes files; held until dropped.
#[derive(Debug)]
pub struct OperationLock {
    _lock: Lock,
}

/// One operation that is over.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its name.
    pub id: OperationId,
    /// Its place in the order.
    pub sequence: u64,
    /// When it began.
    pub at: jiff::Timestamp,
    /// What it is about.
    pub about: About,
    /// What it did.
    pub tally: Tally,
    /// The undo that took it back, if one did.
    pub undone_by: Option<OperationId>,
    pub(super) store: OperationId,
}

impl Operations {
    /// Opens the directory, and makes it where there is none.
    ///
    /// # Errors
    /// When it cannot be made or is not the user's alone.
    pub fn create(state_dir: &Path) -> Result<Self, FsError> {
        let state = PrivateDir::create_all(state_dir)?;
        let dir = PrivateDir::create_all(&state_dir.join("operations"))?;
        for own in [&state, &dir] {
            if !own.is_private() {
                let why = io::Error::other("it is open to others, or belongs to somebody else");
                return Err(FsError::new("trust", own.path(), why));
            }
        }
        Ok(Self { state, dir })
    }

    /// Opens the directory; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be opened or is not the user's alone.
    pub fn open(state_dir: &Path) -> Result<Option<Self>, FsError> {
        match Dir::open(&state_dir.join("operations")) {
            Ok(_) => Self::create(state_dir).map(Some),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e),
        }
    }

    pub(super) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Bytes that can still be written here.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn free_bytes(&self) -> Result<u64, FsError> {
        self.dir.free_bytes()
    }

    /// The path, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Takes the lock for `command`. While somebody else has it, `wait` is asked whether to
    /// try again.
    ///
    /// # Errors
    /// When somebody else has it; the error says who.
    pub fn lock(
        &self,
        command: &str,
        wait: &mut dyn FnMut() -> bool,
    ) -> Result<OperationLock, OperationError> {
        match Lock::take(&self.state, "lock", &format!("`takeback {command}`"), wait)? {
            Locking::Taken(lock) => Ok(OperationLock { _lock: lock }),
            Locking::HeldBy(holder) => Err(OperationError::Locked(holder)),
        }
    }

    /// The directories of operations, over or not.
    pub(super) fn ids(&self) -> Result<Vec<OperationId>, FsError> {
        let names = self.dir.list()?;
        let id = |name: &OsString| OperationId::new(name.to_str()?).ok();
        Ok(names.iter().filter_map(id).collect())
    }

    pub(super) fn directory(&self, id: &OperationId) -> Result<Dir, FsError> {
        self.dir.dir(Path::new(id.as_str()))
    }

    /// The directory of an operation's slots.
    pub(super) fn files(&self, id: &OperationId) -> Result<Dir, FsError> {
        self.directory(id)?.dir(Path::new(FILES))
    }

    pub(super) fn record(&self, id: &OperationId) -> Result<Record, OperationError> {
        match self.directory(id) {
            Ok(dir) => journal::read(&dir, id),
            Err(e) if e.is_missing() => Err(OperationError::NotFound(id.to_string())),
            Err(e) => Err(e.into()),
        }
    }

    /// Operations that are not over, or not known to be durable.
    pub(super) fn unfinished(&self) -> Result<Vec<OperationId>, OperationError> {
        let mut found = Vec::new();
        for id in self.ids()? {
            let dir = self.directory(&id)?;
            if !journal::exists(&dir)? || journal::end(&dir)? != End::Done {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Drafts whose process is gone. Each is held, so that nobody who is just starting takes
    /// it for theirs.
    pub(super) fn orphans(&self) -> Result<Vec<(OsString, Dir)>, FsError> {
        let mut found = Vec::new();
        for name in self.dir.list()? {
            let draft = name.to_str().is_some_and(|name| name.starts_with(DRAFT));
            let is_dir = |kind| kind == FileKind::Directory;
            if draft && self.dir.stat(&name)?.is_some_and(|stat| is_dir(stat.kind)) {
                match self.dir.dir(Path::new(&name)) {
                    Ok(dir) if dir.try_hold()? => found.push((name, dir)),
                    // Somebody is at work in it, or it has just gone.
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// A name that is free, and a place in the order.
    pub(super) fn next(&self) -> Result<(u64, OperationId), OperationError> {
        let newest = self.summaries()?.into_iter().map(|one| one.sequence).max();
        let stamp = jiff::Zoned::now().strftime("%Y-%m-%d_%H-%M-%S").to_string();
        for counter in 1..10_000 {
            let name = match counter {
                1 => stamp.clone(),
                _ => format!("{stamp}-{counter}"),
            };
            if let Ok(id) = OperationId::new(&name)
                && self.dir.stat(OsStr::new(&name))?.is_none()
            {
                return Ok((newest.map_or(1, |newest| newest + 1), id));
            }
        }
        let full = io::Error::from(io::ErrorKind::AlreadyExists);
        Err(FsError::new("find a name for an operation in", self.dir.path(), full).into())
    }

    /// The operations that are over, newest first. One that cannot be read is left out.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn summaries(&self) -> Result<Vec<Summary>, OperationError> {
        let mut all = Vec::new();
        for id in self.ids()? {
            let dir = self.directory(&id)?;
            if !journal::exists(&dir)? || journal::end(&dir)? == End::Open {
                continue;
            }
            if let Ok(begin) = journal::read_begin(&dir, &id) {
                all.push(Summary {
                    id,
                    sequence: begin.sequence,
                    at: begin.at,
                    about: begin.about,
                    tally: begin.tally,
                    undone_by: None,
                    store: begin.store,
                });
            }
        }
        all.sort_by_key(|one| std::cmp::Reverse(one.sequence));
        // Newest first: an undo that was taken back itself no longer counts.
        let mut undone: BTreeMap<OperationId, OperationId> = BTreeMap::new();
        for one in &mut all {
            one.undone_by = undone.get(&one.id).cloned();
            if let (None, Some(of)) = (&one.undone_by, &one.about.of) {
                undone.entry(of.clone()).or_insert_with(|| one.id.clone());
            }
        }
        Ok(all)
    }

    /// The operations that are over and whose journals cannot be read, with why, newest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn unreadable(&self) -> Result<Vec<(OperationId, OperationError)>, OperationError> {
        let mut found = Vec::new();
        for id in self.ids()? {
            let dir = self.directory(&id)?;
            if !journal::exists(&dir)? || journal::end(&dir)? == End::Open {
                continue;
            }
            if let Err(e) = journal::read_begin(&dir, &id) {
                found.push((id, e));
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Forgets the operations that are older than `keep` and were not used since: what
    /// they replaced is deleted. Gives their number.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn expire(
        &self,
        _lock: &OperationLock,
        keep: jiff::SignedDuration,
    ) -> Result<usize, OperationError> {
        let now = jiff::Timestamp::now();
        let all = self.summaries()?;
        let fresh = |one: &&Summary| now.duration_since(one.at) < keep;
        // A store is needed as long as any operation on it is.
        let needed: Vec<OperationId> = all
            .iter()
            .filter(fresh)
            .map(|one| one.store.clone())
            .collect();
        let gone = all
            .iter()
            .filter(|one| !fresh(one) && !needed.contains(&one.store));
        let mut count = 0;
        for one in gone {
            self.remove(&one.id)?;
            count += 1;
        }
        Ok(count)
    }

    /// Removes an operation's directory, its journal first: without one it is litter.
    pub(super) fn remove(&self, id: &OperationId) -> Result<(), FsError> {
        let dir = self.directory(id)?;
        PrivateDir::remove_tree(&dir, OsStr::new("journal"))?;
        PrivateDir::remove_tree(&self.dir, OsStr::new(id.as_str()))
    }

    pub(super) fn start_journal(dir: &Dir) -> Result<Journal, FsError> {
        Journal::create(dir)
    }
}

/// What changes files, and undos of undos, which do the same: what a plain undo goes back over.
pub(super) fn onwards(all: &[Summary]) -> BTreeSet<OperationId> {
    let mut found = BTreeSet::new();
    for one in all.iter().rev() {
        let onward = match (&one.about.kind, &one.about.of) {
            (OperationKind::Restore | OperationKind::Guard | OperationKind::Setup, _) => true,
            // The undo of something that is forgotten by now counts as going back.
            (OperationKind::Undo, Some(of)) => {
                !found.contains(of) && all.iter().any(|other| other.id == *of)
            }
            (OperationKind::Undo, None) => false,
        };
        if onward {
            found.insert(one.id.clone());
        }
    }
    found
}
