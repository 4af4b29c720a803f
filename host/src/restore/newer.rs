//! Work that is in no backup. A file that was changed after the backup to be restored is
//! only replaced when somebody insists, unless a later snapshot holds it as it is.

use super::plan::SoftRefusal;
use super::prepare::Prepared;
use crate::archive::Listing;
use crate::model::ArchivePath;

/// Adds the refusal for files that are newer than the archive's and in no later snapshot.
/// `later` gives the target's archives of later snapshots, one by one, as long as any
/// file is left.
pub fn settle_newer(prepared: &mut Prepared, mut later: impl Iterator<Item = Listing>) {
    let mut left: Vec<ArchivePath> = newer(prepared);
    while !left.is_empty()
        && let Some(listing) = later.next()
    {
        left.retain(|path| !holds(&listing, prepared, path));
    }
    for planned in &mut prepared.plan.actions {
        planned.newer_here &= left.contains(&planned.path);
    }
    if !left.is_empty() {
        prepared.plan.soft.push(SoftRefusal::Newer(left));
    }
}

fn newer(prepared: &Prepared) -> Vec<ArchivePath> {
    let newer = prepared.plan.actions.iter().filter(|one| one.newer_here);
    newer.map(|one| one.path.clone()).collect()
}

/// Whether an archive holds a live file as it is.
fn holds(listing: &Listing, prepared: &Prepared, path: &ArchivePath) -> bool {
    let entry = listing.entries.get(path).and_then(|entry| entry.digest);
    let Some((stored, place)) = entry.zip(prepared.places.get(path)) else {
        return false;
    };
    let live = place
        .open_parent()
        .and_then(|(dir, name)| dir.recognise(&name));
    live.ok().flatten().and_then(|live| live.digest) == Some(stored)
}
