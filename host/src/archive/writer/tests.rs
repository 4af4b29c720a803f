//! An archive made from another one has the same bytes as one made from nothing, whichever
//! way each of its files took.

use super::*;
use crate::archive::{ListedEntry, OpenArchive, ReadLimits, VerifiedArchive, format};
use crate::model::ModTime;
use std::collections::BTreeMap;
use std::io::Cursor as Memory;
use std::sync::Arc;

type File = Memory<Vec<u8>>;
type Files = BTreeMap<String, Vec<u8>>;

fn manifest(troubles: usize) -> Manifest {
    let trouble = |n| {
        let path = format!("home/.a/{n}");
        serde_json::json!({"path": path, "kind": "vanished", "detail": "gone"})
    };
    let json = serde_json::json!({
        "format": 1, "program": "p", "snapshot": "2026-01-20_15-30-00", "target": "claude",
        "time": "t", "zone": "UTC", "host": "h", "user": "u", "os": "linux", "home": "/h",
        "adapter": {"name": "A", "version": "1", "sha256": "00".repeat(32), "scope": []},
        "classes": [],
        "declaration": {"rules": [
            {"id": "r", "at": "home/.a", "shape": "directory", "class": "skills"}
        ]},
        "troubles": (0..troubles).map(trouble).collect::<Vec<_>>(),
    });
    format::parse(json.to_string().as_bytes()).unwrap()
}

fn meta() -> Meta {
    let mtime = ModTime {
        seconds: 5,
        nanos: 7,
    };
    Meta { mode: 0o644, mtime }
}

/// Bytes that hardly compress, others for each seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn files() -> Files {
    let small = (0..70_u64).map(|n| (format!("home/.a/f{n:02}"), noise(n, 3_000)));
    let large = [("large", 700_000), ("medium", 65_537), ("edge", 65_536)];
    let large = large.map(|(name, size)| (format!("home/.a/{name}"), noise(99, size)));
    small.chain(large).collect()
}

fn path(name: &str) -> ArchivePath {
    ArchivePath::parse(name).unwrap()
}

/// What becomes of a file that is the same in the base.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Read,
    Keep,
    /// Some are read and some kept.
    Mixed,
}

fn make(files: &Files, base: Option<Base>, way: Way) -> Result<(Index, File), ArchiveError> {
    let old = base.clone();
    let level = Level::default();
    let mut writer = ArchiveWriter::new(File::default(), &manifest(0), level, base)?;
    writer.add_directory(&path("home/.a"), meta())?;
    for (number, (name, content)) in files.iter().enumerate() {
        let path = path(name);
        let known = writer.known(&path).map(|(_, row)| row.digest);
        let same = old.is_some() && known == Some(Some(Digest::of(content)));
        let keep = way == Way::Keep || way == Way::Mixed && number % 3 > 0;
        if same && keep {
            assert_eq!(writer.keep_file(&path)?, Digest::of(content));
        } else {
            let size = content.len() as u64;
            writer.add_file(&path, meta(), size, &mut content.as_slice())?;
        }
    }
    writer.seal(&manifest(0), || Ok(File::default()))
}

fn base(made: &(Index, File)) -> Base {
    Base::new(Arc::new(made.1.get_ref().clone()), made.0.clone())
}

/// What an archive holds, read from its first byte to its last.
fn read((index, file): &(Index, File)) -> VerifiedArchive<File> {
    let limits = ReadLimits::recorded(index.size, index.expanded, index.members());
    let read = VerifiedArchive::read(file.clone(), limits, 0).unwrap();
    let listing = read.listing();
    assert_eq!(listing.digest, index.archive);
    // The index says the same.
    let mut entries = listing.entries.values();
    for row in index.rows() {
        let (row, entry): (IndexRow, &ListedEntry) = (row.unwrap(), entries.next().unwrap());
        assert_eq!((&row.path, &row.kind), (&entry.path, &entry.kind));
        assert_eq!((row.meta, row.digest), (entry.meta, entry.digest));
    }
    assert!(entries.next().is_none());
    read
}

