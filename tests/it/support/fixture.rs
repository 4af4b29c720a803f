//! Fake homes out of `tests/fixtures/tools`, as `materialize.py` there makes them.

use rusqlite::Connection;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A fake home that was built.
pub(crate) struct Fixture {
    /// The whole `fixture.json`.
    pub(crate) doc: Value,
    /// Databases that are still open, with rows only in their write-ahead logs.
    pub(crate) open: Vec<Connection>,
}

/// One file of a fake home, as `fixture.json` describes it.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a>(&'a Value);

impl<'a> Entry<'a> {
    /// A text field; empty when it is not there.
    pub(crate) fn text(&self, field: &str) -> &'a str {
        self.0[field].as_str().unwrap_or_default()
    }

    /// Where it lies below the home directory.
    pub(crate) fn path(&self) -> &'a str {
        self.text("path")
    }

    /// The whole of what `fixture.json` says of it.
    pub(crate) fn value(&self) -> &'a Value {
        self.0
    }

    fn list(&self, field: &str) -> impl Iterator<Item = &'a str> {
        self.0[field]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }
}

impl Fixture {
    /// Every file, link and database of it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.doc["entries"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Entry)
    }
}

/// The folder with all fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/tools")
}

/// Builds a fake home in `home`, which must be empty or missing.
pub(crate) fn materialize(name: &str, home: &Path) -> Fixture {
    let mut fixture = materialize_live(name, home);
    // Closing moves what is in the logs into the databases.
    fixture.open.drain(..).for_each(|db| db.close().unwrap());
    fixture
}

/// Builds a fake home whose databases are in use as long as the fixture lives.
pub(crate) fn materialize_live(name: &str, home: &Path) -> Fixture {
    let base = fixtures().join(name);
    let text = fs::read_to_string(base.join("fixture.json"))
        .unwrap_or_else(|e| panic!("fixture {name}: {e}"));
    let mut fixture = Fixture {
        doc: serde_json::from_str(&text).unwrap(),
        open: Vec::new(),
    };
    let mut open = Vec::new();
    for entry in fixture.entries() {
        let path = home.join(entry.path());
        let dir = if entry.text("kind") == "dir" {
            Some(path.as_path())
        } else {
            path.parent()
        };
        fs::create_dir_all(dir.unwrap()).unwrap();
        match entry.text("kind") {
            "file" => fs::write(&path, content(&entry, &base)).unwrap(),
            "dir" => {}
            "symlink" => symlink(entry.text("target"), &path).unwrap(),
            "fill" => fill(&entry, &path),
            "sqlite" => open.push(database(&entry, &path)),
            other => panic!("{name}: an entry of kind {other}"),
        }
        if let Ok(mode) = u32::from_str_radix(entry.text("mode"), 8) {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        }
    }
    fixture.open = open;
    fixture
}

fn content(entry: &Entry<'_>, base: &Path) -> Vec<u8> {
    match entry.0["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => fs::read(base.join(entry.text("stored"))).unwrap(),
    }
}

fn fill(entry: &Entry<'_>, path: &Path) {
    let size = usize::try_from(entry.0["size"].as_u64().unwrap()).unwrap();
    let byte = entry.text("byte").as_bytes();
    fs::File::create(path)
        .unwrap()
        .write_all(&byte.repeat(size))
        .unwrap();
}

fn database(entry: &Entry<'_>, path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", entry.text("journal"))
        .unwrap();
    for statement in entry.list("sql") {
        db.execute_batch(statement).unwrap();
    }
    if entry.text("journal") == "wal" {
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    }
    for statement in entry.list("wal_sql") {
        db.execute_batch(statement).unwrap();
    }
    db
}
