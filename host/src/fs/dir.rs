//! Directories held open, and reading below them.

use super::error::FsError;
use super::resolve::{READ_DIR, mount_root, open_beneath};
use crate::model::{Digest, Fingerprint, Identity, ModTime};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// What a name stands for, links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, socket or device; holds the word for it.
    Special(&'static str),
}

/// What the system knows about one path.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Size in bytes.
    pub size: u64,
    /// Modification time.
    pub mtime: ModTime,
    /// Time of the last change of the inode.
    pub ctime: ModTime,
    /// Device and inode.
    pub inode: (u64, u64),
    /// Number of names the inode has.
    pub links: u64,
}

impl Stat {
    #[expect(
        clippy::unnecessary_cast,
        reason = "the fields' types differ between systems"
    )]
    fn from_system(stat: &rustix::fs::Stat) -> Self {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => FileKind::Regular,
            FileType::Directory => FileKind::Directory,
            FileType::Symlink => FileKind::Link,
            FileType::Fifo => FileKind::Special("pipe"),
            FileType::Socket => FileKind::Special("socket"),
            _ => FileKind::Special("device"),
        };
        let time = |seconds: i64, nanos: i64| ModTime {
            seconds,
            nanos: u32::try_from(nanos).unwrap_or_default(),
        };
        Self {
            kind,
            mode: stat.st_mode as u32 & 0o7777,
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            mtime: time(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            ctime: time(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            inode: (stat.st_dev as u64, stat.st_ino as u64),
            links: stat.st_nlink as u64,
        }
    }

    /// What tells whether the file was changed since.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            inode: self.inode,
            ctime: self.ctime,
        }
    }

    /// The fingerprint of this state; the digest where the content was read.
    #[must_use]
    pub fn fingerprint(&self, digest: Option<Digest>) -> Fingerprint {
        let kind = match self.kind {
            FileKind::Regular => 0o100_000,
            FileKind::Directory => 0o040_000,
            FileKind::Link => 0o120_000,
            FileKind::Special(_) => 0,
        };
        Fingerprint {
            inode: self.inode,
            mode: kind | self.mode,
            size: self.size,
            mtime: self.mtime,
            ctime: self.ctime,
            digest,
        }
    }

    /// Whether nothing that a write would change differs between two looks at a file.
    #[must_use]
    pub fn unchanged_since(&self, earlier: &Self) -> bool {
        (self.inode, self.size, self.mtime, self.ctime)
            == (earlier.inode, earlier.size, earlier.mtime, earlier.ctime)
    }
}

/// A directory held open. Whatever its path comes to name later, this stays the same
/// directory.
#[derive(Debug)]
pub struct Dir {
    fd: OwnedFd,
    path: PathBuf,
}

impl Dir {
    /// Opens a directory by its path, following links: a trust anchor.
    ///
    /// # Errors
    /// When it does not exist, is no directory, or may not be read.
    pub fn open(path: &Path) -> Result<Self, FsError> {
        let fd = rustix::fs::open(path, READ_DIR, Mode::empty())
            .map_err(|e| FsError::new("open the directory", path, e))?;
        Ok(Self {
            fd,
            path: path.to_owned(),
        })
    }

