//! The only stage that writes to live files. Every file is written once, beside or on
//! the same file system as its place, and renamed or swapped in; everything replaced
//! can be put back until the end. A change since the plan was made stops everything.
//!
//! Not yet promised here: what a crash of the machine or the process leaves half done
//! is found from the safety snapshot, not put back by itself.

use super::approve::ApprovedPlan;
use super::error::RestoreError;
use super::plan::{Action, PlannedAction};
use super::prepare::Prepared;
use super::safety::SafetySnapshot;
use super::transaction::Transaction;
use crate::fs::{Dir, FsError};
use crate::model::{ArchivePath, EntryKind, Fingerprint, Meta, Observer, SnapshotId};
use crate::scan::Place;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What was done.
#[derive(Debug)]
pub struct ApplyOutcome {
    /// The snapshot of what was overwritten.
    pub safety: Option<SnapshotId>,
}

/// Applies an approved plan whose overwritten state was saved.
///
/// # Errors
/// When something changed or a step failed; everything is then put back, or the error
/// says what could not be.
pub fn apply(
    approved: &ApprovedPlan,
    safety: SafetySnapshot,
    observer: &dyn Observer,
) -> Result<ApplyOutcome, RestoreError> {
    let mut work = Work {
        transaction: Transaction::default(),
        dirs: BTreeMap::new(),
        made: Vec::new(),
        aside: 0,
        observer,
    };
    for prepared in approved.prepared() {
        let files = prepared.plan.actions.len() as u64;
        observer.stage(
            &prepared.plan.target,
            "restoring",
            files,
            prepared.plan.totals().bytes,
        );
        let done = work.target(prepared);
        observer.stage_done();
        if let Err(failure) = done {
            return Err(work.undo(failure));
        }
    }
    if let Err(e) = work.settle() {
        return Err(work.undo(Failure::Fs(e)));
    }
    work.transaction.finish();
    Ok(ApplyOutcome { safety: safety.id })
}

enum Failure {
    Fs(FsError),
    Changed(String),
    Interrupted,
}

impl From<FsError> for Failure {
    fn from(e: FsError) -> Self {
        Self::Fs(e)
    }
}

struct Work<'a> {
    transaction: Transaction,
    /// Directories in use, each opened once.
    dirs: BTreeMap<PathBuf, Rc<Dir>>,
    /// Directories made, with the mode and time they get at the end.
    made: Vec<(Place, Meta)>,
    /// Names moved aside so far.
    aside: u64,
    observer: &'a dyn Observer,
}

