//! What each snapshot holds of one path, and what is here. Of archives only the index is
//! read, where they have one.

use super::super::archives::open_recorded;
use super::super::context::Context;
use super::super::error::CommandError;
use std::collections::{BTreeMap, HashMap};
use takeback::archive::OpenArchive;
use takeback::backup::{TargetPlan, plan_target, read};
use takeback::diff::version;
use takeback::fs::{PrivateDir, ScratchDir};
use takeback::model::{
    ArchivePath, Base, ClassSelection, Digest, EntryKind, HostFacts, RuleSet, TargetId,
};
use takeback::vault::{Catalogue, SnapshotKind, SnapshotRecord, TargetRecord, Vault};

/// What a path was at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Of a file its content's, of a link its target's, of a directory that of all below.
    pub(super) digest: Digest,
    /// `file`, `link` or `directory`.
    pub(super) kind: &'static str,
    pub(super) size: u64,
    pub(super) files: u64,
    /// Newest change of any of its files, in seconds since 1970.
    pub(super) modified: i64,
    /// The files' paths.
    paths: Vec<ArchivePath>,
}

/// What a snapshot, or this machine, holds of it.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// The snapshot's name; `None` for what is here.
    pub(super) snapshot: Option<String>,
    /// When that was, as the record says.
    pub(super) time: Option<String>,
    pub(super) safety: bool,
    /// `None` when it is not there.
    pub(super) state: Option<State>,
    /// Why nobody knows.
    pub(super) unread: Option<String>,
}

type Entry = (ArchivePath, EntryKind, Option<Digest>, i64);

/// A target, what it calls the path, and all its snapshots, newest first.
pub(super) type Line = (TargetId, ArchivePath, Vec<Version>);

/// For each target that ever held one of the paths, what its snapshots hold of it.
pub(super) fn versions(
    context: &Context,
    vault: &Vault,
    catalogue: &Catalogue,
    paths: &[ArchivePath],
    facts: &HostFacts,
) -> Vec<Line> {
    let home = facts.home.to_string_lossy();
    let project = facts.project.as_ref().map(|path| path.to_string_lossy());
    let mut lines: BTreeMap<(TargetId, usize), Vec<Version>> = BTreeMap::new();
    // Snapshots between which nothing changed have the same archive.
    let mut known: HashMap<Digest, Looked> = HashMap::new();
    for record in catalogue.snapshots.iter().filter(|one| one.home == home) {
        let same_project = record.project.as_deref() == project.as_deref();
        for target in &record.targets {
            let looked = known
                .entry(target.digest)
                .or_insert_with(|| look(context, vault, record, target, paths));
            for (number, path) in paths.iter().enumerate() {
                let version = version_of(record, looked, number);
                // A snapshot of another project holds nothing of this one; and that a safety
                // snapshot lacks something says nothing.
                let other = *path.base() == Base::Project && !same_project;
                if !other && (version.state.is_some() || !version.safety) {
                    let line = lines.entry((target.target.clone(), number));
                    line.or_default().push(version);
                }
            }
        }
    }
    let held = |all: &[Version]| all.iter().any(|one| one.state.is_some());
    let mut lines: Vec<Line> = lines
        .into_iter()
        .filter(|(_, all)| held(all))
        .map(|((target, number), all)| (target, paths[number].clone(), all))
        .collect();
    // One file can have two names in one archive's terms; the first is as good.
    lines.dedup_by(|one, other| one.0 == other.0);
    lines
}

/// What an archive holds of each path, or why nobody knows.
type Looked = Result<Vec<Option<State>>, String>;

fn version_of(record: &SnapshotRecord, looked: &Looked, number: usize) -> Version {
    let state = looked.as_ref().ok().and_then(|all| all.get(number));
    Version {
        snapshot: Some(record.id.to_string()),
        time: Some(record.time.clone()),
        safety: record.kind == SnapshotKind::Safety,
        state: state.cloned().flatten(),
        unread: looked.as_ref().err().cloned(),
    }
}

fn look(
    context: &Context,
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
    paths: &[ArchivePath],
) -> Looked {
    let of_any = |entry: &Entry| paths.iter().any(|path| is_of(entry, path));
    let entries: Vec<Entry> = if let Some(index) = vault.fitting_index(&record.id, target) {
        let rows = index.rows().filter_map(Result::ok);
        let entries = rows.map(|row| (row.path, row.kind, row.digest, row.meta.mtime.seconds));
        entries.filter(of_any).collect()
    } else {
        // Without its index an archive is read as a whole.
        let id = &record.id;
        context
            .voice
            .detail(format!("{id}: there is no index, so all of it is read"));
        let archive = open_recorded(vault, record, target).map_err(|e| e.source.to_string())?;
        let entries = archive.into_listing().entries.into_values();
        let entries = entries.map(|e| (e.path, e.kind, e.digest, e.meta.mtime.seconds));
        entries.filter(of_any).collect()
    };
    Ok(paths.iter().map(|path| state(path, &entries)).collect())
}

