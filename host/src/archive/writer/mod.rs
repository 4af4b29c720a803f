//! Writing an archive: manifest, entries, checksum list, each as pieces of one gzip member.
//! The manifest tells what happened while the entries were read. It is written as it will be
//! when nothing happens, and made anew where something did.

mod group;
mod own;
mod press;
#[cfg(test)]
mod tests;

use super::base::Base;
use super::error::ArchiveError;
use super::header::{self, BLOCK};
use super::index::{Cursor, Index, IndexRow, RowWriter};
use super::manifest::Manifest;
use super::pieces::{Cutter, Level, PART, is_large};
use crate::model::{ArchivePath, Digest, EntryKind, Meta};
use group::{Content, Group, Member, Old, damaged};
use press::Press;
use sha2::{Digest as _, Sha256};
use std::io::{Read, Seek, Write};
use tar::EntryType;

/// An archive being written. Entries must come sorted, directories before their content.
pub struct ArchiveWriter<W> {
    press: Press<W>,
    level: Level,
    base: Option<Base>,
    cursor: Cursor,
    /// The entry of the base that was looked at last, and its number.
    found: Option<(u32, IndexRow)>,
    seen: u32,
    cutter: Cutter,
    group: Group,
    rows: RowWriter,
    manifest: Vec<u8>,
    head: u32,
}

impl<W: Read + Write + Seek> ArchiveWriter<W> {
    /// Starts an archive in an empty file. What is the same in `base` is copied from there.
    ///
    /// # Errors
    /// When the manifest cannot be expressed or the file cannot be written.
    pub fn new(
        out: W,
        manifest: &Manifest,
        level: Level,
        base: Option<Base>,
    ) -> Result<Self, ArchiveError> {
        let base = base.filter(|base| base.index().engine == level.engine());
        // A sixteenth more than there was: most runs add little.
        let rows = base.as_ref().map_or(0, |base| base.index().row_bytes());
        let rows = RowWriter::with_room(rows + rows / 16);
        let mut press = Press::new(out, level, base.as_ref())?;
        let manifest = own::manifest(manifest)?;
        own::put_manifest(&mut press, &manifest)?;
        Ok(Self {
            head: press.next(),
            press,
            level,
            base,
            cursor: Cursor::default(),
            found: None,
            seen: 0,
            cutter: Cutter::groups(),
            group: Group::default(),
            rows,
            manifest,
        })
    }

    /// The entry of the base with this path, and its number there. Paths must be asked for
    /// in order.
    pub fn known(&mut self, path: &ArchivePath) -> Option<&(u32, IndexRow)> {
        let base = self.base.as_ref()?;
        while self.found.as_ref().is_none_or(|(_, row)| row.path < *path) {
            match self.cursor.next(base.index()) {
                Some(Ok(row)) => {
                    self.found = Some((self.seen, row));
                    self.seen += 1;
                }
                _ => return None,
            }
        }
        self.found.as_ref().filter(|(_, row)| row.path == *path)
    }

