//! Writing and reading a journal: lines of JSON, only ever added to. A last line without
//! its end was being written when the process died, and does not count.

use super::error::OperationError;
use super::format::{Begin, DirJson, Line, MetaJson, StepJson};
use super::step::{Change, DirTime, Step};
use crate::fs::{Dir, FsError};
use crate::model::limits::JOURNAL_BYTES;
use crate::model::{Meta, OperationId};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const NAME: &str = "journal";
/// Lines are gathered up to so many bytes, and then written: a list can be very long.
const GATHERED: usize = 64 << 10;
/// The end of a journal that says whether the operation is over: its last line is short.
const TAIL: u64 = 256;

/// A journal that is written.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Starts one.
    pub(super) fn create(dir: &Dir) -> Result<Self, FsError> {
        let file = dir.create_new(OsStr::new(NAME), 0o600)?;
        let path = dir.path().join(NAME);
        Ok(Self { file, path })
    }

    /// Goes on with one, after the last whole line.
    pub(super) fn resume(dir: &Dir, whole: u64) -> Result<Self, FsError> {
        let file = dir.append(OsStr::new(NAME))?;
        let path = dir.path().join(NAME);
        file.set_len(whole)
            .map_err(|e| FsError::new("write", &path, e))?;
        Ok(Self { file, path })
    }

    /// Adds lines.
    pub(super) fn write(&mut self, lines: impl IntoIterator<Item = Line>) -> Result<(), FsError> {
        let failed = |e| FsError::new("write", &self.path, e);
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &line).map_err(|e| failed(e.into()))?;
            text.push(b'\n');
            if text.len() >= GATHERED {
                self.file.write_all(&text).map_err(failed)?;
                text.clear();
            }
        }
        self.file.write_all(&text).map_err(failed)
    }

    /// Adds a line and makes it durable.
    pub(super) fn seal(&mut self, line: Line) -> Result<(), FsError> {
        self.write([line])?;
        self.sync()
    }

    /// Makes every line durable.
    pub(super) fn sync(&self) -> Result<(), FsError> {
        self.file
            .sync_data()
            .map_err(|e| FsError::new("sync", &self.path, e))
    }
}

/// The lines that announce a change.
pub(super) fn announce(change: &Change) -> impl Iterator<Item = Line> {
    let steps = change
        .steps
        .iter()
        .map(|step| Line::Step(StepJson::from(step)));
    let dirs = change.dirs.iter().map(|dir| Line::Dir(DirJson::from(dir)));
    steps.chain(dirs)
}

/// The moment, as journals write it.
pub(super) fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// How far an operation got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    /// Nothing live was touched.
    Begun,
    /// Some steps may be made.
    Committed,
    /// All steps are made and durable.
    Applied,
    /// It was being rolled back.
    Back,
    /// All steps were made.
    Made,
    /// It is over.
    Done,
}

/// A journal that was read.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) begin: Begin,
    pub(super) annexes: Vec<DirTime>,
    pub(super) steps: Vec<Step>,
    pub(super) dirs: Vec<DirTime>,
    /// Mode and time each of `dirs` had at the end.
    pub(super) ends: Vec<Option<Meta>>,
    pub(super) progress: Progress,
    /// Bytes of the whole lines.
    pub(super) whole: u64,
}

/// Whether there is a journal.
pub(super) fn exists(dir: &Dir) -> Result<bool, FsError> {
    Ok(dir.stat(OsStr::new(NAME))?.is_some())
}

/// How an operation ended, from the journal's last line alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It did not.
    Open,
    /// All its steps are made, but perhaps not durable.
    Made,
    /// It is over.
    Done,
}

/// Reads how an operation ended.
pub(super) fn end(dir: &Dir) -> Result<End, FsError> {
    let (mut file, stat) = dir.file(Path::new(NAME))?;
    let failed = |e| FsError::new("read", &dir.path().join(NAME), e);
    file.seek(SeekFrom::Start(stat.size.saturating_sub(TAIL)))
        .map_err(failed)?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).map_err(failed)?;
    let last = tail
        .strip_suffix(b"\n")
        .and_then(|tail| tail.rsplit(|b| *b == b'\n').next());
    Ok(match last {
        Some(line) if line.starts_with(b"{\"done\":") => End::Done,
        Some(line) if line.starts_with(b"{\"made\":") => End::Made,
        _ => End::Open,
    })
}

/// Reads the first line only.
pub(super) fn read_begin(dir: &Dir, id: &OperationId) -> Result<Begin, OperationError> {
    let (file, _) = dir.file(Path::new(NAME))?;
    let mut line = Vec::new();
    let failed = |e| FsError::new("read", &dir.path().join(NAME), e);
    BufReader::new(file.take(JOURNAL_BYTES))
        .read_until(b'\n', &mut line)
        .map_err(failed)?;
    match serde_json::from_slice(&line) {
        Ok(Line::Begin(begin)) => Begin::from_json(id, begin),
        _ => Err(damaged(id, "its first line is none".to_owned())),
    }
}

fn damaged(id: &OperationId, why: String) -> OperationError {
    OperationError::Damaged {
        id: id.clone(),
        why,
    }
}

/// Reads a whole journal.
pub(super) fn read(dir: &Dir, id: &OperationId) -> Result<Record, OperationError> {
    let mut record = Record {
        begin: read_begin(dir, id)?,
        annexes: Vec::new(),
        steps: Vec::new(),
        dirs: Vec::new(),
        ends: Vec::new(),
        progress: Progress::Begun,
        whole: 0,
    };
    let (file, _) = dir.file(Path::new(NAME))?;
    let mut reader = BufReader::new(file.take(JOURNAL_BYTES));
    let mut line = Vec::new();
    let failed = |e| FsError::new("read", &dir.path().join(NAME), e);
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(failed)?;
        if line.last() != Some(&b'\n') {
            return Ok(record);
        }
        let parsed: Line = serde_json::from_slice(&line)
            .map_err(|e| damaged(id, format!("after byte {}: {e}", record.whole)))?;
        record.whole += line.len() as u64;
        record.take(parsed);
    }
}

impl Record {
    fn take(&mut self, line: Line) {
        match line {
            Line::Begin(_) => {}
            Line::Annex(dir) => self.annexes.push(dir.into()),
            Line::Step(step) => self.steps.push(step.into()),
            Line::Dir(dir) => self.dirs.push(dir.into()),
            Line::Commit(_) => self.progress = Progress::Committed,
            Line::Applied(_) => self.progress = Progress::Applied,
            Line::Back(_) => self.progress = Progress::Back,
            Line::Dirs(ends) => {
                let meta = |end: Option<MetaJson>| end.map(Meta::from);
                self.ends = ends.into_iter().map(meta).collect();
            }
            Line::Made(_) => self.progress = Progress::Made,
            Line::Done(_) => self.progress = Progress::Done,
        }
    }
}
