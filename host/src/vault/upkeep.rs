//! What is done for a vault now and then, under its lock: left-overs go, old archives
//! become thin, and the trash is emptied. It can stop after each archive and goes on the
//! next time.

use super::error::VaultError;
use super::layout::Vault;
use super::lock::VaultLock;
use super::record::{SnapshotRecord, plain_name, thin_name};
use super::reform::Bench;
use super::series::{Work, work};
use super::thinning::thin;
use crate::archive::thin::{Span, ThinError};
use crate::fs::PrivateDir;
use crate::model::{SnapshotId, TargetId};
use std::io;
use std::path::Path;

/// How a vault is kept.
#[derive(Clone, Copy, Debug)]
pub struct Upkeep {
    /// How many of the newest archives of a target stay plain; `None` for all.
    pub plain: Option<usize>,
    /// For how long, in seconds, what was removed stays in the trash.
    pub trash_seconds: i64,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct UpkeepReport {
    /// Archives that became thin, and the bytes that saved.
    pub thinned: Vec<(SnapshotId, TargetId, u64)>,
    /// Archives that are still to be made thin.
    pub left: usize,
    /// Snapshots that left the trash for good.
    pub emptied: usize,
    /// What could not be done. Everything is then as it was.
    pub troubles: Vec<VaultError>,
}

/// How an index lists the pieces of its archive.
pub(super) type SpansOf = fn(&[u8]) -> Option<Vec<Span>>;

impl Vault {
    /// Keeps the vault in order. `more` is asked before each archive whether there is still
    /// time.
    ///
    /// # Errors
    /// When the vault itself cannot be read; what goes wrong with single archives is in the
    /// report.
    pub fn upkeep(
        &self,
        lock: &VaultLock,
        upkeep: &Upkeep,
        more: &mut dyn FnMut() -> bool,
    ) -> Result<UpkeepReport, VaultError> {
        self.upkeep_with(lock, upkeep, more, super::thinning::spans_of_index)
    }

    pub(super) fn upkeep_with(
        &self,
        lock: &VaultLock,
        upkeep: &Upkeep,
        more: &mut dyn FnMut() -> bool,
        spans: SpansOf,
    ) -> Result<UpkeepReport, VaultError> {
        let mut bench = Bench::new(self, lock)?;
        let mut report = UpkeepReport::default();
        report.troubles.extend(self.refresh_readme().err());
        for record in bench.snapshots() {
            report.troubles.extend(self.clear(record).err());
        }
        match self.expire_trash(lock, upkeep.now.saturating_sub(upkeep.trash_seconds)) {
            Ok(emptied) => report.emptied = emptied,
            Err(e) => report.troubles.push(e),
        }
        let Some(plain) = upkeep.plain else {
            return Ok(report);
        };
        let work = work(bench.snapshots(), plain.max(1));
        let mut todo = work.into_iter();
        while let Some(next) = todo.next() {
            if !more() {
                report.left = 1 + todo.len();
                break;
            }
            match do_one(&mut bench, &next, spans) {
                Ok(Some(saved)) => report.thinned.push((next.id, next.target, saved)),
                Ok(None) => {}
                Err(error) => {
                    let full = is_full(&error);
                    report.troubles.push(error);
                    if full {
                        report.left = 1 + todo.len();
                        break;
                    }
                }
            }
        }
        Ok(report)
    }

    /// Removes what an interrupted change of form left in a snapshot's directory.
    fn clear(&self, record: &SnapshotRecord) -> Result<(), VaultError> {
        let dir = self.backups.dir(Path::new(record.id.as_str()))?;
        let mut left = Vec::new();
        for target in &record.targets {
            let name = &target.target;
            let all = [
                plain_name(name),
                thin_name(name, false),
                thin_name(name, true),
            ];
            left.extend(all.into_iter().filter(|file| *file != target.file_name()));
            left.extend(target.index.is_none().then(|| target.index_name()));
        }
        for name in dir.list()? {
            // Files are written beside their place under such a name.
            let half_written = name
                .to_str()
                .is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp"));
            if half_written || left.iter().any(|left| name == left.as_str()) {
                PrivateDir::remove_tree(&dir, &name)?;
            }
        }
        Ok(())
    }
}

/// Makes one archive thin, or the newest one plain again. Gives the bytes saved.
fn do_one(bench: &mut Bench<'_>, work: &Work, spans: SpansOf) -> Result<Option<u64>, VaultError> {
    match &work.base {
        Some(base) => thin(bench, &work.id, &work.target, base, spans),
        None => bench.make_plain(&work.id, &work.target).map(|()| None),
    }
}

/// Whether there is no room: whatever comes next would fail as well.
fn is_full(error: &VaultError) -> bool {
    let full = |e: &io::Error| {
        matches!(
            e.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    };
    match error {
        VaultError::Fs(e) => full(&e.source),
        VaultError::Thinning {
            source: ThinError::Write(e),
            ..
        } => full(e),
        _ => false,
    }
}
