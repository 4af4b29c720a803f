//! The two sides of a comparison: an archive of the vault, one from outside, or what is here.

use super::super::archives::{limits, open_file, open_recorded};
use super::super::args::DiffArgs;
use super::super::context::{Context, tilde, unknown_target};
use super::super::error::{CommandError, ExitStatus};
use super::super::list;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use takeback::adapters::Adapter;
use takeback::archive::{Choice, Listing, OpenArchive, Opened, VerifiedArchive};
use takeback::backup::{BackupError, TargetPlan, existing, known, plan_target, read};
use takeback::diff::{Node, Side};
use takeback::fs::{Dir, PrivateDir, ScratchDir};
use takeback::model::{
    ArchivePath, Base, Class, ClassSelection, Digest, EntryKind, HostFacts, Observer as _, Rule,
    RuleSet, TargetId, Trouble,
};
use takeback::restore::RestoreError;
use takeback::vault::{Catalogue, SnapshotSelector, StoredArchive, select};

/// What is compared of all there is.
pub(super) struct Filter {
    pub(super) choice: Choice,
    /// Whether nothing was chosen.
    pub(super) everything: bool,
    /// The classes that both sides hold.
    pub(super) both: ClassSelection,
    /// The only paths that one of the sides was to hold.
    pub(super) only: Option<BTreeSet<ArchivePath>>,
}

impl Filter {
    /// Whether an entry counts. Directories have no class; they count when everything does.
    fn takes(&self, path: &ArchivePath, class: Option<Class>) -> bool {
        let of_class = class.map_or(self.everything, |class| {
            self.both.takes(class) && self.choice.classes.takes(class)
        });
        let only = self.only.as_ref().is_none_or(|only| only.contains(path));
        of_class && only && self.choice.takes_path(path)
    }
}

/// One side.
pub(super) enum Comparable {
    /// What is here now.
    Live(Box<Live>),
    /// An archive of the vault, with its snapshot's name.
    Vault(String, Opened<StoredArchive>),
    /// An archive from outside, with its name.
    File(String, Box<VerifiedArchive<File>>),
}

/// What is here now.
pub(super) struct Live {
    pub(super) plan: TargetPlan,
    pub(super) scratch: ScratchDir,
    classes: ClassSelection,
    /// Digests that need no reading.
    known: BTreeMap<ArchivePath, Digest>,
}

impl Comparable {
    pub(super) fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Live(_) => None,
            Self::Vault(_, archive) => Some(archive.listing()),
            Self::File(_, archive) => Some(archive.listing()),
        }
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Live(_) => "now".to_owned(),
            Self::Vault(name, _) | Self::File(name, _) => name.clone(),
        }
    }

    pub(super) fn classes(&self) -> ClassSelection {
        match self {
            Self::Live(live) => live.classes,
            Self::Vault(..) | Self::File(..) => self
                .listing()
                .map_or(ClassSelection::of(&[]), |listing| listing.manifest.classes),
        }
    }

    pub(super) fn rules(&self) -> &[Rule] {
        match self {
            Self::Live(live) => &live.plan.declaration.rules,
            Self::Vault(..) | Self::File(..) => self
                .listing()
                .map_or(&[], |listing| &listing.manifest.declaration.rules),
        }
    }

    /// The paths of a safety snapshot: it holds what a restore overwrote, and nothing else.
    pub(super) fn partial(&self) -> Option<BTreeSet<ArchivePath>> {
        let listing = self.listing().filter(|listing| listing.manifest.safety)?;
        Some(listing.entries.keys().cloned().collect())
    }

    /// Everything in it that counts.
    pub(super) fn side(&self, context: &Context, filter: &Filter) -> Result<Side, CommandError> {
        match (self, self.listing()) {
            (Self::Live(live), _) => live.side(context, filter),
            (_, Some(listing)) => Ok(archived(listing, filter)),
            (_, None) => Ok(Side::default()),
        }
    }
}

