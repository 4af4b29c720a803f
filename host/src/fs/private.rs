//! Takeback's own directories: made owner-only, written atomically.

use super::dir::{Dir, FileKind};
use super::error::FsError;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::Path;

/// A directory of takeback's own, mode 0700 from creation.
#[derive(Debug)]
pub struct PrivateDir;

impl PrivateDir {
    /// Makes the directory and the missing ones above it owner-only, and opens it. When the
    /// administrator works in somebody's home, those above it are that person's, who would
    /// be locked out of them otherwise.
    ///
    /// # Errors
    /// When something else stands at the path or it cannot be made.
    pub fn create_all(path: &Path) -> Result<Dir, FsError> {
        Self::create(path, false)
    }

    /// Makes a directory where there is none; a shared one belongs to whom the one belongs
    /// to that it is made in.
    fn create(path: &Path, shared: bool) -> Result<Dir, FsError> {
        let missing = match Dir::open(path) {
            Err(e) if e.is_missing() => e,
            opened => return opened,
        };
        let Some(parent) = path.parent() else {
            return Err(missing);
        };
        let here = Path::new(".");
        let parent = Some(parent).filter(|parent| !parent.as_os_str().is_empty());
        let above = Self::create(parent.unwrap_or(here), true)?;
        let Some(name) = path.file_name() else {
            // A path that ends in `..` leads somewhere once the way there is made.
            return Dir::open(path);
        };
        let made = match above.make_dir(name, 0o700) {
            Ok(made) => made,
            // Somebody else made it meanwhile, or it is no directory.
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {
                return match Dir::open(path) {
                    Err(e) if e.is_missing() => Err(taken),
                    opened => opened,
                };
            }
            Err(e) => return Err(e),
        };
        if let Some(owner) = above.other_owner()?.filter(|_| shared) {
            above.give_to(name, owner)?;
        }
        Ok(made)
    }

    /// Writes a small file whole or not at all: beside it, synced, then renamed.
    ///
    /// # Errors
    /// When any step fails; the old file is then untouched.
    pub fn write_file(dir: &Dir, name: &str, content: &[u8]) -> Result<(), FsError> {
        let temp = format!(".{name}.{}.tmp", std::process::id());
        let path = dir.full(name);
        let write = |temp: &OsStr| {
            let mut file = dir.create_new(temp, 0o600)?;
            file.write_all(content)
                .and_then(|()| file.sync_all())
                .map_err(|e| FsError::new("write", &path, e))?;
            dir.move_over(temp, dir, OsStr::new(name))?;
            dir.sync()
        };
        let temp = OsStr::new(&temp);
        write(temp).inspect_err(|_| {
            let _ = dir.remove_file(temp);
        })
    }

    /// Removes a directory below `dir` with everything in it; links are removed, never
    /// followed. A name that does not exist is fine.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove_tree(dir: &Dir, name: &OsStr) -> Result<(), FsError> {
        match dir.stat(name)? {
            None => Ok(()),
            Some(stat) if stat.kind == FileKind::Directory => {
                let inner = dir.dir(Path::new(name))?;
                for child in inner.list()? {
                    Self::remove_tree(&inner, &child)?;
                }
                dir.remove_dir(name)
            }
            Some(_) => dir.remove_file(name),
        }
    }
}

/// Reads a file below a directory that must not be larger than `limit` bytes.
///
/// # Errors
/// When it is missing, larger, or not a regular file.
pub fn read_small(dir: &Dir, name: &str, limit: u64) -> Result<Vec<u8>, FsError> {
    let (file, stat) = dir.file(Path::new(name))?;
    let failed = |e| FsError::new("read", &dir.full(name), e);
    if stat.size > limit {
        return Err(failed(io::Error::other(format!(
            "it is larger than {limit} bytes"
        ))));
    }
    // As much as it needs at once: doubling leaves holes, and up to as much again unused.
    let mut content = Vec::with_capacity(stat.size.try_into().unwrap_or_default());
    file.take(limit).read_to_end(&mut content).map_err(failed)?;
    Ok(content)
}

/// A nameless file in a directory of ours, gone when it is closed.
///
/// # Errors
/// When the directory cannot be written.
pub fn scratch_file(dir: &Dir) -> Result<std::fs::File, FsError> {
    tempfile::tempfile_in(dir.path())
        .map_err(|e| FsError::new("make a temporary file in", dir.path(), e))
}

/// A directory in a directory of ours, mode 0700, removed with its content when dropped.
#[derive(Debug)]
pub struct ScratchDir {
    dir: Dir,
    guard: tempfile::TempDir,
}

impl ScratchDir {
    /// Makes one, its name beginning with `prefix`.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn new_in(parent: &Dir, prefix: &str) -> Result<Self, FsError> {
        let failed = |e| FsError::new("make a temporary directory in", parent.path(), e);
        let guard = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(parent.path());
        let guard = guard.map_err(failed)?;
        Ok(Self {
            dir: Dir::open(guard.path())?,
            guard,
        })
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Dir {
        &self.dir
    }
    /// Lets the directory stay; gives it with its name.
    #[must_use]
    pub fn keep(self) -> (Dir, OsString) {
        let path = self.guard.keep();
        (self.dir, path.file_name().unwrap_or_default().to_owned())
    }
}
