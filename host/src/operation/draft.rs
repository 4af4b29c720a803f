//! The private directory in which an operation is prepared. Until the operation begins it
//! belongs to the process that made it, and vanishes with it.

use super::store::{DRAFT, FILES, Operations, slot_name};
use crate::fs::{Dir, FsError, Owner, ScratchDir};
use crate::model::{Digest, Fingerprint, Meta, ModTime};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// An operation that is being prepared; gone when dropped, unless it was begun.
#[derive(Debug)]
pub struct Draft {
    scratch: Mutex<Option<ScratchDir>>,
    files: Dir,
    next: AtomicU32,
    owner: Option<Owner>,
}

impl Draft {
    /// Makes an empty one. What is put in it will belong to `owner`, if that is given.
    ///
    /// # Errors
    /// When the state directory cannot be written.
    pub fn new(operations: &Operations, owner: Option<Owner>) -> Result<Self, FsError> {
        let mut scratch = ScratchDir::new_in(operations.dir(), DRAFT)?;
        // Others see by this that it is not left over. One who looked a moment too early is
        // about to remove it.
        while !scratch.dir().try_hold()? {
            scratch = ScratchDir::new_in(operations.dir(), DRAFT)?;
        }
        let files = scratch.dir().make_dir(OsStr::new(FILES), 0o700)?;
        Ok(Self {
            scratch: Mutex::new(Some(scratch)),
            files,
            next: AtomicU32::new(0),
            owner,
        })
    }

    /// The directory of the slots.
    #[must_use]
    pub fn files(&self) -> &Dir {
        &self.files
    }

    /// The number of a slot that nothing uses.
    pub fn free_slot(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes an empty file in a new slot.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn file(&self) -> Result<(u32, File), FsError> {
        let slot = self.free_slot();
        let file = self.files.create_new(&slot_name(slot), 0o600)?;
        Ok((slot, file))
    }

    /// Gives a written file the mode and time it will have.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish_file(&self, slot: u32, file: &File, meta: Meta) -> Result<(), FsError> {
        self.give(slot)?;
        Dir::set_file_meta(file, &self.files.path().join(slot_name(slot)), meta)
    }

    /// Gives a file that was written before another mode and time.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_meta(&self, slot: u32, meta: Meta) -> Result<(), FsError> {
        let name = slot_name(slot);
        let (file, _) = self.files.file(Path::new(&name))?;
        Dir::set_file_meta(&file, &self.files.path().join(&name), meta)
    }

    /// Makes a directory in a new slot, closed to others until its own mode is set.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn directory(&self) -> Result<u32, FsError> {
        let slot = self.free_slot();
        self.files.make_dir(&slot_name(slot), 0o700)?;
        self.give(slot)?;
        Ok(slot)
    }

    /// Gives a directory mode and time; its owner can still put something in it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_directory(&self, slot: u32, meta: Meta) -> Result<(), FsError> {
        let mode = meta.mode | 0o700;
        self.files
            .dir(Path::new(&slot_name(slot)))?
            .set_own_meta(Meta { mode, ..meta })
    }

    /// What lies in a slot, with the digest of its content.
    ///
    /// # Errors
    /// When nothing does, or it cannot be read.
    pub fn recognise(&self, slot: u32) -> Result<Fingerprint, FsError> {
        let name = slot_name(slot);
        let state = self.files.recognise(&name)?;
        state.ok_or_else(|| self.lost(&name))
    }

    /// Makes a link in a new slot.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn link(&self, target: impl AsRef<OsStr>, mtime: ModTime) -> Result<u32, FsError> {
        let slot = self.free_slot();
        let name = slot_name(slot);
        self.files.make_link(target, &name)?;
        self.give(slot)?;
        self.files.set_link_time(&name, mtime)?;
        Ok(slot)
    }

    fn give(&self, slot: u32) -> Result<(), FsError> {
        match self.owner {
            Some(owner) => self.files.give_to(&slot_name(slot), owner),
            None => Ok(()),
        }
    }

    /// What lies in a slot.
    ///
    /// # Errors
    /// When nothing does.
    pub fn state(&self, slot: u32, digest: Option<Digest>) -> Result<Fingerprint, FsError> {
        let name = slot_name(slot);
        match self.files.stat(&name)? {
            Some(stat) => Ok(stat.fingerprint(digest)),
            None => Err(self.lost(&name)),
        }
    }

    fn lost(&self, name: &OsStr) -> FsError {
        let path = self.files.path().join(Path::new(name));
        let missing = io::Error::from(io::ErrorKind::NotFound);
        FsError::new("find", &path, missing)
    }

    /// Hands the directory over to the operation that begins.
    pub(super) fn take(&self) -> Option<ScratchDir> {
        self.scratch
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
