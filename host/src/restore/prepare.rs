//! Validate, stage, observe and plan one target.

use super::error::RestoreError;
use super::observe::{Destinations, Live};
use super::plan::{Action, Conflict, Known, PlannedAction, RestorePlan, SoftRefusal, decide};
use super::select::Choice;
use super::stage::StagedTree;
use super::{merge, will_run};
use crate::archive::{ListedEntry, Listing, VerifiedArchive};
use crate::fs::FsError;
use crate::model::limits::READ_BACK_BYTES;
use crate::model::{
    ArchivePath, Base, CheckedDeclaration, Class, ClassSelection, EntryKind, Fingerprint, HostFacts,
    Kind,     Location, Meta, Placement, RelPath, RuleId, RuleSet, ShownPath,
};
use crate::scan::{Place, scan};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use std::path::Path;

/// What somebody wants restored, and how.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which entries.
    pub choice: Choice,
    /// Also remove what is only local.
    pub exact: bool,
    /// Put files in the place of live links.
    pub replace_links: bool,
}

/// A restore that is ready: staged, observed and planned.
pub struct Prepared {
    /// What it would do.
    pub plan: RestorePlan,
    /// What the archive holds.
    pub listing: Listing,
    pub(super) staged: StagedTree,
    pub(super) places: BTreeMap<ArchivePath, Place>,
}

/// The rules of the game for one archive.
pub struct Ground<'a> {
    /// This machine.
    pub facts: &'a HostFacts,
    /// Takeback's state directory.
    pub state_dir: &'a Path,
    /// The places the target's adapter may touch now; `None` when it is not installed,
    /// and what the vault's own archive recorded counts.
    pub scope: Option<(Vec<Location>, Vec<String>)>,
}

/// Prepares the restore of a verified archive. Writes only to the staging directory.
///
/// # Errors
/// When the archive asks for places its adapter may not touch, nothing fits the choice,
/// or the disk refuses.
pub fn prepare<F: Read + Seek>(
    mut archive: VerifiedArchive<F>,
    name: &str,
    wish: &Wish,
    ground: &Ground<'_>,
) -> Result<Prepared, RestoreError> {
    let listing = archive.listing();
    let (scope, declaration) = admit(listing, name, ground)?;
    let chosen: Vec<ListedEntry> = wish.choice.of(listing).into_iter().cloned().collect();
    let files: BTreeSet<ArchivePath> = chosen
        .iter()
        .filter(|entry| matches!(entry.kind, EntryKind::File { .. }))
        .map(|entry| entry.path.clone())
        .collect();
    if chosen.iter().all(|entry| entry.kind == EntryKind::Directory) && !listing.entries.is_empty() {
        return Err(RestoreError::NothingChosen(name.to_owned()));
    }
    check_scope(&chosen, &scope, name, listing)?;
    let bytes = chosen.iter().map(size).sum();
    let mut staged = StagedTree::new(ground.state_dir, bytes)?;
    staged.fill(&mut archive, &files, name)?;
    let mut planner = Planner {
        facts: ground.facts,
        wish,
        listing: archive.listing(),
        destinations: Destinations::new(ground.facts, &declaration.rules),
        places: BTreeMap::new(),
        plan: empty_plan(archive.listing(), name, ground.facts),
    };
    for entry in &chosen {
        planner.entry(entry, &mut staged)?;
    }
    if wish.exact {
        planner.extras(&declaration, &scope, &chosen)?;
    }
    planner.check_writable();
    let Planner { places, plan, .. } = planner;
    Ok(Prepared { plan, listing: archive.into_listing(), staged, places })
}

fn size(entry: &ListedEntry) -> u64 {
    match entry.kind {
        EntryKind::File { size } => size,
        _ => 0,
    }
}

/// The archive's declaration must be one its adapter could make here and now.
fn admit(
    listing: &Listing,
    name: &str,
    ground: &Ground<'_>,
) -> Result<(Vec<Location>, CheckedDeclaration), RestoreError> {
    let manifest = &listing.manifest;
    let recorded = || (manifest.scope.clone(), manifest.variables.clone());
    let (scope, variables) = ground.scope.clone().unwrap_or_else(recorded);
    let declaration = manifest.declaration.clone();
    let checked = CheckedDeclaration::admit(declaration, &scope, &variables, ground.facts);
    let checked = checked.map_err(|source| RestoreError::OutOfScope { archive: name.to_owned(), source })?;
    Ok((scope, checked))
}

/// Files go only where the adapter may reach; directories also above that.
fn check_scope(
    chosen: &[ListedEntry],
    scope: &[Location],
    name: &str,
    listing: &Listing,
) -> Result<(), RestoreError> {
    for entry in chosen {
        let place = Location { base: entry.path.base().clone(), path: entry.path.rel().clone() };
        let inside = scope.iter().any(|granted| granted.contains(&place));
        let above = entry.kind == EntryKind::Directory
            && scope.iter().any(|granted| place.contains(granted));
        if !inside && !above {
            return Err(RestoreError::OutsideScope {
                archive: name.to_owned(),
                path: entry.path.to_string(),
                target: listing.manifest.target.clone(),
            });
        }
    }
    Ok(())
}

