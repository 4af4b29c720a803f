//! One writer at a time. A lock dies with its process, so none is ever stale.

use super::dir::Dir;
use super::error::FsError;
use crate::model::Shown;
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Who holds a lock, as that process wrote it down.
#[derive(Debug, PartialEq, Eq)]
pub struct Holder(String);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("another process")
        } else {
            f.write_str(&Shown::sentence(&self.0))
        }
    }
}

/// An exclusive lock, held until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// What came of asking for a lock.
#[derive(Debug)]
pub enum Locking {
    /// It was free.
    Taken(Lock),
    /// Somebody has it.
    HeldBy(Holder),
}

impl Lock {
    /// Takes the lock file `name` in a directory and writes down that `who` has it. While
    /// somebody else does, `wait` is asked whether to try again; it may sleep.
    ///
    /// # Errors
    /// When the file cannot be made or written, or a link stands at its name.
    pub fn take(
        dir: &Dir,
        name: &str,
        who: &str,
        wait: &mut dyn FnMut() -> bool,
    ) -> Result<Locking, FsError> {
        let path = dir.full(name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = rustix::fs::openat(dir.fd(), name, flags, Mode::from_raw_mode(0o600))
            .map(File::from)
            .map_err(|e| FsError::new("open the lock", &path, e))?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if wait() => {}
                Err(TryLockError::WouldBlock) => {
                    let mut text = String::new();
                    // What the holder wrote is only for the message.
                    let _ = Read::by_ref(&mut file).take(512).read_to_string(&mut text);
                    return Ok(Locking::HeldBy(Holder(text.trim().to_owned())));
                }
                Err(TryLockError::Error(e)) => return Err(FsError::new("lock", &path, e)),
            }
        }
        let since = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let pid = std::process::id();
        let holder = format!("{who} (process {pid} since {since})\n");
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()))
            .map_err(|e| FsError::new("write", &path, e))?;
        Ok(Locking::Taken(Self { _file: file }))
    }
}

/// Who holds the lock file `name` in a directory at this moment; `None` when nobody does, or
/// there is no such file. Nothing is written; the file is locked, shared, for an instant.
///
/// # Errors
/// When the file cannot be opened, or the file system has no locks.
pub fn held(dir: &Dir, name: &str) -> Result<Option<Holder>, FsError> {
    let mut file = match dir.file(Path::new(name)) {
        Ok((file, _)) => file,
        Err(e) if e.is_missing() => return Ok(None),
        Err(e) => return Err(e),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // What the holder wrote is only for the message.
            let _ = Read::by_ref(&mut file).take(512).read_to_string(&mut text);
            Ok(Some(Holder(text.trim().to_owned())))
        }
        Err(TryLockError::Error(e)) => Err(FsError::new("lock", &dir.full(name), e)),
    }
}

impl Dir {
    /// Marks this directory as in use until this handle is dropped; `false` when another
    /// process does so already.
    ///
    /// # Errors
    /// When the file system has no locks.
    pub fn try_hold(&self) -> Result<bool, FsError> {
        match rustix::fs::flock(self.fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
            Err(e) => Err(FsError::new("lock", self.path(), e)),
        }
    }
}
