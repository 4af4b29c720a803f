//! The index of an archive: where its pieces lie and what is in each. It only makes things
//! faster. Nothing is restored because an index says so: the headers in the pieces decide.

mod bytes;
mod file;
mod rows;
#[cfg(test)]
mod tests;

pub(super) use rows::{Cursor, Placed, RowWriter};
pub use rows::{IndexRow, Rows};

use crate::model::Digest;

/// Why an index is not used. The archive is then read as if it had none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index is not usable: {0}")]
pub struct IndexError(pub(super) &'static str);

/// A part of an archive that can be read, checked and copied on its own: a deflate stream
/// that ends on a byte boundary and leans on nothing before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins in the archive file.
    pub at: u64,
    /// Bytes of the file it takes.
    pub length: u32,
    /// Bytes it expands to.
    pub expanded: u32,
    /// CRC-32 of what it expands to.
    pub crc: u32,
    /// The first half of the SHA-256 of its bytes in the file.
    pub digest: [u8; 16],
    /// Entries whose header begins in it.
    pub members: u32,
}

impl Piece {
    /// What `digest` holds for these bytes.
    #[must_use]
    pub fn digest_of(bytes: &[u8]) -> [u8; 16] {
        use sha2::Digest as _;
        let whole: [u8; 32] = sha2::Sha256::digest(bytes).into();
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        half
    }
}

/// An archive's index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// What made the archive: pieces are only carried over from the same.
    pub engine: String,
    /// Digest of the archive file.
    pub archive: Digest,
    /// Bytes of the archive file.
    pub size: u64,
    /// Bytes it expands to.
    pub expanded: u64,
    /// Pieces at the front that hold the manifest.
    pub head: u32,
    /// Pieces at the end that hold the checksum list and the end of the tar.
    pub tail: u32,
    pieces: Vec<Piece>,
    /// Entries, encoded one after the other: a hundred thousand of them as values would take
    /// more memory than a whole backup may.
    rows: Vec<u8>,
    count: u32,
}

impl Index {
    /// All pieces, in the order in which they stand in the archive.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The piece with this number, counted from the first behind the manifest's.
    #[must_use]
    pub fn body(&self, number: u32) -> Option<&Piece> {
        let number = self.head.checked_add(number)? as usize;
        let end = self.pieces.len().checked_sub(self.tail as usize)?;
        self.pieces.get(..end)?.get(number)
    }

    /// The entries, in the archive's order.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(&self.rows, self.count)
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Entries to make room for: their number, as far as its bytes can hold so many.
    pub(in crate::archive) fn room(&self) -> usize {
        const LEAST_ROW: usize = 8;
        (self.count as usize).min(self.rows.len() / LEAST_ROW)
    }

    /// Bytes of its rows.
    pub(in crate::archive) fn row_bytes(&self) -> usize {
        self.rows.len()
    }

    /// Members of the tar: the entries, and the two of our own.
    #[must_use]
    pub fn members(&self) -> u64 {
        u64::from(self.count) + 2
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
