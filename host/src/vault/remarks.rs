//! What a person says of a snapshot: its pin and its note. Both are in its record, so they are
//! under its seal and go with it wherever it goes.

use super::error::VaultError;
use super::layout::{RECORD, Vault};
use super::lock::VaultLock;
use super::record::SnapshotRecord;
use crate::fs::{FsError, PrivateDir};
use crate::model::SnapshotId;
use std::io;
use std::path::Path;

/// What is to be said of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Whether it is pinned; `None` leaves that as it is.
    pub pinned: Option<bool>,
    /// The note, or that there is none; `None` leaves it as it is.
    pub note: Option<Option<String>>,
}

impl Vault {
    /// Writes the record of a snapshot anew with these remarks: the old record is there until
    /// the new one is, whole and sealed. Gives the record as it is then.
    ///
    /// # Errors
    /// When there is no such snapshot, its record was changed by somebody else or holds what
    /// this program does not know, or the disk refuses. The record is then whole, and as it was
    /// or as it was to be.
    pub fn set_remarks(
        &self,
        _lock: &VaultLock,
        id: &SnapshotId,
        remarks: &Remarks,
    ) -> Result<SnapshotRecord, VaultError> {
        let Some(old) = self.record(id)? else {
            let gone = io::Error::from(io::ErrorKind::NotFound);
            let path = self.backups.path().join(id.as_str());
            return Err(FsError::new("find the snapshot", &path, gone).into());
        };
        let new = SnapshotRecord {
            pinned: remarks.pinned.unwrap_or(old.pinned),
            note: remarks.note.clone().unwrap_or_else(|| old.note.clone()),
            ..old.clone()
        };
        if new == old {
            return Ok(old);
        }
        self.is_all_known(id)?;
        let dir = self.backups.dir(Path::new(id.as_str()))?;
        PrivateDir::write_file(&dir, RECORD, new.to_toml()?.as_bytes())?;
        Ok(new)
    }
}
