//! Reading both sides of files that differ, some at a time, and comparing them.

use super::super::error::CommandError;
use super::sides::Comparable;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use takeback::archive::{ArchiveError, Content as Bytes, ListedEntry, OpenArchive};
use takeback::backup::read;
use takeback::diff::{Content, Difference, FileChange, Subject, Unseen, compare};
use takeback::model::limits::{DIFF_BYTES, DIFF_FULL_BYTES, DIFF_TOGETHER};
use takeback::model::{ArchivePath, Kind, Rule};
use takeback::restore::RestoreError;

type Contents = BTreeMap<ArchivePath, Result<Vec<u8>, String>>;

/// For each change what is different in the file, if both sides are files.
pub(super) fn differences(
    changes: &[FileChange],
    sides: [&Comparable; 2],
    rules: &[&[Rule]],
    full: bool,
) -> Result<Vec<Option<Difference>>, CommandError> {
    let most = if full { DIFF_FULL_BYTES } else { DIFF_BYTES };
    let mut found: Vec<Option<Difference>> =
        changes.iter().map(|one| unread(one, rules, most)).collect();
    let mut waiting: Vec<usize> = Vec::new();
    let mut bytes = 0;
    for (number, change) in changes.iter().enumerate() {
        if !change.has_contents() || found[number].is_some() {
            continue;
        }
        let size = sizes(change).iter().sum::<u64>();
        if bytes + size > DIFF_TOGETHER {
            look(changes, &waiting, sides, rules, &mut found)?;
            waiting.clear();
            bytes = 0;
        }
        waiting.push(number);
        bytes += size;
    }
    look(changes, &waiting, sides, rules, &mut found)?;
    Ok(found)
}

fn sizes(change: &FileChange) -> [u64; 2] {
    [&change.before, &change.after].map(|node| node.as_ref().map_or(0, |node| node.size()))
}

/// What can be said of a file that is not looked into.
fn unread(change: &FileChange, rules: &[&[Rule]], most: u64) -> Option<Difference> {
    if !change.has_contents() {
        return None;
    }
    let database = matches!(Subject::new(&change.path, rules).kind, Some(Kind::Sqlite));
    if database {
        return Some(Content::Database.into());
    }
    let large = sizes(change).into_iter().any(|size| size > most);
    large.then(|| Difference::unseen(Unseen::Large))
}

/// Compares those changes that are waiting.
fn look(
    changes: &[FileChange],
    waiting: &[usize],
    [before, after]: [&Comparable; 2],
    rules: &[&[Rule]],
    found: &mut [Option<Difference>],
) -> Result<(), CommandError> {
    let paths: Vec<&ArchivePath> = waiting.iter().map(|at| &changes[*at].path).collect();
    let (old, new) = (contents(before, &paths)?, contents(after, &paths)?);
    let gone = || Err("it is not there any more".to_owned());
    for (number, path) in waiting.iter().zip(paths) {
        let side = |side: &Contents| side.get(path).cloned().unwrap_or_else(gone);
        found[*number] = Some(match (side(&old), side(&new)) {
            (Ok(old), Ok(new)) => compare(&Subject::new(path, rules), &old, &new),
            (Err(why), _) | (_, Err(why)) => Difference::unseen(Unseen::Unreadable(why)),
        });
    }
    Ok(())
}

/// The contents of files, which stand in the order of their paths.
fn contents(side: &Comparable, paths: &[&ArchivePath]) -> Result<Contents, CommandError> {
    if paths.is_empty() {
        return Ok(Contents::new());
    }
    match side {
        Comparable::Vault(name, archive) => extracted(archive, name, paths),
        Comparable::File(name, archive) => extracted(&**archive, name, paths),
        Comparable::Live(live) => {
            let mut all = Contents::new();
            for path in paths {
                let reading = read(&live.plan, path, Some(DIFF_FULL_BYTES), live.scratch.dir())?;
                let content = reading.and_then(|reading| {
                    reading
                        .content
                        .ok_or_else(|| "it has become too large".to_owned())
                });
                all.insert((*path).clone(), content);
            }
            Ok(all)
        }
    }
}

fn extracted(
    archive: &impl OpenArchive,
    name: &str,
    paths: &[&ArchivePath],
) -> Result<Contents, CommandError> {
    let entries = &archive.listing().entries;
    let chosen: Vec<&ListedEntry> = paths.iter().filter_map(|path| entries.get(path)).collect();
    let all = Mutex::new(Contents::new());
    let take = |entry: &ListedEntry, content: &mut dyn Bytes| {
        let mut whole = Vec::new();
        loop {
            let bytes = content.next()?;
            if bytes.is_empty() {
                break;
            }
            whole.extend_from_slice(bytes);
        }
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(entry.path.clone(), Ok(whole));
        Ok::<_, ArchiveError>(())
    };
    archive.extract(&chosen, &take).map_err(|source| {
        let archive = name.to_owned();
        CommandError::from(RestoreError::Archive { archive, source })
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}
