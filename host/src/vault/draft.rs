//! A snapshot being made. Nothing of it is a snapshot until `publish` has returned:
//! data, sync, record, sync, rename, sync, in this order.

use super::error::VaultError;
use super::layout::{DRAFT_PREFIX, RECORD, Vault};
use super::record::{SnapshotRecord, TargetRecord};
use crate::fs::{Dir, FsError, PrivateDir};
use crate::model::SnapshotId;
use crate::model::limits::SEQUENCE;
use std::ffi::OsString;
use std::fs::File;
use std::io;

/// A directory that becomes a snapshot, or vanishes.
#[derive(Debug)]
pub struct SnapshotDraft<'a> {
    vault: &'a Vault,
    name: OsString,
    dir: Dir,
    published: bool,
}

impl Vault {
    /// Starts a snapshot. The vault's lock must be held, as `_lock` shows.
    ///
    /// # Errors
    /// When the vault cannot be written.
    pub fn draft(&self, _lock: &super::VaultLock) -> Result<SnapshotDraft<'_>, VaultError> {
        let name = OsString::from(format!("{DRAFT_PREFIX}{}", std::process::id()));
        PrivateDir::remove_tree(&self.backups, &name)?;
        let dir = self.backups.make_dir(&name, 0o700)?;
        Ok(SnapshotDraft {
            vault: self,
            name,
            dir,
            published: false,
        })
    }

    /// The next snapshot's place in the order, and the name it will get unless another
    /// has it already.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn next(&self, now: &jiff::Zoned) -> Result<(u64, SnapshotId), VaultError> {
        let sequence = self
            .catalogue()?
            .snapshots
            .first()
            .map_or(1, |newest| (newest.sequence + 1).min(SEQUENCE));
        let stamp = now.strftime("%Y-%m-%d_%H-%M-%S").to_string();
        for counter in 1..10_000 {
            let name = if counter == 1 {
                stamp.clone()
            } else {
                format!("{stamp}-{counter}")
            };
            let Ok(id) = SnapshotId::new(&name) else {
                break;
            };
            if self.backups.stat(name.as_ref())?.is_none() {
                return Ok((sequence, id));
            }
        }
        let full = io::Error::from(io::ErrorKind::AlreadyExists);
        Err(FsError::new("find a name for a snapshot in", self.backups.path(), full).into())
    }
}

impl SnapshotDraft<'_> {
    /// The draft's directory, for scratch files.
    #[must_use]
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Makes the file of a target's archive, owner-only from the start.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn archive(&self, name: &str) -> Result<File, VaultError> {
        Ok(self.dir.create_new(name.as_ref(), 0o600)?)
    }

    /// Makes the file of a target's archive anew; who holds the earlier one open can still
    /// read it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn archive_again(&self, name: &str) -> Result<File, VaultError> {
        self.dir.remove_file(name.as_ref())?;
        self.archive(name)
    }

    /// Makes a finished archive durable.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync_archive(&self, file: &File, target: &TargetRecord) -> Result<(), VaultError> {
        let path = self.dir.path().join(target.file_name());
        file.sync_all()
            .map_err(|e| FsError::new("sync", &path, e).into())
    }

    /// Turns the draft into a snapshot.
    ///
    /// # Errors
    /// When a step fails; there is then no snapshot.
    pub fn publish(mut self, record: &SnapshotRecord) -> Result<(), VaultError> {
        PrivateDir::write_file(&self.dir, RECORD, record.to_toml()?.as_bytes())?;
        let backups = &self.vault.backups;
        backups.move_new(&self.name, backups, record.id.as_str().as_ref())?;
        self.published = true;
        Ok(backups.sync()?)
    }
}

impl Drop for SnapshotDraft<'_> {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now is removed when the lock is next taken.
            let _ = PrivateDir::remove_tree(&self.vault.backups, &self.name);
        }
    }
}
