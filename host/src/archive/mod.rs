//! The archive file: one gzip member over one tar, `manifest.json` first and
//! `SHA256SUMS` last. Works on readers and writers handed in; never opens a path.
//!
//! Reading trusts nothing: one strict parser, no repair of what two readers could
//! understand differently, every limit checked before the bytes are taken.

mod base;
mod choice;
mod entries;
mod error;
mod foreign;
mod format;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz_hooks;
mod header;
mod index;
mod indexed;
mod listing;
mod manifest;
mod open;
mod pax;
mod pieces;
mod reader;
mod sums;
pub mod thin;
mod verify;
mod writer;

pub use base::Base;
pub use choice::{Choice, Trees};
pub use entries::Entries;
pub use error::ArchiveError;
pub use foreign::{ForeignKind, ForeignMember, ForeignVisitor, is_tar, read_foreign};
pub use index::{Index, IndexError, IndexRow, Piece, Rows};
pub use indexed::IndexedArchive;
pub use listing::{ListedEntry, Listing};
pub use manifest::{Manifest, Origin};
pub use open::{Content, OpenArchive, Opened, Take};
pub use pieces::Level;
pub use reader::ReadLimits;
pub use verify::VerifiedArchive;
pub use writer::ArchiveWriter;

/// The archive format this program writes, and the newest it reads.
pub const FORMAT: u32 = 1;
/// Name of the manifest, the first member.
pub const MANIFEST_NAME: &str = "manifest.json";
/// Name of the checksum list, the last member.
pub const SUMS_NAME: &str = "SHA256SUMS";
