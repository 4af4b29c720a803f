//! Reading pieces, by several threads.

use super::damaged;
use super::tasks::Task;
use crate::archive::base::Base;
use crate::archive::error::ArchiveError;
use crate::archive::header::BLOCK;
use crate::archive::index::{IndexError, Piece};
use crate::archive::listing::ListedEntry;
use crate::archive::open::{Content, Take};
use crate::archive::pieces::PART;
use crate::archive::reader::{ReadLimits, TarStream};
use crate::archive::verify;
use crate::model::{Digest, EntryKind};
use flate2::Decompress;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

/// Threads at the most. Creating files does not get faster beyond.
const THREADS: usize = 8;
/// Bytes for which another thread is worth its while. Two that make small files in the same
/// directory wait for each other: 500 files of 4 KiB took a quarter longer with both.
const WORTH_A_THREAD: u64 = 8 << 20;

/// Bytes from which it pays to expand pieces in a thread of its own: 500 files of 4 KiB take
/// a sixth less time.
const WORTH_EXPANDING_AHEAD: u64 = 512 << 10;
/// Expanded pieces that wait at the most.
const PIECES_AHEAD: usize = 4;

/// Does all tasks; the first error ends all.
pub(super) fn run<E: From<ArchiveError> + Send>(
    base: &Base,
    limits: ReadLimits,
    tasks: &[Task<'_>],
    take: Take<'_, E>,
) -> Result<(), E> {
    let bytes: u64 = tasks.iter().map(|task| task.bytes).sum();
    let worth = usize::try_from(bytes / WORTH_A_THREAD);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS).min(worth.unwrap_or(usize::MAX)).max(1);
    if threads == 1 && cores > 1 && bytes > WORTH_EXPANDING_AHEAD {
        return expanding_ahead(Reader::new(base, limits), tasks, take);
    }
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    let work = || {
        let mut reader = Reader::new(base, limits);
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let raw = reader.expand(task.piece).map_err(E::from);
            if let Err(e) = raw.and_then(|raw| reader.task(task, &raw, take)) {
                // Nobody else begins another.
                next.store(tasks.len(), Ordering::Relaxed);
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(e);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Does all tasks one after the other, while another thread expands the first pieces of the
/// next ones.
fn expanding_ahead<E: From<ArchiveError> + Send>(
    mut reader: Reader<'_>,
    tasks: &[Task<'_>],
    take: Take<'_, E>,
) -> Result<(), E> {
    let (sender, expanded) = sync_channel(PIECES_AHEAD);
    let mut ahead = Reader::new(reader.base, reader.limits);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for task in tasks {
                // Nobody takes any more when a task failed.
                if sender.send(ahead.expand(task.piece)).is_err() {
                    break;
                }
            }
        });
        // It goes when this is done, and with it the other thread.
        let expanded = expanded;
        for task in tasks {
            let raw = expanded.recv().map_err(|_| ArchiveError::Changed)??;
            reader.task(task, &raw, take)?;
        }
        Ok(())
    })
}

struct Reader<'a> {
    base: &'a Base,
    limits: ReadLimits,
    state: Decompress,
}

impl<'a> Reader<'a> {
    fn new(base: &'a Base, limits: ReadLimits) -> Self {
        Self {
            base,
            limits,
            state: Decompress::new(false),
        }
    }

    /// Does a task whose first piece expands to `raw`.
    fn task<E: From<ArchiveError>>(
        &mut self,
        task: &Task<'_>,
        raw: &[u8],
        take: Take<'_, E>,
    ) -> Result<(), E> {
        match (task.large(), task.members.as_slice()) {
            (Some(size), [(0, entry)]) => {
                if self.header(raw, 0, entry, raw.len())? != raw.len() {
                    return Err(disagree().into());
                }
                self.large(task.piece, size, entry, take)
            }
            (None, _) => self.group(task, raw, take),
            // A large file is alone in its pieces.
            (Some(_), _) => Err(disagree().into()),
        }
    }

