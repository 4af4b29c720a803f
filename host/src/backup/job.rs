//! Making the archive of one target, or finding that the last one still holds everything.

use super::capture::capture;
use super::earlier::Earlier;
use super::error::BackupError;
use super::plan::TargetPlan;
use super::run::{SnapshotRequest, TargetReport};
use super::seen::Seen;
use crate::archive::{ArchiveError, ArchiveWriter, Index, Manifest, Origin};
use crate::model::limits::MANIFEST_TROUBLES;
use crate::model::{
    ArchivePath, EntryKind, Kind, Observer, RuleSet, Shown, SnapshotId, TallyCount, Trouble,
};
use crate::scan::ScannedEntry;
use crate::secrets::{Finding, Watch};
use crate::vault::{Form, SnapshotDraft, SnapshotKind, SnapshotRecord, TargetRecord, Vault};
use std::fs::File;

/// What the archives of a snapshot are made with.
pub(super) struct Job<'a> {
    pub(super) id: &'a SnapshotId,
    pub(super) request: &'a SnapshotRequest,
    pub(super) origin: &'a Origin,
    pub(super) vault: &'a Vault,
    /// The snapshots there are, newest first.
    pub(super) snapshots: &'a [SnapshotRecord],
    pub(super) draft: &'a SnapshotDraft<'a>,
    /// When the backup began, in seconds since 1970.
    pub(super) since: i64,
    pub(super) observer: &'a dyn Observer,
}

