//! A small archive, not always a correct one, restored over a small tree full of links,
//! pipes and things in the way. Nothing changes but what the archive names; when it fails
//! nothing changes at all; what was overwritten is in the safety snapshot; and a second
//! restore finds nothing left to do.

mod archive;
mod backup;
mod places;
mod run;
mod world;

use super::dice::Dice;
use super::tree::{Node, TreeSnapshot, What, hex};
use archive::Named;
use places::Places;
use run::{Restored, restore_once};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use takeback::model::EntryKind;
use takeback::restore::Action;
use world::World;

/// Makes a world and an archive, and restores the one over the other; says whether that
/// was done.
pub fn restore(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let wish = archive::wish(&mut dice);
    let patience = if dice.chance(40) {
        dice.up_to(6)
    } else {
        usize::MAX
    };
    let named = Named::new(&mut dice);
    let world = World::new(&mut dice, &named.paths);
    let bytes = named.archive(&mut dice, &world.facts.home);
    let places = Places::of(&world, &named);
    let before = world.look();
    backup::check_backup(&world, &named.declared);
    let diff = before.diff(&world.look());
    assert!(diff.is_empty(), "a backup changes {diff:#?}");
    let restored = restore_once(&world, &bytes, &wish, patience);
    let after = world.look();
    world.check_no_litter();
    let Some(restored) = restored else {
        let diff = before.diff(&after);
        assert!(diff.is_empty(), "it failed, and this changed: {diff:#?}");
        return false;
    };
    check_only_named(&before, &after, &places, &restored, wish.exact);
    check_done(&before, &after, &places, &restored);
    check_saved(&before, &places, &restored);
    if let Some(again) = restore_once(&world, &bytes, &wish, usize::MAX) {
        assert!(!again.changed, "a second restore changes something");
    }
    let diff = after.diff(&world.look());
    assert!(diff.is_empty(), "a second restore changes {diff:#?}");
    true
}

/// Every path that differs is one that the archive names and that may be written, a
/// directory made above one, the log of a database, or, where that was wished, something
/// that only was there.
fn check_only_named(
    before: &TreeSnapshot,
    after: &TreeSnapshot,
    places: &Places,
    restored: &Restored,
    exact: bool,
) {
    let named: Vec<PathBuf> = restored
        .entries
        .keys()
        .filter_map(|path| places.of_path(path))
        .collect();
    for path in changed(before, after) {
        let (old, new) = (before.0.get(&path), after.0.get(&path));
        let made = old.is_none() && new.is_some_and(|node| node.what == What::Directory);
        let above = made && named.iter().any(|named| named.starts_with(&path));
        let gone = old.is_some() && new.is_none();
        let log = gone && is_log(&path, &named);
        let extra = exact && gone && places.inside_rule(&path);
        assert!(
            named.contains(&path) || above || log || extra,
            "{path:?} was changed: {old:?} -> {new:?}"
        );
    }
}

fn is_log(path: &Path, named: &[PathBuf]) -> bool {
    let text = path.to_string_lossy();
    let main = ["-wal", "-shm", "-journal"]
        .iter()
        .find_map(|side| text.strip_suffix(side));
    main.is_some_and(|main| named.iter().any(|named| named == Path::new(main)))
}

fn changed(before: &TreeSnapshot, after: &TreeSnapshot) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = before.0.keys().chain(after.0.keys()).cloned().collect();
    paths.sort();
    paths.dedup();
    paths.retain(|path| before.0.get(path) != after.0.get(path));
    paths
}

/// Each action of the plan was done, and nothing more.
fn check_done(before: &TreeSnapshot, after: &TreeSnapshot, places: &Places, restored: &Restored) {
    let changing = restored
        .actions
        .iter()
        .filter(|(_, action)| action.changes());
    let written: Vec<PathBuf> = changing
        .filter_map(|(path, _)| places.of_path(path))
        .collect();
    for (path, action) in &restored.actions {
        let Some(place) = places.of_path(path) else {
            assert!(!action.changes(), "{path} may not be written: {action:?}");
            continue;
        };
        let (old, new) = (before.0.get(&place), after.0.get(&place));
        let entry = restored.entries.get(path);
        match action {
            Action::Create(staged)
            | Action::Replace(staged, _)
            | Action::ReplaceLink(Some(staged), _) => {
                let (digest, mode) = entry.expect("an entry");
                let written = staged.digest.to_string();
                // Of JSON from another home only some keys come.
                let partly = path.rel().name() == "settings.json";
                assert!(partly || written == *digest, "{path} was staged as another");
                assert_eq!(file_of(new), Some((written, *mode)), "{path}");
            }
            Action::Merge(..) => assert!(file_of(new).is_some(), "{path}"),
            Action::CreateLink(target) => {
                let made = What::Link(target.into());
                assert!(new.is_some_and(|node| node.what == made), "{path}: {new:?}");
            }
            Action::ReplaceLink(None, _) => {
                assert!(new.is_some_and(|node| matches!(node.what, What::Link(_))));
            }
            Action::MakeDirectory => {
                let made = What::Directory;
                assert!(new.is_some_and(|node| node.what == made), "{path}: {new:?}");
            }
            Action::Remove(_) | Action::RemoveLog(_) => assert!(new.is_none(), "{path}"),
            // Two paths can lead to one place, which is then written for the first.
            _ if !action.changes() && written.contains(&place) => {}
            Action::Same | Action::KeepDirectory | Action::KeepLink(_) | Action::Withhold(_) => {
                assert_eq!(old, new, "{path}: {action:?}");
            }
        }
    }
}

fn file_of(node: Option<&Node>) -> Option<(String, u32)> {
    match node {
        Some(Node {
            what: What::File { digest, .. },
            mode,
            ..
        }) => Some((digest.clone(), *mode)),
        _ => None,
    }
}

/// The safety snapshot holds what was overwritten or removed, byte for byte.
fn check_saved(before: &TreeSnapshot, places: &Places, restored: &Restored) {
    for (path, action) in &restored.actions {
        if !matches!(
            action,
            Action::Replace(..) | Action::Merge(..) | Action::Remove(_)
        ) {
            continue;
        }
        let place = places.of_path(path).expect("a place that was written");
        if let Some(Node {
            what: What::File { digest, .. },
            ..
        }) = before.0.get(&place)
        {
            assert_eq!(
                restored.saved.get(path),
                Some(digest),
                "{path} was not saved"
            );
        }
    }
}

/// Digests as trees give them.
fn listed(
    listing: &takeback::archive::Listing,
) -> BTreeMap<takeback::model::ArchivePath, (String, u32)> {
    let files = listing.entries.values().map(|entry| {
        let digest = match entry.kind {
            EntryKind::File { .. } => entry.digest.map(|digest| digest.to_string()),
            _ => None,
        };
        (
            entry.path.clone(),
            (digest.unwrap_or_else(|| hex(&[])), entry.meta.mode),
        )
    });
    files.collect()
}
