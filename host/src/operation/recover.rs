//! What is done about operations that were interrupted.

use super::annex::{self, Annex};
use super::error::OperationError;
use super::format::Line;
use super::journal::{self, End, Journal, Progress, Record, now};
use super::open::{finish, roll_back};
use super::step::{About, Change, Step};
use super::store::{OperationLock, Operations, slot_name};
use super::worker::{Position, Stop, Worker};
use crate::fs::{Dir, FsError, PrivateDir};
use crate::model::{Fingerprint, OperationId};
use std::rc::Rc;

/// What was done about one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It had changed nothing live; what it had prepared is removed.
    Dropped,
    /// It is finished. These had changed since it was interrupted and were kept.
    Finished(Vec<String>),
    /// It is rolled back.
    RolledBack,
}

/// One operation that was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Its name; `None` for one that had not begun.
    pub id: Option<OperationId>,
    /// What it is about, as far as it is known.
    pub about: Option<About>,
    /// What was done.
    pub recovery: Recovery,
}

impl Operations {
    /// Whether an operation was interrupted, or is at work.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn needs_recovery(&self) -> Result<bool, OperationError> {
        Ok(!self.unfinished()?.is_empty() || !self.orphans()?.is_empty())
    }

    /// Whether something was cut off in the middle. That the last lines of a journal are not yet
    /// known to be durable, which recovery sees to as well, is none of that.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn interrupted(&self) -> Result<bool, OperationError> {
        for id in self.ids()? {
            let dir = self.directory(&id)?;
            if journal::exists(&dir)? && journal::end(&dir)? == End::Open {
                return Ok(true);
            }
        }
        Ok(!self.orphans()?.is_empty())
    }
}

/// Finishes or rolls back what was interrupted.
///
/// # Errors
/// When one can be neither finished nor rolled back, or its journal cannot be read.
pub fn recover(
    operations: &Operations,
    _lock: &OperationLock,
) -> Result<Vec<Recovered>, OperationError> {
    let mut done = Vec::new();
    for (name, _held) in operations.orphans()? {
        PrivateDir::remove_tree(operations.dir(), &name)?;
        done.push(Recovered {
            id: None,
            about: None,
            recovery: Recovery::Dropped,
        });
    }
    for id in operations.unfinished()? {
        let dir = operations.directory(&id)?;
        if !journal::exists(&dir)? {
            // Its journal goes first when an operation is removed: nothing else is left to do.
            operations.remove(&id)?;
            continue;
        }
        let record = journal::read(&dir, &id)?;
        let about = Some(record.begin.about.clone());
        if let Some(recovery) = one(operations, &id, &dir, record)? {
            done.push(Recovered {
                id: Some(id),
                about,
                recovery,
            });
        }
    }
    Ok(done)
}

/// Puts one operation in order. Nothing has to be said of one that ended well, and of which
/// only the disk may not have known yet.
fn one(
    operations: &Operations,
    id: &OperationId,
    dir: &Dir,
    record: Record,
) -> Result<Option<Recovery>, OperationError> {
    let annexes: Vec<Annex> = record.annexes.iter().map(Annex::from_record).collect();
    if record.progress == Progress::Begun {
        annex::remove(&annexes, true)?;
        operations.remove(id)?;
        return Ok(Some(Recovery::Dropped));
    }
    let store = Rc::new(operations.files(&record.begin.store)?);
    let change = Change {
        about: record.begin.about,
        steps: record.steps,
        dirs: record.dirs,
    };
    let mut journal = Journal::resume(dir, record.whole)?;
    let open = match annex::open_all(&annexes) {
        Err(e) if e.is_missing() && record.progress == Progress::Applied => Vec::new(),
        open => open?,
    };
    let mut worker = Worker::new(Rc::clone(&store), open.clone());
    if record.progress == Progress::Made && all_made(&worker, &change.steps)? {
        // Without annexes, all it touched is on this file system.
        store.sync_file_system()?;
        journal.seal(Line::Done(now()))?;
        return Ok(None);
    }
    if matches!(record.progress, Progress::Committed | Progress::Made) {
        if !durable(&worker, &store, &change.steps)? {
            annex::remove(&annexes, true)?;
            operations.remove(id)?;
            return Ok(Some(Recovery::Dropped));
        }
        match forward(&mut worker, &change, &open, &store) {
            Ok(kept) => {
                finish(&mut journal, &annexes, &open, &store, &change, &mut worker)?;
                return Ok(Some(Recovery::Finished(kept)));
            }
            Err(e) => {
                journal.seal(Line::Back(now()))?;
                let left = roll_back(&mut worker, &change);
                if !left.is_empty() {
                    return Err(OperationError::HalfDone { left, source: e });
                }
            }
        }
    } else if record.progress == Progress::Applied {
        finish(&mut journal, &annexes, &open, &store, &change, &mut worker)?;
        return Ok(Some(Recovery::Finished(Vec::new())));
    } else {
        let left = roll_back(&mut worker, &change);
        if !left.is_empty() {
            let source = FsError::new(
                "take back",
                "every step".as_ref(),
                std::io::Error::other("something else stands there now"),
            );
            return Err(OperationError::HalfDone { left, source });
        }
    }
    annex::remove(&annexes, true)?;
    operations.remove(id)?;
    Ok(Some(Recovery::RolledBack))
}

/// Whether no step is left.
fn all_made(worker: &Worker, steps: &[Step]) -> Result<bool, FsError> {
    for step in steps {
        if worker.position(step)? != Position::Made {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether what is to be placed is whole. A power cut in the middle of making it durable
/// can leave a journal that says more than the slots hold; no step was made then.
fn durable(worker: &Worker, store: &Dir, steps: &[Step]) -> Result<bool, FsError> {
    for step in steps {
        if worker.position(step)? != Position::Pending {
            return Ok(true);
        }
    }
    for step in steps.iter().filter(|step| step.annex.is_none()) {
        let Some(wanted) = step.after.as_ref().and_then(|after| after.digest) else {
            continue;
        };
        let there = store.recognise(&slot_name(step.slot))?;
        if there.and_then(|there| there.digest) != Some(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the steps that are left. A place that changed since is kept, and named.
fn forward(
    worker: &mut Worker,
    change: &Change,
    annexes: &[Rc<Dir>],
    store: &Dir,
) -> Result<Vec<String>, FsError> {
    let mut kept = Vec::new();
    let mut made = Vec::new();
    for step in &change.steps {
        let position = worker.position(step)?;
        match worker.make(step, position) {
            Ok(()) => made.push(step.clone()),
            // A directory that somebody made meanwhile serves as well.
            Err(Stop::Changed) if step.after.as_ref().is_some_and(Fingerprint::is_directory) => {}
            Err(Stop::Changed) => kept.push(step.label.clone()),
            Err(Stop::Fs(e)) if e.is_missing() || e.is_loop() => kept.push(step.label.clone()),
            Err(Stop::Fs(e)) => return Err(e),
        }
    }
    worker.set_times(&change.dirs, |dir| dir.set)?;
    annex::copy_out(annexes, store, &made)?;
    Ok(kept)
}
