//! The safety snapshot: an ordinary backup of exactly the paths that are about to be
//! overwritten or removed. If it cannot be made, or does not hold them all, nothing is
//! changed.

use super::approve::ApprovedPlan;
use super::error::RestoreError;
use super::plan::{Action, PlannedAction};
use super::prepare::Prepared;
use crate::archive::OpenArchive;
use crate::backup::{SnapshotRequest, TargetPlan, take};
use crate::fs::FsError;
use crate::model::{
    AdapterIdentity, ArchivePath, CheckedDeclaration, EntryKind, Fingerprint, HostFacts, Meta,
    Observer, SnapshotId,
};
use crate::operation::OperationError;
use crate::scan::{Inventory, Parents, Place, ScannedEntry};
use crate::vault::{OpenError, SnapshotRecord, Vault, VaultLock};

/// Shows that what is about to be overwritten was saved, or that this was waived.
pub struct SafetySnapshot {
    /// The snapshot; `None` when nothing is overwritten or the person waived it.
    pub id: Option<SnapshotId>,
}

impl SafetySnapshot {
    /// For `--no-backup-existing`.
    #[must_use]
    pub fn waived() -> Self {
        Self { id: None }
    }
}

/// Saves what an approved plan overwrites, and reads it back.
///
/// # Errors
/// When any path could not be saved exactly as it is.
pub fn save(
    approved: &ApprovedPlan,
    vault: &Vault,
    lock: &VaultLock,
    request: &SnapshotRequest,
    facts: &HostFacts,
    observer: &dyn Observer,
) -> Result<SafetySnapshot, RestoreError> {
    let mut plans = Vec::new();
    for prepared in approved.prepared() {
        plans.extend(target_plan(prepared, facts)?);
    }
    if plans.is_empty() {
        return Ok(SafetySnapshot { id: None });
    }
    let report =
        take(vault, lock, plans, request, facts, observer).map_err(RestoreError::Safety)?;
    for prepared in approved.prepared() {
        check(
            prepared,
            vault,
            &report.record,
            jiff::Timestamp::now().as_second(),
        )?;
    }
    Ok(SafetySnapshot {
        id: Some(report.record.id),
    })
}

/// What must be in the snapshot. A database's log is not: the database is saved with
/// what its log holds. Replaced links are only noted, for they may point anywhere.
fn saved(prepared: &Prepared) -> impl Iterator<Item = &PlannedAction> {
    prepared
        .plan
        .actions
        .iter()
        .filter(|planned| match planned.action {
            Action::Replace(..) | Action::Merge(..) => true,
            Action::Remove(ref live) => !live.is_link(),
            _ => false,
        })
}

/// Live links that are about to be replaced or removed, with their targets.
fn replaced_links(prepared: &Prepared) -> Result<Vec<(ArchivePath, String)>, RestoreError> {
    let mut links = Vec::new();
    for planned in &prepared.plan.actions {
        let live = planned.action.expects().filter(|live| live.is_link());
        let (Some(_), Some(place)) = (live, &planned.place) else {
            continue;
        };
        let (dir, name) = place.open_parent()?;
        let target = dir.read_link(&name)?.to_string_lossy().into_owned();
        links.push((planned.path.clone(), target));
    }
    Ok(links)
}

/// The overwritten files as a target to back up; `None` when there are none.
fn target_plan(prepared: &Prepared, facts: &HostFacts) -> Result<Option<TargetPlan>, RestoreError> {
    let manifest = &prepared.listing.manifest;
    let (mut entries, mut parents) = (Vec::new(), Parents::default());
    for planned in saved(prepared) {
        let (Some(place), Some(live)) = (&planned.place, planned.action.expects()) else {
            return Err(RestoreError::SafetyIncomplete(planned.path.to_string()));
        };
        if !is_as_planned(&mut parents, place, live)? {
            return Err(OperationError::Changed(planned.path.to_string()).into());
        }
        let meta = Meta {
            mode: live.mode & 0o777,
            mtime: live.mtime,
        };
        let kind = EntryKind::File { size: live.size };
        let (path, place) = (planned.path.clone(), place.clone());
        entries.push(ScannedEntry {
            path,
            kind,
            meta,
            place,
            identity: None,
        });
    }
    let replaced_links = replaced_links(prepared)?;
    if entries.is_empty() && replaced_links.is_empty() {
        return Ok(None);
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let declaration = CheckedDeclaration::admit(
        manifest.declaration.clone(),
        &manifest.scope,
        &manifest.variables,
        facts,
    );
    let archive = prepared.plan.archive.clone();
    let declaration = declaration.map_err(|source| RestoreError::OutOfScope { archive, source })?;
    Ok(Some(TargetPlan {
        identity: identity(prepared),
        scope: manifest.scope.clone(),
        declaration,
        inventory: Inventory {
            entries,
            ..Inventory::default()
        },
        replaced_links,
    }))
}

/// Whether a place still holds what the plan was made for.
fn is_as_planned(
    parents: &mut Parents,
    place: &Place,
    live: &Fingerprint,
) -> Result<bool, FsError> {
    let now = match parents.of(place) {
        Ok(dir) => dir.stat(place.name())?,
        Err(e) if e.is_missing() => None,
        Err(e) => return Err(e),
    };
    Ok(now.is_some_and(|now| now.fingerprint(None).same_file(live)))
}

/// The archive's adapter, as the archive names it: the snapshot is made by its rules.
fn identity(prepared: &Prepared) -> AdapterIdentity {
    let manifest = &prepared.listing.manifest;
    AdapterIdentity {
        id: manifest.target.clone(),
        name: manifest.adapter_name.clone(),
        version: semver::Version::parse(&manifest.adapter_version)
            .unwrap_or(semver::Version::new(0, 0, 0)),
        description: String::new(),
        homepage: String::new(),
        licence: String::new(),
        variables: manifest.variables.clone(),
        scope: manifest.scope.clone(),
        probes: Vec::new(),
        digest: manifest.adapter_digest,
    }
}

/// Reads the snapshot back: every overwritten path must be in it.
fn check(
    prepared: &Prepared,
    vault: &Vault,
    record: &SnapshotRecord,
    now: i64,
) -> Result<(), RestoreError> {
    let Some(target) = record.target(&prepared.plan.target) else {
        return match saved(prepared).next() {
            Some(planned) => Err(RestoreError::SafetyIncomplete(planned.path.to_string())),
            None => Ok(()),
        };
    };
    let archive = vault.archive_path(&record.id, target).display().to_string();
    let refused = |failed| match failed {
        OpenError::Vault(e) => e.into(),
        OpenError::Archive(source) => RestoreError::Archive {
            archive: archive.clone(),
            source,
        },
        OpenError::NotAsRecorded => RestoreError::NotAsRecorded {
            archive: archive.clone(),
        },
    };
    let opened = vault
        .open_archive(&record.id, target, now)
        .map_err(refused)?;
    opened.check().map_err(|e| refused(OpenError::Archive(e)))?;
    // That what was read is what is there is known from the capture, which reports what
    // did not hold still, and from the fingerprints, which are looked at once more.
    let listing = opened.listing();
    for planned in saved(prepared) {
        if !listing.entries.contains_key(&planned.path) {
            return Err(RestoreError::SafetyIncomplete(planned.path.to_string()));
        }
    }
    match listing.manifest.troubles.first() {
        Some(trouble) => Err(RestoreError::SafetyIncomplete(trouble.path.clone())),
        None => Ok(()),
    }
}
