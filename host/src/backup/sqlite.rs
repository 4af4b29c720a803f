//! Capturing a SQLite database as one consistent file, whatever its tool is doing.
//!
//! An idle database is copied together with its journal, and the copy is taken when
//! neither changed meanwhile; recovery then happens on our copy. A database in use (one
//! with a write-ahead log that somebody is connected to, or one that does not hold still)
//! is read through SQLite's own backup, which takes part in its locking. The source is only
//! ever opened for reading: no journal is replayed and no file is made beside it.
//!
//! Not promised: a consistent copy of a database that another program writes without
//! SQLite's locks.

use super::captured::{Captured, Gap};
use crate::fs::{Dir, FileKind, FsError, PrivateDir, ScratchDir, Stat, lock_holder};
use crate::model::limits::CAPTURE_TRIES;
use crate::model::{Meta, SQLITE_SHARED_LOCKS, SQLITE_SIDES, TroubleKind};
use crate::scan::Place;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsStr;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// How long a busy database is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// The version of the SQLite that captures databases, once it has opened one in memory; `None`
/// when it cannot.
#[must_use]
pub fn sqlite_version() -> Option<String> {
    let database = Connection::open_in_memory().ok()?;
    let version = database.query_row("select sqlite_version()", [], |row| row.get(0));
    version.ok()
}

/// Captures the database at `place`.
pub(super) fn capture(
    place: &Place,
    stat: &Stat,
    scratch: &Dir,
) -> Result<Result<Captured, Gap>, FsError> {
    let work = ScratchDir::new_in(scratch, ".scratch-")?;
    let (dir, name) = match place.open_parent() {
        Ok(opened) => opened,
        Err(e) => return Ok(Err((TroubleKind::Vanished, e.source.to_string()))),
    };
    let trouble = match make(place, &dir, &name, work.dir())? {
        Ok(healthy) => (!healthy).then(|| {
            (
                TroubleKind::DamagedDatabase,
                "it fails its integrity check".to_owned(),
            )
        }),
        // Not a database after all, or one that cannot be read: kept as the bytes it is.
        Err(why) => {
            if !copy_files(&dir, &name, work.dir(), &[""])? {
                return Ok(Err((TroubleKind::Unreadable, why)));
            }
            Some((TroubleKind::DamagedDatabase, why))
        }
    };
    let (mut file, copy) = work.dir().file(Path::new("db"))?;
    file.seek(SeekFrom::Start(0))
        .map_err(|e| FsError::new("read", &work.dir().path().join("db"), e))?;
    let meta = Meta {
        mode: stat.mode & 0o777,
        mtime: stat.mtime,
    };
    Ok(Ok(Captured {
        content: Box::new(file),
        size: copy.size,
        meta,
        // What is in its log counts, too.
        identity: None,
        trouble,
    }))
}

/// Makes the copy, and says whether it is healthy, or why there is none.
fn make(
    place: &Place,
    dir: &Dir,
    name: &OsStr,
    work: &Dir,
) -> Result<Result<bool, String>, FsError> {
    // SQLite would open whatever is called like a log, for writing, and give it a mode.
    if let Some(side) = SQLITE_SIDES.iter().find(|side| is_odd(dir, name, side)) {
        return Ok(Err(format!("what is called like its {side} is no file")));
    }
    let in_use = has(dir, name, "-wal") && is_connected(dir, name);
    let made = if !in_use && copy_idle(dir, name, work)? {
        recover(work)
    } else {
        back_up(place, work)
    };
    Ok(made.map_err(|e| e.to_string()))
}

/// Whether a name beside the database is taken by something that is no regular file.
fn is_odd(dir: &Dir, name: &OsStr, suffix: &str) -> bool {
    match dir.stat(&with_suffix(name, suffix)) {
        Ok(stat) => stat.is_some_and(|stat| stat.kind != FileKind::Regular),
        Err(_) => true,
    }
}

