//! Which entries of an archive are meant.

use super::listing::Listing;
use crate::model::{ArchivePath, Base, ClassSelection, EntryKind, GlobList};
use std::collections::BTreeSet;

/// Which base directories are meant.
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
    /// Whether each entry is chosen, in their order: those that are meant, and the
    /// directories above them.
    #[must_use]
    pub fn of(&self, listing: &Listing) -> Vec<bool> {
        let paths = || listing.entries.keys();
        let mut chosen: Vec<bool> = paths().map(|path| self.takes(listing, path)).collect();
        let mut above = BTreeSet::new();
        let mut last: Option<&ArchivePath> = None;
        for (path, _) in paths().zip(&chosen).filter(|(_, chosen)| **chosen) {
            let beside = |last: &ArchivePath| {
                last.base() == path.base() && last.rel().above() == path.rel().above()
            };
            if last.replace(path).is_some_and(beside) {
                continue;
            }
            let mut parent = path.rel().parent();
            while let Some(rel) = parent {
                parent = rel.parent();
                if !above.insert(ArchivePath::new(path.base().clone(), rel)) {
                    break;
                }
            }
        }
        for (entry, chosen) in listing.entries.values().zip(&mut chosen) {
            *chosen |= entry.kind == EntryKind::Directory && above.contains(&entry.path);
        }
        chosen
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
    #[must_use]
    pub fn takes_path(&self, path: &ArchivePath) -> bool {
        takes_path(&self.paths, &path.to_string())
    }
}

/// Whether globs take the path of an archive with this text; all when there are none.
pub(super) fn takes_path(globs: &GlobList, path: &str) -> bool {
    globs.is_empty()
        || globs.matches_from_above(Base::split(path).1)
        || globs.matches_from_above(path)
}
