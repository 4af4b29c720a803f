//! What can go wrong with a vault.

use crate::fs::{FsError, Holder};
use crate::model::{Shown, ShownPath, SnapshotId};
use std::path::PathBuf;

/// A failed operation on a vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The disk refused.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// The path of the vault is something else.
    #[error("the vault {} is not a directory; choose another with --vault", ShownPath(.0))]
    NotADirectory(PathBuf),
    /// The vault cannot be written.
    #[error("the vault {} cannot be written; choose another with --vault", ShownPath(.path))]
    NotWritable {
        /// The vault.
        path: PathBuf,
        /// Why.
        #[source]
        source: FsError,
    },
    /// Somebody else is working on the vault.
    #[error("the vault is in use by {0}; try again when that is done")]
    Locked(Holder),
    /// A record that cannot be read.
    #[error("the record of snapshot {id} is damaged: {}", Shown::sentence(.why))]
    DamagedRecord {
        /// The snapshot.
        id: SnapshotId,
        /// What is wrong.
        why: String,
    },
    /// A record could not be written down.
    #[error("the record of snapshot {id} cannot be written: {why}")]
    UnwritableRecord {
        /// The snapshot.
        id: SnapshotId,
        /// What is wrong.
        why: String,
    },
}