fn archived(listing: &Listing, filter: &Filter) -> Side {
    let nodes = listing.entries.values().filter_map(|entry| {
        let class = listing.rule_for(&entry.path).map(|rule| rule.class);
        let class = class.filter(|_| entry.kind != EntryKind::Directory);
        filter.takes(&entry.path, class).then(|| {
            let node = Node {
                kind: entry.kind.clone(),
                mode: (!entry.masked).then_some(entry.meta.mode),
                mtime: entry.meta.mtime,
                class,
                digest: entry.digest,
            };
            (entry.path.clone(), node)
        })
    });
    Side {
        nodes: nodes.collect(),
        gaps: gaps(&listing.manifest.troubles, "the snapshot lacks it"),
    }
}

/// What could not be had.
fn gaps(troubles: &[Trouble], of: &str) -> BTreeMap<ArchivePath, String> {
    let gap = |trouble: &Trouble| {
        let path = ArchivePath::parse(&trouble.path).ok()?;
        Some((path, format!("{of} ({})", trouble.kind.as_str())))
    };
    troubles.iter().filter_map(gap).collect()
}

impl Live {
    fn side(&self, context: &Context, filter: &Filter) -> Result<Side, CommandError> {
        let rules = RuleSet::new(&self.plan.declaration.rules);
        let progress = context.progress();
        let mut side = Side {
            nodes: BTreeMap::new(),
            gaps: gaps(&self.plan.inventory.troubles, "it cannot be had here"),
        };
        for entry in &self.plan.inventory.entries {
            if progress.interrupted() {
                return Err(BackupError::Interrupted.into());
            }
            let class = rules.rule_for(&entry.path).map(|rule| rule.class);
            let class = class.filter(|_| entry.kind != EntryKind::Directory);
            if !filter.takes(&entry.path, class) {
                continue;
            }
            let mut node = Node {
                kind: entry.kind.clone(),
                mode: Some(entry.meta.mode),
                mtime: entry.meta.mtime,
                class,
                digest: None,
            };
            if let EntryKind::File { .. } = entry.kind {
                match self.digest(&entry.path)? {
                    Ok((digest, size)) => {
                        node.digest = Some(digest);
                        if let Some(size) = size {
                            node.kind = EntryKind::File { size };
                        }
                    }
                    Err(why) => {
                        side.gaps.insert(entry.path.clone(), why);
                        continue;
                    }
                }
            }
            side.nodes.insert(entry.path.clone(), node);
        }
        Ok(side)
    }

    /// Digest of a live file, and its size where that had to be read.
    fn digest(
        &self,
        path: &ArchivePath,
    ) -> Result<Result<(Digest, Option<u64>), String>, CommandError> {
        if let Some(digest) = self.known.get(path) {
            return Ok(Ok((*digest, None)));
        }
        let reading = read(&self.plan, path, None, self.scratch.dir())?;
        Ok(reading.map(|reading| (reading.digest, Some(reading.size))))
    }
}

/// Opens the sides that are meant.
pub(super) struct Opener<'a> {
    context: &'a Context,
    args: &'a DiffArgs,
    pub(super) facts: &'a HostFacts,
    pub(super) target: TargetId,
    catalogue: Catalogue,
    own_rules: OnceCell<Vec<Rule>>,
}

impl<'a> Opener<'a> {
    pub(super) fn new(
        context: &'a Context,
        args: &'a DiffArgs,
        facts: &'a HostFacts,
    ) -> Result<Self, CommandError> {
        let catalogue = context.catalogue()?;
        let target = match &args.from {
            Some(_) => TargetId::new(&args.target).map_err(CommandError::usage)?,
            None => list::target(&args.target, &catalogue)?,
        };
        Ok(Self {
            context,
            args,
            facts,
            target,
            catalogue,
            own_rules: OnceCell::new(),
        })
    }

    pub(super) fn before(&self) -> Result<Comparable, CommandError> {
        match &self.args.from {
            Some(path) => self.file(path),
            None => self.snapshot(self.args.before.as_deref().unwrap_or("latest")),
        }
    }

    /// The other side; of what is here, all classes that the first one holds.
    pub(super) fn after(&self, before: &Comparable) -> Result<Comparable, CommandError> {
        let named = match self.args.from {
            Some(_) => self.args.before.as_deref(),
            None => self.args.after.as_deref(),
        };
        match named {
            Some(name) => self.snapshot(name),
            None => self.live(before),
        }
    }

