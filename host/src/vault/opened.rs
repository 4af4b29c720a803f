//! Archives of the vault, opened for reading what is in them.

use super::error::VaultError;
use super::layout::Vault;
use super::record::TargetRecord;
use super::stored::StoredArchive;
use crate::archive::{
    ArchiveError, Base, Index, IndexedArchive, OpenArchive, Opened, ReadLimits, VerifiedArchive,
};
use crate::model::{GlobList, SnapshotId};
use std::path::Path;
use std::sync::Arc;

/// Why the content of an archive of the vault cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The archive is damaged.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// It is sound, and another than the one of the record.
    #[error("it is not the archive of its record")]
    NotAsRecorded,
}

impl Vault {
    /// Opens an archive: through its index where it has one, else all of it is read. `now`
    /// is in seconds since 1970.
    ///
    /// # Errors
    /// When it is missing or damaged, or not the one that was recorded.
    pub fn open_archive(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
        now: i64,
    ) -> Result<Opened<StoredArchive>, OpenError> {
        self.open_files(id, target, now, &GlobList::none())
    }

    /// Opens an archive for files that these globs take; of others it may say nothing.
    ///
    /// # Errors
    /// When it is missing or damaged, or not the one that was recorded.
    pub fn open_files(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
        now: i64,
        paths: &GlobList,
    ) -> Result<Opened<StoredArchive>, OpenError> {
        if let Some(indexed) = self.indexed(id, target, paths) {
            return Ok(Opened::Indexed(Box::new(indexed)));
        }
        let stored = self.archive(id, target)?;
        let archive = VerifiedArchive::read(stored, limits(target), now)?;
        if archive.listing().digest != target.digest {
            return Err(OpenError::NotAsRecorded);
        }
        Ok(Opened::Whole(Box::new(archive)))
    }

    /// An archive with its index; `None` when that is missing or does not fit: the archive is
    /// then read as a whole, and what is wrong with it shows there.
    #[must_use]
    pub fn indexed(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
        paths: &GlobList,
    ) -> Option<IndexedArchive> {
        let index = self.fitting_index(id, target)?;
        let stored = self.as_long(id, target)?;
        IndexedArchive::open(Arc::new(stored), index, limits(target), paths).ok()
    }

    /// An archive to make another from; `None` when it has no index that fits.
    #[must_use]
    pub fn base(&self, id: &SnapshotId, target: &TargetRecord) -> Option<Base> {
        let index = self.fitting_index(id, target)?;
        let stored = self.as_long(id, target)?;
        Some(Base::new(Arc::new(stored), index))
    }

    /// An archive that is as long as its record says: one that was cut must not be taken over,
    /// nor be read as if only its end mattered.
    fn as_long(&self, id: &SnapshotId, target: &TargetRecord) -> Option<StoredArchive> {
        let stored = self.archive(id, target).ok()?;
        (stored.size() == target.size).then_some(stored)
    }

    /// Device and inode of an archive's file, as it lies in the vault: snapshots between which
    /// nothing changed share one.
    #[must_use]
    pub fn inode(&self, id: &SnapshotId, target: &TargetRecord) -> Option<(u64, u64)> {
        let dir = self.backups.dir(Path::new(id.as_str())).ok()?;
        let stat = dir.stat(target.file_name().as_ref()).ok()??;
        Some(stat.inode)
    }

    /// The index of an archive, if it has one that fits its record: what the archive holds can be
    /// told from it, and nothing of the archive is read.
    #[must_use]
    pub fn fitting_index(&self, id: &SnapshotId, target: &TargetRecord) -> Option<Index> {
        let index = Index::of_file(self.index(id, target)?).ok()?;
        let fits = (index.archive, index.size) == (target.digest, target.size)
            && (index.expanded, index.members()) == (target.expanded, target.entries);
        fits.then_some(index)
    }
}

fn limits(target: &TargetRecord) -> ReadLimits {
    ReadLimits::recorded(target.size, target.expanded, target.entries)
}
