//! How a vault uses the disk: by the records, and by which names are one file.

use super::error::VaultError;
use super::layout::{Catalogue, Vault};
use super::record::SnapshotRecord;
use crate::model::TargetId;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

/// What the archives of one target take, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetUsage {
    /// Archives, whatever their form.
    pub archives: u64,
    /// Bytes they would have if each was a plain file of its own.
    pub as_plain: u64,
    /// Plain archives, and the bytes they have on the disk.
    pub plain: (u64, u64),
    /// Thin archives, and the bytes they have on the disk.
    pub thin: (u64, u64),
    /// Bytes of the indexes.
    pub indexes: u64,
    /// Bytes that are saved by the thin form.
    pub saved_by_thin: u64,
    /// Bytes that are saved because an unchanged archive is one file under several names.
    pub saved_by_unchanged: u64,
}

impl TargetUsage {
    /// Bytes on the disk.
    #[must_use]
    pub fn on_disk(&self) -> u64 {
        self.plain.1 + self.thin.1 + self.indexes
    }
}

/// What a vault takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// For each target.
    pub targets: BTreeMap<TargetId, TargetUsage>,
    /// Bytes on the disk that came with the snapshots of each month, `2026-01`.
    pub months: BTreeMap<String, u64>,
    /// Snapshots in the trash.
    pub trashed: u64,
}

impl Vault {
    /// Adds up what the snapshots of a catalogue take. What cannot be looked at counts with
    /// what its record says.
    ///
    /// # Errors
    /// When the trash cannot be read.
    pub fn usage(&self, catalogue: &Catalogue) -> Result<Usage, VaultError> {
        let mut usage = Usage {
            trashed: self.trash()?.len() as u64,
            ..Usage::default()
        };
        let mut seen = BTreeSet::new();
        // A file that has several names came with the oldest of them.
        for record in catalogue.snapshots.iter().rev() {
            let month = record.time.get(..7).unwrap_or_default().to_owned();
            *usage.months.entry(month).or_default() +=
                self.add(&mut usage.targets, record, &mut seen);
        }
        Ok(usage)
    }

    /// Adds a snapshot; gives the bytes that are only on the disk because of it.
    fn add(
        &self,
        targets: &mut BTreeMap<TargetId, TargetUsage>,
        record: &SnapshotRecord,
        seen: &mut BTreeSet<(u64, u64)>,
    ) -> u64 {
        let dir = self.backups.dir(Path::new(record.id.as_str())).ok();
        let mut is_new = |name: &str| {
            let stat = dir
                .as_ref()
                .and_then(|dir| dir.stat(OsStr::new(name)).ok()?);
            stat.is_none_or(|stat| seen.insert(stat.inode))
        };
        let mut came = 0;
        for target in &record.targets {
            let usage = targets.entry(target.target.clone()).or_default();
            let stored = target.stored_size();
            let new = is_new(&target.file_name());
            let on_disk = if new { stored } else { 0 };
            usage.archives += 1;
            usage.as_plain += target.size;
            usage.saved_by_unchanged += stored - on_disk;
            usage.saved_by_thin += target.size.saturating_sub(stored);
            let form = if target.thin().is_some() {
                &mut usage.thin
            } else {
                &mut usage.plain
            };
            form.0 += 1;
            form.1 += on_disk;
            came += on_disk;
            let name = target.index_name();
            if target.index.is_some() && is_new(&name) {
                let stat = dir.as_ref().and_then(|dir| dir.stat(name.as_ref()).ok()?);
                let size = stat.map_or(0, |stat| stat.size);
                usage.indexes += size;
                came += size;
            }
        }
        came
    }
}