fn empty_plan(listing: &Listing, name: &str, facts: &HostFacts) -> RestorePlan {
    RestorePlan {
        target: listing.manifest.target.clone(),
        snapshot: listing.manifest.snapshot.clone(),
        archive: name.to_owned(),
        actions: Vec::new(),
        conflicts: Vec::new(),
        soft: origins(listing, facts),
        commands: Vec::new(),
        executables: Vec::new(),
        ignored: listing.ignored.clone(),
        real_places: Vec::new(),
    }
}

/// Where the archive comes from, when that is not here.
fn origins(listing: &Listing, facts: &HostFacts) -> Vec<SoftRefusal> {
    let origin = &listing.manifest.origin;
    let has_project =
        listing.entries.keys().any(|path| *path.base() == Base::Project);
    let project = |path: &Path| path.to_string_lossy().into_owned();
    let mut pairs = vec![
        ("machine", origin.host.clone(), facts.host.clone()),
        ("user", origin.user.clone(), facts.user.clone()),
        ("home directory", origin.home.clone(), facts.home.to_string_lossy().into_owned()),
    ];
    if has_project {
        let here = facts.project.as_deref().map(project).unwrap_or_default();
        pairs.push(("project directory", origin.project.clone().unwrap_or_default(), here));
    }
    pairs
        .into_iter()
        .filter(|(_, there, here)| there != here)
        .map(|(what, there, here)| SoftRefusal::Origin { what, there, here })
        .collect()
}

struct Planner<'a> {
    facts: &'a HostFacts,
    wish: &'a Wish,
    listing: &'a Listing,
    destinations: Destinations<'a>,
    places: BTreeMap<ArchivePath, Place>,
    plan: RestorePlan,
}

