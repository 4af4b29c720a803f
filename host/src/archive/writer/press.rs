//! Pieces on their way into the archive file: compressed or copied by several threads,
//! written in order.

use super::super::base::Base;
use super::super::error::ArchiveError;
use super::super::index::Piece;
use super::super::pieces::{GZIP_HEADER, Level, Packed, Packer, Pool, unpack};
use flate2::Decompress;
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;
use std::io::Write;

/// What is done to make a piece.
enum Job {
    /// Compress this.
    Pack(Vec<u8>),
    /// Take a piece of the base as it is.
    Copy(Piece),
    /// Compress this, unless a piece of the base expands to exactly this.
    Same(Vec<u8>, Piece),
}

struct Worker {
    packer: Packer,
    base: Option<Base>,
    expander: Decompress,
}

impl Worker {
    fn work(&mut self, job: Job) -> Result<Packed, ArchiveError> {
        match (job, &self.base) {
            (Job::Copy(piece), Some(base)) => as_packed(base, &piece).map_err(of_base),
            (Job::Same(raw, piece), Some(base)) => {
                let old = as_packed(base, &piece).ok();
                let expander = &mut self.expander;
                let is_same =
                    |old: &Packed| unpack(expander, &piece, &old.bytes).is_ok_and(|old| old == raw);
                old.filter(is_same).map_or_else(|| self.pack(&raw), Ok)
            }
            (Job::Pack(raw) | Job::Same(raw, _), _) => self.pack(&raw),
            (Job::Copy(_), None) => Err(ArchiveError::Changed),
        }
    }

    fn pack(&mut self, raw: &[u8]) -> Result<Packed, ArchiveError> {
        self.packer.pack(raw).map_err(ArchiveError::Write)
    }
}

/// That a piece cannot be had from the base.
pub(super) fn of_base(error: ArchiveError) -> ArchiveError {
    ArchiveError::Base(Box::new(error))
}

fn as_packed(base: &Base, piece: &Piece) -> Result<Packed, ArchiveError> {
    Ok(Packed {
        bytes: base.copy(piece)?,
        expanded: piece.expanded,
        crc: piece.crc,
        digest: piece.digest,
    })
}

/// The archive file as far as it is written, and the pieces that are on their way.
pub(super) struct Press<W> {
    out: W,
    hash: Sha256,
    written: u64,
    pool: Pool<Job, Result<Packed, ArchiveError>>,
    /// Members of each piece on its way.
    members: VecDeque<u32>,
    pieces: Vec<Piece>,
}

/// What was written.
pub(super) struct Pressed<W> {
    pub(super) out: W,
    pub(super) hash: Sha256,
    pub(super) written: u64,
    pub(super) pieces: Vec<Piece>,
}

impl<W: Write> Press<W> {
    pub(super) fn new(out: W, level: Level, base: Option<&Base>) -> Result<Self, ArchiveError> {
        let worker = || {
            let mut worker = Worker {
                packer: Packer::new(level),
                base: base.cloned(),
                expander: Decompress::new(false),
            };
            move |job| worker.work(job)
        };
        let mut press = Self {
            out,
            hash: Sha256::new(),
            written: 0,
            pool: Pool::new(worker),
            members: VecDeque::new(),
            pieces: Vec::new(),
        };
        press.write(&GZIP_HEADER)?;
        Ok(press)
    }

    /// The number the next piece will have.
    pub(super) fn next(&self) -> u32 {
        (self.pieces.len() + self.members.len()) as u32
    }

    /// Adds a piece with this content.
    pub(super) fn pack(&mut self, raw: Vec<u8>, members: u32) -> Result<(), ArchiveError> {
        self.give(Job::Pack(raw), members)
    }

    /// Adds a piece of the base.
    pub(super) fn copy(&mut self, piece: Piece) -> Result<(), ArchiveError> {
        self.give(Job::Copy(piece), piece.members)
    }

    /// Adds a piece with this content, which may be that of a piece of the base.
    pub(super) fn same(&mut self, raw: Vec<u8>, piece: Piece) -> Result<(), ArchiveError> {
        self.give(Job::Same(raw, piece), 0)
    }

    fn give(&mut self, job: Job, members: u32) -> Result<(), ArchiveError> {
        while self.pool.is_full() {
            self.retire()?;
        }
        self.pool.give(job);
        self.members.push_back(members);
        Ok(())
    }

    /// Writes the oldest piece that is on its way; says whether there was one.
    fn retire(&mut self) -> Result<bool, ArchiveError> {
        let (Some(result), Some(members)) = (self.pool.take(), self.members.pop_front()) else {
            return Ok(false);
        };
        let died = || ArchiveError::Write(std::io::Error::other("a thread that compresses died"));
        let packed = result.ok_or_else(died)??;
        self.pieces.push(Piece {
            at: self.written,
            length: packed.bytes.len() as u32,
            expanded: packed.expanded,
            crc: packed.crc,
            digest: packed.digest,
            members,
        });
        self.write(&packed.bytes)?;
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        self.out.write_all(bytes).map_err(ArchiveError::Write)
    }

    /// Waits until everything is written.
    pub(super) fn finish(mut self) -> Result<Pressed<W>, ArchiveError> {
        while self.retire()? {}
        Ok(Pressed {
            out: self.out,
            hash: self.hash,
            written: self.written,
            pieces: self.pieces,
        })
    }
}
