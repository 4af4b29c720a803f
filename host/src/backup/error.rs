//! Why a backup as a whole fails. What goes wrong with single files is a trouble in
//! the report, never an error.

use crate::archive::ArchiveError;
use crate::fs::FsError;
use crate::model::{ShownPath, TargetId};
use crate::vault::VaultError;
use std::path::PathBuf;

/// A backup that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The disk refused.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// An archive could not be made.
    #[error("the archive of {target} could not be made")]
    Archive {
        /// The target.
        target: TargetId,
        /// Why.
        #[source]
        source: ArchiveError,
    },
    /// The vault lies inside what it is to hold.
    #[error(
        "the vault {} and what {target} keeps ({place}) lie inside each other; choose another vault with --vault",
        ShownPath(.vault)
    )]
    VaultInside {
        /// The vault.
        vault: PathBuf,
        /// The target.
        target: TargetId,
        /// The target's place.
        place: String,
    },
    /// Somebody asked to stop.
    #[error("stopped; nothing was kept of this backup")]
    Interrupted,
}
