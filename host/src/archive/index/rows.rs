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

/// What a row is told apart by.
#[derive(Clone, Debug, Default)]
struct Before {
    path: String,
    seconds: i64,
    piece: u32,
}

impl Before {
    fn now(row: &IndexRow, path: String) -> Self {
        let (seconds, piece) = (row.meta.mtime.seconds, row.piece);
        Self {
            path,
            seconds,
            piece,
        }
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
        let same = self.before.path.bytes().zip(path.bytes());
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
        self.before = Before::now(row, path);
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
        if self.done >= count {
            return None;
        }
        self.done += 1;
        let row = self.read(bytes);
        if row.is_err() {
            self.done = count;
        }
        Some(row)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<IndexRow, IndexError> {
        let mut rest = Reader(bytes.get(self.at..).ok_or(CUT)?);
        let shared = rest.small()? as usize;
        let kept = self.before.path.as_bytes().get(..shared).ok_or(CUT)?;
        let text = [kept, rest.text()?].concat();
        let text = String::from_utf8(text).map_err(|_| IndexError("a path is not UTF-8"))?;
        let path =
            ArchivePath::parse(&text).map_err(|_| IndexError("it holds a path that is none"))?;
        let mode = rest.small()?;
        let seconds = self.before.seconds.wrapping_add(rest.signed()?);
        let nanos = rest.small()?;
        let piece = self.before.piece.wrapping_add(rest.small()?);
        let offset = rest.small()?;
        let (kind, digest) = kind(&mut rest)?;
        self.at = bytes.len() - rest.0.len();
        let row = IndexRow {
            path,
            kind,
            meta: Meta {
                mode,
                mtime: ModTime { seconds, nanos },
            },
            digest,
            piece,
            offset,
        };
        self.before = Before::now(&row, text);
        Ok(row)
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

impl Iterator for Rows<'_> {
    type Item = Result<IndexRow, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.step(self.bytes, self.count)
    }
}
