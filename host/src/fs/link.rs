//! A second name for a file, or a copy where there cannot be one.

use super::dir::Dir;
use super::error::FsError;
use rustix::fs::AtFlags;
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

impl Dir {
    /// Gives a regular file of this directory a second name in another one, which must be
    /// free. Where the file system cannot do that it makes a synced copy, owner-only.
    ///
    /// # Errors
    /// When the file is missing or no regular file, the name is taken, or the disk refuses;
    /// there is then no such name.
    pub fn link_or_copy(&self, name: &OsStr, to: &Self, new: &OsStr) -> Result<(), FsError> {
        let (mut file, stat) = self.file(Path::new(name))?;
        let failed = |e| FsError::new("link to", &to.full(new), e);
        match rustix::fs::linkat(self.fd(), name, to.fd(), new, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::XDEV | Errno::PERM | Errno::MLINK | Errno::NOTSUP | Errno::NOSYS) => {
                let mut copy = to.create_new(new, 0o600)?;
                let copied = io::copy(&mut file, &mut copy).and_then(|_| copy.sync_all());
                return copied.map_err(|e| {
                    let _ = to.remove_file(new);
                    FsError::new("copy to", &to.full(new), e)
                });
            }
            Err(e) => return Err(failed(e)),
        }
        // Somebody may have put another file at the name since it was looked at.
        if to.stat(new)?.is_some_and(|now| now.inode == stat.inode) {
            return Ok(());
        }
        to.remove_file(new)?;
        Err(failed(Errno::AGAIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "what is to be linked is made here"
    )]
    fn a_file_gets_a_second_name_and_nothing_else_does() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        std::fs::write(temp.path().join("a"), "x").unwrap();
        std::os::unix::fs::symlink("a", temp.path().join("link")).unwrap();
        let (a, b) = (OsStr::new("a"), OsStr::new("b"));
        dir.link_or_copy(a, &dir, b).unwrap();
        assert_eq!(dir.stat(b).unwrap().unwrap().links, 2);
        assert!(dir.link_or_copy(a, &dir, b).is_err());
        for name in ["link", "none"] {
            let to = OsStr::new("c");
            assert!(dir.link_or_copy(OsStr::new(name), &dir, to).is_err());
            assert!(dir.stat(to).unwrap().is_none());
        }
    }
}
