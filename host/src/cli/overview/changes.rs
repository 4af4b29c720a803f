//! What changed from one snapshot to the next. Pure.

use super::super::render::human;
use std::collections::BTreeMap;
use takeback::archive::Listing;
use takeback::diff::{Change, FileChange, Node, Side, changes};
use takeback::model::{ArchivePath, ClassSelection, EntryKind, HostFacts};

/// What changed of one target.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
    /// Whether there is nothing before it: all its files came with it.
    pub(super) first: bool,
    /// What happened to a file, and how people know it. Not of all files.
    pub(super) files: Vec<(&'static str, String)>,
    found: Vec<(&'static str, ArchivePath)>,
}

impl Changed {
    /// The first archive of a target.
    pub(super) fn first(files: u64) -> Self {
        Self {
            added: files,
            first: true,
            ..Self::default()
        }
    }

    /// How many files are different.
    pub(super) fn count(&self) -> u64 {
        self.added + self.changed + self.removed
    }

    /// Keeps the names of so many files, and forgets the others.
    pub(super) fn name(&mut self, most: usize, facts: &HostFacts) {
        let found = std::mem::take(&mut self.found);
        let named = found.into_iter().take(most);
        self.files = named
            .map(|(word, path)| (word, human::place(&path, facts)))
            .collect();
    }
}

/// The files of a listing, of classes that both hold: what was left out on purpose was not
/// removed. Directories do not count.
pub(super) fn side(listing: &Listing, both: (ClassSelection, ClassSelection)) -> Side {
    let mut side = Side::default();
    for entry in listing.entries.values() {
        let class = listing.rule_for(&entry.path).map(|rule| rule.class);
        let wanted = class.is_some_and(|class| both.0.takes(class) && both.1.takes(class));
        if entry.kind == EntryKind::Directory || !wanted {
            continue;
        }
        let node = Node {
            kind: entry.kind.clone(),
            // Modes alone are no news.
            mode: None,
            mtime: entry.meta.mtime,
            class,
            digest: entry.digest,
        };
        side.nodes.insert(entry.path.clone(), node);
    }
    side.gaps = gaps(listing);
    side
}

/// What is missing though it was there: it was not removed either.
fn gaps(listing: &Listing) -> BTreeMap<ArchivePath, String> {
    let troubles = listing.manifest.troubles.iter();
    let paths = troubles.filter_map(|trouble| ArchivePath::parse(&trouble.path).ok());
    paths.map(|path| (path, "a gap".to_owned())).collect()
}

/// Compares two sides.
pub(super) fn changed(before: &Side, after: &Side) -> Changed {
    let mut changed = Changed::default();
    for FileChange { path, change, .. } in changes(before, after) {
        let word = match change {
            Change::Added => {
                changed.added += 1;
                "added"
            }
            Change::Removed => {
                changed.removed += 1;
                "removed"
            }
            Change::Unknown(_) | Change::Mode => continue,
            _ => {
                changed.changed += 1;
                "changed"
            }
        };
        changed.found.push((word, path));
    }
    changed
}