impl Work<'_> {
    fn undo(self, failure: Failure) -> RestoreError {
        let left = self.transaction.take_back();
        match failure {
            Failure::Fs(source) if left.is_empty() => RestoreError::TakenBack(source),
            Failure::Fs(source) => RestoreError::HalfDone { left, source },
            Failure::Changed(_) | Failure::Interrupted if !left.is_empty() => {
                let source = FsError::new(
                    "go on with",
                    Path::new("the restore"),
                    io::Error::other("stopped"),
                );
                RestoreError::HalfDone { left, source }
            }
            Failure::Changed(path) => RestoreError::Changed(path),
            Failure::Interrupted => RestoreError::Interrupted,
        }
    }

    fn target(&mut self, prepared: &Prepared) -> Result<(), Failure> {
        let staging = Rc::new(prepared.staged.dir().again()?);
        // Content is durable before any name leads to it; one call for all files.
        staging.sync_file_system()?;
        for planned in &prepared.plan.actions {
            if self.observer.interrupted() {
                return Err(Failure::Interrupted);
            }
            self.step(planned, prepared, &staging)?;
            self.observer.file_done(planned.size);
        }
        Ok(())
    }

    fn step(
        &mut self,
        planned: &PlannedAction,
        prepared: &Prepared,
        staging: &Rc<Dir>,
    ) -> Result<(), Failure> {
        if !planned.action.changes() {
            return Ok(());
        }
        let place = prepared
            .places
            .get(&planned.path)
            .ok_or_else(|| lost(&planned.path))?;
        let (dir, name) = self.parent(place)?;
        match &planned.action {
            Action::MakeDirectory => {
                self.transaction.make_dir(&dir, &name)?;
                self.made.push((place.clone(), planned.meta));
            }
            Action::Create(staged) => {
                let from = self.ready(staging, &staged.name, planned.meta, &dir, &name)?;
                self.transaction.place((&from.0, &from.1), &dir, &name)?;
            }
            Action::Replace(staged, expected) | Action::Merge(staged, expected) => {
                let from = self.ready(staging, &staged.name, planned.meta, &dir, &name)?;
                check(&dir, &name, expected, &planned.path)?;
                self.transaction.swap((&from.0, &from.1), &dir, &name)?;
            }
            Action::CreateLink(target) => {
                self.transaction.make_link(target, &dir, &name)?;
                dir.set_link_time(&name, planned.meta.mtime)?;
            }
            Action::ReplaceLink(staged, expected) => {
                check(&dir, &name, expected, &planned.path)?;
                self.replace_link(staged.as_ref(), planned, staging, (&dir, &name), prepared)?;
            }
            Action::Remove(expected) | Action::RemoveLog(expected) => {
                check(&dir, &name, expected, &planned.path)?;
                self.move_aside(staging, &dir, &name)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn replace_link(
        &mut self,
        staged: Option<&super::stage::Staged>,
        planned: &PlannedAction,
        staging: &Rc<Dir>,
        (dir, name): (&Rc<Dir>, &OsStr),
        prepared: &Prepared,
    ) -> Result<(), Failure> {
        if let Some(staged) = staged {
            let from = self.ready(staging, &staged.name, planned.meta, dir, name)?;
            return Ok(self.transaction.swap((&from.0, &from.1), dir, name)?);
        }
        let entry = prepared.listing.entries.get(&planned.path);
        let Some(EntryKind::Link { target }) = entry.map(|entry| &entry.kind) else {
            return Err(lost(&planned.path).into());
        };
        self.move_aside(staging, dir, name)?;
        self.transaction.make_link(target, dir, name)?;
        Ok(dir.set_link_time(name, planned.meta.mtime)?)
    }

    /// Directories above a place that neither exist nor are planned (a base directory).
    fn make_above(&mut self, place: &Place) -> Result<(), Failure> {
        let mut missing = Vec::new();
        let mut rel = place.rel.parent();
        while let Some(above) = rel.filter(|rel| !rel.as_os_str().is_empty()) {
            let there = Place {
                anchor: Rc::clone(&place.anchor),
                rel: above.to_owned(),
            };
            match there.open() {
                Ok(_) => break,
                Err(e) if e.kind() == io::ErrorKind::NotFound => missing.push(there),
                Err(e) => return Err(e.into()),
            }
            rel = above.parent();
        }
        for above in missing.into_iter().rev() {
            let (dir, name) = self.parent(&above)?;
            self.transaction.make_dir(&dir, &name)?;
        }
        Ok(())
    }

    /// The directory a place lies in, opened without following links.
    fn parent(&mut self, place: &Place) -> Result<(Rc<Dir>, OsString), Failure> {
        let name = place.rel.file_name().unwrap_or_default().to_owned();
        let above = place.full().parent().unwrap_or(Path::new("/")).to_owned();
        if let Some(dir) = self.dirs.get(&above) {
            return Ok((Rc::clone(dir), name));
        }
        let opened = match place.open_parent() {
            Ok((dir, _)) => dir,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                self.make_above(place)?;
                place.open_parent()?.0
            }
            Err(e) => return Err(e.into()),
        };
        let dir = Rc::new(opened);
        self.dirs.insert(above, Rc::clone(&dir));
        Ok((dir, name))
    }

    /// Gives a staged file its mode and time, where it can be renamed from.
    fn ready(
        &mut self,
        staging: &Rc<Dir>,
        staged: &OsStr,
        meta: Meta,
        dir: &Rc<Dir>,
        name: &OsStr,
    ) -> Result<(Rc<Dir>, OsString), Failure> {
        let (mut file, _) = staging.file(Path::new(staged))?;
        if staging.stat_self()?.inode.0 == dir.stat_self()?.inode.0 {
            Dir::set_file_meta(&file, &staging.path().join(staged), meta)?;
            return Ok((Rc::clone(staging), staged.to_owned()));
        }
        // Another file system: the file is copied beside its place first.
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.tmp", std::process::id()));
        let mut out = dir.create_new(&beside, 0o600)?;
        self.transaction.litter(dir, beside.clone());
        let path = dir.path().join(&beside);
        io::copy(&mut file, &mut out)
            .and_then(|_| out.sync_all())
            .map_err(|e| FsError::new("write", &path, e))?;
        Dir::set_file_meta(&out, &path, meta)?;
        Ok((Rc::clone(dir), beside))
    }

    /// Moves a live name into the staging directory, or beside itself on another file
    /// system, where it waits until the end.
    fn move_aside(
        &mut self,
        staging: &Rc<Dir>,
        dir: &Rc<Dir>,
        name: &OsStr,
    ) -> Result<(), Failure> {
        if staging.stat_self()?.inode.0 == dir.stat_self()?.inode.0 {
            self.aside += 1;
            let old = OsString::from(format!("old-{}", self.aside));
            return Ok(self.transaction.remove(dir, name, staging, &old)?);
        }
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.old", std::process::id()));
        self.transaction.remove(dir, name, dir, &beside)?;
        self.transaction.litter(dir, beside);
        Ok(())
    }

    /// Modes and times of made directories, then one sync for each file system.
    fn settle(&mut self) -> Result<(), FsError> {
        for (place, meta) in self.made.iter().rev() {
            place.open()?.set_own_meta(*meta)?;
        }
        let mut synced = Vec::new();
        for dir in self.dirs.values() {
            let device = dir.stat_self()?.inode.0;
            if !synced.contains(&device) {
                dir.sync_file_system()?;
                synced.push(device);
            }
        }
        Ok(())
    }
}

/// The live state must be the one the plan was made for.
fn check(
    dir: &Dir,
    name: &OsStr,
    expected: &Fingerprint,
    path: &ArchivePath,
) -> Result<(), Failure> {
    let now = dir.stat(name)?.map(|stat| stat.fingerprint(None));
    let same = now.is_some_and(|now| now.same_state(expected));
    if same {
        Ok(())
    } else {
        Err(Failure::Changed(path.to_string()))
    }
}

fn lost(path: &ArchivePath) -> FsError {
    FsError::new(
        "find",
        Path::new(&path.to_string()),
        io::Error::from(io::ErrorKind::NotFound),
    )
}
