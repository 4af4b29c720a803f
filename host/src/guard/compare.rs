//! Two looks beside each other. What only a look into a file can tell stays open here.

use super::sight::{Seen, Sight, What};
use crate::fs::{FileKind, Stat};
use crate::model::SQLITE_SIDES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How a name differs between the two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// It is new.
    Created,
    /// It is gone, and was kept.
    Removed,
    /// The file there was touched, replaced or changed; its content tells which.
    File,
    /// A link that leads elsewhere, or was made anew.
    Link,
    /// A directory with another mode.
    Mode,
    /// It is of another kind.
    Kind,
    /// A log beside a database that changed: an undo takes it away with what it belongs to.
    Side,
    /// It is gone, and was not kept.
    Lost,
    /// One of the looks could not be had.
    Unknown,
}

/// One name that differs.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) raw: Raw,
    pub(super) before: Option<Seen>,
    pub(super) after: Option<Seen>,
}

/// Everything that differs, directories before what is in them.
pub(super) fn compare(before: &Sight, after: &Sight) -> Vec<Pair> {
    let mut paths: BTreeSet<&PathBuf> = before.seen.keys().collect();
    paths.extend(after.seen.keys());
    let logged = logged(before, after);
    let mut pairs = Vec::new();
    for path in paths {
        let (old, new) = (before.seen.get(path), after.seen.get(path));
        let raw = match (old, new) {
            (Some(old), Some(new)) => both(old, new, logged.contains(path)),
            (Some(old), None) => gone(old, after),
            (None, Some(new)) => new_one(path, new, before),
            (None, None) => None,
        };
        let side = base_of(path).is_some_and(|base| logged.contains(&base));
        let raw = match raw {
            _ if side => new.map(|_| Raw::Side),
            raw => raw,
        };
        pairs.extend(raw.map(|raw| Pair {
            raw,
            before: old.cloned(),
            after: new.cloned(),
        }));
    }
    pairs
}

fn both(old: &Seen, new: &Seen, logged: bool) -> Option<Raw> {
    use What::{Directory, File, Link, Other};
    match (&old.what, &new.what) {
        (File(_), File(_)) => (logged || !same(&old.stat, &new.stat)).then_some(Raw::File),
        (Link(one), Link(other)) => {
            let same = one == other && old.stat.mtime == new.stat.mtime;
            (!same).then_some(Raw::Link)
        }
        _ if old.stat.kind == FileKind::Directory && new.stat.kind == FileKind::Directory => {
            (old.stat.mode != new.stat.mode).then_some(Raw::Mode)
        }
        (Other, Other) => None,
        // What no backup took before cannot be made again.
        (Other | Directory { known: false }, _) => {
            (!same(&old.stat, &new.stat)).then_some(Raw::Unknown)
        }
        // The same file, which a backup would not take any more.
        (File(_), Other) if new.stat.kind == FileKind::Regular => Some(Raw::File),
        _ => Some(Raw::Kind),
    }
}

fn gone(old: &Seen, after: &Sight) -> Option<Raw> {
    Some(match old.what {
        _ if after.has_gap(&old.label) => Raw::Unknown,
        What::Other | What::Directory { known: false } => Raw::Lost,
        What::File(_) | What::Link(_) | What::Directory { known: true } => Raw::Removed,
    })
}

fn new_one(path: &Path, new: &Seen, before: &Sight) -> Option<Raw> {
    match new.what {
        What::Other => None,
        _ if before.has_gap(&new.label) => Some(Raw::Unknown),
        What::Directory { .. } => before.is_absent(path).then_some(Raw::Created),
        // What a new link leads to may always have been there.
        What::File(_) | What::Link(_) => {
            (new.direct || before.is_absent(path)).then_some(Raw::Created)
        }
    }
}

/// Whether nobody can have changed a file between two looks.
fn same(one: &Stat, other: &Stat) -> bool {
    one.mode == other.mode && one.unchanged_since(other)
}

/// The file that a name beside it would be a log of.
fn base_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let base = SQLITE_SIDES
        .iter()
        .find_map(|side| name.strip_suffix(side))?;
    Some(path.with_file_name(base))
}

/// Kept files with a log beside them that differs: what a database holds is in both.
fn logged(before: &Sight, after: &Sight) -> BTreeSet<PathBuf> {
    let is_kept = |base: &PathBuf| {
        let old = before.seen.get(base);
        old.is_some_and(|old| matches!(old.what, What::File(_)))
    };
    let names = before.seen.iter().chain(&after.seen);
    let others = names.filter(|(_, seen)| seen.what == What::Other);
    let bases = others.filter_map(|(path, _)| Some((path, base_of(path)?)));
    let differing = bases.filter(|(path, base)| {
        let differs = match (before.seen.get(*path), after.seen.get(*path)) {
            (Some(old), Some(new)) => !same(&old.stat, &new.stat),
            _ => true,
        };
        let changed = match (before.seen.get(base), after.seen.get(base)) {
            (Some(old), Some(new)) => !same(&old.stat, &new.stat),
            _ => true,
        };
        is_kept(base) && (differs || changed)
    });
    differing.map(|(_, base)| base).collect()
}
