//! Observing destinations and deciding, entry by entry.

use super::decide::{Known, decide};
use super::observe::{Destinations, Live};
use super::odd_names::odd_name;
use super::plan::{Action, Conflict, PlannedAction, RestorePlan};
use super::stage::StagedTree;
use super::wish::Wish;
use super::{merge, will_run};
use crate::archive::{ListedEntry, Listing};
use crate::fs::FsError;
use crate::model::limits::READ_BACK_BYTES;
use crate::model::{
    ArchivePath, Base, CheckedDeclaration, Class, ClassSelection, EntryKind, Fingerprint,
    HostFacts, Kind, Location, Meta, Placement, RelPath, Rule, RuleSet, SQLITE_SIDES, ShownPath,
};
use crate::scan::{Place, scan};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
/// Builds a plan entry by entry.
pub(super) struct Planner<'a> {
    pub(super) facts: &'a HostFacts,
    pub(super) wish: &'a Wish,
    pub(super) listing: &'a Listing,
    pub(super) destinations: Destinations<'a>,
    pub(super) plan: RestorePlan,
}

impl Planner<'_> {
    /// Whether files bound to a home (or project) directory are elsewhere now.
    fn home_changed(&self, path: &ArchivePath) -> bool {
        let origin = &self.listing.manifest.origin;
        let same_home = Path::new(&origin.home) == self.facts.home;
        let same_project =
            origin.project.as_deref().map(Path::new) == self.facts.project.as_deref();
        !same_home || (*path.base() == Base::Project && !same_project)
    }

    /// Decides what is done with one entry.
    pub(super) fn entry(
        &mut self,
        entry: &ListedEntry,
        staged: &mut StagedTree,
    ) -> Result<(), FsError> {
        let rule = self.listing.rule_for(&entry.path);
        let home_changed = self.home_changed(&entry.path);
        let expected = staged.get(&entry.path).map(|file| file.size);
        let (mut live, place) = self.destinations.look(&entry.path, expected)?;
        self.distrust_logged(entry, &mut live, staged)?;
        let mut merged = false;
        if let Some(Kind::Json(keys)) = rule.map(|rule| &rule.kind)
            && home_changed
        {
            match merge_into(entry, keys, &live, place.as_ref(), staged) {
                Some(bytes) => {
                    staged.replace(&entry.path, &bytes, entry.meta)?;
                    live = self
                        .destinations
                        .look(&entry.path, Some(bytes.len() as u64))?
                        .0;
                    merged = true;
                }
                None => {
                    let why = "nothing in it is new and fits this machine";
                    self.push(entry, Action::Withhold(why), place, rule);
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
            Ok(Action::KeepLink(why)) => {
                let action = self
                    .same_behind_link(entry)
                    .unwrap_or(Action::KeepLink(why));
                self.push(entry, action, place, rule);
            }
            Ok(action) => {
                self.note_what_runs(entry, &action, staged, place.as_ref());
                self.stale_logs(entry, &action, staged)?;
                self.push(entry, action, place, rule);
            }
            // One obstacle can stand in the way of many entries.
            Err(conflict) if self.plan.conflicts.contains(&conflict) => {}
            Err(conflict) => self.plan.conflicts.push(conflict),
        }
        Ok(())
    }

    /// A database with a log beside it is not what its main file alone says.
    fn distrust_logged(
        &mut self,
        entry: &ListedEntry,
        live: &mut Live,
        staged: &StagedTree,
    ) -> Result<(), FsError> {
        if let Live::File(_, digest @ Some(_)) = live
            && staged.is_database(&entry.path)
            && let Ok(rel) = RelPath::new(&format!("{}-wal", entry.path.rel()))
        {
            let log = ArchivePath::new(entry.path.base().clone(), rel);
            if let Live::File(stat, _) = self.destinations.look(&log, None)?.0
                && stat.size > 0
            {
                *digest = None;
            }
        }
        Ok(())
    }

    /// A live link that leads to just what the archive holds (a shared skill, say) keeps
    /// nothing out.
    fn same_behind_link(&self, entry: &ListedEntry) -> Option<Action> {
        let size = matches!(entry.kind, EntryKind::File { .. }).then(|| entry.size());
        match (
            &entry.kind,
            self.destinations.look_behind(&entry.path, size)?,
        ) {
            (EntryKind::Directory, Live::Directory(_)) => Some(Action::KeepDirectory),
            (EntryKind::File { .. }, Live::File(_, digest)) if digest == entry.digest => {
                Some(Action::Same)
            }
            _ => None,
        }
    }

    fn push(
        &mut self,
        entry: &ListedEntry,
        action: Action,
        place: Option<Place>,
        rule: Option<&Rule>,
    ) {
        if let Some(place) = &place {
            self.note_real_place(&entry.path, place);
        }
        let (class, rule) = rule.map(|rule| (rule.class, rule.id.clone())).unzip();
        // A kept link has a place; what lies behind it has none.
        let behind_link = matches!(action, Action::KeepLink(_)) && place.is_none();
        let size = match &action {
            Action::Create(staged) | Action::Merge(staged, _) => staged.size,
            _ => entry.size(),
        };
        if let Some(why) = odd_name(entry.path.rel().name()) {
            self.plan
                .odd_names
                .push((entry.path.clone(), why.to_owned()));
        }
        let (path, meta) = (entry.path.clone(), entry.meta);
        let directory = entry.kind == EntryKind::Directory;
        let newer_here = newer_here(entry, &action);
        let planned = PlannedAction {
            path,
            action,
            class,
            rule,
            meta,
            size,
            directory,
            behind_link,
            newer_here,
            place,
        };
        self.plan.actions.push(planned);
    }

    /// A destination that is not where its name says is named in the plan.
    fn note_real_place(&mut self, path: &ArchivePath, place: &Place) {
        let is_root = self
            .listing
            .manifest
            .declaration
            .rules
            .iter()
            .any(|rule| rule.at.base == *path.base() && rule.at.path == *path.rel());
        let Some(base) = self.facts.base_dir(path.base()).filter(|_| is_root) else {
            return;
        };
        let (named, real) = (path.under(&base), place.full());
        let told = |(known, _): &(ArchivePath, _)| {
            known.base() == path.base() && path.rel().is_at_or_below(known.rel())
        };
        if named != real && !self.plan.real_places.iter().any(told) {
            self.plan.real_places.push((path.clone(), real));
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
            self.plan
                .commands
                .extend(added.into_iter().map(|c| (entry.path.clone(), c)));
        }
    }

    /// A log left beside a replaced database would be replayed into the wrong one.
    fn stale_logs(
        &mut self,
        entry: &ListedEntry,
        action: &Action,
        staged: &StagedTree,
    ) -> Result<(), FsError> {
        let written = matches!(action, Action::Create(_) | Action::Replace(..));
        if !written || !staged.is_database(&entry.path) {
            return Ok(());
        }
        for side in SQLITE_SIDES {
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
        action: fn(Box<Fingerprint>) -> Action,
    ) -> Result<(), FsError> {
        let (live, place) = self.destinations.look(&path, None)?;
        let (Live::File(stat, _) | Live::Link(stat, _)) = live else {
            return Ok(());
        };
        if place.is_some() {
            let action = action(Box::new(stat.fingerprint(None)));
            self.plan.actions.push(PlannedAction {
                path,
                action,
                class: None,
                rule: None,
                meta,
                size: 0,
                directory: false,
                behind_link: false,
                newer_here: false,
                place,
            });
        }
        Ok(())
    }

    /// What is only local inside the rules of the restored classes.
    pub(super) fn extras(
        &mut self,
        declaration: &CheckedDeclaration,
        scope: &[Location],
        chosen: &[&ListedEntry],
    ) -> Result<(), FsError> {
        let taken = self.listing.manifest.classes;
        let classes: Vec<Class> = taken
            .classes()
            .filter(|c| self.wish.choice.classes.takes(*c))
            .collect();
        let found = scan(declaration, scope, ClassSelection::of(&classes), self.facts);
        let kept: BTreeSet<&ArchivePath> = chosen.iter().map(|entry| &entry.path).collect();
        let troubles: BTreeSet<&str> = self
            .listing
            .manifest
            .troubles
            .iter()
            .map(|t| t.path.as_str())
            .collect();
        let rules = RuleSet::new(&declaration.rules);
        for extra in found
            .entries
            .iter()
            .filter(|e| e.kind != EntryKind::Directory)
        {
            let chosen =
                self.wish.choice.takes_path(&extra.path) && rules.rule_for(&extra.path).is_some();
            // What the backup could not keep is no leftover.
            let missed = troubles.contains(extra.path.to_string().as_str());
            if chosen && !missed && !kept.contains(&extra.path) {
                self.remove(extra.path.clone(), extra.meta, Action::Remove)?;
            }
        }
        Ok(())
    }

    /// A directory that may not be written would stop the restore half way.
    pub(super) fn check_writable(&mut self) {
        let mut seen = BTreeSet::new();
        let mut last: Option<&Place> = None;
        for planned in self
            .plan
            .actions
            .iter()
            .filter(|planned| planned.action.changes())
        {
            let Some(place) = &planned.place else {
                continue;
            };
            if last
                .replace(place)
                .is_some_and(|last| last.is_beside(place))
            {
                continue;
            }
            let above = place.full().parent().map(Path::to_owned);
            if !seen.insert(above) {
                continue;
            }
            let Ok((dir, _)) = place.open_parent() else {
                continue;
            };
            if !dir.may_write() {
                let path = planned.path.clone();
                let why = format!("the directory {} may not be written", ShownPath(dir.path()));
                self.plan.conflicts.push(Conflict::new(path, why));
            }
        }
    }
}

/// Whether a file is replaced by an older one with other content.
fn newer_here(entry: &ListedEntry, action: &Action) -> bool {
    match action {
        Action::Replace(new, live) => {
            live.mtime > entry.meta.mtime && live.digest != Some(new.digest)
        }
        _ => false,
    }
}

/// The live file with what the archive brings; `None` when it brings nothing.
fn merge_into(
    entry: &ListedEntry,
    keys: &[String],
    live: &Live,
    place: Option<&Place>,
    staged: &StagedTree,
) -> Option<Vec<u8>> {
    let archived = staged.content(&entry.path, READ_BACK_BYTES)?;
    let here = matches!(live, Live::File(..))
        .then(|| place.and_then(read_live))
        .flatten();
    merge::merge(&archived, here.as_deref(), keys)
}

fn read_live(place: &Place) -> Option<Vec<u8>> {
    let (file, _) = place.anchor.file(&place.rel).ok()?;
    let mut bytes = Vec::new();
    file.take(READ_BACK_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
