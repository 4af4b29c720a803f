//! Making a snapshot out of a plan.

use super::capture::capture;
use super::error::BackupError;
use super::plan::TargetPlan;
use crate::archive::{ArchiveWriter, Manifest, Origin};
use crate::fs::scratch_file;
use crate::model::limits::MANIFEST_TROUBLES;
use crate::model::{
    ArchivePath, ClassSelection, Digest, EntryKind, HostFacts, Kind, Observer, RuleSet, Shown,
    SnapshotId, TallyCount, Trouble,
};
use crate::vault::{
    Form, SnapshotDraft, SnapshotKind, SnapshotRecord, TargetRecord, Vault, VaultLock,
};
use std::collections::BTreeSet;

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
}

/// What a backup made.
#[derive(Debug)]
pub struct BackupReport {
    /// The snapshot.
    pub record: SnapshotRecord,
    /// Its targets.
    pub targets: Vec<TargetReport>,
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
    let now = jiff::Zoned::now();
    let (sequence, id) = vault.next(&now)?;
    let origin = origin(facts, &now);
    let draft = vault.draft(lock)?;
    let mut targets = Vec::new();
    for plan in plans {
        let job = Job {
            id: &id,
            request,
            origin: &origin,
            observer,
        };
        targets.push(job.archive(&draft, plan)?);
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
        targets: targets.iter().map(|target| target.record.clone()).collect(),
    };
    draft.publish(&record)?;
    Ok(BackupReport { record, targets })
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

struct Job<'a> {
    id: &'a SnapshotId,
    request: &'a SnapshotRequest,
    origin: &'a Origin,
    observer: &'a dyn Observer,
}

impl Job<'_> {
    fn archive(
        &self,
        draft: &SnapshotDraft<'_>,
        plan: TargetPlan,
    ) -> Result<TargetReport, BackupError> {
        let target = plan.identity.id.clone();
        let failed = |source| BackupError::Archive {
            target: target.clone(),
            source,
        };
        let (files, bytes) = plan.inventory.totals();
        self.observer.stage(&target, "backing up", files, bytes);
        let mut writer = ArchiveWriter::new(scratch_file(draft.dir())?);
        let mut written = Written::default();
        for entry in &plan.inventory.entries {
            if self.observer.interrupted() {
                return Err(BackupError::Interrupted);
            }
            match &entry.kind {
                EntryKind::Directory => {
                    writer
                        .add_directory(&entry.path, entry.meta)
                        .map_err(failed)?;
                }
                EntryKind::Link { target } => {
                    writer
                        .add_link(&entry.path, target, entry.meta)
                        .map_err(failed)?;
                    written.links.push((entry.path.clone(), target.clone()));
                }
                EntryKind::File { .. } => {
                    let rule = RuleSet::new(&plan.declaration.rules).rule_for(&entry.path);
                    let kind = rule.map_or(&Kind::Plain, |rule| &rule.kind);
                    let trouble = |(kind, detail)| Trouble {
                        path: entry.path.to_string(),
                        kind,
                        detail,
                    };
                    match capture(&entry.place, kind, draft.dir())? {
                        Err(gap) => written.troubles.push(trouble(gap)),
                        Ok(mut captured) => {
                            let (size, meta) = (captured.size, captured.meta);
                            let content = &mut captured.content;
                            writer
                                .add_file(&entry.path, meta, size, content)
                                .map_err(failed)?;
                            written.troubles.extend(captured.trouble.map(trouble));
                            written.files.insert(entry.path.clone());
                            written.bytes += size;
                            self.observer.file_done(size);
                        }
                    }
                }
            }
        }
        self.observer.stage_done();
        self.seal(draft, writer, plan, written)
    }

    fn seal(
        &self,
        draft: &SnapshotDraft<'_>,
        writer: ArchiveWriter<std::fs::File>,
        plan: TargetPlan,
        written: Written,
    ) -> Result<TargetReport, BackupError> {
        let target = plan.identity.id.clone();
        let mut troubles = plan.inventory.troubles;
        troubles.extend(written.troubles);
        let tallies = plan
            .declaration
            .tallies
            .iter()
            .map(|t| TallyCount::of(t, &written.files));
        let mut record = TargetRecord {
            target: target.clone(),
            digest: Digest::of(b""),
            size: 0,
            form: Form::Plain,
            index: None,
            unchanged_since: None,
            expanded: 0,
            entries: 0,
            files: written.files.len() as u64,
            bytes: written.bytes,
            tallies: TallyCount::merge(tallies.collect()),
            troubles: troubles.len() as u64,
            adapter: plan.identity.version.to_string(),
        };
        troubles.truncate(MANIFEST_TROUBLES);
        let manifest = Manifest {
            program: self.request.program.clone(),
            snapshot: self.id.clone(),
            origin: self.origin.clone(),
            target: target.clone(),
            adapter_name: Shown::sentence(&plan.identity.name),
            adapter_version: plan.identity.version.to_string(),
            adapter_digest: plan.identity.digest,
            scope: plan.scope,
            variables: plan.identity.variables,
            declaration: (*plan.declaration).clone(),
            classes: self.request.classes,
            left_out: plan.inventory.left_out,
            troubles,
            followed: plan.inventory.followed,
            links: written.links,
            safety: self.request.kind == SnapshotKind::Safety,
            replaced_links: plan.replaced_links,
        };
        let file = draft.archive(&record.file_name())?;
        let mut out = std::io::BufWriter::with_capacity(256 << 10, &file);
        let sealed = writer
            .seal(&manifest, &mut out)
            .map_err(|source| BackupError::Archive { target, source })?;
        drop(out);
        record.digest = sealed.digest;
        record.size = sealed.size;
        record.expanded = sealed.expanded;
        record.entries = sealed.entries;
        draft.sync_archive(&file, &record)?;
        Ok(TargetReport {
            record,
            manifest,
            undeclared: plan.inventory.undeclared,
        })
    }
}

/// What went into an archive so far.
#[derive(Default)]
struct Written {
    files: BTreeSet<ArchivePath>,
    bytes: u64,
    links: Vec<(ArchivePath, String)>,
    troubles: Vec<Trouble>,
}
