//! Asking who holds a lock on part of a file, without taking it.

use super::error::FsError;
use rustix::process::{Flock, FlockOffsetType, FlockType, Pid};
use std::fs::File;
use std::path::Path;

/// Somebody else's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// The process, where the system can name one: not for a lock from another machine,
    /// another container, or one that belongs to an open file and not to a process.
    pub pid: Option<u32>,
}

/// Who else holds a POSIX lock, shared or not, on these bytes of a file; `path` is for
/// messages. Locks of this process are never reported.
///
/// POSIX locks have an odd rule: when a process closes *any* handle on a file, its own
/// locks on that file are gone. So this must not be asked about a database that this very
/// process has open.
///
/// # Errors
/// When the file system knows no locks.
pub fn lock_holder(
    file: &File,
    path: &Path,
    bytes: std::ops::Range<u64>,
) -> Result<Option<LockHolder>, FsError> {
    let wanted = Flock {
        start: bytes.start,
        length: bytes.end.saturating_sub(bytes.start),
        pid: None,
        typ: FlockType::WriteLock,
        offset_type: FlockOffsetType::Set,
    };
    let found = rustix::process::fcntl_getlk(file, &wanted)
        .map_err(|e| FsError::new("ask for the locks of", path, e))?;
    // Negative numbers stand for locks that no process here holds.
    let pid = |lock: Flock| u32::try_from(Pid::as_raw(lock.pid)).ok();
    Ok(found.map(|lock| LockHolder {
        pid: pid(lock).filter(|pid| *pid != 0),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::FlockOperation;

    #[test]
    fn ones_own_lock_is_none() {
        let file = tempfile::tempfile().unwrap();
        let here = Path::new("here");
        assert_eq!(lock_holder(&file, here, 0..10).unwrap(), None);
        rustix::fs::fcntl_lock(&file, FlockOperation::LockExclusive).unwrap();
        assert_eq!(lock_holder(&file, here, 0..10).unwrap(), None);
    }
}
