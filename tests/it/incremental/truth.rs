//! An archive and all that is known of it, to hold indexes that lie against.

use super::{Dice, archive, backup, index};
use crate::support::TestEnv;
use crate::support::index::RawIndex;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};
use takeback::archive::{
    ArchiveError, Content, Index, IndexError, IndexedArchive, ListedEntry, OpenArchive, ReadLimits,
};
use takeback::model::GlobList;

/// An archive, its index, and every file that is in it.
pub(super) struct Truth {
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) index: RawIndex,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

pub(super) const LARGE: &str = "home/.claude/skills/large.bin";
pub(super) const LINK: &str = "home/.claude/skills/link";
pub(super) const SMALL: &str = "home/.claude/skills/small-7";
pub(super) const NEXT: &str = "home/.claude/skills/small-8";

impl Truth {
    pub(super) fn new() -> Self {
        let env = TestEnv::new();
        let mut dice = Dice(77);
        let mut files = BTreeMap::new();
        let mut write = |name: &str, bytes: Vec<u8>| {
            let path = format!(".claude/skills/{name}");
            env.write(&path, &bytes);
            files.insert(format!("home/{path}"), bytes);
        };
        for number in 0..60 {
            let size = dice.roll(4_000);
            write(&format!("small-{number}"), dice.bytes(size));
        }
        write("large.bin", dice.bytes(400_000));
        write("other.bin", dice.bytes(140_000));
        symlink("small-1", env.home().join(".claude/skills/link")).unwrap();
        let id = backup(&env, &[]);
        let truth = Self {
            bytes: Arc::new(fs::read(archive(&env, &id)).unwrap()),
            index: RawIndex::read(&index(&env, &id)),
            files,
        };
        assert!(truth.index.body().len() > 6, "too few pieces");
        truth.judge(&truth.index.bytes()).unwrap();
        truth
    }

    pub(super) fn open(
        &self,
        bytes: &[u8],
        paths: &GlobList,
    ) -> Result<IndexedArchive, ArchiveError> {
        let refused = |e: IndexError| ArchiveError::Corrupt(e.to_string());
        let index = Index::parse(bytes).map_err(refused)?;
        let entries = u64::from(index.len()) + 2;
        let limits = ReadLimits::recorded(index.size, index.expanded, entries);
        IndexedArchive::open(self.bytes.clone(), index, limits, paths)
    }

    /// Reads everything through an index; fails the test when what it gives is not what the
    /// archive holds. Says whether the index was found to be good.
    pub(super) fn judge(&self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.judge_one(bytes, SMALL);
        self.judge_one(bytes, LARGE);
        let opened = self.open(bytes, &GlobList::none())?;
        let chosen: Vec<&ListedEntry> = opened.listing().entries.values().collect();
        let files = chosen.iter().filter(|entry| entry.digest.is_some()).count();
        let given = Mutex::new(BTreeMap::new());
        let take = |entry: &ListedEntry, content: &mut dyn Content| {
            let all = read(content)?;
            given.lock().unwrap().insert(entry.path.to_string(), all);
            Ok::<(), ArchiveError>(())
        };
        let read = opened.extract(&chosen, &take);
        let given = given.into_inner().unwrap();
        if read.is_ok() {
            assert_eq!(given.len(), files, "files were passed over without a word");
            for (path, bytes) in &given {
                assert!(self.files.get(path) == Some(bytes), "{path} is not itself");
            }
        }
        let whole = opened.check();
        assert!(
            read.is_ok() || whole.is_err(),
            "what cannot be read is whole"
        );
        whole
    }

    /// Reads one file through an index of which nothing else is listed. It is what the archive
    /// holds, or it is refused; gives whether it was read.
    pub(super) fn judge_one(&self, bytes: &[u8], path: &str) -> bool {
        let paths = GlobList::new(&[path]).unwrap();
        let Ok(opened) = self.open(bytes, &paths) else {
            return false;
        };
        let entries: Vec<&ListedEntry> = opened.listing().entries.values().collect();
        let files = entries.iter().filter(|entry| entry.digest.is_some());
        for file in files.clone() {
            assert_eq!(file.path.to_string(), path, "it was not asked for");
        }
        let given = Mutex::new(None);
        let take = |_: &ListedEntry, content: &mut dyn Content| {
            let before = given.lock().unwrap().replace(read(content)?);
            assert!(before.is_none(), "one path came twice");
            Ok::<(), ArchiveError>(())
        };
        if opened.extract(&entries, &take).is_err() {
            return false;
        }
        let given = given.into_inner().unwrap();
        assert_eq!(given.is_some(), files.count() == 1, "{path}");
        assert!(given.is_none() || given.as_ref() == self.files.get(path));
        given.is_some()
    }

    /// Fails unless an index with this change is refused.
    #[track_caller]
    pub(super) fn refuses(&self, what: &str, change: impl FnOnce(&mut RawIndex)) {
        let mut index = self.index.clone();
        change(&mut index);
        assert!(index != self.index, "{what}: nothing was changed");
        let verdict = self.judge(&index.bytes());
        assert!(verdict.is_err(), "{what}: it is believed");
    }

    pub(super) fn at(&self, path: &str) -> usize {
        let row = self.index.row(path).clone();
        self.index.rows.iter().position(|one| *one == row).unwrap()
    }
}

/// All of a file's content.
fn read(content: &mut dyn Content) -> Result<Vec<u8>, ArchiveError> {
    let mut all = Vec::new();
    loop {
        match content.next()? {
            [] => return Ok(all),
            more => all.extend_from_slice(more),
        }
    }
}