    fn group<E: From<ArchiveError>>(
        &self,
        task: &Task<'_>,
        raw: &[u8],
        take: Take<'_, E>,
    ) -> Result<(), E> {
        let mut end = 0;
        for (offset, entry) in &task.members {
            let from = *offset as usize;
            let content = self.header(raw, from, entry, raw.len())?;
            let size = usize::try_from(entry.size()).map_err(|_| disagree())?;
            let bytes = raw.get(content..).and_then(|rest| rest.get(..size));
            let bytes = bytes.ok_or_else(disagree)?;
            if task.members.len() == self.members(task.piece) && from != end {
                return Err(disagree().into());
            }
            end = content + size.next_multiple_of(BLOCK);
            let EntryKind::File { .. } = entry.kind else {
                continue;
            };
            if entry.digest != Some(Digest::of(bytes)) {
                return Err(ArchiveError::Digest(entry.path.to_string()).into());
            }
            take(entry, &mut Slice(Some(bytes)))?;
        }
        if task.members.len() == self.members(task.piece) && end != raw.len() {
            return Err(disagree().into());
        }
        Ok(())
    }

    /// Reads the header at a place, which must announce this entry; gives the place behind.
    fn header(
        &self,
        raw: &[u8],
        from: usize,
        entry: &ListedEntry,
        end: usize,
    ) -> Result<usize, ArchiveError> {
        let rest = raw.get(from..end).ok_or_else(disagree)?;
        let mut tar = TarStream::new(rest, self.limits);
        let header = tar.next()?.ok_or_else(disagree)?;
        let found = verify::entry(&header, self.limits, 0)?.ok_or_else(disagree)?;
        let same = (&found.path, &found.kind, found.meta) == (&entry.path, &entry.kind, entry.meta);
        if !same {
            return Err(disagree());
        }
        Ok(end - tar.into_inner().len())
    }

    fn large<E: From<ArchiveError>>(
        &mut self,
        piece: u32,
        size: u64,
        entry: &ListedEntry,
        take: Take<'_, E>,
    ) -> Result<(), E> {
        let mut parts = Parts {
            reader: self,
            next: piece + 1,
            left: size,
            part: Vec::new(),
            hash: Sha256::new(),
        };
        take(entry, &mut parts)?;
        while !parts.next()?.is_empty() {}
        let digest = Digest::from_bytes(parts.hash.finalize().into());
        if entry.digest == Some(digest) {
            Ok(())
        } else {
            Err(ArchiveError::Digest(entry.path.to_string()).into())
        }
    }

    fn members(&self, piece: u32) -> usize {
        let piece = self.base.index().body(piece);
        piece.map_or(0, |piece| piece.members as usize)
    }

    fn expand(&mut self, piece: u32) -> Result<Vec<u8>, ArchiveError> {
        let piece: Piece = *self.base.index().body(piece).ok_or_else(disagree)?;
        self.base.expand(&piece, &mut self.state)
    }
}

pub(super) fn disagree() -> ArchiveError {
    damaged(IndexError("it does not say what the archive says"))
}

/// Content that lies in one piece.
struct Slice<'a>(Option<&'a [u8]>);

impl Content for Slice<'_> {
    fn next(&mut self) -> Result<&[u8], ArchiveError> {
        Ok(self.0.take().unwrap_or_default())
    }
}

/// Content in pieces of its own.
struct Parts<'r, 'b> {
    reader: &'r mut Reader<'b>,
    next: u32,
    left: u64,
    part: Vec<u8>,
    hash: Sha256,
}

impl Content for Parts<'_, '_> {
    fn next(&mut self) -> Result<&[u8], ArchiveError> {
        let take = self.left.min(PART as u64) as usize;
        self.part.clear();
        if take > 0 {
            self.part = self.reader.expand(self.next)?;
            if self.part.len() != take.next_multiple_of(BLOCK) {
                return Err(disagree());
            }
            self.part.truncate(take);
            self.hash.update(&self.part);
            self.next += 1;
            self.left -= take as u64;
        }
        Ok(&self.part)
    }
}
