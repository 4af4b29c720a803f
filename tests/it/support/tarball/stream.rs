//! Bytes of any length, and the gzip around them with every number free to be wrong.

use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::Write;

/// Zeros are compressed once for this many, and the result is repeated.
const ZEROS: usize = 1 << 20;

/// Bytes, where long runs of zeros take no room.
#[derive(Clone, Default)]
pub(crate) struct Stream(Vec<Piece>);

#[derive(Clone)]
enum Piece {
    Bytes(Vec<u8>),
    Zeros(u64),
}

impl Stream {
    /// Appends bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match self.0.last_mut() {
            Some(Piece::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.0.push(Piece::Bytes(bytes.to_vec())),
        }
    }

    /// Appends zeros.
    pub(crate) fn zeros(&mut self, count: u64) {
        if count > ZEROS as u64 {
            self.0.push(Piece::Zeros(count));
        } else {
            self.push(&vec![0; usize::try_from(count).unwrap()]);
        }
    }

    /// How many bytes it is.
    pub(super) fn length(&self) -> u64 {
        let length = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::Zeros(count) => *count,
        };
        self.0.iter().map(length).sum()
    }

    /// Appends another stream.
    pub(super) fn append(&mut self, other: &Self) {
        for piece in &other.0 {
            match piece {
                Piece::Bytes(bytes) => self.push(bytes),
                Piece::Zeros(count) => self.zeros(*count),
            }
        }
    }

    /// All of it, zeros included.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Bytes(bytes) => all.extend_from_slice(bytes),
                Piece::Zeros(count) => all.resize(all.len() + usize::try_from(*count).unwrap(), 0),
            }
        }
        all
    }
}

impl From<&[u8]> for Stream {
    fn from(bytes: &[u8]) -> Self {
        Self(vec![Piece::Bytes(bytes.to_vec())])
    }
}

/// A gzip member with every number free to be wrong.
#[derive(Clone)]
pub(crate) struct Gzip {
    pub(crate) header: Vec<u8>,
    pub(crate) deflated: Vec<u8>,
    pub(crate) crc: u32,
    pub(crate) size: u32,
}

impl Gzip {
    /// Compresses a stream correctly.
    pub(crate) fn of(stream: &Stream) -> Self {
        let (mut deflated, mut crc) = (Vec::new(), Crc::new());
        for piece in &stream.0 {
            match piece {
                Piece::Bytes(bytes) => deflate(bytes, &mut deflated, &mut crc),
                Piece::Zeros(count) => deflate_zeros(*count, &mut deflated, &mut crc),
            }
        }
        // An empty last block.
        deflated.extend([3, 0]);
        let header = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
        Self {
            header,
            deflated,
            crc: crc.sum(),
            size: crc.amount(),
        }
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (crc, size) = (self.crc.to_le_bytes(), self.size.to_le_bytes());
        [&self.header, &self.deflated, &crc[..], &size[..]].concat()
    }
}

/// Appends a part of a deflate stream that can stand by itself.
fn deflate(bytes: &[u8], out: &mut Vec<u8>, crc: &mut Crc) {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    // Ends on a byte, without a last block.
    encoder.flush().unwrap();
    out.extend_from_slice(encoder.get_ref());
    crc.update(bytes);
}

fn deflate_zeros(count: u64, out: &mut Vec<u8>, crc: &mut Crc) {
    let (mut part, mut part_crc) = (Vec::new(), Crc::new());
    deflate(&vec![0; ZEROS], &mut part, &mut part_crc);
    for _ in 0..count / ZEROS as u64 {
        out.extend_from_slice(&part);
        crc.combine(&part_crc);
    }
    deflate(
        &vec![0; usize::try_from(count % ZEROS as u64).unwrap()],
        out,
        crc,
    );
}
