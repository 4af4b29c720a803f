//! Who holds open, or locks, the files that would be replaced.

use super::{Holder, InUse};
use crate::fs::{Dir, FsError, Lookout, lock_holder, process};
use crate::model::{SQLITE_SHARED_LOCKS, SQLITE_SIDES, ShownPath};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Bytes of a database's main file that SQLite locks: who reads, who is about to write.
/// They lie at 1 GiB, whether the file is as large or not.
const MAIN_LOCKS: std::ops::Range<u64> = 0x4000_0000..0x4000_0200;

/// What would be replaced, gathered first and then looked for in one pass: a pass over all
/// processes takes as long for one file as for thousands.
#[derive(Debug)]
pub struct Watch {
    home: PathBuf,
    /// What an inode is part of; the path is for people.
    files: BTreeMap<(u64, u64), Part>,
    /// Databases with a lock on them, and who holds it.
    locked: BTreeMap<String, Option<Holder>>,
}

#[derive(Clone, Debug)]
struct Part {
    path: String,
    of_database: bool,
}

impl Watch {
    /// Starts with nothing; `home` is what is shown as `~`.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            files: BTreeMap::new(),
            locked: BTreeMap::new(),
        }
    }

    /// Adds a file by its device and inode; `path` is what it is called when it is reported.
    pub fn file(&mut self, inode: (u64, u64), path: &Path) {
        let path = ShownPath::from_home(path, &self.home);
        self.add(inode, path, false);
    }

    /// Adds a SQLite database: the file `name` in `dir`, what SQLite keeps beside it, and
    /// the locks on them now. A database that is not there adds nothing.
    ///
    /// This process must not have the database open itself: asking for its locks would
    /// drop them ([`lock_holder`]).
    ///
    /// # Errors
    /// When the disk refuses to say what is there, or knows no locks.
    pub fn database(&mut self, dir: &Dir, name: &OsStr, path: &Path) -> Result<(), FsError> {
        let path = ShownPath::from_home(path, &self.home);
        for side in [""].iter().chain(&SQLITE_SIDES) {
            let mut name: OsString = name.to_owned();
            name.push(side);
            let Some(stat) = dir.stat(&name)? else {
                continue;
            };
            self.add(stat.inode, path.clone(), true);
            let locks = match *side {
                "" => MAIN_LOCKS,
                "-shm" => SQLITE_SHARED_LOCKS,
                _ => continue,
            };
            // What may not be read cannot be asked for its locks; its handles are looked for.
            let Ok((file, _)) = dir.file(Path::new(&name)) else {
                continue;
            };
            if let Some(lock) = lock_holder(&file, &dir.path().join(&name), locks)? {
                let holder = lock.pid.and_then(process).as_ref().map(Holder::of);
                self.locked.insert(path.clone(), holder);
            }
        }
        Ok(())
    }

    /// Who has what was added open, sorted: each file and process once, a database once
    /// for each process, or once without one where only its lock is seen.
    #[must_use]
    pub fn look(&self, lookout: &Lookout) -> Vec<InUse> {
        let inodes: BTreeSet<(u64, u64)> = self.files.keys().copied().collect();
        let mut found = BTreeSet::new();
        for handle in lookout.open_handles(inodes) {
            let (Some(part), Some(process)) = (self.files.get(&handle.inode), process(handle.pid))
            else {
                continue;
            };
            let (path, holder) = (part.path.clone(), Holder::of(&process));
            found.insert(if part.of_database {
                InUse::Database {
                    path,
                    holder: Some(holder),
                }
            } else {
                InUse::OpenFile {
                    path,
                    holder,
                    writes: handle.writes,
                }
            });
        }
        for (path, holder) in &self.locked {
            let seen = |one: &InUse| matches!(one, InUse::Database { path: of, .. } if of == path);
            if holder.is_some() || !found.iter().any(seen) {
                found.insert(InUse::Database {
                    path: path.clone(),
                    holder: holder.clone(),
                });
            }
        }
        found.into_iter().collect()
    }

    fn add(&mut self, inode: (u64, u64), path: String, of_database: bool) {
        self.files.insert(inode, Part { path, of_database });
    }
}
