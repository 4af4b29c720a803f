//! The thin form of an archive: bytes of its own, and a recipe that says where they go
//! among runs of bytes of one other archive, its base. Rebuilding is copying; nothing is
//! decompressed and nothing computed.
//!
//! Works on readers and writers handed in, and on lists of pieces whoever made them. What
//! is absent: which archive is whose base, and where either lies.

mod error;
mod make;
mod read;
mod recipe;
#[cfg(test)]
mod tests;

pub use error::ThinError;
pub use make::{Span, match_spans, rebase, write_thin};
pub(super) use read::read_full;
pub use read::{ReadAt, ThinArchive, ThinFile, digest_of};
pub use recipe::{Recipe, Run, Source};

/// The thin form this program writes, and the newest it reads.
pub const THIN_FORM: u32 = 1;
