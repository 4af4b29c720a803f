//! Which entries of an archive are to be restored.

use crate::archive::{ListedEntry, Listing};
use crate::model::{ArchivePath, Base, ClassSelection, EntryKind, GlobList};
use std::collections::BTreeSet;

/// Which base directories are restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Trees {
    /// All of them.
    #[default]
    All,
    /// All but the project.
    HomeOnly,
    /// Only the project.
    ProjectOnly,
}

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

/// What somebody chose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Only these classes.
    pub classes: ClassSelection,
    /// Only paths that one of these matches; all when empty.
    pub paths: GlobList,
    /// Only these bases.
    pub trees: Trees,
}

impl Choice {
    /// The chosen entries, with the directories above them, sorted.
    #[must_use]
    pub fn of<'a>(&self, listing: &'a Listing) -> Vec<&'a ListedEntry> {
        let leaf = |entry: &&ListedEntry| self.takes(listing, &entry.path);
        let chosen: Vec<_> = listing.entries.values().filter(leaf).collect();
        let mut above = BTreeSet::new();
        for entry in &chosen {
            let mut parent = entry.path.rel().parent();
            while let Some(rel) = parent {
                parent = rel.parent();
                if !above.insert(ArchivePath::new(entry.path.base().clone(), rel)) {
                    break;
                }
            }
        }
        let wanted = |entry: &&ListedEntry| {
            let is_above = entry.kind == EntryKind::Directory && above.contains(&entry.path);
            is_above || leaf(entry)
        };
        listing.entries.values().filter(wanted).collect()
    }

    fn takes(&self, listing: &Listing, path: &ArchivePath) -> bool {
        let tree = match self.trees {
            Trees::All => true,
            Trees::HomeOnly => *path.base() != Base::Project,
            Trees::ProjectOnly => *path.base() == Base::Project,
        };
        let class = || {
            listing
                .rule_for(path)
                .is_some_and(|rule| self.classes.takes(rule.class))
        };
        tree && class() && self.takes_path(path)
    }

    /// A glob may be written with or without the base's name in front.
    pub(super) fn takes_path(&self, path: &ArchivePath) -> bool {
        self.paths.is_empty()
            || self.paths.matches_from_above(path.rel().as_str())
            || self.paths.matches_from_above(&path.to_string())
    }
}
