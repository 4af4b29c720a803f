//! Making a snapshot out of a plan.

use super::error::BackupError;
use super::job::Job;
use super::plan::TargetPlan;
use crate::archive::{Level, Manifest, Origin};
use crate::model::{ClassSelection, HostFacts, Observer};
use crate::secrets::Finding;
use crate::vault::{ImportedFrom, SnapshotKind, SnapshotRecord, TargetRecord, Vault, VaultLock};
use std::path::PathBuf;

/// What a snapshot is to be.
#[derive(Clone, Debug)]
pub struct SnapshotRequest {
    /// Why it is made.
    pub kind: SnapshotKind,
    /// The classes it takes.
    pub classes: ClassSelection,
    /// What to write about it.
    pub note: Option<String>,
    /// Name and version of this program.
    pub program: String,
    /// How hard to compress.
    pub level: Level,
    /// Where it is kept what files were like when they were read.
    pub cache: Option<PathBuf>,
    /// Read every file, whether or not it seems unchanged.
    pub verify_content: bool,
    /// Make no snapshot in which every target would be as in an earlier one.
    pub only_changed: bool,
    /// Classes whose files are looked through for secrets when they are read anyway.
    pub watched: ClassSelection,
    /// What it is made of and when that was, where it is imported.
    pub imported: Option<(ImportedFrom, jiff::Zoned)>,
}

impl SnapshotRequest {
    /// A snapshot of this kind as it usually is.
    #[must_use]
    pub fn new(kind: SnapshotKind, classes: ClassSelection, program: &str) -> Self {
        Self {
            kind,
            classes,
            note: None,
            program: program.to_owned(),
            level: Level::default(),
            cache: None,
            verify_content: false,
            only_changed: false,
            watched: ClassSelection::of(&[]),
            imported: None,
        }
    }
}

/// What became of one target.
#[derive(Debug)]
pub struct TargetReport {
    /// Its record.
    pub record: TargetRecord,
    /// Its manifest: what was left out, followed and missed.
    pub manifest: Manifest,
    /// Names in its places that its adapter does not know.
    pub undeclared: Vec<String>,
    /// Secrets in files that were read for it; of others nothing is known.
    pub secrets: Vec<Finding>,
}

/// What a backup made.
#[derive(Debug)]
pub struct BackupReport {
    /// The snapshot.
    pub record: SnapshotRecord,
    /// Its targets.
    pub targets: Vec<TargetReport>,
    /// Whether there is such a snapshot; not when only a changed one was wanted.
    pub published: bool,
}

/// Archives every target of a plan and publishes the snapshot. The lock shows that
/// nobody else writes to the vault.
///
/// # Errors
/// When the vault or disk refuses, or somebody asked to stop; there is then no snapshot.
pub fn take(
    vault: &Vault,
    lock: &VaultLock,
    plans: Vec<TargetPlan>,
    request: &SnapshotRequest,
    facts: &HostFacts,
    observer: &dyn Observer,
) -> Result<BackupReport, BackupError> {
    let now = match &request.imported {
        Some((_, at)) => at.clone(),
        None => jiff::Zoned::now(),
    };
    let (sequence, id) = vault.next(&now)?;
    let origin = origin(facts, &now);
    let draft = vault.draft(lock)?;
    let snapshots = vault.catalogue()?.snapshots;
    let job = Job {
        id: &id,
        request,
        origin: &origin,
        vault,
        snapshots: &snapshots,
        draft: &draft,
        since: now.timestamp().as_second(),
        observer,
    };
    let mut targets = Vec::new();
    for plan in plans {
        targets.push(job.target(plan)?);
    }
    let record = SnapshotRecord {
        id,
        sequence,
        time: origin.time.clone(),
        kind: request.kind,
        note: request.note.clone(),
        pinned: false,
        program: request.program.clone(),
        host: facts.host.clone(),
        user: facts.user.clone(),
        home: origin.home,
        project: origin.project,
        imported: request.imported.as_ref().map(|(from, _)| from.clone()),
        targets: targets.iter().map(|target| target.record.clone()).collect(),
    };
    let unchanged = |target: &TargetReport| target.record.unchanged_since.is_some();
    let published = !request.only_changed || !targets.iter().all(unchanged);
    if published {
        draft.publish(&record)?;
    }
    // What is not published vanishes with its draft.
    Ok(BackupReport {
        record,
        targets,
        published,
    })
}

/// Where and when something is made.
#[must_use]
pub fn origin(facts: &HostFacts, now: &jiff::Zoned) -> Origin {
    let zone = now.time_zone().iana_name().map(str::to_owned);
    Origin {
        time: now.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        zone: zone.unwrap_or_else(|| now.offset().to_string()),
        host: facts.host.clone(),
        user: facts.user.clone(),
        os: facts.os.to_string(),
        home: facts.home.to_string_lossy().into_owned(),
        project: facts
            .project
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned()),
    }
}
