//! Why a thin archive cannot be used.

use std::io;

/// A recipe that cannot be followed, or cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ThinError {
    /// The system failed while reading.
    #[error("cannot read it")]
    Read(#[source] io::Error),
    /// The system failed while writing.
    #[error("cannot write it")]
    Write(#[source] io::Error),
    /// Made by a newer program.
    #[error("it has thin form {found}; this program reads form {known} (made by a newer version?)")]
    Newer {
        /// Its form.
        found: u64,
        /// The newest known.
        known: u32,
    },
    /// A recipe that breaks its grammar.
    #[error("line {line} of its recipe is not acceptable: {why}")]
    Line {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// A recipe whose parts do not fit together.
    #[error("its recipe is not acceptable: {0}")]
    Recipe(&'static str),
    /// The archive it is given as its base is another one.
    #[error("it was made against another base")]
    OtherBase,
}
