//! One piece, compressed and expanded.

use crate::archive::index::Piece;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::io;

/// Fixed gzip header: deflate, no name, no time, no system, so that the same input
/// always gives the same bytes.
pub(in crate::archive) const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// What follows the last piece: an empty last block.
pub(in crate::archive) const ENDING: [u8; 2] = [0x03, 0x00];
/// Bytes of the gzip trailer.
pub(in crate::archive) const TRAILER_BYTES: usize = 8;
/// The longest stored block.
const STORED: usize = 0xffff;

/// How hard to compress: 1 is fast, 9 is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(u32);

impl Level {
    /// A level from 1 to 9.
    #[must_use]
    pub fn new(level: u32) -> Option<Self> {
        (1..=9).contains(&level).then_some(Self(level))
    }

    /// What pieces are compressed with, and how they are cut: other values make other bytes
    /// of the same files.
    pub(in crate::archive) fn engine(self) -> String {
        format!("zlib-rs 0.6, level {}, cut 1", self.0)
    }
}

impl Default for Level {
    fn default() -> Self {
        Self(6)
    }
}

/// A piece ready to be written.
#[derive(Debug)]
pub(in crate::archive) struct Packed {
    pub(in crate::archive) bytes: Vec<u8>,
    pub(in crate::archive) expanded: u32,
    pub(in crate::archive) crc: u32,
    pub(in crate::archive) digest: [u8; 16],
}

/// Compresses pieces, one after the other.
pub(in crate::archive) struct Packer {
    level: Level,
    state: Compress,
}

impl Packer {
    pub(in crate::archive) fn new(level: Level) -> Self {
        let state = Compress::new(Compression::new(level.0), false);
        Self { level, state }
    }

    /// Compresses a piece; what would grow is stored as it is.
    pub(in crate::archive) fn pack(&mut self, raw: &[u8]) -> io::Result<Packed> {
        let bytes = match looks_random(raw) {
            true => store(raw),
            false => self.deflate(raw)?.unwrap_or_else(|| store(raw)),
        };
        Ok(Packed {
            expanded: u32::try_from(raw.len()).map_err(io::Error::other)?,
            crc: crc32fast::hash(raw),
            digest: Piece::digest_of(&bytes),
            bytes,
        })
    }

    /// `None` when nothing is gained.
    fn deflate(&mut self, raw: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let most = raw.len() + 5 * raw.len().div_ceil(STORED);
        let mut out = Vec::with_capacity(most);
        self.state.reset();
        let status = self
            .state
            .compress_vec(raw, &mut out, FlushCompress::Full)?;
        let whole = self.state.total_in() == raw.len() as u64 && out.len() < most;
        if status == Status::Ok && whole {
            out.shrink_to_fit();
            return Ok(Some(out));
        }
        // A state whose flush did not finish is not used again: zlib-rs 0.6.8 panics in that.
        *self = Self::new(self.level);
        Ok(None)
    }
}

/// Whether bytes are spread as evenly as those of compressed data. Deflate takes its longest
/// there and gains nothing: leaving it out makes a first backup of a tree with packed
/// repositories and images a quarter shorter.
fn looks_random(raw: &[u8]) -> bool {
    const SAMPLE: usize = 4 << 10;
    if raw.len() < 4 * SAMPLE {
        return false;
    }
    let mut counts = [0_u32; 256];
    let stride = raw.len() / 4;
    for part in 0..4 {
        for byte in &raw[part * stride..part * stride + SAMPLE] {
            counts[usize::from(*byte)] += 1;
        }
    }
    // The sum of squares is least where all bytes are alike: 2^20 for this sample.
    let squares: u64 = counts.iter().map(|n| u64::from(*n) * u64::from(*n)).sum();
    squares < (1 << 20) + (1 << 17)
}

