//! An operation from its first line to its last.

use super::annex;
use super::draft::Draft;
use super::error::OperationError;
use super::format::{Begin, Line};
use super::journal::{Journal, announce, now};
use super::step::Change;
use super::store::{DRAFT, OperationLock, Operations};
use super::worker::{Position, Stop, Worker};
use crate::fs::{Dir, FsError, PrivateDir};
use crate::model::{Meta, Observer, OperationId};
use std::ffi::OsStr;
use std::rc::Rc;

/// An operation that has begun: nothing live was touched yet.
pub struct Open<'a> {
    operations: &'a Operations,
    id: OperationId,
    dir: Dir,
    journal: Journal,
    change: Change,
    annexes: Vec<annex::Annex>,
    store: Rc<Dir>,
}

/// An operation that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its name.
    pub id: OperationId,
    /// Whether its own directory was put in order as well; if not, the next start does it.
    pub cleared: bool,
}

impl Operations {
    /// Begins an operation on what is in the slots of a draft, or of an earlier operation
    /// (`store`).
    ///
    /// # Errors
    /// When the disk refuses; nothing live was touched then.
    pub fn begin(
        &self,
        _lock: &OperationLock,
        draft: &Draft,
        store: Option<&OperationId>,
        change: Change,
    ) -> Result<Open<'_>, OperationError> {
        let (sequence, id) = self.next()?;
        let Some(scratch) = draft.take() else {
            return Err(OperationError::NothingToUndo);
        };
        let mut journal = Self::start_journal(scratch.dir())?;
        let begin = Begin {
            sequence,
            at: jiff::Timestamp::now(),
            store: store.unwrap_or(&id).clone(),
            tally: change.tally(),
            about: change.about.clone(),
        };
        journal.write([Line::Begin(begin.to_json())])?;
        let (dir, name) = scratch.keep();
        debug_assert!(name.to_string_lossy().starts_with(DRAFT));
        if let Err(e) = self
            .dir()
            .move_new(&name, self.dir(), OsStr::new(id.as_str()))
        {
            let _ = PrivateDir::remove_tree(self.dir(), &name);
            return Err(e.into());
        }
        let mut open = Open {
            store: Rc::new(self.files(store.unwrap_or(&id))?),
            operations: self,
            dir,
            journal,
            change,
            annexes: Vec::new(),
            id,
        };
        match open.announce() {
            Ok(()) => Ok(open),
            Err(e) => {
                let _ = open.drop_it();
                Err(e.into())
            }
        }
    }
}