impl Planner<'_> {
    /// Whether files bound to a home (or project) directory are elsewhere now.
    fn home_changed(&self, path: &ArchivePath) -> bool {
        let origin = &self.listing.manifest.origin;
        let same_home = Path::new(&origin.home) == self.facts.home;
        let same_project = origin.project.as_deref().map(Path::new) == self.facts.project.as_deref();
        !same_home || (*path.base() == Base::Project && !same_project)
    }

    fn entry(&mut self, entry: &ListedEntry, staged: &mut StagedTree) -> Result<(), FsError> {
        let rule = self.listing.rule_for(&entry.path);
        let home_changed = self.home_changed(&entry.path);
        let merge_keys = rule.and_then(|rule| match &rule.kind {
            Kind::Json(keys) if home_changed => Some(keys),
            _ => None,
        });
        let expected = staged.get(&entry.path).map(|file| file.size);
        let (mut live, place) = self.destinations.look(&entry.path, expected)?;
        let mut merged = false;
        if let Some(keys) = merge_keys {
            let here = match (&live, &place) {
                (Live::File(..), Some(place)) => read_live(place),
                _ => None,
            };
            let archived = staged.content(&entry.path, READ_BACK_BYTES).unwrap_or_default();
            match merge::merge(&archived, here.as_deref(), keys) {
                Some(bytes) => {
                    staged.replace(&entry.path, &bytes)?;
                    live = self.destinations.look(&entry.path, Some(bytes.len() as u64))?.0;
                    merged = true;
                }
                None => {
                    let why = "nothing in it is new and fits this machine";
                    self.push(entry, Action::Withhold(why), place, rule.map(|r| (r.class, r.id.clone())));
                    return Ok(());
                }
            }
        }
        let decided = decide(&Known {
            entry,
            live: &live,
            staged: staged.get(&entry.path),
            merged,
            placement: rule.map_or(Placement::Always, |rule| rule.placement),
            home_changed,
            replace_links: self.wish.replace_links,
        });
        match decided {
            Ok(action) => {
                self.note_what_runs(entry, &action, staged, place.as_ref());
                self.stale_logs(entry, &action)?;
                self.push(entry, action, place, rule.map(|r| (r.class, r.id.clone())));
            }
            Err(conflict) => self.plan.conflicts.push(conflict),
        }
        Ok(())
    }

    fn push(
        &mut self,
        entry: &ListedEntry,
        action: Action,
        place: Option<Place>,
        rule: Option<(Class, RuleId)>,
    ) {
        if let Some(place) = place {
            self.note_real_place(&entry.path, &place);
            self.places.insert(entry.path.clone(), place);
        }
        let (class, rule) = rule.unzip();
        let (path, meta, size) = (entry.path.clone(), entry.meta, size(entry));
        self.plan.actions.push(PlannedAction { path, action, class, rule, meta, size });
    }

    /// A destination that is not where its name says is named in the plan.
    fn note_real_place(&mut self, path: &ArchivePath, place: &Place) {
        let Some(base) = self.facts.base_dir(path.base()) else { return };
        let (named, real) = (path.under(&base), place.full());
        let is_root = self.listing.manifest.declaration.rules.iter().any(|rule| {
            rule.at.base == *path.base() && rule.at.path == *path.rel()
        });
        if is_root && named != real {
            let real = ShownPath(&real).to_string();
            self.plan.real_places.push((path.to_string(), real));
        }
    }

    /// What would run by itself, or could be run, after this file is written.
    fn note_what_runs(
        &mut self,
        entry: &ListedEntry,
        action: &Action,
        staged: &StagedTree,
        place: Option<&Place>,
    ) {
        let written = matches!(
            action,
            Action::Create(_) | Action::Replace(..) | Action::Merge(..) | Action::ReplaceLink(..)
        );
        if !written || !matches!(entry.kind, EntryKind::File { .. }) {
            return;
        }
        if entry.meta.mode & 0o111 != 0 {
            self.plan.executables.push(entry.path.clone());
        }
        let json = entry.path.rel().name().ends_with(".json");
        if let Some(bytes) = json.then(|| staged.content(&entry.path, 1 << 20)).flatten() {
            let live = place.and_then(read_live);
            let added = will_run::added(&bytes, live.as_deref());
            self.plan.commands.extend(added.into_iter().map(|c| (entry.path.clone(), c)));
        }
    }

    /// A log left beside a replaced database would be replayed into the wrong one.
    fn stale_logs(&mut self, entry: &ListedEntry, action: &Action) -> Result<(), FsError> {
        let is_file = matches!(action, Action::Create(_) | Action::Replace(..));
        let database = self.listing.rule_for(&entry.path).is_some_and(|r| r.kind == Kind::Sqlite);
        if !is_file || !database {
            return Ok(());
        }
        for side in ["-wal", "-shm", "-journal"] {
            let Ok(rel) = RelPath::new(&format!("{}{side}", entry.path.rel())) else {
                continue;
            };
            let path = ArchivePath::new(entry.path.base().clone(), rel);
            self.remove(path, entry.meta, Action::RemoveLog)?;
        }
        Ok(())
    }

    fn remove(
        &mut self,
        path: ArchivePath,
        meta: Meta,
        action: fn(Fingerprint) -> Action,
    ) -> Result<(), FsError> {
        let (live, place) = self.destinations.look(&path, None)?;
        let (Live::File(stat, _) | Live::Link(stat, _)) = live else { return Ok(()) };
        if let Some(place) = place {
            self.places.insert(path.clone(), place);
            let action = action(stat.fingerprint(None));
            let (class, rule) = (None, None);
            self.plan.actions.push(PlannedAction { path, action, class, rule, meta, size: 0 });
        }
        Ok(())
    }

    /// What is only local inside the rules of the restored classes.
    fn extras(
        &mut self,
        declaration: &CheckedDeclaration,
        scope: &[Location],
        chosen: &[ListedEntry],
    ) -> Result<(), FsError> {
        let taken = self.listing.manifest.classes;
        let classes: Vec<Class> =
            taken.classes().filter(|c| self.wish.choice.classes.takes(*c)).collect();
        let found = scan(declaration, scope, ClassSelection::of(&classes), self.facts);
        let kept: BTreeSet<&ArchivePath> = chosen.iter().map(|entry| &entry.path).collect();
        let rules = RuleSet::new(&declaration.rules);
        for extra in found.entries.iter().filter(|e| e.kind != EntryKind::Directory) {
            let chosen = self.wish.choice.takes_path(&extra.path) && rules.rule_for(&extra.path).is_some();
            if chosen && !kept.contains(&extra.path) {
                self.remove(extra.path.clone(), extra.meta, Action::Remove)?;
            }
        }
        Ok(())
    }

    /// A directory that may not be written would stop the restore half way.
    fn check_writable(&mut self) {
        let mut seen = BTreeSet::new();
        for planned in self.plan.actions.iter().filter(|planned| planned.action.changes()) {
            let Some(place) = self.places.get(&planned.path) else { continue };
            let Ok((dir, _)) = place.open_parent() else { continue };
            if seen.insert(dir.path().to_owned()) && !dir.may_write() {
                let path = ShownPath(dir.path()).to_string();
                let why = "this directory may not be written".to_owned();
                self.plan.conflicts.push(Conflict { path, why });
            }
        }
    }
}

fn read_live(place: &Place) -> Option<Vec<u8>> {
    let (file, _) = place.anchor.file(&place.rel).ok()?;
    let mut bytes = Vec::new();
    file.take(READ_BACK_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
