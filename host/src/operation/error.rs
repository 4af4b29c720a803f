//! Why an operation does not happen, was taken back, or cannot be.

use crate::fs::{FsError, Holder};
use crate::model::{OperationId, Shown};

/// An operation that did not happen. Unless it says otherwise, live files are as they were.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The disk refused before anything was changed.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// Somebody else is changing files.
    #[error("{0} is changing files; try again when that is done")]
    Locked(Holder),
    /// Something changed after the plan was made.
    #[error("{} changed after the plan was made; everything is as it was, plan again", Shown(.0))]
    Changed(String),
    /// A step failed and everything was put back.
    #[error("a step failed and everything was put back")]
    TakenBack(#[source] FsError),
    /// A step failed, and so did putting everything back.
    #[error("a step failed, and these could not be put back yet: {}; nothing is lost, `takeback recover` tries again", .left.join(", "))]
    HalfDone {
        /// What is not as it was.
        left: Vec<String>,
        /// What failed first.
        #[source]
        source: FsError,
    },
    /// A step failed and everything was put back, and even that could not be written down.
    #[error(
        "a step failed and everything was put back, which could not be noted: once the disk works again, the next command finishes the change instead"
    )]
    Unsettled(#[source] FsError),
    /// Somebody asked to stop.
    #[error("stopped; everything is as it was")]
    Interrupted,
    /// A journal that cannot be read.
    #[error("the journal of operation {id} is damaged: {}", Shown::sentence(.why))]
    Damaged {
        /// The operation.
        id: OperationId,
        /// What is wrong.
        why: String,
    },
    /// A journal of a newer version.
    #[error("operation {id} was made by {}, which is newer than this program", Shown::sentence(.program))]
    Newer {
        /// The operation.
        id: OperationId,
        /// The program that made it.
        program: String,
    },
    /// Something stands where something was to be brought back.
    #[error("something else stands at {0}; nothing was changed")]
    Occupied(String),
    /// There is no such operation.
    #[error("there is no operation {}", Shown(.0))]
    NotFound(String),
    /// Nothing is left to take back.
    #[error("there is nothing to take back")]
    NothingToUndo,
    /// The operation was taken back already.
    #[error("operation {id} was taken back already, by {by}")]
    AlreadyUndone {
        /// The operation.
        id: OperationId,
        /// The operation that did.
        by: OperationId,
    },
}
