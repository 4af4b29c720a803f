//! The index as a file.

use super::bytes::{CUT, Reader, put, put_text};
use super::rows::RowWriter;
use super::{Index, IndexError, Piece};
use crate::archive::pieces::{ENDING, GZIP_HEADER, TRAILER_BYTES, trailer};
use crate::model::Digest;
use crate::model::limits::PIECE_BYTES;
use std::ops::Range;

/// How every index begins; the number is its format.
const MAGIC: &[u8] = b"takeback-index 1\n";
const DIGEST: usize = 32;

impl Index {
    /// The index of the archive that these pieces make up; the digest is that of the file.
    pub(in crate::archive) fn new(
        engine: String,
        pieces: Vec<Piece>,
        rows: RowWriter,
        (head, tail): (u32, u32),
        archive: Digest,
    ) -> Self {
        let (rows, count) = rows.into_parts();
        let (size, expanded) = sizes(&pieces);
        Self {
            engine,
            archive,
            size,
            expanded,
            head,
            tail,
            pieces,
            rows,
            count,
        }
    }

    /// The gzip member around its pieces: what stands before the first, and what follows the
    /// last.
    #[must_use]
    pub fn frame(&self) -> (Vec<u8>, Vec<u8>) {
        let behind = [ENDING.as_slice(), &trailer(&self.pieces)].concat();
        (GZIP_HEADER.to_vec(), behind)
    }

    /// The bytes of its file: what stands before the entries, the entries, and the digest of
    /// both. In parts, for the entries are most of it and need not be copied.
    #[must_use]
    pub fn parts(&self) -> (Vec<u8>, &[u8], Digest) {
        let mut out = MAGIC.to_vec();
        put_text(&mut out, self.engine.as_bytes());
        out.extend_from_slice(self.archive.as_bytes());
        put(&mut out, self.size);
        put(&mut out, self.expanded);
        for number in [self.head, self.tail, self.count] {
            put(&mut out, u64::from(number));
        }
        put(&mut out, self.pieces.len() as u64);
        for piece in &self.pieces {
            put(&mut out, u64::from(piece.length));
            put(&mut out, u64::from(piece.expanded));
            out.extend_from_slice(&piece.crc.to_le_bytes());
            out.extend_from_slice(&piece.digest);
            put(&mut out, u64::from(piece.members));
        }
        put(&mut out, self.rows.len() as u64);
        let digest = Digest::of_parts(&[&out, &self.rows]);
        (out, &self.rows, digest)
    }

    /// The bytes of its file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (head, rows, digest) = self.parts();
        [head.as_slice(), rows, digest.as_bytes()].concat()
    }

    /// Reads the bytes of an index file, and checks that its parts fit together. Whether
    /// they fit the archive only shows when that is read.
    ///
    /// # Errors
    /// Names what is wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, IndexError> {
        Self::of_file(bytes.to_vec())
    }

    /// The same, keeping the rows where they are: those of 100,000 entries take 9 MB, and
    /// twice that would count in what a backup takes at the most.
    ///
    /// # Errors
    /// Names what is wrong with them.
    pub fn of_file(mut bytes: Vec<u8>) -> Result<Self, IndexError> {
        let (mut index, rows) = parts_of(&bytes)?;
        bytes.truncate(rows.end);
        bytes.drain(..rows.start);
        index.rows = bytes;
        Ok(index)
    }

    /// Pieces cover the whole archive, and entries lie in them in order.
    fn check(&self) -> Result<(), IndexError> {
        if sizes(&self.pieces) != (self.size, self.expanded) {
            return Err(IndexError("its pieces do not make up the archive"));
        }
        let too_large = |piece: &Piece| piece.length.max(piece.expanded) > PIECE_BYTES;
        if self.pieces.iter().any(too_large) {
            return Err(IndexError("a piece is too large"));
        }
        let own = u64::from(self.head) + u64::from(self.tail);
        let members: u64 = self.pieces.iter().map(|p| u64::from(p.members)).sum();
        if own > self.pieces.len() as u64 || members != u64::from(self.count) {
            return Err(IndexError("its counts do not fit"));
        }
        Ok(())
    }
}

/// An index without its rows, and where those lie in its file.
fn parts_of(bytes: &[u8]) -> Result<(Index, Range<usize>), IndexError> {
    let (content, digest) = bytes
        .len()
        .checked_sub(DIGEST)
        .and_then(|end| bytes.split_at_checked(end))
        .ok_or(CUT)?;
    if Digest::of(content).as_bytes() != digest {
        return Err(IndexError("its own digest does not fit"));
    }
    let content = content
        .strip_prefix(MAGIC)
        .ok_or(IndexError("it is of another format"))?;
    let mut rest = Reader(content);
    let engine = String::from_utf8(rest.text()?.to_vec())
        .map_err(|_| IndexError("its engine is no text"))?;
    let archive = Digest::from_bytes(rest.array()?);
    let (size, expanded) = (rest.number()?, rest.number()?);
    let (head, tail, count) = (rest.small()?, rest.small()?, rest.small()?);
    let pieces = pieces(&mut rest)?;
    let rows = rest.text()?;
    // Behind the rows only the digest may stand.
    let end = content.len() + MAGIC.len() - rest.0.len();
    let index = Index {
        engine,
        archive,
        size,
        expanded,
        head,
        tail,
        pieces,
        rows: Vec::new(),
        count,
    };
    if rest.0.is_empty() {
        index.check()?;
        Ok((index, end - rows.len()..end))
    } else {
        Err(IndexError("something follows its end"))
    }
}

/// Bytes of the archive that these pieces make up, and bytes it expands to.
fn sizes(pieces: &[Piece]) -> (u64, u64) {
    let before = GZIP_HEADER.len() as u64;
    let end = |last: &Piece| last.at + u64::from(last.length);
    let end = pieces.last().map_or(before, end);
    let expanded = pieces.iter().map(|piece| u64::from(piece.expanded)).sum();
    (end + (ENDING.len() + TRAILER_BYTES) as u64, expanded)
}

fn pieces(rest: &mut Reader<'_>) -> Result<Vec<Piece>, IndexError> {
    let count = rest.small()?;
    let mut pieces = Vec::new();
    let mut at = GZIP_HEADER.len() as u64;
    for _ in 0..count {
        let (length, expanded) = (rest.small()?, rest.small()?);
        let crc = u32::from_le_bytes(rest.array()?);
        let (digest, members) = (rest.array()?, rest.small()?);
        pieces.push(Piece {
            at,
            length,
            expanded,
            crc,
            digest,
            members,
        });
        at += u64::from(length);
    }
    Ok(pieces)
}
