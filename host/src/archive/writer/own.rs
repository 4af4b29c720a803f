//! The members that every archive has beside its entries: manifest and checksum list.

use super::super::base::Base;
use super::super::error::ArchiveError;
use super::super::header::{self, BLOCK};
use super::super::index::{Piece, RowWriter};
use super::super::manifest::Manifest;
use super::super::pieces::{Cutter, ENDING, Level, PART, trailer};
use super::super::{MANIFEST_NAME, SUMS_NAME, format, sums};
use super::press::{Press, Pressed};
use crate::model::{Digest, Meta, ModTime};
use sha2::Digest as _;
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom, Write};
use tar::EntryType;

/// Manifest and checksum list have fixed properties, so that archives are deterministic.
const OWN_META: Meta = Meta {
    mode: 0o644,
    mtime: ModTime {
        seconds: 0,
        nanos: 0,
    },
};

/// The manifest's content.
pub(super) fn manifest(manifest: &Manifest) -> Result<Vec<u8>, ArchiveError> {
    format::write(manifest)
}

fn announce(name: &str, size: usize) -> Result<Vec<u8>, ArchiveError> {
    header::write(EntryType::Regular, name, "", size as u64, OWN_META)
}

pub(super) fn put_manifest<W: Write>(
    press: &mut Press<W>,
    content: &[u8],
) -> Result<(), ArchiveError> {
    let mut member = announce(MANIFEST_NAME, content.len())?;
    member.extend_from_slice(content);
    member.resize(member.len().next_multiple_of(BLOCK), 0);
    for part in member.chunks(PART) {
        press.pack(part.to_vec(), 0)?;
    }
    Ok(())
}

/// The checksum list and the end of the tar. The list's header is a piece of its own, for it
/// changes whenever a file comes or goes.
pub(super) fn put_sums<W: Write>(
    press: &mut Press<W>,
    manifest: Digest,
    rows: &RowWriter,
    base: Option<&Base>,
) -> Result<(), ArchiveError> {
    let known = known_sums(base);
    let give = |press: &mut Press<W>, raw: Vec<u8>| match known.get(&crc32fast::hash(&raw)) {
        Some(piece) if piece.expanded as usize == raw.len() => press.same(raw, *piece),
        _ => press.pack(raw, 0),
    };
    let mut size = sums::line_length(MANIFEST_NAME);
    each_file(rows, |name, _| {
        size += sums::line_length(name);
        Ok(())
    })?;
    give(press, announce(SUMS_NAME, size)?)?;
    let (mut cutter, mut piece) = (Cutter::sums(), String::new());
    let mut line = |name: &str, digest| {
        if cutter.begins(name, sums::line_length(name)) {
            give(press, std::mem::take(&mut piece).into_bytes())?;
        }
        sums::write_line(&mut piece, name, &digest);
        Ok(())
    };
    line(MANIFEST_NAME, manifest)?;
    each_file(rows, line)?;
    let mut last = piece.into_bytes();
    last.resize(
        last.len() + size.next_multiple_of(BLOCK) - size + 2 * BLOCK,
        0,
    );
    give(press, last)
}

/// Calls for each file with its path and digest.
fn each_file(
    rows: &RowWriter,
    mut each: impl FnMut(&str, Digest) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut rows = rows.rows();
    while let Some(row) = rows.next_raw() {
        let row = row.map_err(|e| ArchiveError::Corrupt(e.to_string()))?;
        if let Some(digest) = row.digest {
            each(row.path, digest)?;
        }
    }
    Ok(())
}

/// The pieces of the base's checksum list by their CRC. Digests hardly compress, so to make the
/// list of 100,000 files anew took a third of the time of a backup in which one had changed.
fn known_sums(base: Option<&Base>) -> HashMap<u32, Piece> {
    let Some(index) = base.map(Base::index) else {
        return HashMap::new();
    };
    let tail = index.pieces().len().saturating_sub(index.tail as usize);
    let pieces = index.pieces()[tail..].iter();
    pieces.map(|piece| (piece.crc, *piece)).collect()
}

/// The same archive with another manifest, in another file.
pub(super) fn with_other_manifest<W: Read + Write + Seek>(
    mut old: Pressed<W>,
    old_head: u32,
    manifest: &[u8],
    level: Level,
    out: W,
) -> Result<(u32, Pressed<W>), ArchiveError> {
    let mut press = Press::new(out, level, None)?;
    put_manifest(&mut press, manifest)?;
    let head = press.next();
    let mut new = press.finish()?;
    let body = old.pieces.split_off(old_head as usize);
    let start = body.first().map_or(old.written, |piece| piece.at);
    old.out
        .seek(SeekFrom::Start(start))
        .map_err(ArchiveError::Read)?;
    for piece in body {
        let mut bytes = vec![0; piece.length as usize];
        old.out.read_exact(&mut bytes).map_err(ArchiveError::Read)?;
        if Piece::digest_of(&bytes) != piece.digest {
            return Err(ArchiveError::Changed);
        }
        new.hash.update(&bytes);
        new.out.write_all(&bytes).map_err(ArchiveError::Write)?;
        new.pieces.push(Piece {
            at: new.written,
            ..piece
        });
        new.written += u64::from(piece.length);
    }
    Ok((head, new))
}

impl<W: Write> Pressed<W> {
    /// Writes the end of the gzip member; gives digest, pieces and file.
    pub(super) fn end(mut self) -> Result<(Digest, Vec<Piece>, W), ArchiveError> {
        let mut end = ENDING.to_vec();
        end.extend(trailer(&self.pieces));
        self.hash.update(&end);
        self.out.write_all(&end).map_err(ArchiveError::Write)?;
        self.out.flush().map_err(ArchiveError::Write)?;
        let digest = Digest::from_bytes(self.hash.finalize().into());
        Ok((digest, self.pieces, self.out))
    }
}
