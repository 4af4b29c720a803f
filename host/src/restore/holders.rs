//! Who uses what a restore or an undo would change. That a tool runs or holds a file open
//! is a reason to ask; a database that somebody has open is never replaced.

use super::error::RestoreError;
use super::plan::{Action, Conflict, SoftRefusal};
use super::prepare::Prepared;
use crate::fs::{Dir, FsError};
use crate::in_use::{InUse, Lookout, Watch, running};
use crate::model::{ArchivePath, HostFacts, RunningCheck, SQLITE_MAGIC};
use crate::operation::Step;
use crate::scan::Parents;
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;

/// Adds to each plan who uses what it would change, in the place of what was found before.
///
/// # Errors
/// When the disk refuses to say.
pub fn settle_in_use(
    prepared: &mut [Prepared],
    facts: &HostFacts,
    lookout: &Lookout,
) -> Result<(), FsError> {
    for one in prepared {
        one.plan
            .soft
            .retain(|soft| !matches!(soft, SoftRefusal::InUse(_)));
        one.plan.conflicts.retain(|conflict| !conflict.in_use);
        if !one.plan.changes() {
            continue;
        }
        let checks: &[RunningCheck] = &one.listing.manifest.declaration.running;
        let mut found = running(checks, facts);
        found.extend(watch(one, facts)?.look(lookout));
        let path = one
            .plan
            .actions
            .iter()
            .find(|planned| planned.action.changes());
        let Some(path) = path.map(|planned| planned.path.clone()) else {
            continue;
        };
        for sign in found {
            add(one, sign, &path);
        }
    }
    Ok(())
}

fn add(prepared: &mut Prepared, sign: InUse, path: &ArchivePath) {
    let why = sign.to_string();
    if matches!(sign, InUse::Database { .. }) {
        prepared.plan.conflicts.push(Conflict {
            path: path.clone(),
            why,
            in_use: true,
        });
    } else {
        prepared.plan.soft.push(SoftRefusal::InUse(why));
    }
}

/// Whether anything a plan would change is in use.
#[must_use]
pub fn any_in_use(prepared: &[Prepared]) -> bool {
    let soft = |one: &SoftRefusal| matches!(one, SoftRefusal::InUse(_));
    prepared.iter().any(|one| {
        one.plan.soft.iter().any(soft) || one.plan.conflicts.iter().any(|one| one.in_use)
    })
}

fn watch(prepared: &Prepared, facts: &HostFacts) -> Result<Watch, FsError> {
    let (mut watch, mut parents) = (Watch::new(&facts.home), Parents::default());
    for planned in &prepared.plan.actions {
        let place = planned.place.as_ref();
        if let (Some(live), Some(place)) = (planned.action.expects(), place)
            && !live.is_link()
        {
            let dir = parents.of(place)?;
            note(&mut watch, &dir, place.name(), live.inode, &place.full())?;
        } else if let (Action::Create(_), Some(place)) = (&planned.action, place)
            && prepared.staged.is_database(&planned.path)
            && let Ok((dir, name)) = place.open_parent()
        {
            // The log of a database that was removed may still be in use.
            watch.database(&dir, &name, &place.full())?;
        }
    }
    Ok(watch)
}

fn note(
    watch: &mut Watch,
    dir: &Dir,
    name: &OsStr,
    inode: (u64, u64),
    path: &Path,
) -> Result<(), FsError> {
    if is_database(dir, name) {
        return watch.database(dir, name, path);
    }
    watch.file(inode, path);
    Ok(())
}

fn is_database(dir: &Dir, name: &OsStr) -> bool {
    let mut start = [0; SQLITE_MAGIC.len()];
    let opened = dir.file(Path::new(name));
    opened.is_ok_and(|(mut file, _)| file.read_exact(&mut start).is_ok() && start == *SQLITE_MAGIC)
}

/// The last look before the change: nobody may have a database open now.
pub(super) fn no_database_open(
    prepared: &[Prepared],
    facts: &HostFacts,
    lookout: &Lookout,
) -> Result<(), RestoreError> {
    for one in prepared {
        let found = watch(one, facts)?.look(lookout);
        let open = found
            .into_iter()
            .find(|sign| matches!(sign, InUse::Database { .. }));
        if let Some(open) = open {
            return Err(RestoreError::DatabaseOpen(open.to_string()));
        }
    }
    Ok(())
}

/// Who uses what these steps would replace or remove.
///
/// # Errors
/// When the disk refuses to say.
pub fn users_of(
    steps: &[Step],
    facts: &HostFacts,
    lookout: &Lookout,
) -> Result<Vec<InUse>, FsError> {
    let mut watch = Watch::new(&facts.home);
    for step in steps {
        let Some(live) = step.before.as_ref().filter(|live| live.is_file()) else {
            continue;
        };
        let parent = step.spot.parent();
        let dir = Dir::open(&parent.anchor)?.dir(&parent.rel)?;
        note(
            &mut watch,
            &dir,
            &step.spot.name(),
            live.inode,
            &step.spot.full(),
        )?;
    }
    Ok(watch.look(lookout))
}
