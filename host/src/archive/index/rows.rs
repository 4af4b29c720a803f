//! The entries of an index: each row says what changed since the one before.

use super::bytes::{CUT, Reader, put, put_signed, put_text};
use super::{Index, IndexError};
use crate::model::{ArchivePath, Digest, EntryKind, Meta, ModTime};

/// One entry of an archive, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRow {
    /// Its path.
    pub path: ArchivePath,
    /// What it is.
    pub kind: EntryKind,
    /// Mode and time.
    pub meta: Meta,
    /// Digest of a file's content.
    pub digest: Option<Digest>,
    /// The piece in which its header begins, counted from the first behind the manifest's. A
    /// file too large for a group lies in the pieces that follow.
    pub piece: u32,
    /// Where in the expanded piece its header begins.
    pub offset: u32,
}

impl IndexRow {
    /// Bytes of its content.
    pub(in crate::archive) fn size(&self) -> u64 {
        match self.kind {
            EntryKind::File { size } => size,
            EntryKind::Directory | EntryKind::Link { .. } => 0,
        }
    }
}

/// What a row is told apart by.
#[derive(Clone, Debug, Default)]
struct Before {
    path: Vec<u8>,
    seconds: i64,
    piece: u32,
}

/// One row as it is encoded: its path is text, and whether it is one of an archive only shows
/// when somebody takes it for that.
#[derive(Debug)]
pub(in crate::archive) struct RawRow<'a> {
    pub(in crate::archive) path: &'a str,
    pub(in crate::archive) place: Placed,
    pub(in crate::archive) digest: Option<Digest>,
    meta: Meta,
}

/// What an entry is, and where it lies: see [`IndexRow`].
#[derive(Clone, Debug)]
pub(in crate::archive) struct Placed {
    pub(in crate::archive) kind: EntryKind,
    pub(in crate::archive) piece: u32,
    pub(in crate::archive) offset: u32,
}

impl RawRow<'_> {
    /// The row with its path checked.
    pub(in crate::archive) fn checked(self) -> Result<IndexRow, IndexError> {
        let path = ArchivePath::parse(self.path)
            .map_err(|_| IndexError("it holds a path that is none"))?;
        let Placed {
            kind,
            piece,
            offset,
        } = self.place;
        Ok(IndexRow {
            path,
            kind,
            meta: self.meta,
            digest: self.digest,
            piece,
            offset,
        })
    }
}

/// Encodes rows.
#[derive(Debug, Default)]
pub(in crate::archive) struct RowWriter {
    bytes: Vec<u8>,
    count: u32,
    before: Before,
}

impl RowWriter {
    /// One with room for rows of this many bytes: growing step by step leaves holes behind
    /// that nothing else fits in.
    pub(in crate::archive) fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    pub(in crate::archive) fn push(&mut self, row: &IndexRow) {
        let path = row.path.to_string();
        let same = self.before.path.iter().zip(path.as_bytes());
        let shared = same.take_while(|(a, b)| a == b).count();
        let out = &mut self.bytes;
        put(out, shared as u64);
        put_text(out, &path.as_bytes()[shared..]);
        put(out, u64::from(row.meta.mode));
        put_signed(
            out,
            row.meta.mtime.seconds.wrapping_sub(self.before.seconds),
        );
        put(out, u64::from(row.meta.mtime.nanos));
        put(out, u64::from(row.piece.wrapping_sub(self.before.piece)));
        put(out, u64::from(row.offset));
        match &row.kind {
            EntryKind::Directory => out.push(0),
            EntryKind::File { size } => {
                out.push(1);
                put(out, *size);
                let digest = row.digest.unwrap_or_else(|| Digest::of(b""));
                out.extend_from_slice(digest.as_bytes());
            }
            EntryKind::Link { target } => {
                out.push(2);
                put_text(out, target.as_bytes());
            }
        }
        self.count += 1;
        self.before = Before {
            path: path.into_bytes(),
            seconds: row.meta.mtime.seconds,
            piece: row.piece,
        };
    }

