//! Why nothing is imported from a source.

use crate::archive::ArchiveError;
use crate::fs::FsError;
use crate::model::{Shown, ShownPath};
use std::path::PathBuf;

/// An import that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source is damaged, hostile, or no archive.
    #[error("{} is refused", ShownPath(.path))]
    Source {
        /// The source.
        path: PathBuf,
        /// Why.
        #[source]
        source: ArchiveError,
    },
    /// The list beside it has another checksum.
    #[error("{} is not what the checksum beside it says", ShownPath(.0))]
    Checksum(PathBuf),
    /// Nothing in it is where any tool keeps something.
    #[error("nothing in {} looks like a home, a project or a backup of one", ShownPath(.0))]
    Unknown(PathBuf),
    /// It is not laid out as it was said to be.
    #[error("{} is not laid out like {layout}: {why}", ShownPath(.path))]
    NotThat {
        /// The source.
        path: PathBuf,
        /// The layout that was asked for.
        layout: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// There are several homes in it.
    #[error("{} could be of several homes: {}", ShownPath(.path), listed(.roots))]
    Several {
        /// The source.
        path: PathBuf,
        /// The directories in it that look like homes.
        roots: Vec<String>,
    },
    /// The disk refused.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// There is not enough room to lay it out.
    #[error("there is not enough room in {} to unpack it: {needed} bytes", ShownPath(.place))]
    NoRoom {
        /// Where.
        place: PathBuf,
        /// Bytes it takes.
        needed: u64,
    },
}

fn listed(roots: &[String]) -> String {
    let shown: Vec<String> = roots
        .iter()
        .take(5)
        .map(|root| Shown(root).to_string())
        .collect();
    shown.join(", ")
}
