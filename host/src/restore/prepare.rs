//! Validate, stage, observe and plan one target.

use super::error::RestoreError;
use super::observe::Destinations;
use super::plan::{Action, RestorePlan, SoftRefusal};
use super::planner::Planner;
use super::stage::{StagedTree, check_space};
use super::wish::Wish;
use crate::archive::{ListedEntry, Listing, OpenArchive};
use crate::fs::Owner;
use crate::in_use::Lookout;
use crate::model::{ArchivePath, Base, CheckedDeclaration, EntryKind, HostFacts, Location, Shown};
use crate::operation::{Draft, Operations};
use crate::scan::Place;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A restore that is ready: staged, observed and planned.
pub struct Prepared {
    /// What it would do.
    pub plan: RestorePlan,
    /// What the archive holds.
    pub listing: Listing,
    pub(super) staged: StagedTree,
}

/// The rules of the game for one archive.
pub struct Ground<'a> {
    /// This machine.
    pub facts: &'a HostFacts,
    /// Where operations are kept.
    pub operations: &'a Operations,
    /// The draft of this restore, one for all its targets.
    pub draft: Rc<Draft>,
    /// Sees which files other programs hold open.
    pub lookout: &'a Lookout,
    /// Who will own the files, when that is not the user of this process.
    pub owner: Option<Owner>,
    /// The places the target's adapter may touch now; `None` when it is not installed,
    /// and what the vault's own archive recorded counts.
    pub scope: Option<(Vec<Location>, Vec<String>)>,
}

/// Prepares the restore of a verified archive. Writes only to the staging directory.
///
/// # Errors
/// When the archive asks for places its adapter may not touch, nothing fits the choice,
/// or the disk refuses.
pub fn prepare(
    archive: impl OpenArchive,
    name: &str,
    wish: &Wish,
    ground: &Ground<'_>,
) -> Result<Prepared, RestoreError> {
    let listing = archive.listing();
    if wish.exact && listing.manifest.safety {
        return Err(RestoreError::NotWhole(name.to_owned()));
    }
    let (scope, declaration) = admit(listing, name, ground)?;
    let taken = wish.choice.of(listing);
    let chosen = chosen(listing, &taken);
    if chosen
        .iter()
        .all(|entry| entry.kind == EntryKind::Directory)
        && !(listing.entries.is_empty() && listing.unasked == 0)
    {
        return Err(RestoreError::NothingChosen(name.to_owned()));
    }
    check_scope(&chosen, &scope, name, listing)?;
    let bytes = chosen.iter().map(|entry| entry.size()).sum();
    check_space(ground.operations, bytes)?;
    let mut staged = StagedTree::new(Rc::clone(&ground.draft));
    staged.fill(&archive, &chosen, name)?;
    let mut planner = Planner {
        facts: ground.facts,
        wish,
        listing,
        destinations: Destinations::new(ground.facts, &declaration.rules),
        plan: empty_plan(listing, name, ground.facts),
    };
    planner.plan.actions.reserve_exact(chosen.len());
    for entry in &chosen {
        planner.entry(entry, &mut staged)?;
    }
    if wish.exact {
        planner.extras(&declaration, &scope, &chosen)?;
    }
    planner.plan.masked = chosen.iter().filter(|entry| entry.masked).count() as u64;
    planner.check_writable();
    let mut plan = planner.plan;
    plan.blanked = blanked(listing, &plan);
    plan.soft.extend(
        ground
            .owner
            .map(|owner| SoftRefusal::OtherOwner(owner.user)),
    );
    Ok(Prepared {
        plan,
        listing: archive.into_listing(),
        staged,
    })
}

/// The entries that are taken, in order.
fn chosen<'a>(listing: &'a Listing, taken: &[bool]) -> Vec<&'a ListedEntry> {
    let all = listing.entries.values().zip(taken);
    all.filter(|(_, taken)| **taken)
        .map(|(entry, _)| entry)
        .collect()
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
    let checked = checked.map_err(|source| RestoreError::OutOfScope {
        archive: name.to_owned(),
        source,
    })?;
    Ok((scope, checked))
}

