//! Why an archive cannot be written or is refused.

use crate::model::{PathError, Shown};
use std::io;

/// A failure to write an archive, or the reason one is refused. Foreign strings are
/// escaped when shown.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system failed while reading.
    #[error("cannot read the archive")]
    Read(#[source] io::Error),
    /// The system failed while writing.
    #[error("cannot write the archive")]
    Write(#[source] io::Error),
    /// A file's content ended before the size that was announced.
    #[error("the content of {} ended early", Shown(.0))]
    ShortContent(String),
    /// Not gzip at all.
    #[error("it is not a takeback archive (not a gzip file)")]
    NotGzip,
    /// Neither a tar nor one that gzip compressed.
    #[error("it is neither a tar nor a tar compressed by gzip")]
    NotTar,
    /// The compressed stream is damaged or cut.
    #[error("its compressed data is damaged or cut short: {}", Shown(.0))]
    Corrupt(String),
    /// Something follows the gzip member.
    #[error("something follows the end of its compressed data")]
    TrailingBytes,
    /// Something other than zeros follows the tar's end.
    #[error("something follows the end of the tar inside it")]
    AfterEnd,
    /// The tar ends without its end marker.
    #[error("the tar inside it is cut short")]
    CutShort,
    /// A header block that is malformed or that readers understand differently.
    #[error("the header of member {index} is not acceptable: {why}")]
    Header {
        /// Which member, counted from 1.
        index: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// A path that could leave its place.
    #[error("it holds {}: {why}", Shown(.path))]
    Path {
        /// The path as written.
        path: String,
        /// What is wrong.
        why: PathError,
    },
    /// A kind of member that is never restored.
    #[error("it holds {}, which is {what}; only files, directories and links inside the tree are restored", Shown(.path))]
    Kind {
        /// The path as written.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// A link that could lead out of its tree, or that the manifest does not list.
    #[error("the link {} to {} is refused: {why}", Shown(.path), Shown(.target))]
    Link {
        /// The path.
        path: String,
        /// The target.
        target: String,
        /// What is wrong.
        why: &'static str,
    },
    /// Two members with one name, or one inside another that is no directory.
    #[error("{} stands in it twice, or below something that is no directory", Shown(.0))]
    Collision(String),
    /// A member no rule of the manifest covers.
    #[error("it holds {}, which no rule of its manifest covers", Shown(.0))]
    Uncovered(String),
    /// The manifest is missing or unusable.
    #[error("its manifest is not usable: {}", Shown::sentence(.0))]
    Manifest(String),
    /// It does not begin with a manifest.
    #[error("it is not a takeback archive (its first member is not manifest.json)")]
    NoManifest,
    /// Made by a newer program.
    #[error("it has format {found}; this program reads format {known} (made by a newer version?)")]
    Newer {
        /// Its format.
        found: u64,
        /// The newest known.
        known: u32,
    },
    /// The checksum list is missing or unusable.
    #[error("its checksum list is not usable: {}", Shown::sentence(.0))]
    Sums(String),
    /// Content and checksum differ.
    #[error("{} does not have the content its checksum says", Shown(.0))]
    Digest(String),
    /// The checksum list and the members differ.
    #[error("{} is {}", Shown(.path), if *.listed { "listed but missing" } else { "not in its checksum list" })]
    Unlisted {
        /// The path.
        path: String,
        /// Whether it is the list that has it.
        listed: bool,
    },
    /// Larger than a limit.
    #[error("it has more than {limit} {what}; raise the limit with {flag} if you trust it")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// The flag that raises it.
        flag: &'static str,
    },
    /// The archive that another is made from is not what it was.
    #[error("the archive it is made from is damaged")]
    Base(#[source] Box<Self>),
    /// The file changed between two readings.
    #[error("it changed while it was being read")]
    Changed,
}

impl ArchiveError {
    /// Whether the system failed, rather than the archive being bad.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Read(_) | Self::Write(_))
    }
}
