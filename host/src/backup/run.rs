//! Making a snapshot out of a plan.

use super::capture::capture;
use super::error::BackupError;
use super::plan::TargetPlan;
use crate::archive::{ArchiveWriter, Level, Manifest, Origin};
use crate::model::limits::MANIFEST_TROUBLES;
use crate::model::{
    ArchivePath, ClassSelection, EntryKind, HostFacts, Kind, Observer, RuleSet, Shown, SnapshotId,
    TallyCount, Trouble,
};
use crate::vault::{
    Form, SnapshotDraft, SnapshotKind, SnapshotRecord, TargetRecord, Vault, VaultLock,
};
use std::collections::BTreeSet;
use std::fs::File;

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
        let mut manifest = self.manifest(&plan);
        let name = format!("{target}.tar.gz");
        let file = draft.archive(&name)?;
        let level = self.request.level;
        let mut writer = ArchiveWriter::new(file, &manifest, level, None).map_err(failed)?;
        let written = self.entries(draft, &plan, &mut writer)?;
        self.observer.stage_done();
        let troubles = (plan.inventory.troubles.len() + written.troubles.len()) as u64;
        manifest.troubles.extend(written.troubles);
        manifest.troubles.truncate(MANIFEST_TROUBLES);
        let again = || draft.archive_again(&name).map_err(std::io::Error::other);
        let (sealed, file) = writer.seal(&manifest, again).map_err(failed)?;
        let tallies = plan.declaration.tallies.iter();
        let tallies = tallies.map(|tally| TallyCount::of(tally, &written.files));
        let index = draft.write_index(&target, &sealed.index.to_bytes())?;
        let record = TargetRecord {
            form: Form::Plain,
            index: Some(index),
            unchanged_since: None,
            digest: sealed.digest,
            size: sealed.size,
            expanded: sealed.expanded,
            entries: sealed.entries,
            files: written.files.len() as u64,
            bytes: written.bytes,
            tallies: TallyCount::merge(tallies.collect()),
            troubles,
            adapter: plan.identity.version.to_string(),
            target,
        };
        draft.sync_archive(&file, &record)?;
        Ok(TargetReport {
            record,
            manifest,
            undeclared: plan.inventory.undeclared,
        })
    }

    /// The manifest, as it is when nothing goes wrong while the files are read.
    fn manifest(&self, plan: &TargetPlan) -> Manifest {
        let mut troubles = plan.inventory.troubles.clone();
        troubles.truncate(MANIFEST_TROUBLES);
        let links = plan
            .inventory
            .entries
            .iter()
            .filter_map(|entry| match &entry.kind {
                EntryKind::Link { target } => Some((entry.path.clone(), target.clone())),
                _ => None,
            });
        Manifest {
            program: self.request.program.clone(),
            snapshot: self.id.clone(),
            origin: self.origin.clone(),
            target: plan.identity.id.clone(),
            adapter_name: Shown::sentence(&plan.identity.name),
            adapter_version: plan.identity.version.to_string(),
            adapter_digest: plan.identity.digest,
            scope: plan.scope.clone(),
            variables: plan.identity.variables.clone(),
            declaration: (*plan.declaration).clone(),
            classes: self.request.classes,
            left_out: plan.inventory.left_out.clone(),
            troubles,
            followed: plan.inventory.followed.clone(),
            links: links.collect(),
            safety: self.request.kind == SnapshotKind::Safety,
            replaced_links: plan.replaced_links.clone(),
        }
    }

    fn entries(
        &self,
        draft: &SnapshotDraft<'_>,
        plan: &TargetPlan,
        writer: &mut ArchiveWriter<File>,
    ) -> Result<Written, BackupError> {
        let target = &plan.identity.id;
        let failed = |source| BackupError::Archive {
            target: target.clone(),
            source,
        };
        let mut written = Written::default();
        for entry in &plan.inventory.entries {
            if self.observer.interrupted() {
                return Err(BackupError::Interrupted);
            }
            match &entry.kind {
                EntryKind::Directory => writer.add_directory(&entry.path, entry.meta),
                EntryKind::Link { target } => writer.add_link(&entry.path, target, entry.meta),
                EntryKind::File { .. } => {
                    let rule = RuleSet::new(&plan.declaration.rules).rule_for(&entry.path);
                    let kind = rule.map_or(&Kind::Plain, |rule| &rule.kind);
                    let trouble = |(kind, detail)| Trouble {
                        path: entry.path.to_string(),
                        kind,
                        detail,
                    };
                    match capture(&entry.place, kind, draft.dir())? {
                        Err(gap) => {
                            written.troubles.push(trouble(gap));
                            continue;
                        }
                        Ok(mut captured) => {
                            let (size, meta) = (captured.size, captured.meta);
                            written
                                .troubles
                                .extend(captured.trouble.take().map(trouble));
                            written.files.insert(entry.path.clone());
                            written.bytes += size;
                            self.observer.file_done(size);
                            let content = &mut captured.content;
                            writer.add_file(&entry.path, meta, size, content).map(drop)
                        }
                    }
                }
            }
            .map_err(failed)?;
        }
        Ok(written)
    }
}

/// What went into an archive so far.
#[derive(Default)]
struct Written {
    files: BTreeSet<ArchivePath>,
    bytes: u64,
    troubles: Vec<Trouble>,
}
