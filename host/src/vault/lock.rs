//! The lock of a vault: one writer at a time.

use super::error::VaultError;
use crate::fs::{Dir, Lock, Locking};

/// The exclusive lock of a vault, held until dropped.
#[derive(Debug)]
pub struct VaultLock {
    _lock: Lock,
}

impl VaultLock {
    /// Takes the lock of a directory for `command`, or says who holds it.
    pub(super) fn take(
        dir: &Dir,
        host: &str,
        command: &str,
        wait: &mut dyn FnMut() -> bool,
    ) -> Result<Self, VaultError> {
        let who = format!("`takeback {command}` on {host}");
        match Lock::take(dir, "lock", &who, wait)? {
            Locking::Taken(lock) => Ok(Self { _lock: lock }),
            Locking::HeldBy(holder) => Err(VaultError::Locked(holder)),
        }
    }
}