    /// Adds a directory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_directory(&mut self, path: &ArchivePath, meta: Meta) -> Result<(), ArchiveError> {
        let row = row(path, EntryKind::Directory, meta, None);
        self.member(row, Content::Bytes(Vec::new()))
    }

    /// Adds a link. The manifest must list it too.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_link(
        &mut self,
        path: &ArchivePath,
        target: &str,
        meta: Meta,
    ) -> Result<(), ArchiveError> {
        let meta = Meta {
            mode: 0o777,
            ..meta
        };
        let target = target.to_owned();
        let row = row(path, EntryKind::Link { target }, meta, None);
        self.member(row, Content::Bytes(Vec::new()))
    }

    /// Adds a file of exactly `size` bytes; gives its digest.
    ///
    /// # Errors
    /// When the content ends early or the file cannot be written.
    pub fn add_file(
        &mut self,
        path: &ArchivePath,
        meta: Meta,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<Digest, ArchiveError> {
        if is_large(size) {
            return self.add_large(path, meta, size, content);
        }
        let mut bytes = vec![0; size as usize];
        fill(content, &mut bytes, path)?;
        let digest = Digest::of(&bytes);
        let row = row(path, EntryKind::File { size }, meta, Some(digest));
        self.member(row, Content::Bytes(bytes))?;
        Ok(digest)
    }

    /// Adds a file as it is in the base: its entry there was found by [`Self::known`] just
    /// now, and nothing about it has changed.
    ///
    /// # Errors
    /// When the base is not what its index says, or the file cannot be written.
    pub fn keep_file(&mut self, path: &ArchivePath) -> Result<Digest, ArchiveError> {
        let known = self.known(path).ok_or_else(damaged)?.1.clone();
        let (EntryKind::File { size }, Some(digest)) = (&known.kind, known.digest) else {
            return Err(damaged());
        };
        if is_large(*size) {
            self.keep_large(&known, *size)?;
        } else {
            let content = Content::Kept(*size as usize);
            self.member(known, content)?;
        }
        Ok(digest)
    }

    fn member(&mut self, row: IndexRow, content: Content) -> Result<(), ArchiveError> {
        let same = |known: &&(u32, IndexRow)| {
            (&known.1.kind, known.1.meta, known.1.digest) == (&row.kind, row.meta, row.digest)
        };
        let old = self.known(&row.path).filter(same).map(|(number, row)| Old {
            piece: row.piece,
            offset: row.offset,
            number: *number,
        });
        let header = announce(&row)?;
        let name = row.path.to_string();
        let member = Member {
            row,
            header,
            content,
            old,
        };
        if self.cutter.begins(&name, member.len()) {
            self.flush()?;
        }
        self.group.push(member);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        let base = self.base.as_ref();
        self.group
            .flush(&mut self.press, &mut self.rows, self.head, base)
    }

    /// A large file: its header is a piece, and so is each part of its content.
    fn add_large(
        &mut self,
        path: &ArchivePath,
        meta: Meta,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<Digest, ArchiveError> {
        self.flush()?;
        self.cutter.reset();
        let mut row = row(path, EntryKind::File { size }, meta, None);
        row.piece = self.press.next() - self.head;
        let known = self.known(path).map(|(_, row)| row.clone());
        let old =
            known.filter(|row| matches!(row.kind, EntryKind::File { size } if is_large(size)));
        let header = announce(&row)?;
        self.press.pack(header, 1)?;
        let mut hash = Sha256::new();
        let mut left = size;
        let mut number = 0;
        while left > 0 {
            let take = left.min(PART as u64) as usize;
            let mut part = vec![0; take];
            fill(content, &mut part, path)?;
            hash.update(&part);
            part.resize(take.next_multiple_of(BLOCK), 0);
            number += 1;
            match old
                .as_ref()
                .and_then(|old| self.old_part(old, number, &part))
            {
                Some(piece) => self.press.same(part, piece)?,
                None => self.press.pack(part, 0)?,
            }
            left -= take as u64;
        }
        let digest = Digest::from_bytes(hash.finalize().into());
        row.digest = Some(digest);
        self.rows.push(&row);
        Ok(digest)
    }

    /// The part of a file in the base that may be the same as this one.
    fn old_part(&self, old: &IndexRow, number: u32, part: &[u8]) -> Option<super::index::Piece> {
        let EntryKind::File { size } = old.kind else {
            return None;
        };
        let there = u64::from(number) <= size.div_ceil(PART as u64);
        let piece = self
            .base
            .as_ref()?
            .index()
            .body(old.piece.saturating_add(number));
        piece
            .filter(|piece| there && piece.expanded as usize == part.len())
            .filter(|piece| piece.crc == crc32fast::hash(part))
            .copied()
    }

    fn keep_large(&mut self, known: &IndexRow, size: u64) -> Result<(), ArchiveError> {
        self.flush()?;
        self.cutter.reset();
        let row = IndexRow {
            piece: self.press.next() - self.head,
            ..known.clone()
        };
        let base = self.base.clone().ok_or_else(damaged)?;
        let parts = u32::try_from(size.div_ceil(PART as u64)).map_err(|_| damaged())?;
        for number in 0..=parts {
            let piece = base
                .index()
                .body(known.piece.saturating_add(number))
                .ok_or_else(damaged)?;
            self.press.copy(*piece)?;
        }
        self.rows.push(&row);
        Ok(())
    }

    /// Ends the archive, and gives back its index and its file. Where the manifest is not the
    /// one it began with, the archive is written once more, to the file that `again` gives.
    ///
    /// # Errors
    /// When the manifest cannot be expressed or a file cannot be written.
    pub fn seal(
        mut self,
        manifest: &Manifest,
        again: impl FnOnce() -> std::io::Result<W>,
    ) -> Result<(Index, W), ArchiveError> {
        self.flush()?;
        let manifest = own::manifest(manifest)?;
        let body = self.press.next();
        let base = self.base.as_ref();
        own::put_sums(&mut self.press, Digest::of(&manifest), &self.rows, base)?;
        let tail = self.press.next() - body;
        let (head, pressed) = (self.head, self.press.finish()?);
        let (head, pressed) = if manifest == self.manifest {
            (head, pressed)
        } else {
            let out = again().map_err(ArchiveError::Write)?;
            own::with_other_manifest(pressed, head, &manifest, self.level, out)?
        };
        let (digest, pieces, out) = pressed.end()?;
        let engine = self.level.engine();
        let index = Index::new(engine, pieces, self.rows, (head, tail), digest);
        Ok((index, out))
    }
}

fn row(path: &ArchivePath, kind: EntryKind, meta: Meta, digest: Option<Digest>) -> IndexRow {
    IndexRow {
        path: path.clone(),
        kind,
        meta,
        digest,
        piece: 0,
        offset: 0,
    }
}

/// The blocks that announce an entry.
fn announce(row: &IndexRow) -> Result<Vec<u8>, ArchiveError> {
    let name = row.path.to_string();
    match &row.kind {
        EntryKind::Directory => {
            let name = name + "/";
            header::write(EntryType::Directory, &name, "", 0, row.meta)
        }
        EntryKind::Link { target } => header::write(EntryType::Symlink, &name, target, 0, row.meta),
        EntryKind::File { size } => header::write(EntryType::Regular, &name, "", *size, row.meta),
    }
}

fn fill(content: &mut dyn Read, bytes: &mut [u8], path: &ArchivePath) -> Result<(), ArchiveError> {
    content.read_exact(bytes).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => ArchiveError::ShortContent(path.to_string()),
        _ => ArchiveError::Read(e),
    })
}
