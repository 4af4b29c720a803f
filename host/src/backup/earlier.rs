//! The archive that the next one of the same target is made from.

use super::capture::capture;
use super::error::BackupError;
use super::job::{Job, kind};
use super::plan::TargetPlan;
use super::seen::Seen;
use crate::archive::{Base, IndexRow, Manifest, Origin};
use crate::fs::{Dir, PrivateDir, digest_of};
use crate::model::{Digest, EntryKind, Identity, SnapshotId, TargetId};
use crate::scan::ScannedEntry;
use crate::vault::{SnapshotRecord, TargetRecord, Vault};
use std::path::Path;

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
pub(super) fn is_same(row: &IndexRow, entry: &ScannedEntry) -> bool {
    match (&row.kind, &entry.kind) {
        (EntryKind::Link { target: old }, EntryKind::Link { target: new }) => {
            old == new && row.meta.mtime == entry.meta.mtime
        }
        (old, new) => old == new && row.meta == entry.meta,
    }
}

impl Job<'_> {
    /// The newest archive of the same target, home and project on this machine; a safety
    /// snapshot is made from none, for it shares nothing with what was before, and what is
    /// imported says nothing about what is here.
    pub(super) fn earlier(&self, plan: &TargetPlan) -> Option<Earlier<'_>> {
        if !self.request.kind.is_backup() {
            return None;
        }
        let newest = newest(self.snapshots, self.origin, &plan.identity.id)?;
        newest.open(self.vault, self.origin, self.request.cache.as_deref())
    }

    /// What the files are like, if the earlier archive holds exactly what is there. What cannot
    /// be told by its looks is read, and only when everything else is the same. Who wants
    /// everything read has the archive read too.
    pub(super) fn unchanged(
        &self,
        plan: &TargetPlan,
        earlier: &Earlier<'_>,
    ) -> Result<Option<Seen>, BackupError> {
        let Some(uncertain) = self.uncertain(plan, earlier) else {
            return Ok(None);
        };
        let mut seen = Seen::default();
        for (entry, digest) in plan.inventory.entries.iter().zip(uncertain) {
            if self.observer.interrupted() {
                return Err(BackupError::Interrupted);
            }
            let identity = match digest {
                None => entry.identity,
                Some(digest) => match self.read(plan, entry)? {
                    // Of a database the file alone says nothing: reading it gives no identity.
                    Some((found, identity)) if found == digest => identity,
                    _ => return Ok(None),
                },
            };
            seen.push(identity, entry.meta.mtime, self.since);
        }
        let whole = || self.vault.check_whole(earlier.id, earlier.record).is_ok();
        Ok((!self.request.verify_content || whole()).then_some(seen))
    }

    /// For each entry the digest that a file must have, where that has to be read to know it;
    /// `None` when something is not as it was by its looks.
    fn uncertain(&self, plan: &TargetPlan, earlier: &Earlier<'_>) -> Option<Vec<Option<Digest>>> {
        let entries = &plan.inventory.entries;
        let index = earlier.base.index();
        if entries.len() != index.len() as usize {
            return None;
        }
        let look = |(number, (row, entry)): (u32, (Result<IndexRow, _>, &ScannedEntry))| {
            let row = row.ok()?;
            let same = row.path == entry.path && is_same(&row, entry);
            let certain = !self.request.verify_content && earlier.shows(number, &row, entry);
            same.then_some(row.digest.filter(|_| !certain))
        };
        (0..).zip(index.rows().zip(entries)).map(look).collect()
    }

    /// The digest of what would be archived of a file, and the file's identity if its content
    /// is all of that; `None` when the file is not as it was scanned.
    fn read(
        &self,
        plan: &TargetPlan,
        entry: &ScannedEntry,
    ) -> Result<Option<(Digest, Option<Identity>)>, BackupError> {
        let captured = capture(&entry.place, kind(plan, &entry.path), self.draft.dir())?;
        let Ok(mut captured) = captured else {
            return Ok(None);
        };
        let same = captured.meta == entry.meta && captured.trouble.is_none();
        let digest = digest_of(&mut captured.content).ok().filter(|_| same);
        Ok(digest.map(|digest| (digest, captured.identity)))
    }

    pub(super) fn keep_seen(&self, plan: &TargetPlan, seen: &Seen, archive: Digest) {
        if self.request.kind.is_backup() {
            self.with_cache(plan, |dir, name| seen.write(dir, name, archive));
        }
    }

    /// Looks into the cache, under the name of this target's archives in this vault.
    fn with_cache<T>(&self, plan: &TargetPlan, look: impl FnOnce(&Dir, &str) -> T) -> Option<T> {
        let cache = self.request.cache.as_deref()?;
        in_cache(cache, self.vault, self.origin, &plan.identity.id, look)
    }
}

/// An archive of a snapshot, not looked at yet.
pub(super) struct Candidate<'a>(pub(super) &'a SnapshotId, pub(super) &'a TargetRecord);

/// The newest archive of a target that was made where `origin` says, of what it says.
pub(super) fn newest<'a>(
    snapshots: &'a [SnapshotRecord],
    origin: &Origin,
    target: &TargetId,
) -> Option<Candidate<'a>> {
    let here = snapshots.iter().filter(|one| {
        let place = (&one.host, &one.home) == (&origin.host, &origin.home);
        one.kind.is_backup() && place && one.project == origin.project
    });
    let mut archives = here.filter_map(|one| Some(Candidate(&one.id, one.target(target)?)));
    archives.next()
}

impl<'a> Candidate<'a> {
    /// Opens it, with what its files were like; nothing is known of them without a cache.
    pub(super) fn open(
        self,
        vault: &Vault,
        origin: &Origin,
        cache: Option<&Path>,
    ) -> Option<Earlier<'a>> {
        let Self(id, record) = self;
        let base = vault.base(id, record)?;
        let manifest = base.manifest().ok()?;
        let seen = cache.and_then(|cache| {
            in_cache(cache, vault, origin, &record.target, |dir, name| {
                Seen::read(dir, name, record.digest)
            })
        });
        Some(Earlier {
            id,
            record,
            base,
            manifest,
            seen: seen.unwrap_or_default(),
        })
    }
}

/// Looks into the cache, under the name of a target's archives in a vault.
fn in_cache<T>(
    cache: &Path,
    vault: &Vault,
    origin: &Origin,
    target: &TargetId,
    look: impl FnOnce(&Dir, &str) -> T,
) -> Option<T> {
    let dir = PrivateDir::create_all(cache).ok()?;
    let series = format!("{:?}{:?}", vault.path(), origin.project);
    let series = Digest::of(series.as_bytes()).to_string();
    let name = format!("{target}-{}", &series[..16]);
    dir.is_private().then(|| look(&dir, &name))
}