/// Files go only where the adapter may reach; directories also above that.
fn check_scope(
    chosen: &[&ListedEntry],
    scope: &[Location],
    name: &str,
    listing: &Listing,
) -> Result<(), RestoreError> {
    for entry in chosen {
        let inside = scope.iter().any(|granted| granted.holds(&entry.path));
        let above = || {
            let place = Location::from(entry.path.clone());
            entry.kind == EntryKind::Directory && scope.iter().any(|one| place.contains(one))
        };
        if !inside && !above() {
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
        masked: 0,
        real_places: Vec::new(),
        odd_names: listing
            .alike()
            .into_iter()
            .map(|(path, other)| {
                let other = Shown(other.rel().name()).to_string();
                (
                    path.clone(),
                    format!("elsewhere this is the same file as {other}"),
                )
            })
            .collect(),
        blanked: Vec::new(),
        differences: BTreeMap::new(),
    }
}

/// The values that are blank in the archive, of files that would be written.
fn blanked(listing: &Listing, plan: &RestorePlan) -> Vec<(ArchivePath, String)> {
    let written = plan.actions.iter().filter(|one| one.action.changes());
    let written: HashSet<&ArchivePath> = written.map(|planned| &planned.path).collect();
    let all = listing.manifest.blanked.iter();
    all.filter(|(path, _)| written.contains(path))
        .cloned()
        .collect()
}

/// Where the archive comes from, when that is not here.
fn origins(listing: &Listing, facts: &HostFacts) -> Vec<SoftRefusal> {
    let origin = &listing.manifest.origin;
    let has_project = listing
        .entries
        .keys()
        .any(|path| *path.base() == Base::Project);
    let project = |path: &Path| path.to_string_lossy().into_owned();
    let mut pairs = vec![
        ("machine", origin.host.clone(), facts.host.clone()),
        ("user", origin.user.clone(), facts.user.clone()),
        (
            "home directory",
            origin.home.clone(),
            facts.home.to_string_lossy().into_owned(),
        ),
    ];
    if has_project {
        // Without a project here there is nowhere to restore to, which is said elsewhere.
        let there = origin.project.clone().unwrap_or_default();
        let here = facts.project.as_deref().map(project);
        pairs.extend(here.map(|here| ("project directory", there, here)));
    }
    pairs
        .into_iter()
        .filter(|(_, there, here)| there != here)
        .map(|(what, there, here)| SoftRefusal::Origin { what, there, here })
        .collect()
}

/// Two targets may hold the same file (a manifest that two adapters declare). It is
/// written once, for the first of them.
pub fn settle_overlaps(prepared: &mut [Prepared]) {
    let mut written = Written::default();
    for one in prepared {
        let again = written.note(one);
        for (planned, again) in one.plan.actions.iter_mut().zip(again) {
            match again {
                false => {}
                true if planned.directory => planned.action = Action::KeepDirectory,
                true => planned.action = Action::Withhold("another target restores it"),
            }
        }
    }
}

/// Real places that are written. Directories are numbered, for most hold many names.
#[derive(Default)]
struct Written {
    dirs: HashMap<PathBuf, usize>,
    names: Vec<HashSet<OsString>>,
}

impl Written {
    /// Adds what a plan writes, and says of each of its actions whether that was there.
    fn note(&mut self, one: &Prepared) -> Vec<bool> {
        let mut last: Option<(&Place, usize)> = None;
        let mut again = Vec::with_capacity(one.plan.actions.len());
        for planned in &one.plan.actions {
            let Some(place) = planned.place.as_ref().filter(|_| planned.action.changes()) else {
                again.push(false);
                continue;
            };
            let number = match last.filter(|(last, _)| last.is_beside(place)) {
                Some((_, number)) => number,
                None => self.number(place),
            };
            last = Some((place, number));
            let name = place.rel.file_name().unwrap_or_default();
            let known = self.names[number].contains(name);
            if !known {
                self.names[number].insert(name.to_owned());
            }
            again.push(known);
        }
        again
    }

    fn number(&mut self, place: &Place) -> usize {
        let full = place.full();
        let dir = full.parent().unwrap_or(&full).to_owned();
        let next = self.names.len();
        let number = *self.dirs.entry(dir).or_insert(next);
        if number == next {
            self.names.push(HashSet::new());
        }
        number
    }
}
