//! Writing below a held directory: by descriptor, never by path.

use super::dir::Dir;
use super::error::FsError;
use crate::model::{Meta, ModTime};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, Timespec, Timestamps};
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;

/// The user and group that own a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Number of the user.
    pub user: u32,
    /// Number of the group.
    pub group: u32,
}

impl Dir {
    /// Makes a directory and opens it.
    ///
    /// # Errors
    /// When the name is taken or the directory may not be written.
    pub fn make_dir(&self, name: &OsStr, mode: u32) -> Result<Self, FsError> {
        rustix::fs::mkdirat(self.fd(), name, Mode::from_raw_mode(mode))
            .map_err(|e| FsError::new("make the directory", &self.full(name), e))?;
        self.dir(Path::new(name))
    }

    /// Makes a file that must not exist, open for writing and reading.
    ///
    /// # Errors
    /// When the name is taken or the directory may not be written.
    pub fn create_new(&self, name: &OsStr, mode: u32) -> Result<File, FsError> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(self.fd(), name, flags, Mode::from_raw_mode(mode))
            .map(File::from)
            .map_err(|e| FsError::new("create", &self.full(name), e))
    }

    /// Opens a file of ours for writing at its end.
    ///
    /// # Errors
    /// When it is missing, or a link stands at its name.
    pub fn append(&self, name: &OsStr) -> Result<File, FsError> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(self.fd(), name, flags, Mode::empty())
            .map(File::from)
            .map_err(|e| FsError::new("write to", &self.full(name), e))
    }

    /// Makes a symbolic link; the name must be free.
    ///
    /// # Errors
    /// When the name is taken or the directory may not be written.
    pub fn make_link(&self, target: impl AsRef<OsStr>, name: &OsStr) -> Result<(), FsError> {
        rustix::fs::symlinkat(target.as_ref(), self.fd(), name)
            .map_err(|e| FsError::new("make the link", &self.full(name), e))
    }

    /// Moves a name to another directory, replacing nothing. Where the file system cannot
    /// promise that in one step (some network ones), it looks first.
    ///
    /// # Errors
    /// When the new name is taken, or the two are on different file systems.
    pub fn move_new(&self, name: &OsStr, to: &Self, new: &OsStr) -> Result<(), FsError> {
        use rustix::io::Errno;
        let failed = |e| FsError::new("move into place", &to.full(new), e);
        let noreplace = RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(self.fd(), name, to.fd(), new, noreplace) {
            Ok(()) => Ok(()),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                if to.stat(new)?.is_some() {
                    return Err(failed(Errno::EXIST));
                }
                rustix::fs::renameat(self.fd(), name, to.fd(), new).map_err(failed)
            }
            Err(e) => Err(failed(e)),
        }
    }

    /// Swaps two names in one step; both must exist.
    ///
    /// # Errors
    /// When one is missing, or the two are on different file systems.
    pub fn exchange(&self, name: &OsStr, with: &Self, other: &OsStr) -> Result<(), FsError> {
        rustix::fs::renameat_with(self.fd(), name, with.fd(), other, RenameFlags::EXCHANGE)
            .map_err(|e| FsError::new("swap into place", &with.full(other), e))
    }

    /// Moves a name, replacing what the new name stands for.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn move_over(&self, name: &OsStr, to: &Self, new: &OsStr) -> Result<(), FsError> {
        rustix::fs::renameat(self.fd(), name, to.fd(), new)
            .map_err(|e| FsError::new("move into place", &to.full(new), e))
    }

    /// Removes a name that is not a directory.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove_file(&self, name: &OsStr) -> Result<(), FsError> {
        rustix::fs::unlinkat(self.fd(), name, AtFlags::empty())
            .map_err(|e| FsError::new("remove", &self.full(name), e))
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// When it is not empty or the system refuses.
    pub fn remove_dir(&self, name: &OsStr) -> Result<(), FsError> {
        rustix::fs::unlinkat(self.fd(), name, AtFlags::REMOVEDIR)
            .map_err(|e| FsError::new("remove the directory", &self.full(name), e))
    }

    /// Gives a name in this directory to another user; a link itself, not its target.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn give_to(&self, name: &OsStr, owner: Owner) -> Result<(), FsError> {
        use rustix::fs::{Gid, Uid};
        let (uid, gid) = (Uid::from_raw(owner.user), Gid::from_raw(owner.group));
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::chownat(self.fd(), name, Some(uid), Some(gid), flags)
            .map_err(|e| FsError::new("give away", &self.full(name), e))
    }

    /// Who owns this directory, when that is somebody else and this process, being the
    /// administrator's, can give files away.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn other_owner(&self) -> Result<Option<Owner>, FsError> {
        let stat =
            rustix::fs::fstat(self.fd()).map_err(|e| FsError::new("look at", self.path(), e))?;
        Ok(other(&stat))
    }

    /// The same for a name in this directory; of a link itself, not its target.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn other_owner_of(&self, name: &OsStr) -> Result<Option<Owner>, FsError> {
        let stat = rustix::fs::statat(self.fd(), name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|e| FsError::new("look at", &self.full(name), e))?;
        Ok(other(&stat))
    }

    /// Sets permission bits and modification time of an open file.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn set_file_meta(file: &File, path: &Path, meta: Meta) -> Result<(), FsError> {
        set_meta(file, meta).map_err(|e| FsError::new("set mode and time of", path, e))
    }

    /// Sets permission bits and modification time of this directory.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn set_own_meta(&self, meta: Meta) -> Result<(), FsError> {
        set_meta(self.fd(), meta).map_err(|e| FsError::new("set mode and time of", self.path(), e))
    }

    /// Sets the modification time of a link in this directory, not of its target.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn set_link_time(&self, name: &OsStr, mtime: ModTime) -> Result<(), FsError> {
        let times = timestamps(mtime);
        rustix::fs::utimensat(self.fd(), name, &times, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|e| FsError::new("set the time of", &self.full(name), e))
    }

    /// Makes changes of names in this directory durable.
    ///
    /// # Errors
    /// When the system cannot write.
    pub fn sync(&self) -> Result<(), FsError> {
        rustix::fs::fsync(self.fd()).map_err(|e| FsError::new("sync", self.path(), e))
    }

    /// Makes everything written to this directory's file system durable, in one call.
    ///
    /// # Errors
    /// When the system cannot write.
    pub fn sync_file_system(&self) -> Result<(), FsError> {
        #[cfg(target_os = "linux")]
        let done = rustix::fs::syncfs(self.fd());
        #[cfg(not(target_os = "linux"))]
        let done = {
            rustix::fs::sync();
            rustix::fs::fsync(self.fd())
        };
        done.map_err(|e| FsError::new("sync the file system of", self.path(), e))
    }

    /// Bytes an ordinary user can still write on this directory's file system.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn free_bytes(&self) -> Result<u64, FsError> {
        let space = rustix::fs::fstatvfs(self.fd())
            .map_err(|e| FsError::new("ask for the free space of", self.path(), e))?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }

    /// Whether it is owned by this user and closed to everybody else.
    #[must_use]
    pub fn is_private(&self) -> bool {
        rustix::fs::fstat(self.fd()).is_ok_and(|stat| {
            stat.st_uid == rustix::process::geteuid().as_raw() && stat.st_mode & 0o077 == 0
        })
    }

    /// Whether this process may make and remove names here.
    #[must_use]
    pub fn may_write(&self) -> bool {
        use rustix::fs::Access;
        let wanted = Access::WRITE_OK | Access::EXEC_OK;
        rustix::fs::accessat(self.fd(), ".", wanted, AtFlags::EACCESS).is_ok()
    }
}

fn other(stat: &rustix::fs::Stat) -> Option<Owner> {
    let (user, group) = (stat.st_uid, stat.st_gid);
    let me = rustix::process::geteuid();
    (me.is_root() && user != me.as_raw()).then_some(Owner { user, group })
}

fn timestamps(mtime: ModTime) -> Timestamps {
    Timestamps {
        last_access: Timespec {
            tv_sec: 0,
            tv_nsec: rustix::fs::UTIME_OMIT,
        },
        last_modification: Timespec {
            tv_sec: mtime.seconds,
            tv_nsec: mtime.nanos.into(),
        },
    }
}

fn set_meta(fd: impl AsFd, meta: Meta) -> rustix::io::Result<()> {
    rustix::fs::fchmod(&fd, Mode::from_raw_mode(meta.mode & 0o777))?;
    rustix::fs::futimens(&fd, &timestamps(meta.mtime))
}
