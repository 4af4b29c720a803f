//! One writer at a time. The lock dies with its process, so none is ever stale.

use super::error::VaultError;
use crate::fs::{Dir, FsError, lock_file};
use crate::model::Shown;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};

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

/// The exclusive lock of a vault, held until dropped.
#[derive(Debug)]
pub struct VaultLock {
    _file: File,
}

impl VaultLock {
    /// Takes the lock of a directory for `command`, or says who holds it.
    pub(super) fn take(dir: &Dir, host: &str, command: &str) -> Result<Self, VaultError> {
        let path = dir.path().join("lock");
        let mut file = lock_file(dir, "lock")?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // What the holder wrote is only for the message.
                let _ = Read::by_ref(&mut file).take(512).read_to_string(&mut text);
                return Err(VaultError::Locked(Holder(text.trim().to_owned())));
            }
            Err(TryLockError::Error(e)) => return Err(FsError::new("lock", &path, e).into()),
        }
        let since = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let holder = format!(
            "`takeback {command}` (process {} on {host} since {since})\n",
            std::process::id()
        );
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()));
        written.map_err(|e| FsError::new("write", &path, e))?;
        Ok(Self { _file: file })
    }
}
