//! What can go wrong with a vault.

use crate::archive::thin::ThinError;
use crate::fs::{FsError, Holder};
use crate::model::{Shown, ShownPath, SnapshotId};
use std::fmt;
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
    /// A record that holds more than this program knows, so it cannot be changed.
    #[error(
        "the record of snapshot {0} has fields that this program does not know (made by a newer version?), so its archives stay as they are"
    )]
    NewerRecord(SnapshotId),
    /// A record could not be written down.
    #[error("the record of snapshot {id} cannot be written: {why}")]
    UnwritableRecord {
        /// The snapshot.
        id: SnapshotId,
        /// What is wrong.
        why: String,
    },
    /// A file that a thin archive is put together from is not what it must be.
    #[error("{} {trouble}{}", ShownPath(.file), and_costs(.costs))]
    Stored {
        /// The snapshot the file belongs to.
        id: SnapshotId,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        trouble: StoredTrouble,
        /// The snapshots that lean on it, and are lost while it is like that.
        costs: Vec<SnapshotId>,
    },
    /// A thin form could not be made.
    #[error("the thin form of {} could not be made", ShownPath(.file))]
    Thinning {
        /// The archive's file.
        file: PathBuf,
        /// Why.
        #[source]
        source: ThinError,
    },
}

/// What is wrong with a file that thin archives are put together from.
#[derive(Debug)]
pub enum StoredTrouble {
    /// It is not there, or cannot be opened.
    Missing(FsError),
    /// It has another size than its record says.
    Length,
    /// Its bytes are not those its record describes.
    Digest,
    /// It is no thin archive that this program can read.
    Thin(ThinError),
    /// It makes another archive than its record says.
    OtherArchive,
    /// It leans on more files than any archive does.
    TooDeep,
    /// It cannot be read.
    Read(std::io::Error),
}

impl fmt::Display for StoredTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(e) if e.is_missing() => f.write_str("is missing"),
            Self::Missing(e) => write!(f, "cannot be opened: {}", e.source),
            Self::Length => f.write_str("is damaged: it has another size than its record says"),
            Self::Digest => {
                f.write_str("is damaged: it does not have the content its record describes")
            }
            Self::Thin(ThinError::OtherBase) => {
                f.write_str("is damaged: it was made against another archive than its record says")
            }
            Self::Thin(e @ ThinError::Newer { .. }) => write!(f, "cannot be read: {e}"),
            Self::Thin(e) => write!(f, "is damaged: {e}"),
            Self::OtherArchive => {
                f.write_str("is damaged: it makes another archive than its record says")
            }
            Self::TooDeep => f.write_str("leans on too many others"),
            Self::Read(e) => write!(f, "cannot be read: {e}"),
        }
    }
}

fn and_costs(snapshots: &[SnapshotId]) -> String {
    let names: Vec<&str> = snapshots.iter().map(SnapshotId::as_str).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!("; with it is lost what leans on it: {}", names.join(", ")),
    }
}