impl Open<'_> {
    /// Writes the whole list down; on another file system, first brings what is needed there.
    fn announce(&mut self) -> Result<(), FsError> {
        self.annexes = annex::plan(&self.id, &self.store, &mut self.change)?;
        if !self.annexes.is_empty() {
            let lines = self.annexes.iter().map(annex::Annex::line);
            self.journal.write(lines)?;
            // An annex must not be there without anybody knowing of it.
            self.dir.sync_file_system()?;
            annex::fill(&self.annexes, &self.store, &mut self.change)?;
        }
        let commit = std::iter::once_with(|| Line::Commit(now()));
        self.journal.write(announce(&self.change).chain(commit))?;
        // One call makes journal and slots durable. Whether the slots are whole after a
        // power cut in the middle of it is told by their digests.
        self.dir.sync_file_system()
    }

    /// Makes every step, or none.
    ///
    /// # Errors
    /// When something changed, a step failed or somebody asked to stop; everything is then
    /// put back, or the error says what could not be.
    pub fn carry_out(mut self, observer: &dyn Observer) -> Result<Done, OperationError> {
        let annexes = match annex::open_all(&self.annexes) {
            Ok(annexes) => annexes,
            Err(e) => return self.give_up(None, Failure::Fs(e)),
        };
        let mut worker = Worker::new(Rc::clone(&self.store), annexes.clone());
        let done = self.steps(&mut worker, observer).and_then(|()| {
            if let Some(moved) = worker.out_of_place(&self.change.steps)? {
                return Err(Failure::Changed(moved.display().to_string()));
            }
            worker.set_times(&self.change.dirs, |dir| dir.set)?;
            Ok(annex::copy_out(&annexes, &self.store, &self.change.steps)?)
        });
        if let Err(failure) = done {
            return self.give_up(Some(worker), failure);
        }
        // From here on the operation has happened. What is left concerns only its own
        // directory, and is made up for at the next start if it fails here.
        let cleared = if annexes.is_empty() {
            // Nothing has to wait for the disk: what a power cut takes of the steps is made
            // again from the journal, which is durable. The next start sees to the rest.
            end(
                &mut self.journal,
                &self.change,
                &mut worker,
                Line::Made(now()),
            )
        } else {
            finish(
                &mut self.journal,
                &self.annexes,
                &annexes,
                &self.store,
                &self.change,
                &mut worker,
            )
        };
        Ok(Done {
            id: self.id,
            cleared: cleared.is_ok(),
        })
    }

    fn steps(&self, worker: &mut Worker, observer: &dyn Observer) -> Result<(), Failure> {
        for step in &self.change.steps {
            if observer.interrupted() {
                return Err(Failure::Interrupted);
            }
            worker
                .make(step, Position::Pending)
                .map_err(|stop| match stop {
                    Stop::Fs(e) => Failure::Fs(e),
                    Stop::Changed => Failure::Changed(step.label.clone()),
                })?;
            let size = step.after.as_ref().map_or(0, |after| after.size);
            observer.file_done(size);
        }
        Ok(())
    }

    /// Takes everything back.
    fn give_up(mut self, worker: Option<Worker>, failure: Failure) -> Result<Done, OperationError> {
        let noted = self.journal.seal(Line::Back(now()));
        let left = match worker {
            Some(mut worker) => roll_back(&mut worker, &self.change),
            None => Vec::new(),
        };
        if !left.is_empty() {
            return Err(failure.into_error(left));
        }
        match (noted, self.drop_it()) {
            // Neither is it written down that it is over, nor is the journal gone: the next
            // start will take it for one that was interrupted.
            (Err(source), Err(_)) => Err(OperationError::Unsettled(source)),
            _ => Err(failure.into_error(left)),
        }
    }

    /// Removes what was prepared. What cannot be removed now is removed at the next start.
    fn drop_it(self) -> Result<(), FsError> {
        annex::remove(&self.annexes, true)?;
        self.operations.remove(&self.id)
    }
}

/// Takes every made step back, last first, and gives directories their times back; names
/// what could not be.
pub(super) fn roll_back(worker: &mut Worker, change: &Change) -> Vec<String> {
    let mut left = Vec::new();
    for step in change.steps.iter().rev() {
        if !matches!(worker.unmake(step), Ok(true)) {
            left.push(step.label.clone());
        }
    }
    // Times are only for the eye; a failure here is no reason to call files lost.
    let _ = worker.set_times(&change.dirs, |dir| dir.before);
    let _ = worker.sync();
    left
}

/// Makes everything durable, clears up after the last step and writes the last lines.
pub(super) fn finish(
    journal: &mut Journal,
    annexes: &[annex::Annex],
    open: &[Rc<Dir>],
    store: &Dir,
    change: &Change,
    worker: &mut Worker,
) -> Result<(), FsError> {
    worker.sync()?;
    if !annexes.is_empty() {
        journal.seal(Line::Applied(now()))?;
        annex::put_back(open, store, &change.steps)?;
        annex::remove(annexes, false)?;
        worker.set_times(&change.dirs, |dir| dir.set)?;
    }
    end(journal, change, worker, Line::Done(now()))?;
    journal.sync()
}

/// Notes the times that directories have in the end, and that it is the end.
fn end(
    journal: &mut Journal,
    change: &Change,
    worker: &mut Worker,
    last: Line,
) -> Result<(), FsError> {
    let ends: Vec<Option<Meta>> = worker.times(&change.dirs);
    let ends = ends.into_iter().map(|end| end.map(Into::into)).collect();
    journal.write([Line::Dirs(ends), last])
}

/// Why the steps are not all made.
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

impl Failure {
    fn into_error(self, left: Vec<String>) -> OperationError {
        let whole = left.is_empty();
        match self {
            Self::Fs(source) if whole => OperationError::TakenBack(source),
            Self::Fs(source) => OperationError::HalfDone { left, source },
            Self::Changed(path) if whole => OperationError::Changed(path),
            Self::Interrupted if whole => OperationError::Interrupted,
            Self::Changed(_) | Self::Interrupted => {
                let stopped = std::io::Error::other("it was stopped");
                let source = FsError::new("go on with", "the operation".as_ref(), stopped);
                OperationError::HalfDone { left, source }
            }
        }
    }
}
