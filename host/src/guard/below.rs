//! Everything below a directory that a command made: all of it is new, also what no backup
//! takes.

use super::compare::{Pair, Raw};
use super::sight::{Seen, What};
use crate::fs::{Dir, FileKind};
use crate::model::limits::GUARD_NEW_NAMES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Adds what lies below new directories and was not come to by the look.
pub(super) fn complete(pairs: &mut Vec<Pair>) {
    let known: BTreeSet<PathBuf> = pairs
        .iter()
        .filter_map(|pair| Some(pair.after.as_ref()?.spot.full()))
        .collect();
    let mut found = Vec::new();
    let mut last: Option<PathBuf> = None;
    for pair in pairs.iter() {
        let Some(top) = new_directory(pair) else {
            continue;
        };
        let path = top.spot.full();
        // What lies below another one was come to with that.
        if last.as_ref().is_some_and(|last| path.starts_with(last)) {
            continue;
        }
        let opened = Dir::open(&top.spot.anchor).and_then(|anchor| anchor.dir(&top.spot.rel));
        if let Ok(dir) = opened {
            walk(&dir, top, &mut found);
        }
        last = Some(path);
    }
    let new = found
        .into_iter()
        .filter(|seen| !known.contains(&seen.spot.full()));
    pairs.extend(new.map(|seen| Pair {
        raw: Raw::Created,
        before: None,
        after: Some(seen),
    }));
    pairs.sort_by_cached_key(|pair| {
        let one = pair.before.as_ref().or(pair.after.as_ref());
        one.map(|seen| seen.spot.full())
    });
}

fn new_directory(pair: &Pair) -> Option<&Seen> {
    let after = pair.after.as_ref()?;
    let new = matches!(pair.raw, Raw::Created | Raw::Kind);
    (new && after.stat.kind == FileKind::Directory).then_some(after)
}

/// Goes through a directory. What cannot be read, or is too much, stays where it is.
fn walk(dir: &Dir, at: &Seen, found: &mut Vec<Seen>) {
    let Ok(names) = dir.list() else { return };
    for name in names {
        if found.len() >= GUARD_NEW_NAMES {
            return;
        }
        let Ok(Some(stat)) = dir.stat(&name) else {
            continue;
        };
        let mut seen = Seen {
            spot: at.spot.join(&name),
            target: at.target.clone(),
            label: format!("{}/{}", at.label, name.to_string_lossy()),
            stat,
            what: What::Other,
            direct: false,
        };
        match stat.kind {
            FileKind::Link => match dir.read_link(&name) {
                Ok(target) => seen.what = What::Link(target),
                Err(_) => continue,
            },
            FileKind::Regular => {}
            FileKind::Special(_) => continue,
            FileKind::Directory => {
                seen.what = What::Directory { known: false };
                if dir.is_mount_point(&name).unwrap_or(true) {
                    continue;
                }
                if let Ok(inner) = dir.dir(Path::new(&name)) {
                    walk(&inner, &seen, found);
                }
            }
        }
        found.push(seen);
    }
}
