//! Reading one file so that what is stored is a state the file really had. A file that
//! changes while it is read is read again; one that does not hold still is stored as
//! it was last seen, and the report says so.

use super::captured::{Captured, Gap};
use super::sqlite;
use crate::fs::{Dir, FsError, Stat, scratch_file};
use crate::model::limits::{CAPTURE_IN_MEMORY, CAPTURE_TRIES, STORED_FILE_BYTES};
use crate::model::{Kind, Meta, SQLITE_MAGIC, TroubleKind};
use crate::scan::Place;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

/// Reads a file. Larger ones go through a nameless file in `scratch`.
pub(super) fn capture(
    place: &Place,
    kind: &Kind,
    scratch: &Dir,
) -> Result<Result<Captured, Gap>, FsError> {
    let mut last = None;
    for _ in 0..CAPTURE_TRIES {
        let (mut file, before) = match place.anchor.file(&place.rel) {
            Ok(opened) => opened,
            Err(e) => return Ok(Err(gap(&e))),
        };
        if before.size > STORED_FILE_BYTES {
            return Ok(Err((
                TroubleKind::TooLarge,
                "it is larger than 8 GiB".to_owned(),
            )));
        }
        let mut read = match read_whole(&mut file, before.size, scratch)? {
            Ok(read) => read,
            Err(e) => return Ok(Err((TroubleKind::Unreadable, e.to_string()))),
        };
        if read.starts_with_sqlite_magic {
            return sqlite::capture(place, &before, scratch);
        }
        let after = Dir::stat_open(&file).ok();
        let stable = read.size == before.size && after.is_some_and(|a| a.unchanged_since(&before));
        if stable {
            let mut captured = read.captured(&before, None);
            captured.identity = Some(before.identity());
            return Ok(Ok(captured));
        }
        let only_grew = after.is_some_and(|a| a.size >= before.size && a.inode == before.inode);
        if *kind == Kind::Jsonl && only_grew {
            read.cut_at_last_line()
                .map_err(|e| FsError::new("read", scratch.path(), e))?;
            return Ok(Ok(read.captured(&before, None)));
        }
        last = Some((read, before));
    }
    let detail = format!("it changed during each of {CAPTURE_TRIES} readings");
    Ok(match last {
        Some((read, stat)) => Ok(read.captured(&stat, Some((TroubleKind::Unstable, detail)))),
        None => Err((TroubleKind::Unstable, detail)),
    })
}

/// What an error while opening means for the report.
fn gap(error: &FsError) -> Gap {
    let vanished = error.is_missing() || error.is_loop();
    let kind = if vanished {
        TroubleKind::Vanished
    } else {
        TroubleKind::Unreadable
    };
    (kind, error.source.to_string())
}

/// What was read of a file, at most the size it had when it was opened.
struct WasRead {
    data: Data,
    size: u64,
    starts_with_sqlite_magic: bool,
}

enum Data {
    Memory(Vec<u8>),
    Scratch(File),
}

impl WasRead {
    fn captured(self, stat: &Stat, trouble: Option<(TroubleKind, String)>) -> Captured {
        let content: Box<dyn Read> = match self.data {
            Data::Memory(bytes) => Box::new(Cursor::new(bytes)),
            Data::Scratch(file) => Box::new(file.take(self.size)),
        };
        let meta = Meta {
            mode: stat.mode & 0o777,
            mtime: stat.mtime,
        };
        Captured {
            content,
            size: self.size,
            meta,
            identity: None,
            trouble,
        }
    }

    /// Leaves out a last line that is not whole.
    fn cut_at_last_line(&mut self) -> io::Result<()> {
        match &mut self.data {
            Data::Memory(bytes) => {
                bytes.truncate(
                    bytes
                        .iter()
                        .rposition(|b| *b == b'\n')
                        .map_or(0, |at| at + 1),
                );
                self.size = bytes.len() as u64;
            }
            Data::Scratch(file) => {
                self.size = end_of_last_line(file, self.size)?;
                file.seek(SeekFrom::Start(0))?;
            }
        }
        Ok(())
    }
}

/// Looks for the last line break backwards from `size`.
fn end_of_last_line(file: &mut File, size: u64) -> io::Result<u64> {
    const STEP: u64 = 64 << 10;
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        let mut chunk = vec![0; usize::try_from(end - start).unwrap_or_default()];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut chunk)?;
        if let Some(at) = chunk.iter().rposition(|b| *b == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Reads at most `size` bytes. The outer error is of our own disk, the inner of theirs.
fn read_whole(file: &mut File, size: u64, scratch: &Dir) -> Result<io::Result<WasRead>, FsError> {
    let mut start = Vec::new();
    if let Err(e) = file
        .take(size.min(CAPTURE_IN_MEMORY))
        .read_to_end(&mut start)
    {
        return Ok(Err(e));
    }
    let starts_with_sqlite_magic = start.starts_with(SQLITE_MAGIC);
    if size <= CAPTURE_IN_MEMORY || starts_with_sqlite_magic {
        let size = start.len() as u64;
        return Ok(Ok(WasRead {
            data: Data::Memory(start),
            size,
            starts_with_sqlite_magic,
        }));
    }
    let failed = |e| FsError::new("write a temporary file in", scratch.path(), e);
    let mut out = scratch_file(scratch)?;
    out.write_all(&start).map_err(failed)?;
    let mut buffer = vec![0; 256 << 10];
    let mut done = start.len() as u64;
    while done < size {
        let want = usize::try_from(size - done)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        match file.read(&mut buffer[..want]) {
            Ok(0) => break,
            Ok(got) => {
                out.write_all(&buffer[..got]).map_err(failed)?;
                done += got as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Ok(Err(e)),
        }
    }
    out.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(Ok(WasRead {
        data: Data::Scratch(out),
        size: done,
        starts_with_sqlite_magic,
    }))
}
