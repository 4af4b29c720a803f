//! Why a restore does not happen, or was taken back.

use crate::archive::ArchiveError;
use crate::backup::BackupError;
use crate::fs::FsError;
use crate::model::{Refused, Shown, TargetId};
use crate::operation::OperationError;
use crate::vault::VaultError;

/// A restore that did not happen. Unless it says otherwise, live files are as they were.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The archive is damaged or hostile.
    #[error("{archive} is refused")]
    Archive {
        /// The archive.
        archive: String,
        /// Why.
        #[source]
        source: ArchiveError,
    },
    /// An archive of the vault is not the one its record describes.
    #[error("{archive} is not the archive its record describes; `takeback verify` tells more")]
    NotAsRecorded {
        /// The archive.
        archive: String,
    },
    /// The archive is of another target.
    #[error("{archive} is an archive of {found}, not of {wanted}")]
    OtherTarget {
        /// The archive.
        archive: String,
        /// Its target.
        found: TargetId,
        /// What was asked for.
        wanted: TargetId,
    },
    /// Its places are not what the target's adapter may touch.
    #[error("{archive} is refused: {source}")]
    OutOfScope {
        /// The archive.
        archive: String,
        /// Which place.
        source: Refused,
    },
    /// A file would go somewhere its adapter may not touch.
    #[error("{archive} is refused: {} lies outside what {target} may touch", Shown(.path))]
    OutsideScope {
        /// The archive.
        archive: String,
        /// The file.
        path: String,
        /// The target.
        target: TargetId,
    },
    /// It cannot tell what else there was.
    #[error(
        "{0} is a safety snapshot: it holds only what was overwritten, so --exact would remove all the rest"
    )]
    NotWhole(String),
    /// Nothing in it fits what was chosen.
    #[error("nothing in {0} fits what you chose")]
    NothingChosen(String),
    /// The disk refused before anything was changed.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// Not enough room.
    #[error("{place} has {free} bytes free, and the restore needs {needed}")]
    NoSpace {
        /// Where.
        place: String,
        /// What there is.
        free: u64,
        /// What is needed.
        needed: u64,
    },
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The safety snapshot could not be made.
    #[error("the state to be overwritten could not be saved first, so nothing was changed")]
    Safety(#[source] BackupError),
    /// The safety snapshot does not hold what it must.
    #[error("the safety snapshot does not hold {}, so nothing was changed", Shown(.0))]
    SafetyIncomplete(String),
    /// Somebody opened a database after the plan was made.
    #[error("{0}; nothing was changed, close it first")]
    DatabaseOpen(String),
    /// The change itself did not happen.
    #[error(transparent)]
    Operation(#[from] OperationError),
}
