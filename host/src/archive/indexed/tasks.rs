//! What must be read for what is wanted.

use super::damaged;
use crate::archive::error::ArchiveError;
use crate::archive::index::IndexError;
use crate::archive::listing::{ListedEntry, Listing};
use crate::archive::pieces::is_large;
use crate::model::EntryKind;

/// One piece with the wanted members in it, or a large file.
#[derive(Debug)]
pub(super) struct Task<'a> {
    /// The piece, counted from the first behind the manifest.
    pub(super) piece: u32,
    /// Where the wanted members begin in it.
    pub(super) members: Vec<(u32, &'a ListedEntry)>,
    /// Bytes to be written.
    pub(super) bytes: u64,
}

impl Task<'_> {
    /// The size of the large file that this is about.
    pub(super) fn large(&self) -> Option<u64> {
        match self.members.first()?.1.kind {
            EntryKind::File { size } if is_large(size) => Some(size),
            _ => None,
        }
    }
}

/// The tasks for these entries, which must be in the listing's order. The largest come
/// first, so that no thread is left with one of them at the end.
pub(super) fn tasks<'a>(
    places: &[(u32, u32)],
    listing: &Listing,
    chosen: &[&'a ListedEntry],
) -> Result<Vec<Task<'a>>, ArchiveError> {
    let mut tasks: Vec<Task<'a>> = Vec::new();
    let mut wanted = chosen.iter().copied().peekable();
    for (entry, (piece, offset)) in listing.entries.values().zip(places) {
        let Some(entry) = wanted.next_if(|wanted| wanted.path == entry.path) else {
            continue;
        };
        let (member, bytes) = ((*offset, entry), entry.size());
        match tasks.last_mut() {
            Some(task) if task.piece == *piece => {
                task.members.push(member);
                task.bytes += bytes;
            }
            _ => tasks.push(Task {
                piece: *piece,
                members: vec![member],
                bytes,
            }),
        }
    }
    if wanted.next().is_some() {
        return Err(damaged(IndexError("it is not the one of the listing")));
    }
    tasks.sort_by_key(|task| std::cmp::Reverse(task.large()));
    Ok(tasks)
}