fn with_suffix(name: &OsStr, suffix: &str) -> std::ffi::OsString {
    let mut full = name.to_owned();
    full.push(suffix);
    full
}

fn has(dir: &Dir, name: &OsStr, suffix: &str) -> bool {
    dir.stat(&with_suffix(name, suffix))
        .is_ok_and(|stat| stat.is_some())
}

/// Whether somebody is connected to a database with a write-ahead log: every connection
/// locks a part of the shared memory. Left over by one that died, it is not locked, and
/// SQLite would write to it even to read. Where nobody can tell, somebody is connected.
fn is_connected(dir: &Dir, name: &OsStr) -> bool {
    let shared = with_suffix(name, "-shm");
    match dir.file(Path::new(&shared)) {
        Ok((file, _)) => {
            let holder = lock_holder(&file, &dir.path().join(&shared), SQLITE_SHARED_LOCKS);
            !matches!(holder, Ok(None))
        }
        Err(e) => !e.is_missing(),
    }
}

/// Copies the database and its journal; says whether they held still meanwhile.
fn copy_idle(dir: &Dir, name: &OsStr, work: &Dir) -> Result<bool, FsError> {
    for _ in 0..CAPTURE_TRIES {
        if copy_files(dir, name, work, &["", "-wal", "-journal"])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Copies `name` with each suffix to `db` with the same suffix; says whether all of
/// them existed or not before and after, unchanged.
fn copy_files(dir: &Dir, name: &OsStr, work: &Dir, suffixes: &[&str]) -> Result<bool, FsError> {
    let mut before = Vec::new();
    for suffix in suffixes {
        let to = format!("db{suffix}");
        PrivateDir::remove_tree(work, OsStr::new(&to))?;
        match dir.file(Path::new(&with_suffix(name, suffix))) {
            Ok((mut file, stat)) => {
                let mut out = work.create_new(OsStr::new(&to), 0o600)?;
                if io::copy(&mut file, &mut out).is_err() {
                    return Ok(false);
                }
                before.push(Some(stat));
            }
            Err(e) if e.is_missing() => before.push(None),
            Err(_) => return Ok(false),
        }
    }
    let unchanged = suffixes.iter().zip(&before).all(|(suffix, before)| {
        match (dir.stat(&with_suffix(name, suffix)), before) {
            (Ok(Some(now)), Some(before)) => now.unchanged_since(before),
            (Ok(None), None) => true,
            _ => false,
        }
    });
    Ok(unchanged && before.first().is_some_and(Option::is_some))
}

/// Replays a copied journal into the copy, and checks the result.
fn recover(work: &Dir) -> rusqlite::Result<bool> {
    let path = work.path().join("db");
    let journal = has(work, OsStr::new("db"), "-wal") || has(work, OsStr::new("db"), "-journal");
    if !journal {
        // Immutable: the check leaves the copy the bytes it is.
        let uri = format!("file:{}?immutable=1", percent_encoded(&path));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        return is_healthy(&Connection::open_with_flags(uri, flags)?);
    }
    let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Pages of the log move into the database; closing then removes the log.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let healthy = is_healthy(&db)?;
    db.close().map_err(|(_, e)| e)?;
    Ok(healthy)
}

/// Reads a database that is in use through SQLite's own backup.
fn back_up(place: &Place, work: &Dir) -> rusqlite::Result<bool> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let source = Connection::open_with_flags(place.full(), flags)?;
    source.busy_timeout(BUSY)?;
    let mut copy = Connection::open(work.path().join("db"))?;
    {
        let backup = Backup::new(&source, &mut copy)?;
        backup.run_to_completion(i32::MAX, Duration::from_millis(20), None)?;
    }
    let healthy = is_healthy(&copy)?;
    copy.close().map_err(|(_, e)| e)?;
    Ok(healthy)
}

fn is_healthy(db: &Connection) -> rusqlite::Result<bool> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

/// What has a meaning in a URI, hidden from it.
fn percent_encoded(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}
