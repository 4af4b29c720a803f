//! The index of an archive taken apart and put together again, with none of the program's
//! code: what a test wants an index to say, it can say, with a digest that fits.

use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

const MAGIC: &[u8] = b"takeback-index 1\n";

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawIndex {
    pub(crate) engine: Vec<u8>,
    pub(crate) archive: [u8; 32],
    pub(crate) size: u64,
    pub(crate) expanded: u64,
    pub(crate) head: u64,
    pub(crate) tail: u64,
    /// How many entries it says there are.
    pub(crate) count: u64,
    pub(crate) pieces: Vec<RawPiece>,
    pub(crate) rows: Vec<RawRow>,
}

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawPiece {
    pub(crate) length: u64,
    pub(crate) expanded: u64,
    pub(crate) crc: [u8; 4],
    pub(crate) digest: [u8; 16],
    pub(crate) members: u64,
}

/// An entry. Time and piece are counted from the row before, and here from the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawRow {
    pub(crate) path: Vec<u8>,
    pub(crate) mode: u64,
    pub(crate) seconds: i64,
    pub(crate) nanos: u64,
    pub(crate) piece: u64,
    pub(crate) offset: u64,
    pub(crate) kind: RawKind,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RawKind {
    Directory,
    File(u64, [u8; 32]),
    Link(Vec<u8>),
}

impl RawIndex {
    /// The index at a path.
    pub(crate) fn read(path: &Path) -> Self {
        Self::parse(&fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }

    /// Takes an index apart that is as it should be.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let (content, digest) = bytes.split_at(bytes.len() - 32);
        assert_eq!(Sha256::digest(content).as_slice(), digest);
        let mut rest = Rest(content.strip_prefix(MAGIC).unwrap());
        let engine = rest.text();
        let archive = rest.array();
        let [size, expanded, head, tail, count] = [(); 5].map(|()| rest.number());
        let pieces = (0..rest.number()).map(|_| rest.piece()).collect();
        let rows = rest.text();
        assert!(rest.0.is_empty(), "something follows the rows");
        let (mut rest, mut all) = (Rest(&rows), Vec::new());
        while !rest.0.is_empty() {
            let row = rest.row(all.last());
            all.push(row);
        }
        assert_eq!(all.len() as u64, count);
        Self {
            engine,
            archive,
            size,
            expanded,
            head,
            tail,
            count,
            pieces,
            rows: all,
        }
    }

    /// The bytes of the file, with the digest that fits.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put_text(&mut out, &self.engine);
        out.extend(self.archive);
        let numbers = [self.size, self.expanded, self.head, self.tail, self.count];
        numbers.iter().for_each(|number| put(&mut out, *number));
        put(&mut out, self.pieces.len() as u64);
        for piece in &self.pieces {
            put(&mut out, piece.length);
            put(&mut out, piece.expanded);
            out.extend(piece.crc);
            out.extend(piece.digest);
            put(&mut out, piece.members);
        }
        let (mut rows, mut before) = (Vec::new(), None);
        for row in &self.rows {
            put_row(&mut rows, row, before);
            before = Some(row);
        }
        put_text(&mut out, &rows);
        sealed(out)
    }

    /// Where each piece begins in the archive.
    pub(crate) fn starts(&self) -> Vec<u64> {
        let mut at = 10;
        let next = |piece: &RawPiece| {
            at += piece.length;
            at - piece.length
        };
        self.pieces.iter().map(next).collect()
    }

    /// Which of its pieces hold entries, and not manifest or checksum list.
    pub(crate) fn body(&self) -> std::ops::Range<usize> {
        self.head as usize..self.pieces.len() - self.tail as usize
    }

    /// The row of a path.
    pub(crate) fn row(&self, path: &str) -> &RawRow {
        let found = self.rows.iter().find(|row| row.path == path.as_bytes());
        found.unwrap_or_else(|| panic!("no row of {path}"))
    }
}

/// Bytes with their digest behind them.
pub(crate) fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest.as_slice());
    bytes
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put(out, text.len() as u64);
    out.extend(text);
}

fn put_row(out: &mut Vec<u8>, row: &RawRow, before: Option<&RawRow>) {
    let old = before.map_or(&[][..], |row| &row.path);
    let same = old.iter().zip(&row.path).take_while(|(a, b)| a == b);
    let shared = same.count();
    put(out, shared as u64);
    put_text(out, &row.path[shared..]);
    put(out, row.mode);
    let seconds = row
        .seconds
        .wrapping_sub(before.map_or(0, |row| row.seconds));
    put(out, ((seconds << 1) ^ (seconds >> 63)).cast_unsigned());
    put(out, row.nanos);
    // Counted in 32 bits, so that one that goes back comes round.
    let piece = row.piece.wrapping_sub(before.map_or(0, |row| row.piece));
    put(out, piece & 0xffff_ffff);
    put(out, row.offset);
    match &row.kind {
        RawKind::Directory => out.push(0),
        RawKind::File(size, digest) => {
            out.push(1);
            put(out, *size);
            out.extend(digest);
        }
        RawKind::Link(target) => {
            out.push(2);
            put_text(out, target);
        }
    }
}

/// What is still to be taken apart.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take(&mut self, count: usize) -> Vec<u8> {
        let (front, rest) = self.0.split_at(count);
        self.0 = rest;
        front.to_vec()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap()
    }

    fn number(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.take(1)[0];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    fn text(&mut self) -> Vec<u8> {
        let length = self.number();
        self.take(length as usize)
    }

    fn piece(&mut self) -> RawPiece {
        RawPiece {
            length: self.number(),
            expanded: self.number(),
            crc: self.array(),
            digest: self.array(),
            members: self.number(),
        }
    }

    fn row(&mut self, before: Option<&RawRow>) -> RawRow {
        let shared = self.number() as usize;
        let kept = before.map_or(&[][..], |row| &row.path[..shared]);
        let path = [kept, &self.text()].concat();
        let mode = self.number();
        let seconds = self.number();
        let seconds = (seconds >> 1).cast_signed() ^ -((seconds & 1).cast_signed());
        let nanos = self.number();
        let piece = before.map_or(0, |row| row.piece) + self.number();
        let offset = self.number();
        let kind = match self.take(1)[0] {
            0 => RawKind::Directory,
            1 => RawKind::File(self.number(), self.array()),
            2 => RawKind::Link(self.text()),
            other => panic!("an entry of kind {other}"),
        };
        RawRow {
            path,
            mode,
            seconds: seconds + before.map_or(0, |row| row.seconds),
            nanos,
            piece,
            offset,
            kind,
        }
    }
}
