//! What was removed, for as long as it may be wanted back. An entry is the snapshot's
//! directory under its name and the second in which it was removed.

use super::error::{StoredTrouble, VaultError};
use super::layout::{RECORD, Vault};
use super::lock::VaultLock;
use super::record::SnapshotRecord;
use crate::archive::thin::{ThinError, ThinFile};
use crate::fs::{Dir, PrivateDir, digest_of, read_small};
use crate::model::SnapshotId;
use crate::model::limits::RECORD_BYTES;
use std::ffi::{OsStr, OsString};
use std::path::Path;

const TRASH: &str = "trash";

/// A snapshot in the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trashed {
    /// Its name.
    pub id: SnapshotId,
    /// When it was removed, in seconds since 1970.
    pub removed: i64,
}

impl Trashed {
    pub(super) fn name(&self) -> OsString {
        OsString::from(format!("{}.{}", self.id, self.removed))
    }

    fn parse(name: &OsStr) -> Option<Self> {
        let (id, removed) = name.to_str()?.split_once('.')?;
        Some(Self {
            id: SnapshotId::new(id).ok()?,
            removed: removed.parse().ok()?,
        })
    }
}

impl Vault {
    /// The directory of the trash; `None` when nothing was ever removed.
    pub(super) fn trash_dir(&self) -> Result<Option<Dir>, VaultError> {
        match self.dir.dir(Path::new(TRASH)) {
            Ok(dir) => Ok(Some(dir)),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// What is in the trash, the last removed first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn trash(&self) -> Result<Vec<Trashed>, VaultError> {
        let Some(dir) = self.trash_dir()? else {
            return Ok(Vec::new());
        };
        let names = dir.list()?;
        let mut all: Vec<Trashed> = names
            .iter()
            .filter_map(|name| Trashed::parse(name))
            .collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.removed));
        Ok(all)
    }

    /// Moves a snapshot's directory into the trash. Nothing may lean on it any more.
    pub(super) fn discard(&self, id: &SnapshotId, now: i64) -> Result<(), VaultError> {
        let trash = match self.trash_dir()? {
            Some(dir) => dir,
            None => self.dir.make_dir(OsStr::new(TRASH), 0o700)?,
        };
        let mut entry = Trashed {
            id: id.clone(),
            removed: now,
        };
        while trash.stat(&entry.name())?.is_some() {
            entry.removed += 1;
        }
        self.backups
            .move_new(id.as_str().as_ref(), &trash, &entry.name())?;
        trash.sync()?;
        self.backups.sync()?;
        Ok(())
    }

    /// Removes for good what was removed before `until`, in seconds since 1970. Gives how
    /// many snapshots that were.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn expire_trash(&self, _lock: &VaultLock, until: i64) -> Result<usize, VaultError> {
        let Some(dir) = self.trash_dir()? else {
            return Ok(0);
        };
        let old = self.trash()?.into_iter().filter(|one| one.removed < until);
        let mut gone = 0;
        for one in old {
            PrivateDir::remove_tree(&dir, &one.name())?;
            gone += 1;
        }
        Ok(gone)
    }

    /// Puts a snapshot back, once its files were read and found to be what its record says,
    /// and what they lean on too.
    ///
    /// # Errors
    /// When that is not so, or its name is taken; it then stays in the trash.
    pub fn untrash(&self, _lock: &VaultLock, one: &Trashed) -> Result<(), VaultError> {
        let Some(trash) = self.trash_dir()? else {
            return Ok(());
        };
        let dir = trash.dir(Path::new(&one.name()))?;
        let text = read_small(&dir, RECORD, RECORD_BYTES)?;
        let record = SnapshotRecord::from_toml(&one.id, &String::from_utf8_lossy(&text))?;
        for target in &record.targets {
            let name = target.file_name();
            let bad = |trouble| VaultError::Stored {
                id: one.id.clone(),
                file: dir.path().join(&name),
                trouble,
                costs: Vec::new(),
            };
            let (mut file, _) = dir.file(Path::new(&name))?;
            let digest = digest_of(&mut file).map_err(|e| bad(StoredTrouble::Read(e)))?;
            if digest != target.stored_digest() {
                return Err(bad(StoredTrouble::Digest));
            }
            if let Some(thin) = target.thin() {
                let base = self.record(&thin.base)?;
                let base = base.and_then(|record| record.target(&target.target).cloned());
                let size = file
                    .metadata()
                    .map_err(|e| bad(StoredTrouble::Read(e)))?
                    .len();
                let opened = ThinFile::read(Box::new(file), size);
                let recipe = opened.map_err(|e| bad(StoredTrouble::Thin(e)))?;
                match base {
                    None => return Err(self.missing(&thin.base, target)),
                    Some(base) if recipe.recipe().base() != (base.digest, base.size) => {
                        return Err(bad(StoredTrouble::Thin(ThinError::OtherBase)));
                    }
                    Some(base) => self.check_whole(&thin.base, &base)?,
                }
            }
        }
        let id = one.id.as_str().as_ref();
        trash.move_new(&one.name(), &self.backups, id)?;
        self.backups.sync()?;
        Ok(trash.sync()?)
    }
}
