//! Work that is in no backup. A file that was changed after the backup to be restored is
//! only replaced when somebody insists, unless a later snapshot holds it as it is.

use super::plan::{PlannedAction, SoftRefusal};
use super::prepare::Prepared;
use crate::archive::Listing;
use crate::model::ArchivePath;

/// Adds the refusal for files that are newer than the archive's and in no later snapshot.
/// `later` gives the target's archives of later snapshots, one by one, as long as any
/// file is left.
pub fn settle_newer(prepared: &mut Prepared, mut later: impl Iterator<Item = Listing>) {
    let newer = |prepared: &Prepared| prepared.plan.actions.iter().any(|one| one.newer_here);
    while newer(prepared)
        && let Some(listing) = later.next()
    {
        let actions = prepared.plan.actions.iter_mut();
        for planned in actions.filter(|planned| planned.newer_here) {
            planned.newer_here = !holds(&listing, planned);
        }
    }
    let left = prepared.plan.actions.iter().filter(|one| one.newer_here);
    let left: Vec<ArchivePath> = left.map(|one| one.path.clone()).collect();
    if !left.is_empty() {
        prepared.plan.soft.push(SoftRefusal::Newer(left));
    }
}

/// Whether an archive holds a live file as it is.
fn holds(listing: &Listing, planned: &PlannedAction) -> bool {
    let entry = listing.entries.get(&planned.path);
    let digest = entry.and_then(|entry| entry.digest);
    let Some((stored, place)) = digest.zip(planned.place.as_ref()) else {
        return false;
    };
    let live = place
        .open_parent()
        .and_then(|(dir, name)| dir.recognise(&name));
    live.ok().flatten().and_then(|live| live.digest) == Some(stored)
}
