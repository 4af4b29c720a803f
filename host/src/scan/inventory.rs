//! What a scan found.

use super::links::Place;
use crate::fs::Stat;
use crate::model::{
    ArchivePath, Base, EntryKind, FollowedLink, Identity, LeftOut, Meta, Trouble, TroubleKind,
    folded,
};
use std::collections::{BTreeMap, BTreeSet};

/// One thing to archive.
#[derive(Clone, Debug)]
pub struct ScannedEntry {
    /// Where it goes in the archive.
    pub path: ArchivePath,
    /// What it is.
    pub kind: EntryKind,
    /// Mode and time.
    pub meta: Meta,
    /// Where it really lies.
    pub place: Place,
    /// What tells whether a file was changed since another backup.
    pub identity: Option<Identity>,
}

/// Everything a scan found, entries sorted so that directories come before their content.
#[derive(Debug, Default)]
pub struct Inventory {
    /// What to archive.
    pub entries: Vec<ScannedEntry>,
    /// What is there but cannot be archived as it is.
    pub troubles: Vec<Trouble>,
    /// Links that were followed.
    pub followed: Vec<FollowedLink>,
    /// Rules left out on purpose though something is there.
    pub left_out: Vec<LeftOut>,
    /// Names directly below the scope that no rule speaks of.
    pub undeclared: Vec<String>,
}

impl Inventory {
    /// Number of files and their bytes.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.entries
            .iter()
            .fold((0, 0), |(files, bytes), entry| match entry.kind {
                EntryKind::File { size } => (files + 1, bytes + size),
                _ => (files, bytes),
            })
    }

    /// The files' paths.
    #[must_use]
    pub fn files(&self) -> Vec<&ArchivePath> {
        let files = self
            .entries
            .iter()
            .filter(|e| matches!(e.kind, EntryKind::File { .. }));
        files.map(|entry| &entry.path).collect()
    }

    /// Leaves links out that another name differs from in case or composition only: where
    /// that makes no difference such an archive could be made to write through the link,
    /// and so its reader refuses the whole.
    pub(super) fn leave_ambiguous_links(&mut self) {
        let mut links: BTreeMap<String, Vec<ArchivePath>> = BTreeMap::new();
        for entry in &self.entries {
            if matches!(entry.kind, EntryKind::Link { .. }) {
                let spelled = folded(&entry.path.to_string());
                links.entry(spelled).or_default().push(entry.path.clone());
            }
        }
        if links.is_empty() {
            return;
        }
        let mut ambiguous = BTreeSet::new();
        let mut last: Option<&ArchivePath> = None;
        for entry in &self.entries {
            let mut path = entry.path.clone();
            // What is above a run of names in one directory is looked at once.
            let above = !last
                .replace(&entry.path)
                .is_some_and(|last| beside(last, &path));
            loop {
                let alike = links.get(&folded(&path.to_string()));
                let others = alike.into_iter().flatten().filter(|link| **link != path);
                ambiguous.extend(others.cloned());
                match path.rel().parent().filter(|_| above) {
                    Some(rel) => path = ArchivePath::new(path.base().clone(), rel),
                    None => break,
                }
            }
        }
        self.entries
            .retain(|entry| !ambiguous.contains(&entry.path));
        self.troubles.extend(ambiguous.iter().map(|path| {
            Trouble {
                path: path.to_string(),
                kind: TroubleKind::BadName,
                detail:
                    "it is a link, and another name differs from it in case or composition only"
                        .to_owned(),
            }
        }));
    }

    /// Whether there is nothing to archive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Directories met on the way; kept when something below them is.
pub(super) type Directories = BTreeMap<ArchivePath, (Stat, Place)>;

/// Adds the directories above every entry and sorts.
pub(super) fn complete(
    mut entries: Vec<ScannedEntry>,
    directories: &Directories,
) -> Vec<ScannedEntry> {
    let mut above: BTreeMap<ArchivePath, ScannedEntry> = BTreeMap::new();
    let mut last: Option<&ArchivePath> = None;
    for entry in &entries {
        if last
            .replace(&entry.path)
            .is_some_and(|last| beside(last, &entry.path))
        {
            continue;
        }
        let mut parent = entry.path.rel().parent();
        // Of the bases only the one a variable names is the tool's own.
        let own = matches!(entry.path.base(), Base::Variable(_));
        while let Some(rel) = parent.filter(|rel| own || !rel.is_root()) {
            let path = ArchivePath::new(entry.path.base().clone(), rel.clone());
            if above.contains_key(&path) {
                break;
            }
            if let Some((stat, place)) = directories.get(&path) {
                above.insert(path.clone(), directory(path, stat, place));
            }
            parent = rel.parent();
        }
    }
    // In place: no path is there twice, and the other way takes half as much again.
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let known = |path: &ArchivePath| entries.binary_search_by(|one| one.path.cmp(path)).is_ok();
    above.retain(|path, _| !known(path));
    entries.extend(above.into_values());
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// Whether two paths lie in the same directory.
fn beside(one: &ArchivePath, other: &ArchivePath) -> bool {
    one.base() == other.base() && one.rel().above() == other.rel().above()
}

pub(super) fn directory(path: ArchivePath, stat: &Stat, place: &Place) -> ScannedEntry {
    ScannedEntry {
        path,
        kind: EntryKind::Directory,
        meta: meta(stat),
        place: place.clone(),
        identity: None,
    }
}

pub(super) fn meta(stat: &Stat) -> Meta {
    Meta {
        mode: stat.mode & 0o777,
        mtime: stat.mtime,
    }
}
