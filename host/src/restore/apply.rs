//! From an approved plan to the steps of an operation. Only here and in an undo do live
//! files change, and both by the same means: `operation`.

use super::approve::ApprovedPlan;
use super::error::RestoreError;
use super::holders::no_database_open;
use super::plan::{Action, PlannedAction};
use super::prepare::{Ground, Prepared};
use super::safety::SafetySnapshot;
use super::stage::Staged;
use crate::fs::FsError;
use crate::model::{ArchivePath, Digest, EntryKind, Fingerprint, Meta, ModTime, Observer};
use crate::operation::{
    About, Change, DirTime, Done, Draft, OperationKind, OperationLock, Spot, Step,
};
use crate::scan::Place;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::rc::Rc;

/// Applies an approved plan whose overwritten state was saved; `from` names the snapshot or
/// archive. `None` when it had nothing to change.
///
/// # Errors
/// When something changed or a step failed; everything is then put back, or the error
/// says what could not be.
pub fn apply(
    approved: &ApprovedPlan,
    from: &str,
    safety: SafetySnapshot,
    ground: &Ground<'_>,
    lock: &OperationLock,
    observer: &dyn Observer,
) -> Result<Option<Done>, RestoreError> {
    let Some(first) = approved.prepared().first() else {
        return Ok(None);
    };
    let mut list = List {
        draft: first.staged.draft(),
        steps: Vec::new(),
        dirs: Vec::new(),
        known: BTreeSet::new(),
        recent: None,
    };
    let changing = approved.plans().flat_map(|plan| &plan.actions);
    let changing = changing.filter(|one| one.action.changes()).count();
    list.steps.reserve_exact(changing);
    for prepared in approved.prepared() {
        for planned in prepared
            .plan
            .actions
            .iter()
            .filter(|one| one.action.changes())
        {
            list.add(planned, prepared)?;
        }
    }
    no_database_open(approved.prepared(), ground.facts, ground.lookout)?;
    let files = list.steps.len() as u64;
    let bytes = approved.plans().map(|plan| plan.totals().bytes).sum();
    let change = Change {
        about: About {
            kind: OperationKind::Restore,
            of: None,
            targets: approved.plans().map(|plan| plan.target.clone()).collect(),
            from: from.to_owned(),
            safety: safety.id,
            command: None,
        },
        steps: list.steps,
        dirs: list.dirs,
    };
    observer.stage(&first.plan.target, "restoring", files, bytes);
    let done = ground
        .operations
        .begin(lock, first.staged.draft(), None, change)
        .and_then(|open| open.carry_out(observer));
    observer.stage_done();
    Ok(Some(done?))
}

/// The steps so far.
struct List<'a> {
    draft: &'a Rc<Draft>,
    steps: Vec<Step>,
    dirs: Vec<DirTime>,
    /// Directories that are in `dirs`.
    known: BTreeSet<Spot>,
    /// The place added last, and the path of its anchor: most lie in the same directory.
    recent: Option<(Place, Rc<Path>)>,
}

impl List<'_> {
    fn add(&mut self, planned: &PlannedAction, prepared: &Prepared) -> Result<(), FsError> {
        let place = planned.place.as_ref();
        let place = place.ok_or_else(|| lost(&planned.path))?;
        let recent = self.recent.take();
        let beside = recent
            .as_ref()
            .is_some_and(|(last, _)| last.is_beside(place));
        let anchor = match recent {
            Some((last, anchor)) if Rc::ptr_eq(&last.anchor, &place.anchor) => anchor,
            _ => place.anchor.path().into(),
        };
        if !beside {
            self.parent(place, &anchor)?;
        }
        let spot = spot(&anchor, &place.rel);
        self.recent = Some((place.clone(), anchor));
        let (before, after) = match &planned.action {
            Action::MakeDirectory => {
                return self.make(spot, planned.path.to_string(), Some(planned.meta));
            }
            Action::Create(staged) => (None, Some(self.file(staged)?)),
            Action::CreateLink(target) => (None, Some(self.link(target, planned.meta.mtime)?)),
            Action::Replace(staged, live) | Action::Merge(staged, live) => {
                (Some(live), Some(self.file(staged)?))
            }
            Action::ReplaceLink(Some(staged), live) => (Some(live), Some(self.file(staged)?)),
            Action::ReplaceLink(None, live) => {
                let entry = prepared.listing.entries.get(&planned.path);
                let Some(EntryKind::Link { target }) = entry.map(|entry| &entry.kind) else {
                    return Err(lost(&planned.path));
                };
                (Some(live), Some(self.link(target, planned.meta.mtime)?))
            }
            Action::Remove(live) | Action::RemoveLog(live) => (Some(live), None),
            _ => return Ok(()),
        };
        let free = || self.draft.free_slot();
        let slot = after.as_ref().map_or_else(free, |(slot, _)| *slot);
        self.steps.push(Step {
            spot,
            label: planned.path.to_string(),
            slot,
            annex: None,
            before: before.cloned(),
            after: after.map(|(_, state)| state),
        });
        Ok(())
    }

    fn file(&self, staged: &Staged) -> Result<(u32, Fingerprint), FsError> {
        let state = self.draft.state(staged.slot, Some(staged.digest))?;
        Ok((staged.slot, state))
    }

    fn link(&self, target: &str, mtime: ModTime) -> Result<(u32, Fingerprint), FsError> {
        let slot = self.draft.link(target, mtime)?;
        let digest = Digest::of(target.as_bytes());
        Ok((slot, self.draft.state(slot, Some(digest))?))
    }

    /// A directory to make; without its own mode it stays its owner's alone.
    fn make(&mut self, spot: Spot, label: String, meta: Option<Meta>) -> Result<(), FsError> {
        if !self.known.insert(spot.clone()) {
            return Ok(());
        }
        let slot = self.draft.directory()?;
        self.steps.push(Step {
            spot: spot.clone(),
            label,
            slot,
            annex: None,
            before: None,
            after: Some(self.draft.state(slot, None)?),
        });
        self.dirs.push(DirTime {
            spot,
            before: None,
            set: meta,
        });
        Ok(())
    }

    /// Notes the directory a place lies in. Those that neither exist nor are planned (a
    /// base directory) are made.
    fn parent(&mut self, place: &Place, anchor: &Rc<Path>) -> Result<(), FsError> {
        let mut missing = Vec::new();
        let mut rel = place.rel.parent();
        while let Some(above) = rel {
            let spot = spot(anchor, above);
            if self.known.contains(&spot) {
                break;
            }
            match place.anchor.dir(above) {
                Ok(dir) => {
                    let stat = dir.stat_self()?;
                    let mode = stat.mode & 0o7777;
                    let mtime = stat.mtime;
                    self.known.insert(spot.clone());
                    self.dirs.push(DirTime {
                        spot,
                        before: Some(Meta { mode, mtime }),
                        set: None,
                    });
                    break;
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => missing.push(spot),
                Err(e) => return Err(e),
            }
            rel = above.parent();
        }
        for spot in missing.into_iter().rev() {
            let label = spot.full().display().to_string();
            self.make(spot, label, None)?;
        }
        Ok(())
    }
}

fn spot(anchor: &Rc<Path>, rel: &Path) -> Spot {
    Spot {
        anchor: Rc::clone(anchor),
        rel: rel.to_owned(),
    }
}

fn lost(path: &ArchivePath) -> FsError {
    FsError::new(
        "find",
        Path::new(&path.to_string()),
        io::Error::from(io::ErrorKind::NotFound),
    )
}