    /// The rows so far.
    pub(in crate::archive) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.bytes, self.count)
    }

    pub(super) fn into_parts(self) -> (Vec<u8>, u32) {
        (self.bytes, self.count)
    }
}

/// A place among rows.
#[derive(Clone, Debug, Default)]
pub(in crate::archive) struct Cursor {
    at: usize,
    done: u32,
    before: Before,
}

impl Cursor {
    /// Reads the row at this place and goes on to the next; `None` behind the last.
    pub(in crate::archive) fn next(
        &mut self,
        index: &Index,
    ) -> Option<Result<IndexRow, IndexError>> {
        self.step(&index.rows, index.count)
    }

    fn step(&mut self, bytes: &[u8], count: u32) -> Option<Result<IndexRow, IndexError>> {
        let row = self.step_raw(bytes, count)?.and_then(RawRow::checked);
        if row.is_err() {
            self.done = count;
        }
        Some(row)
    }

    fn step_raw(&mut self, bytes: &[u8], count: u32) -> Option<Result<RawRow<'_>, IndexError>> {
        if self.done >= count {
            return None;
        }
        self.done += 1;
        match self.read(bytes) {
            Ok((place, meta, digest)) => Some(Ok(RawRow {
                path: std::str::from_utf8(&self.before.path).unwrap_or_default(),
                place,
                meta,
                digest,
            })),
            Err(error) => {
                self.done = count;
                Some(Err(error))
            }
        }
    }

    /// Reads all of a row; its path is then the one before. That is written over and not made
    /// anew: a file that is looked for among a hundred thousand costs as many paths.
    fn read(&mut self, bytes: &[u8]) -> Result<(Placed, Meta, Option<Digest>), IndexError> {
        let mut rest = Reader(bytes.get(self.at..).ok_or(CUT)?);
        let shared = rest.small()? as usize;
        if shared > self.before.path.len() {
            return Err(CUT);
        }
        self.before.path.truncate(shared);
        self.before.path.extend_from_slice(rest.text()?);
        if std::str::from_utf8(&self.before.path).is_err() {
            return Err(IndexError("a path is not UTF-8"));
        }
        let mode = rest.small()?;
        let seconds = self.before.seconds.wrapping_add(rest.signed()?);
        let nanos = rest.small()?;
        let piece = self.before.piece.wrapping_add(rest.small()?);
        let offset = rest.small()?;
        let (kind, digest) = kind(&mut rest)?;
        self.at = bytes.len() - rest.0.len();
        (self.before.seconds, self.before.piece) = (seconds, piece);
        let place = Placed {
            kind,
            piece,
            offset,
        };
        let mtime = ModTime { seconds, nanos };
        Ok((place, Meta { mode, mtime }, digest))
    }
}

fn kind(rest: &mut Reader<'_>) -> Result<(EntryKind, Option<Digest>), IndexError> {
    match rest.take(1)?[0] {
        0 => Ok((EntryKind::Directory, None)),
        1 => {
            let size = rest.number()?;
            let digest = Digest::from_bytes(rest.array()?);
            Ok((EntryKind::File { size }, Some(digest)))
        }
        2 => {
            let target = String::from_utf8(rest.text()?.to_vec());
            let target = target.map_err(|_| IndexError("a link is not UTF-8"))?;
            Ok((EntryKind::Link { target }, None))
        }
        _ => Err(IndexError("it holds an entry of an unknown kind")),
    }
}

/// Reads rows, one after the other.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    bytes: &'a [u8],
    count: u32,
    cursor: Cursor,
}

impl<'a> Rows<'a> {
    pub(super) fn new(bytes: &'a [u8], count: u32) -> Self {
        let cursor = Cursor::default();
        Self {
            bytes,
            count,
            cursor,
        }
    }
}

impl Rows<'_> {
    /// The next row, without a look at its path.
    pub(in crate::archive) fn next_raw(&mut self) -> Option<Result<RawRow<'_>, IndexError>> {
        self.cursor.step_raw(self.bytes, self.count)
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<IndexRow, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.step(self.bytes, self.count)
    }
}
