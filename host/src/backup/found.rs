//! What was found on a machine: which of it are tools, and which only go along with others.

use super::plan::TargetPlan;
use crate::model::{ArchivePath, EntryKind, HostFacts, Location, TargetId};
use std::path::PathBuf;

/// What a target is to the others that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A tool of its own.
    Tool,
    /// All of it lies in the places of this one, of which there is more.
    PartOf(TargetId),
    /// Nothing of it is here but links into the places of this one.
    LinksInto(TargetId),
}

/// Says of each target what it is to the others.
#[must_use]
pub fn standings(found: &[TargetPlan], facts: &HostFacts) -> Vec<Standing> {
    let standing = |plan: &TargetPlan| {
        let others = || {
            found
                .iter()
                .filter(|other| other.identity.id != plan.identity.id)
        };
        let whole = others().find(|other| lies_in(plan, other) && !lies_in(other, plan));
        if let Some(whole) = whole {
            return Standing::PartOf(whole.identity.id.clone());
        }
        match others().find(|other| only_links_into(plan, other, facts)) {
            Some(other) => Standing::LinksInto(other.identity.id.clone()),
            None => Standing::Tool,
        }
    };
    found.iter().map(standing).collect()
}

/// Whether all files of one target lie in the places of another.
fn lies_in(plan: &TargetPlan, other: &TargetPlan) -> bool {
    let inside = |path: &ArchivePath| other.scope.iter().any(|place| place.holds(path));
    let mut files = files(plan).peekable();
    files.peek().is_some() && files.all(inside)
}

/// Whether every file of a target was reached through links that lead into the places of
/// another, and nothing else was seen of it.
fn only_links_into(plan: &TargetPlan, other: &TargetPlan, facts: &HostFacts) -> bool {
    let followed = &plan.inventory.followed;
    let through_a_link = |path: &ArchivePath| {
        let mut links = followed
            .iter()
            .map(|link| Location::from(link.path.clone()));
        links.any(|link| link.holds(path))
    };
    let places: Vec<PathBuf> = other
        .scope
        .iter()
        .filter_map(|place| facts.resolve(place)?.canonicalize().ok())
        .collect();
    let leads_there = |link: &ArchivePath| {
        let real = facts.resolve(&Location::from(link.clone()));
        let real = real.and_then(|real| real.canonicalize().ok());
        real.is_some_and(|real| places.iter().any(|place| real.starts_with(place)))
    };
    let mut files = files(plan).peekable();
    files.peek().is_some()
        && plan.inventory.left_out.is_empty()
        && files.all(through_a_link)
        && followed.iter().all(|link| leads_there(&link.path))
}

/// Everything of a target but the directories on the way.
fn files(plan: &TargetPlan) -> impl Iterator<Item = &ArchivePath> {
    let entries = plan.inventory.entries.iter();
    let files = entries.filter(|entry| !matches!(entry.kind, EntryKind::Directory));
    files.map(|entry| &entry.path)
}