/// Whether an entry is what a path names, or below it.
fn is_of(entry: &Entry, path: &ArchivePath) -> bool {
    entry.0.base() == path.base() && entry.0.rel().is_at_or_below(path.rel())
}

/// The state of a path among the entries of a tree, which stand in order.
fn state(path: &ArchivePath, entries: &[Entry]) -> Option<State> {
    let entries: Vec<&Entry> = entries.iter().filter(|entry| is_of(entry, path)).collect();
    let itself = entries.iter().find(|entry| entry.0 == *path).copied();
    let files = || {
        entries
            .iter()
            .filter(|entry| entry.1 != EntryKind::Directory)
    };
    let size = |kind: &EntryKind| match kind {
        EntryKind::File { size } => *size,
        EntryKind::Directory | EntryKind::Link { .. } => 0,
    };
    let newest = files().map(|entry| entry.3).max();
    let (digest, kind) = match itself {
        Some((_, kind @ EntryKind::File { .. }, Some(digest), _)) => (*digest, kind.word()),
        Some((_, kind @ EntryKind::Link { target }, ..)) => {
            (Digest::of(target.as_bytes()), kind.word())
        }
        _ => {
            newest?;
            let below = files().filter_map(|(one, kind, digest, _)| {
                Some((one.rel().text_below(path.rel())?, kind, *digest))
            });
            (version(below), EntryKind::Directory.word())
        }
    };
    Some(State {
        digest,
        kind,
        size: files().map(|entry| size(&entry.1)).sum(),
        files: files().count() as u64,
        modified: newest.unwrap_or_default(),
        paths: files().map(|entry| entry.0.clone()).collect(),
    })
}

/// What is here, as a backup would take it: of the classes that the newest snapshot holds.
pub(super) fn live(
    context: &Context,
    target: &TargetId,
    path: &ArchivePath,
    newest: Option<&Version>,
    facts: &HostFacts,
) -> Result<Version, CommandError> {
    let mut version = Version {
        snapshot: None,
        time: None,
        safety: false,
        state: None,
        unread: None,
    };
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let loaded = context.load(&registry, &runtime, |id| id == target);
    let loaded = loaded.into_iter().find(|one| one.name == target.as_str());
    let Some(Ok(adapter)) = loaded.map(|one| one.result) else {
        version.unread = Some("its adapter is not here".to_owned());
        return Ok(version);
    };
    // All classes, to know which one each of the archived files falls under; then those.
    let everything = ClassSelection::everything();
    let mut plan = plan_target(&adapter, everything, facts, &context.vault_path)?;
    let rules = RuleSet::new(&plan.declaration.rules);
    let class = |path: &ArchivePath| rules.rule_for(path).map(|rule| rule.class);
    let held = newest.and_then(|one| one.state.as_ref());
    let held = held.iter().flat_map(|state| &state.paths).filter_map(class);
    let classes = held.fold(ClassSelection::default_profile(), ClassSelection::with);
    let mut kept = Vec::new();
    for entry in plan.inventory.entries {
        let wanted = class(&entry.path).is_some_and(|class| classes.takes(class));
        let below = Some(entry.path.rel()).filter(|_| entry.path.base() == path.base());
        if wanted && below.is_some_and(|rel| rel.is_at_or_below(path.rel())) {
            kept.push(entry);
        }
    }
    plan.inventory.entries = kept;
    match entries(context, &plan)? {
        Ok(entries) => version.state = state(path, &entries),
        Err(why) => version.unread = Some(why),
    }
    Ok(version)
}

/// The entries of a plan, each file read.
fn entries(
    context: &Context,
    plan: &TargetPlan,
) -> Result<Result<Vec<Entry>, String>, CommandError> {
    let cache = PrivateDir::create_all(&context.own.cache)?;
    let scratch = ScratchDir::new_in(&cache, ".history-")?;
    let mut all = Vec::new();
    for entry in &plan.inventory.entries {
        let (mut kind, mut digest) = (entry.kind.clone(), None);
        if let EntryKind::File { .. } = kind {
            match read(plan, &entry.path, None, scratch.dir())? {
                Ok(reading) => {
                    kind = EntryKind::File { size: reading.size };
                    digest = Some(reading.digest);
                }
                Err(why) => return Ok(Err(why)),
            }
        }
        all.push((entry.path.clone(), kind, digest, entry.meta.mtime.seconds));
    }
    Ok(Ok(all))
}
