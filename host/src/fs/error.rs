//! What can go wrong on the disk: always the operation, the path and the cause.

use crate::model::ShownPath;
use std::io;
use std::path::{Path, PathBuf};

/// A failed operation on one path.
#[derive(Debug, thiserror::Error)]
#[error("cannot {op} {}", ShownPath(.path))]
pub struct FsError {
    /// What was tried, fitting "cannot ...".
    pub op: &'static str,
    /// The path.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl FsError {
    /// Puts the parts together.
    pub fn new(op: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self {
            op,
            path: path.to_owned(),
            source: source.into(),
        }
    }

    /// The kind of the cause.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// Whether links on the way form a loop.
    #[must_use]
    pub fn is_loop(&self) -> bool {
        self.source.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
    }

    /// Whether the path is simply not there (or a parent is not a directory).
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(
            self.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        )
    }
}