impl Job<'_> {
    pub(super) fn target(&self, plan: TargetPlan) -> Result<TargetReport, BackupError> {
        let target = plan.identity.id.clone();
        let (files, bytes) = plan.inventory.totals();
        self.observer.stage(&target, "backing up", files, bytes);
        let manifest = self.manifest(&plan);
        let earlier = self.earlier(&plan);
        if let Some(earlier) = &earlier
            && earlier.manifest.same_but_for_time(&manifest)
            && let Some(seen) = self.unchanged(&plan, earlier)?
        {
            return self.adopt(plan, earlier, &seen);
        }
        let made = match self.archive(&plan, &manifest, earlier.as_ref()) {
            // What is damaged is not carried over: everything is read and compressed anew.
            Err(BackupError::Archive {
                source: ArchiveError::Base(_),
                ..
            }) => {
                self.draft.remove_archive(&target)?;
                self.archive(&plan, &manifest, None)?
            }
            made => made?,
        };
        drop(earlier);
        self.observer.stage_done();
        let secrets = made.written.secrets.clone();
        let (record, manifest) = self.record(&plan, made)?;
        Ok(TargetReport {
            record,
            manifest,
            undeclared: plan.inventory.undeclared,
            secrets,
        })
    }

    /// The snapshot gets the earlier archive.
    fn adopt(
        &self,
        plan: TargetPlan,
        earlier: &Earlier<'_>,
        seen: &Seen,
    ) -> Result<TargetReport, BackupError> {
        self.observer.stage_done();
        let record = self.draft.adopt(earlier.id, earlier.record)?;
        if *seen != earlier.seen {
            self.keep_seen(&plan, seen, record.digest);
        }
        Ok(TargetReport {
            record,
            manifest: earlier.manifest.clone(),
            undeclared: plan.inventory.undeclared,
            secrets: Vec::new(),
        })
    }

    fn archive<'p>(
        &self,
        plan: &'p TargetPlan,
        manifest: &Manifest,
        earlier: Option<&Earlier<'_>>,
    ) -> Result<Made<'p>, BackupError> {
        let target = &plan.identity.id;
        let failed = |source| BackupError::Archive {
            target: target.clone(),
            source,
        };
        let file = self.draft.archive(target)?;
        let base = earlier.map(|earlier| earlier.base.clone());
        let writer = ArchiveWriter::new(file, manifest, self.request.level, base);
        let mut writer = writer.map_err(failed)?;
        let mut written = Written::with_room(plan.inventory.entries.len());
        for entry in &plan.inventory.entries {
            if self.observer.interrupted() {
                return Err(BackupError::Interrupted);
            }
            self.entry(plan, entry, earlier, &mut writer, &mut written)?;
        }
        let mut manifest = manifest.clone();
        manifest.troubles.extend(written.troubles.iter().cloned());
        manifest.troubles.truncate(MANIFEST_TROUBLES);
        let again = || {
            self.draft
                .archive_again(target)
                .map_err(std::io::Error::other)
        };
        let (index, file) = writer.seal(&manifest, again).map_err(failed)?;
        self.draft.sync_archive(&file, target)?;
        Ok(Made {
            index,
            written,
            manifest,
        })
    }

    fn entry<'p>(
        &self,
        plan: &TargetPlan,
        entry: &'p ScannedEntry,
        earlier: Option<&Earlier<'_>>,
        writer: &mut ArchiveWriter<File>,
        written: &mut Written<'p>,
    ) -> Result<(), BackupError> {
        let (path, meta) = (&entry.path, entry.meta);
        let failed = |source| BackupError::Archive {
            target: plan.identity.id.clone(),
            source,
        };
        match &entry.kind {
            EntryKind::Directory => {
                writer.add_directory(path, meta).map_err(failed)?;
                written.seen.push(None, meta.mtime, self.since);
            }
            EntryKind::Link { target } => {
                writer.add_link(path, target, meta).map_err(failed)?;
                written.seen.push(None, meta.mtime, self.since);
            }
            EntryKind::File { size } => {
                let known = writer.known(path);
                let kept = known.zip(earlier).is_some_and(|((number, row), earlier)| {
                    !self.request.verify_content && earlier.shows(*number, row, entry)
                });
                if !kept {
                    return self.file(plan, entry, writer, written);
                }
                writer.keep_file(path).map_err(failed)?;
                written.seen.push(entry.identity, meta.mtime, self.since);
                written.file(path, *size);
                self.observer.file_done(*size);
            }
        }
        Ok(())
    }

    /// Reads a file into the archive.
    fn file<'p>(
        &self,
        plan: &TargetPlan,
        entry: &'p ScannedEntry,
        writer: &mut ArchiveWriter<File>,
        written: &mut Written<'p>,
    ) -> Result<(), BackupError> {
        let path = &entry.path;
        let trouble = |(kind, detail)| Trouble {
            path: path.to_string(),
            kind,
            detail,
        };
        match capture(&entry.place, kind(plan, path), self.draft.dir())? {
            Err(gap) => written.troubles.push(trouble(gap)),
            Ok(mut captured) => {
                let (size, meta) = (captured.size, captured.meta);
                let mut watch = self.watch(plan, path);
                let mut content = watch.over(&mut captured.content);
                let added = writer.add_file(path, meta, size, &mut content);
                written.secrets.extend(watch.findings(path));
                added.map_err(|source| BackupError::Archive {
                    target: plan.identity.id.clone(),
                    source,
                })?;
                written.seen.push(captured.identity, meta.mtime, self.since);
                written.troubles.extend(captured.trouble.map(trouble));
                written.file(path, size);
                self.observer.file_done(size);
            }
        }
        Ok(())
    }

    /// What looks through a file of this path while it is read.
    fn watch<'p>(&self, plan: &'p TargetPlan, path: &ArchivePath) -> Watch<'p> {
        let rule = RuleSet::new(&plan.declaration.rules).rule_for(path);
        match rule.filter(|rule| self.request.watched.takes(rule.class)) {
            Some(rule) => Watch::of(rule),
            None => Watch::none(),
        }
    }

    fn record(
        &self,
        plan: &TargetPlan,
        made: Made<'_>,
    ) -> Result<(TargetRecord, Manifest), BackupError> {
        let Made {
            index,
            written,
            manifest,
        } = made;
        let target = plan.identity.id.clone();
        let (head, rows, digest) = index.parts();
        let parts = [head.as_slice(), rows, digest.as_bytes()];
        let index_digest = self.draft.write_index(&target, &parts)?;
        self.keep_seen(plan, &written.seen, index.archive);
        let tallies = plan.declaration.tallies.iter();
        let tallies = tallies.map(|tally| TallyCount::of(tally, &written.files));
        let troubles = plan.inventory.troubles.len() + written.troubles.len();
        let record = TargetRecord {
            target,
            form: Form::Plain,
            index: Some(index_digest),
            unchanged_since: None,
            digest: index.archive,
            size: index.size,
            expanded: index.expanded,
            entries: index.members(),
            files: written.files.len() as u64,
            bytes: written.bytes,
            tallies: TallyCount::merge(tallies.collect()),
            troubles: troubles as u64,
            adapter: plan.identity.version.to_string(),
        };
        Ok((record, manifest))
    }

    /// The manifest, as it is when nothing goes wrong while the files are read.
    fn manifest(&self, plan: &TargetPlan) -> Manifest {
        let mut troubles = plan.inventory.troubles.clone();
        troubles.truncate(MANIFEST_TROUBLES);
        let links = plan.inventory.entries.iter();
        let links = links.filter_map(|entry| match &entry.kind {
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
            blanked: Vec::new(),
        }
    }
}

/// How the tool of a file writes it.
pub(super) fn kind<'a>(plan: &'a TargetPlan, path: &ArchivePath) -> &'a Kind {
    let rule = RuleSet::new(&plan.declaration.rules).rule_for(path);
    rule.map_or(&Kind::Plain, |rule| &rule.kind)
}

/// A finished archive and what is known of it.
struct Made<'p> {
    index: Index,
    written: Written<'p>,
    manifest: Manifest,
}

/// What went into an archive so far.
#[derive(Default)]
struct Written<'p> {
    files: Vec<&'p ArchivePath>,
    bytes: u64,
    troubles: Vec<Trouble>,
    secrets: Vec<Finding>,
    seen: Seen,
}

impl<'p> Written<'p> {
    fn with_room(entries: usize) -> Self {
        Self {
            files: Vec::with_capacity(entries),
            seen: Seen::with_room(entries),
            ..Self::default()
        }
    }

    fn file(&mut self, path: &'p ArchivePath, size: u64) {
        self.files.push(path);
        self.bytes += size;
    }
}
