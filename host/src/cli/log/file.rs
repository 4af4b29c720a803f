//! The log's two files in the state directory, `log.jsonl` and the one before it,
//! `log.1.jsonl`: lines of JSON, only ever added to, the owner's alone.
//!
//! A line is written with one call, so that two commands that end at once do not mix theirs.
//! A last line without its end was being written when the process died: it does not count,
//! and the next one begins on a line of its own.

use super::entry::Entry;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use takeback::fs::{Dir, FsError, Lock, Locking, PrivateDir, read_small};
use takeback::model::limits::{LOG_BYTES, LOG_LINE_BYTES};

const NAME: &str = "log.jsonl";
const BEFORE: &str = "log.1.jsonl";
const LOCK: &str = "log.lock";

/// What the log holds.
#[derive(Debug, Default)]
pub(in crate::cli) struct Log {
    /// From the oldest to the newest.
    pub(in crate::cli) entries: Vec<Entry>,
    /// Lines that say nothing this program understands.
    pub(in crate::cli) unreadable: u64,
}

/// Adds a line; the directory is made where there is none.
pub(super) fn append(state: &Path, entry: &Entry) -> Result<(), FsError> {
    let dir = PrivateDir::create_all(state)?;
    let mut line = serde_json::to_string(entry).unwrap_or_default();
    line.push('\n');
    if line.len() > LOG_LINE_BYTES {
        let long = std::io::Error::other("a line of it would be too long");
        return Err(FsError::new("write to", &state.join(NAME), long));
    }
    turn(&dir)?;
    let mut file = open(&dir)?;
    if is_torn(&dir)? {
        line.insert(0, '\n');
    }
    file.write_all(line.as_bytes())
        .map_err(|e| FsError::new("write to", &state.join(NAME), e))
}

/// Opens the file at its end, and makes it where there is none.
fn open(dir: &Dir) -> Result<File, FsError> {
    let name = OsStr::new(NAME);
    match dir.create_new(name, 0o600) {
        // Two that make it at once must both write at its end.
        Ok(_) => dir.append(name),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => dir.append(name),
        Err(e) => Err(e),
    }
}

/// Whether the last line has no end.
fn is_torn(dir: &Dir) -> Result<bool, FsError> {
    let (mut file, stat) = dir.file(Path::new(NAME))?;
    let mut last = [b'\n'];
    if stat.size > 0 {
        file.seek(SeekFrom::End(-1))
            .and_then(|_| file.read_exact(&mut last))
            .map_err(|e| FsError::new("read", &dir.path().join(NAME), e))?;
    }
    Ok(last != [b'\n'])
}

/// Begins the file anew once it is long. When somebody else is just doing that, it is done.
fn turn(dir: &Dir) -> Result<(), FsError> {
    let is_long = || {
        let stat = dir.stat(OsStr::new(NAME))?;
        Ok::<bool, FsError>(stat.is_some_and(|stat| stat.size > LOG_BYTES))
    };
    if !is_long()? {
        return Ok(());
    }
    let Locking::Taken(_lock) = Lock::take(dir, LOCK, "the log", &mut || false)? else {
        return Ok(());
    };
    if is_long()? {
        dir.move_over(OsStr::new(NAME), dir, OsStr::new(BEFORE))?;
    }
    Ok(())
}

/// Reads the log; there may be none.
pub(in crate::cli) fn read(state: &Path) -> Result<Log, FsError> {
    let mut log = Log::default();
    let dir = match Dir::open(state) {
        Ok(dir) => dir,
        Err(e) if e.is_missing() => return Ok(log),
        Err(e) => return Err(e),
    };
    for name in [BEFORE, NAME] {
        // Lines are added up to the limit and past it by one for each command at work.
        match read_small(&dir, name, 2 * LOG_BYTES) {
            Ok(bytes) => log.add(&bytes),
            Err(e) if e.is_missing() => {}
            Err(e) => return Err(e),
        }
    }
    Ok(log)
}

impl Log {
    /// Adds the whole lines of a file.
    fn add(&mut self, bytes: &[u8]) {
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        for line in bytes[..end].split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            let short = line.len() < LOG_LINE_BYTES;
            match serde_json::from_slice(line).ok().filter(|_| short) {
                Some(entry) => self.entries.push(entry),
                None => self.unreadable += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn entry(command: &str) -> Entry {
        Entry {
            time: "2026-01-20T15:30:00Z".into(),
            command: command.into(),
            code: 0,
            milliseconds: 3,
            program: "takeback 0".into(),
            vault: "/v".into(),
            automatic: false,
            targets: vec!["claude".into()],
            snapshots: Vec::new(),
            operation: None,
            counts: BTreeMap::new(),
            error: None,
        }
    }

    fn commands(state: &Path) -> (Vec<String>, u64) {
        let log = read(state).unwrap();
        let words = log.entries.into_iter().map(|one| one.command);
        (words.collect(), log.unreadable)
    }

    fn write(state: &Path, name: &str, content: &[u8]) {
        PrivateDir::write_file(&Dir::open(state).unwrap(), name, content).unwrap();
    }

    #[test]
    fn what_was_added_is_read_again_and_a_torn_line_is_passed_over() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        assert_eq!(commands(&state), (vec![], 0));
        append(&state, &entry("backup")).unwrap();
        let dir = Dir::open(&state).unwrap();
        let mut bytes = read_small(&dir, NAME, LOG_BYTES).unwrap();
        bytes.extend(b"{\"time\":\"2026");
        write(&state, NAME, &bytes);
        assert_eq!(commands(&state), (vec!["backup".into()], 0));
        append(&state, &entry("restore")).unwrap();
        assert_eq!(
            commands(&state),
            (vec!["backup".into(), "restore".into()], 1)
        );
        let mode = dir.stat(OsStr::new(NAME)).unwrap().unwrap().mode;
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn it_is_begun_anew_and_the_one_before_is_kept() {
        let place = tempfile::tempdir().unwrap();
        let line = serde_json::to_string(&entry("old")).unwrap() + "\n";
        let limit = usize::try_from(LOG_BYTES).unwrap();
        let many = line.repeat(limit / line.len() + 1);
        write(place.path(), BEFORE, b"{\"not\": \"an entry\"}\n");
        write(place.path(), NAME, many.as_bytes());
        append(place.path(), &entry("new")).unwrap();
        let (words, unreadable) = commands(place.path());
        assert_eq!(words.len(), limit / line.len() + 2);
        assert_eq!((words.last().unwrap().as_str(), unreadable), ("new", 0));
        let dir = Dir::open(place.path()).unwrap();
        let now = dir.stat(OsStr::new(NAME)).unwrap().unwrap().size;
        assert!(now < 1000, "{now}");
    }

    #[test]
    fn lines_from_elsewhere_are_counted_and_not_believed() {
        let place = tempfile::tempdir().unwrap();
        let long = format!("{{\"time\":\"{}\"}}\n", "x".repeat(LOG_LINE_BYTES));
        let lines = format!("\u{1b}[2J\n[]\n{{}}\n{long}\n");
        write(place.path(), NAME, lines.as_bytes());
        assert_eq!(commands(place.path()), (vec![], 4));
    }
}