#[test]
fn however_files_get_there_the_bytes_are_the_same() {
    let old = files();
    let first = make(&old, None, Way::Read).unwrap();
    read(&first);
    let mut changes: Vec<Files> = vec![old.clone()];
    let mut change = |change: &dyn Fn(&mut Files)| {
        let mut files = old.clone();
        change(&mut files);
        changes.push(files);
    };
    let name = |name: &str| format!("home/.a/{name}");
    change(&|files| drop(files.insert(name("f07"), b"other".to_vec())));
    change(&|files| drop(files.remove(&name("f00"))));
    change(&|files| drop(files.insert(name("f69x"), noise(5, 9_000))));
    change(&|files| files.get_mut(&name("large")).unwrap()[400_000] ^= 1);
    change(&|files| files.get_mut(&name("large")).unwrap().truncate(262_144));
    change(&|files| files.get_mut(&name("large")).unwrap().truncate(65_536));
    change(&|files| files.get_mut(&name("large")).unwrap().insert(0, 1));
    change(&|files| files.get_mut(&name("edge")).unwrap().push(1));
    change(&|files| files.get_mut(&name("medium")).unwrap().truncate(9));
    change(&|files| files.retain(|name, _| name.contains("large")));
    change(&Files::clear);
    for (number, files) in changes.iter().enumerate() {
        let scratch = make(files, None, Way::Read).unwrap();
        read(&scratch);
        for way in [Way::Read, Way::Keep, Way::Mixed] {
            let made = make(files, Some(base(&first)), way).unwrap();
            assert!(made.1 == scratch.1, "change {number}");
            assert_eq!(made.0, scratch.0, "change {number}");
        }
    }
}

#[test]
fn a_base_of_another_engine_is_not_looked_at() {
    let files = files();
    let first = make(&files, None, Way::Read).unwrap();
    let mut other = first.0.clone();
    other.engine.push('!');
    // It would fail if it were: there is nothing in it.
    let nothing: Arc<Vec<u8>> = Arc::default();
    let made = make(&files, Some(Base::new(nothing, other)), Way::Keep).unwrap();
    assert!(made.1 == first.1);
}

#[test]
fn damage_in_the_base_is_named_as_such_and_never_copied() {
    let mut files = files();
    let first = make(&files, None, Way::Read).unwrap();
    files.insert("home/.a/f07".to_owned(), b"other".to_vec());
    let scratch = make(&files, None, Way::Read).unwrap();
    let index = &first.0;
    let body = index.pieces().len() - index.tail as usize;
    for piece in &index.pieces()[index.head as usize..body] {
        let mut bytes = first.1.get_ref().clone();
        bytes[(piece.at + u64::from(piece.length) / 2) as usize] ^= 4;
        let base = Base::new(Arc::new(bytes), index.clone());
        match make(&files, Some(base), Way::Keep) {
            Err(ArchiveError::Base(_)) => {}
            Err(other) => panic!("{other}"),
            // Nothing of this piece was needed.
            Ok(made) => assert!(made.1 == scratch.1),
        }
    }
}

#[test]
fn an_index_that_does_not_fit_its_archive_keeps_nothing() {
    let files = files();
    let first = make(&files, None, Way::Read).unwrap();
    let changed = {
        let mut files = files.clone();
        files.insert("home/.a/f30".to_owned(), noise(1_000, 3_000));
        make(&files, None, Way::Read).unwrap()
    };
    let file: Arc<Vec<u8>> = Arc::new(first.1.get_ref().clone());
    let other = Base::new(file, changed.0);
    let made = make(&files, Some(other), Way::Keep);
    assert!(matches!(made, Err(ArchiveError::Base(_))));
}

#[test]
fn a_manifest_that_changed_meanwhile_is_put_before_the_same_entries() {
    for troubles in [0, 1, 4_000] {
        let level = Level::default();
        let start = manifest(0);
        let mut writer = ArchiveWriter::new(File::default(), &start, level, None).unwrap();
        let content = noise(3, 200_000);
        writer.add_directory(&path("home/.a"), meta()).unwrap();
        let name = path("home/.a/large");
        writer
            .add_file(&name, meta(), 200_000, &mut content.as_slice())
            .unwrap();
        let mut again = 0;
        let sealed = writer.seal(&manifest(troubles), || {
            again += 1;
            Ok(File::default())
        });
        let made = sealed.unwrap();
        assert_eq!(again, usize::from(troubles > 0));
        let archive = read(&made);
        assert_eq!(archive.listing().manifest.troubles.len(), troubles);
    }
}

#[test]
fn content_that_ends_early_is_an_error() {
    for size in [10, 300_000] {
        let level = Level::default();
        let mut writer = ArchiveWriter::new(File::default(), &manifest(0), level, None).unwrap();
        let content = noise(1, size - 1);
        let added = writer.add_file(
            &path("home/.a/short"),
            meta(),
            size as u64,
            &mut content.as_slice(),
        );
        assert!(matches!(added, Err(ArchiveError::ShortContent(_))));
    }
}