    fn snapshot(&self, name: &str) -> Result<Comparable, CommandError> {
        let selector = SnapshotSelector::parse(name);
        let record = select(&self.catalogue.snapshots, &selector, Some(&self.target))?;
        let (Some(vault), Some(target)) = (self.context.vault()?, record.target(&self.target))
        else {
            let why = "there is no such archive";
            return Err(CommandError::new(ExitStatus::NotFound, why));
        };
        let archive = open_recorded(&vault, record, target)?;
        Ok(Comparable::Vault(record.id.to_string(), archive))
    }

    fn file(&self, path: &Path) -> Result<Comparable, CommandError> {
        let (file, size) = open_file(path)?;
        let archive = tilde(path, &self.facts.home);
        let now = jiff::Timestamp::now().as_second();
        let opened = VerifiedArchive::read(file, limits(&self.args.limits, size), now);
        let opened = match opened {
            Ok(opened) => opened,
            Err(source) => return Err(RestoreError::Archive { archive, source }.into()),
        };
        let found = opened.listing().manifest.target.clone();
        if found != self.target {
            let wanted = self.target.clone();
            return Err(RestoreError::OtherTarget {
                archive,
                found,
                wanted,
            }
            .into());
        }
        Ok(Comparable::File(archive, Box::new(opened)))
    }

    fn live(&self, before: &Comparable) -> Result<Comparable, CommandError> {
        let (classes, facts) = (before.classes(), self.facts);
        self.note_other_project(before);
        let adapter = self.adapter()?;
        let plan = plan_target(&adapter, classes, facts, &self.context.vault_path)?;
        let cache = self.context.own.cache.join("seen");
        let known = match self.context.vault()? {
            Some(vault) => known(&vault, &self.catalogue.snapshots, &plan, facts, &cache),
            None => BTreeMap::new(),
        };
        Ok(Comparable::Live(Box::new(Live {
            plan,
            scratch: ScratchDir::new_in(&self.scratch()?, ".diff-")?,
            classes,
            known,
        })))
    }

    fn scratch(&self) -> Result<Dir, CommandError> {
        Ok(PrivateDir::create_all(&self.context.own.cache)?)
    }

    /// A snapshot of one project says nothing about another.
    fn note_other_project(&self, before: &Comparable) {
        let Some(listing) = before.listing() else {
            return;
        };
        let there = listing.manifest.origin.project.as_deref();
        let here = self.facts.project.as_deref();
        let of_project = |path: &ArchivePath| *path.base() == Base::Project;
        if there.map(Path::new) != here && listing.entries.keys().any(of_project) {
            let there = there.map_or("none".to_owned(), |path| {
                tilde(Path::new(path), &self.facts.home)
            });
            self.context.voice.warn(&format!(
                "this snapshot is of another project: {there}; --project names the one to compare"
            ));
        }
    }

    fn adapter(&self) -> Result<Adapter, CommandError> {
        let (registry, runtime) = (self.context.registry()?, self.context.runtime()?);
        let loaded = self
            .context
            .load(&registry, &runtime, |id| *id == self.target);
        let name = self.target.as_str();
        let found = loaded.into_iter().find(|one| one.name == name);
        match found.map(|one| one.result) {
            Some(Ok(adapter)) => Ok(adapter),
            Some(Err(e)) => Err(e.into()),
            None => {
                let known = registry.known().map(|(id, _)| id.to_string());
                Err(unknown_target(name, &known.collect::<Vec<_>>())
                    .hint("two snapshots can be compared without its adapter"))
            }
        }
    }

    /// What the adapter that is here says of files now, if there is one: what it calls a
    /// secret is one in every archive.
    pub(super) fn own_rules(&self) -> &[Rule] {
        self.own_rules.get_or_init(|| {
            let declared = self.adapter().ok().and_then(|adapter| {
                let there = existing(adapter.identity(), self.facts);
                adapter.declare(self.facts, &there).ok()
            });
            declared.map_or_else(Vec::new, |declared| declared.rules.clone())
        })
    }
}
