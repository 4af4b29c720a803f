//! Live files as a backup would take them, for whoever compares them with what archives
//! hold. Nothing is kept of them but a copy in a scratch directory, while one is read.

use super::capture::capture;
use super::earlier::newest;
use super::job::kind;
use super::plan::TargetPlan;
use super::run::origin;
use crate::fs::{Dir, FsError, digest_of};
use crate::model::{ArchivePath, Digest, HostFacts};
use crate::vault::{SnapshotRecord, Vault};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

/// The digests of the live files of which it is certain, without reading them, that they are
/// as the newest archive of the same target, home and project holds them. `cache` is where
/// backups keep what files were like.
#[must_use]
pub fn known(
    vault: &Vault,
    snapshots: &[SnapshotRecord],
    plan: &TargetPlan,
    facts: &HostFacts,
    cache: &Path,
) -> BTreeMap<ArchivePath, Digest> {
    let origin = origin(facts, &jiff::Zoned::now());
    let newest = newest(snapshots, &origin, &plan.identity.id);
    let Some(earlier) = newest.and_then(|one| one.open(vault, &origin, Some(cache))) else {
        return BTreeMap::new();
    };
    let live = plan.inventory.entries.iter().map(|one| (&one.path, one));
    let live: BTreeMap<_, _> = live.collect();
    let rows = (0..).zip(earlier.base.index().rows());
    let certain = rows.filter_map(|(number, row)| {
        let row = row.ok()?;
        let shown = earlier.shows(number, &row, live.get(&row.path)?);
        Some((row.path, row.digest.filter(|_| shown)?))
    });
    certain.collect()
}

/// What a backup would store of a live file.
#[derive(Debug)]
pub struct Reading {
    /// Digest of the content.
    pub digest: Digest,
    /// Bytes of the content.
    pub size: u64,
    /// The content, where it is small enough and somebody wanted it.
    pub content: Option<Vec<u8>>,
}

/// Reads the file at this path of a plan as a backup would; its content is kept if it has at
/// most `keep` bytes. The inner error says why the file cannot be had.
///
/// # Errors
/// When the scratch directory cannot be written.
pub fn read(
    plan: &TargetPlan,
    path: &ArchivePath,
    keep: Option<u64>,
    scratch: &Dir,
) -> Result<Result<Reading, String>, FsError> {
    let entries = &plan.inventory.entries;
    let Ok(at) = entries.binary_search_by(|entry| entry.path.cmp(path)) else {
        return Ok(Err("it is not there".to_owned()));
    };
    let captured = match capture(&entries[at].place, kind(plan, path), scratch)? {
        Ok(captured) => captured,
        Err((_, why)) => return Ok(Err(why)),
    };
    let size = captured.size;
    let keep = keep.is_some_and(|most| size <= most);
    Ok(take(captured.content, size, keep).map_err(|e| e.to_string()))
}

fn take(mut content: impl Read, size: u64, keep: bool) -> io::Result<Reading> {
    if keep {
        let mut whole = Vec::new();
        content.read_to_end(&mut whole)?;
        return Ok(Reading {
            digest: Digest::of(&whole),
            size,
            content: Some(whole),
        });
    }
    let digest = digest_of(&mut content)?;
    Ok(Reading {
        digest,
        size,
        content: None,
    })
}