/// The bytes in stored blocks.
fn store(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 5 * raw.len().div_ceil(STORED));
    for block in raw.chunks(STORED) {
        let length = block.len() as u16;
        out.push(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out
}

/// Expands a piece's bytes, which must be those its index describes.
pub(in crate::archive) fn unpack(
    state: &mut Decompress,
    piece: &Piece,
    bytes: &[u8],
) -> Result<Vec<u8>, &'static str> {
    if Piece::digest_of(bytes) != piece.digest {
        return Err("a piece is not the one that was written");
    }
    let expanded = piece.expanded as usize;
    // One byte more would show that there is more.
    let mut out = Vec::with_capacity(expanded + 1);
    state.reset(false);
    state
        .decompress_vec(bytes, &mut out, FlushDecompress::None)
        .map_err(|_| "a piece cannot be expanded")?;
    if out.len() != expanded || crc32fast::hash(&out) != piece.crc {
        return Err("a piece does not expand to what was written");
    }
    Ok(out)
}

/// The gzip trailer for what these pieces expand to.
pub(in crate::archive) fn trailer(pieces: &[Piece]) -> [u8; TRAILER_BYTES] {
    let (mut crc, mut length) = (crc32fast::Hasher::new(), 0_u64);
    for piece in pieces {
        let expanded = u64::from(piece.expanded);
        crc.combine(&crc32fast::Hasher::new_with_initial_len(
            piece.crc, expanded,
        ));
        length += expanded;
    }
    let mut trailer = [0; TRAILER_BYTES];
    trailer[..4].copy_from_slice(&crc.finalize().to_le_bytes());
    // The format keeps the length modulo 2^32.
    trailer[4..].copy_from_slice(&((length & 0xffff_ffff) as u32).to_le_bytes());
    trailer
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn noise(length: u32) -> Vec<u8> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let step = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        (0..length).map(step).collect()
    }

    fn parts() -> Vec<Vec<u8>> {
        let text = b"{\"role\":\"user\",\"text\":\"first\"}\n".repeat(6000);
        let half: Vec<u8> = noise(200_000).iter().map(|b| b & 0x3f).collect();
        vec![
            text,
            Vec::new(),
            noise(250_000),
            half,
            noise(100),
            b"last".to_vec(),
        ]
    }

    fn piece(packed: &Packed) -> Piece {
        Piece {
            at: 0,
            length: packed.bytes.len() as u32,
            expanded: packed.expanded,
            crc: packed.crc,
            digest: packed.digest,
            members: 0,
        }
    }

    #[test]
    fn pieces_join_into_one_member_at_every_level() {
        for level in 1..=9 {
            let mut packer = Packer::new(Level::new(level).unwrap());
            let mut file = GZIP_HEADER.to_vec();
            let mut pieces = Vec::new();
            for part in parts() {
                let packed = packer.pack(&part).unwrap();
                pieces.push(piece(&packed));
                file.extend(packed.bytes);
            }
            let whole = parts().concat();
            file.extend(ENDING);
            file.extend(trailer(&pieces));
            let mut decoder = flate2::bufread::GzDecoder::new(file.as_slice());
            let mut back = Vec::new();
            decoder.read_to_end(&mut back).unwrap();
            assert_eq!(back, whole);
            assert!(decoder.into_inner().is_empty());
        }
    }

    #[test]
    fn a_piece_expands_to_what_it_was_made_of_and_nothing_else() {
        let mut state = Decompress::new(false);
        for raw in parts() {
            let packed = Packer::new(Level::default()).pack(&raw).unwrap();
            assert!(packed.bytes.len() <= raw.len() + 5 * raw.len().div_ceil(STORED) + 5);
            let piece = piece(&packed);
            assert_eq!(unpack(&mut state, &piece, &packed.bytes).unwrap(), raw);
            for wrong in [
                Piece {
                    crc: !piece.crc,
                    ..piece
                },
                Piece {
                    expanded: piece.expanded + 1,
                    ..piece
                },
                Piece {
                    digest: [7; 16],
                    ..piece
                },
            ] {
                assert!(unpack(&mut state, &wrong, &packed.bytes).is_err());
            }
            if piece.expanded > 0 {
                let less = Piece {
                    expanded: piece.expanded - 1,
                    ..piece
                };
                assert!(unpack(&mut state, &less, &packed.bytes).is_err());
            }
        }
    }
}
