//! A snapshot being made. Nothing of it is a snapshot until `publish` has returned:
//! data, sync, record, sync, rename, sync, in this order.

use super::error::VaultError;
use super::layout::{DRAFT_PREFIX, RECORD, Vault};
use super::record::{SnapshotRecord, TargetRecord, index_name, plain_name};
use crate::fs::{Dir, FsError, PrivateDir};
use crate::model::limits::SEQUENCE;
use crate::model::{Digest, SnapshotId, TargetId};
use sha2::{Digest as _, Sha256};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

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
            .iter()
            .map(|one| one.sequence)
            .max()
            .map_or(1, |last| (last + 1).min(SEQUENCE));
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
    pub fn archive(&self, target: &TargetId) -> Result<File, VaultError> {
        Ok(self.dir.create_new(plain_name(target).as_ref(), 0o600)?)
    }

    /// Removes the file of a target's archive.
    ///
    /// # Errors
    /// When there is none, or the disk refuses.
    pub fn remove_archive(&self, target: &TargetId) -> Result<(), VaultError> {
        Ok(self.dir.remove_file(plain_name(target).as_ref())?)
    }

    /// Makes the file of a target's archive anew; who holds the earlier one open can still
    /// read it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn archive_again(&self, target: &TargetId) -> Result<File, VaultError> {
        self.remove_archive(target)?;
        self.archive(target)
    }

    /// Takes the archive of an earlier snapshot over, with its index: nothing has changed
    /// since. It gets a second name here, or a copy where the file system has no links. The
    /// record that is given back says whose archive it is.
    ///
    /// # Errors
    /// When the earlier one is missing, or the disk refuses.
    pub fn adopt(
        &self,
        from: &SnapshotId,
        record: &TargetRecord,
    ) -> Result<TargetRecord, VaultError> {
        let earlier = self.vault.backups.dir(Path::new(from.as_str()))?;
        let take = |name: &str| {
            let name = OsStr::new(name);
            earlier.link_or_copy(name, &self.dir, name)
        };
        take(&record.file_name())?;
        // An index that cannot be had is only missed by who would read it.
        let index = record.index.filter(|_| take(&record.index_name()).is_ok());
        Ok(TargetRecord {
            index,
            unchanged_since: Some(record.made_for(from).clone()),
            ..record.clone()
        })
    }

    /// Writes the index of a target's archive, part after part, and makes it durable; gives
    /// the digest that belongs into the record.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_index(&self, target: &TargetId, parts: &[&[u8]]) -> Result<Digest, VaultError> {
        let name = index_name(target);
        let mut file = self.dir.create_new(name.as_ref(), 0o600)?;
        let mut whole = Sha256::new();
        let mut write = || {
            for part in parts {
                whole.update(part);
                file.write_all(part)?;
            }
            file.sync_all()
        };
        write().map_err(|e| FsError::new("write", &self.dir.path().join(&name), e))?;
        Ok(Digest::from_bytes(whole.finalize().into()))
    }

    /// Makes a finished archive durable.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync_archive(&self, file: &File, target: &TargetId) -> Result<(), VaultError> {
        let path = self.dir.path().join(plain_name(target));
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
