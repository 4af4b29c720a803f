//! Writing down what somebody else did, so that it can be taken back like an operation of
//! ours: the steps are made already, and the slots hold what was there before.

use super::draft::Draft;
use super::error::OperationError;
use super::format::{Begin, Line};
use super::journal::{announce, now};
use super::step::Change;
use super::store::{OperationLock, Operations};
use crate::fs::PrivateDir;
use crate::model::{Meta, OperationId};
use std::ffi::OsStr;

impl Operations {
    /// Writes down a change that has happened, with what was there before in the slots of
    /// `draft`, and the mode and time that each of its directories has now. It is there as a
    /// whole or not at all, and live files are not touched.
    ///
    /// # Errors
    /// When the disk refuses; nothing is written down then.
    pub fn write_down(
        &self,
        _lock: &OperationLock,
        draft: &Draft,
        change: &Change,
        ends: &[Option<Meta>],
    ) -> Result<OperationId, OperationError> {
        let (sequence, id) = self.next()?;
        let Some(scratch) = draft.take() else {
            return Err(OperationError::NothingToUndo);
        };
        let begin = Begin {
            sequence,
            at: jiff::Timestamp::now(),
            store: id.clone(),
            tally: change.tally(),
            about: change.about.clone(),
        };
        let mut journal = Self::start_journal(scratch.dir())?;
        journal.write([Line::Begin(begin.to_json())])?;
        let ends = ends.iter().map(|end| end.map(Into::into)).collect();
        let end = [Line::Dirs(ends), Line::Done(now())];
        journal.write(announce(change).chain(end))?;
        // Its name makes it an operation, so everything must be on the disk before.
        scratch.dir().sync_file_system()?;
        let (_, name) = scratch.keep();
        if let Err(e) = self
            .dir()
            .move_new(&name, self.dir(), OsStr::new(id.as_str()))
        {
            let _ = PrivateDir::remove_tree(self.dir(), &name);
            return Err(e.into());
        }
        self.dir().sync()?;
        Ok(id)
    }
}