    /// The path it was opened by, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    pub(super) fn full(&self, rel: impl AsRef<Path>) -> PathBuf {
        self.path.join(rel)
    }

    /// Another handle on the same directory.
    ///
    /// # Errors
    /// When the system has no more file descriptors.
    pub fn again(&self) -> Result<Self, FsError> {
        let fd = rustix::io::fcntl_dupfd_cloexec(&self.fd, 0)
            .map_err(|e| FsError::new("hold", &self.path, e))?;
        Ok(Self {
            fd,
            path: self.path.clone(),
        })
    }

    /// Opens a directory below this one without following any link on the way.
    ///
    /// # Errors
    /// When it is missing, no directory, or a link stands in the way.
    pub fn dir(&self, rel: &Path) -> Result<Self, FsError> {
        if rel.as_os_str().is_empty() {
            return self.again();
        }
        let fd = open_beneath(self.fd(), rel, READ_DIR | OFlags::NOFOLLOW)
            .map_err(|e| FsError::new("open the directory", &self.full(rel), e))?;
        Ok(Self {
            fd,
            path: self.full(rel),
        })
    }

    /// Opens a regular file below this directory without following any link on the way,
    /// and without hanging on a pipe.
    ///
    /// # Errors
    /// When it is missing, not a regular file, unreadable, or a link stands in the way.
    pub fn file(&self, rel: &Path) -> Result<(File, Stat), FsError> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let failed = |e: io::Error| FsError::new("read", &self.full(rel), e);
        let fd = open_beneath(self.fd(), rel, flags).map_err(|e| failed(e.into()))?;
        let stat = Self::stat_open(&fd).map_err(failed)?;
        if stat.kind != FileKind::Regular {
            return Err(failed(io::Error::other("it is not a regular file")));
        }
        Ok((File::from(fd), stat))
    }

    /// What is known about an open file.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn stat_open(file: impl AsFd) -> Result<Stat, io::Error> {
        Ok(Stat::from_system(&rustix::fs::fstat(file)?))
    }

    /// What is known about this directory itself.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn stat_self(&self) -> Result<Stat, FsError> {
        Self::stat_open(&self.fd).map_err(|e| FsError::new("look at", &self.path, e))
    }

    /// The file system this directory is on, and the mount it is seen through: names can
    /// only be moved where both are the same.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn file_system(&self) -> Result<(u64, u64), FsError> {
        let device = self.stat_self()?.inode.0;
        #[cfg(target_os = "linux")]
        let mount = {
            use rustix::fs::StatxFlags;
            let flags = AtFlags::EMPTY_PATH;
            // Kernels without this number also have none to be mixed up.
            rustix::fs::statx(&self.fd, "", flags, StatxFlags::MNT_ID)
                .map_or(0, |stat| stat.stx_mnt_id)
        };
        #[cfg(not(target_os = "linux"))]
        let mount = 0;
        Ok((device, mount))
    }

    /// What is known about a name in this directory, links not followed; `None` when
    /// there is no such name.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn stat(&self, name: &OsStr) -> Result<Option<Stat>, FsError> {
        debug_assert_eq!(Path::new(name).components().count(), 1);
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Stat::from_system(&stat))),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(e) => Err(FsError::new("look at", &self.full(name), e)),
        }
    }

    /// Whether another file system, or another part of one, is mounted on a directory in
    /// this one. What is not there is no mount point. Where the system cannot be asked,
    /// the devices are compared, which misses a part of the same file system.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn is_mount_point(&self, name: &OsStr) -> Result<bool, FsError> {
        let Some(stat) = self.stat(name)? else {
            return Ok(false);
        };
        let device = |stat: Stat| stat.inode.0;
        match mount_root(self.fd(), name) {
            Some(known) => Ok(known),
            None => Ok(device(stat) != device(self.stat_self()?)),
        }
    }

    /// The names in this directory, sorted by their bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list(&self) -> Result<Vec<OsString>, FsError> {
        use std::os::unix::ffi::OsStrExt;
        let failed = |e| FsError::new("list", &self.path, e);
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The target of a link in this directory, as written.
    ///
    /// # Errors
    /// When the name is no link.
    pub fn read_link(&self, name: &OsStr) -> Result<OsString, FsError> {
        use std::os::unix::ffi::OsStringExt;
        let target = rustix::fs::readlinkat(&self.fd, name, Vec::new())
            .map_err(|e| FsError::new("read the link", &self.full(name), e))?;
        Ok(OsString::from_vec(target.into_bytes()))
    }

    /// The real path behind a name, all links resolved. What it says can be outdated at
    /// once: open what it names link by link afterwards.
    ///
    /// # Errors
    /// When the target does not exist or the links form a loop.
    pub fn real_path(&self, name: &Path) -> Result<PathBuf, FsError> {
        let path = self.full(name);
        std::fs::canonicalize(&path).map_err(|e| FsError::new("follow the link", &path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_files_are_named_and_never_opened() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        rustix::fs::mknodat(dir.fd(), "pipe", FileType::Fifo, Mode::RWXU, 0).unwrap();
        let stat = dir.stat(OsStr::new("pipe")).unwrap().unwrap();
        assert_eq!(stat.kind, FileKind::Special("pipe"));
        assert!(dir.file(Path::new("pipe")).is_err());
        assert!(dir.stat(OsStr::new("none")).unwrap().is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn mount_points_are_told_from_directories() {
        let root = Dir::open(Path::new("/")).unwrap();
        assert!(root.is_mount_point(OsStr::new("proc")).unwrap());
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("plain")).unwrap();
        std::os::unix::fs::symlink("/proc", temp.path().join("link")).unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        for name in ["plain", "link", "none"] {
            assert!(!dir.is_mount_point(OsStr::new(name)).unwrap(), "{name}");
        }
    }
}
