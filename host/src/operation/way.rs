//! Directories that were removed since, which an undo makes again for what was in them.

use super::step::{Change, Step};
use super::store::slot_name;
use crate::fs::{Dir, FsError};
use crate::model::{Fingerprint, ModTime};
use std::ffi::OsString;
use std::path::Path;

/// The state of a directory that is planned: what it is in detail is known when it is made.
pub(super) fn unmade() -> Fingerprint {
    Fingerprint {
        inode: (0, 0),
        mode: 0o040_700,
        size: 0,
        mtime: ModTime::default(),
        ctime: ModTime::default(),
        digest: None,
    }
}

/// A number that no slot of a store has, nor any of these steps, nor any number after it.
pub(super) fn free_slot(store: &Dir, steps: &[Step]) -> Result<u32, FsError> {
    let number = |name: OsString| Path::new(&name).file_stem()?.to_str()?.parse::<u32>().ok();
    let stored = store.list()?.into_iter().filter_map(number);
    let largest = stored.chain(steps.iter().map(|step| step.slot)).max();
    Ok(largest.map_or(0, |largest| largest + 1))
}

/// Makes the planned directories, each in its slot. They belong to the owner of the
/// directory that everything is below.
pub(super) fn make(store: &Dir, change: &mut Change) -> Result<(), FsError> {
    for step in &mut change.steps {
        let Some(after) = step.after.as_mut().filter(|after| **after == unmade()) else {
            continue;
        };
        let name = slot_name(step.slot);
        let made = store.make_dir(&name, 0o700)?;
        if let Some(owner) = Dir::open(&step.spot.anchor)?.other_owner()? {
            store.give_to(&name, owner)?;
        }
        *after = made.stat_self()?.fingerprint(None);
    }
    Ok(())
}
