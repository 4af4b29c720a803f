//! The archive that the next one of the same target is made from.

use super::capture::capture;
use super::error::BackupError;
use super::job::{Job, kind};
use super::plan::TargetPlan;
use super::seen::Seen;
use crate::archive::{Base, Index, IndexRow, Manifest};
use crate::fs::PrivateDir;
use crate::model::{Digest, EntryKind, Identity, ModTime, SnapshotId};
use crate::scan::ScannedEntry;
use crate::vault::{SnapshotKind, TargetRecord};
use sha2::{Digest as _, Sha256};
use std::io::Read;

/// An earlier archive, and what its files were like when they were read.
pub(super) struct Earlier<'a> {
    pub(super) id: &'a SnapshotId,
    pub(super) record: &'a TargetRecord,
    pub(super) base: Base,
    pub(super) manifest: Manifest,
    pub(super) seen: Seen,
}

impl Earlier<'_> {
    /// Whether it is certain that a file is as it was when it was read for this archive:
    /// nobody can change a file and leave the time of its inode's last change.
    pub(super) fn shows(&self, number: u32, row: &IndexRow, entry: &ScannedEntry) -> bool {
        let seen = self.seen.get(number);
        is_same(row, entry) && seen.is_some() && seen == entry.identity
    }
}

/// Whether an entry is what it was, as far as can be told without reading it.
fn is_same(row: &IndexRow, entry: &ScannedEntry) -> bool {
    match (&row.kind, &entry.kind) {
        (EntryKind::Link { target: old }, EntryKind::Link { target: new }) => {
            old == new && row.meta.mtime == entry.meta.mtime
        }
        (old, new) => old == new && row.meta == entry.meta,
    }
}

/// The identity of each entry of an index, and its time. Only for a plan with the same
/// entries.
pub(super) fn identities<'a>(
    plan: &'a TargetPlan,
    index: &Index,
) -> impl Iterator<Item = (Option<Identity>, ModTime)> + 'a {
    let entries = plan.inventory.entries.iter().take(index.len() as usize);
    entries.map(|entry| (entry.identity, entry.meta.mtime))
}

impl Job<'_> {
    /// The newest archive of the same target, home and project on this machine; a safety
    /// snapshot is made from none, for it shares nothing with what was before.
    pub(super) fn earlier(&self, plan: &TargetPlan) -> Option<Earlier<'_>> {
        if self.request.kind == SnapshotKind::Safety {
            return None;
        }
        let target = &plan.identity.id;
        let here = self.snapshots.iter().filter(|one| {
            let project = one.project == self.origin.project;
            let place = (&one.host, &one.home) == (&self.origin.host, &self.origin.home);
            one.kind != SnapshotKind::Safety && place && project
        });
        let mut archives = here.filter_map(|one| Some((&one.id, one.target(target)?)));
        let (id, record) = archives.next()?;
        let base = self.vault.base(id, record)?;
        let manifest = base.manifest().ok()?;
        let seen = self.with_cache(plan, |dir, name| Seen::read(dir, name, record.digest));
        Some(Earlier {
            id,
            record,
            base,
            manifest,
            seen: seen.unwrap_or_default(),
        })
    }

    /// Whether the earlier archive holds exactly what is there. What cannot be told by its
    /// looks is read, and only when everything else is the same. Who wants everything read
    /// has the archive read too.
    pub(super) fn is_unchanged(
        &self,
        plan: &TargetPlan,
        earlier: &Earlier<'_>,
    ) -> Result<bool, BackupError> {
        let entries = &plan.inventory.entries;
        let index = earlier.base.index();
        if entries.len() != index.len() as usize {
            return Ok(false);
        }
        let mut uncertain = Vec::new();
        for (number, (row, entry)) in (0..).zip(index.rows().zip(entries)) {
            let Ok(row) = row else { return Ok(false) };
            if row.path != entry.path || !is_same(&row, entry) {
                return Ok(false);
            }
            let certain = !self.request.verify_content && earlier.shows(number, &row, entry);
            if !certain && let Some(digest) = row.digest {
                uncertain.push((entry, digest));
            }
        }
        for (entry, digest) in uncertain {
            if self.observer.interrupted() {
                return Err(BackupError::Interrupted);
            }
            if self.digest(plan, entry)? != Some(digest) {
                return Ok(false);
            }
        }
        let whole = || self.vault.check_whole(earlier.id, earlier.record).is_ok();
        Ok(!self.request.verify_content || whole())
    }

    /// The digest of what would be archived of a file.
    fn digest(
        &self,
        plan: &TargetPlan,
        entry: &ScannedEntry,
    ) -> Result<Option<Digest>, BackupError> {
        let captured = capture(&entry.place, kind(plan, &entry.path), self.draft.dir())?;
        let Ok(mut captured) = captured else {
            return Ok(None);
        };
        let same = captured.meta == entry.meta && captured.trouble.is_none();
        let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
        loop {
            match captured.content.read(&mut buffer) {
                Ok(0) => break,
                Ok(got) => hash.update(&buffer[..got]),
                Err(_) => return Ok(None),
            }
        }
        Ok(same.then(|| Digest::from_bytes(hash.finalize().into())))
    }

    pub(super) fn keep_seen(&self, plan: &TargetPlan, seen: &Seen, archive: Digest) {
        if self.request.kind != SnapshotKind::Safety {
            self.with_cache(plan, |dir, name| seen.write(dir, name, archive));
        }
    }

    /// Looks into the cache, under the name of this target's archives in this vault.
    fn with_cache<T>(
        &self,
        plan: &TargetPlan,
        look: impl FnOnce(&crate::fs::Dir, &str) -> T,
    ) -> Option<T> {
        let dir = PrivateDir::create_all(self.request.cache.as_deref()?).ok()?;
        let series = format!("{:?}{:?}", self.vault.path(), self.origin.project);
        let series = Digest::of(series.as_bytes()).to_string();
        let name = format!("{}-{}", plan.identity.id, &series[..16]);
        dir.is_private().then(|| look(&dir, &name))
    }
}
