//! From a directory held open to what lies below it: through no link, and never out.

use rustix::fs::{Mode, OFlags};
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

/// How a directory is opened.
pub(super) const READ_DIR: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// Opens a path below a directory.
#[cfg(target_os = "linux")]
pub(super) fn open_beneath(
    dir: BorrowedFd<'_>,
    rel: &Path,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::ResolveFlags;
    use rustix::io::Errno;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(dir, rel, flags, Mode::empty(), resolve) {
        // Old kernels lack the call; some sandboxes forbid what they do not know.
        Err(Errno::NOSYS | Errno::PERM) => open_by_component(dir, rel, flags),
        other => other,
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn open_beneath(
    dir: BorrowedFd<'_>,
    rel: &Path,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    open_by_component(dir, rel, flags)
}

/// Whether a name is the root of a mount, where the kernel can say (Linux 5.8 and later).
#[cfg(target_os = "linux")]
pub(super) fn mount_root(dir: BorrowedFd<'_>, name: &OsStr) -> Option<bool> {
    use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    let stat = rustix::fs::statx(dir, name, flags, StatxFlags::empty()).ok()?;
    let root = StatxAttributes::MOUNT_ROOT;
    let knows = stat.stx_attributes_mask.contains(root);
    knows.then(|| stat.stx_attributes.contains(root))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn mount_root(_: BorrowedFd<'_>, _: &OsStr) -> Option<bool> {
    None
}

/// The same guarantee without the kernel's help: one component at a time, none of
/// them a link or `..`.
fn open_by_component(
    dir: BorrowedFd<'_>,
    rel: &Path,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    let mut held: Option<OwnedFd> = None;
    let mut parts = rel.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else {
            return Err(rustix::io::Errno::XDEV);
        };
        let here = held.as_ref().map_or(dir, |fd| fd.as_fd());
        let flags = if parts.peek().is_some() {
            READ_DIR
        } else {
            flags
        };
        held = Some(rustix::fs::openat(
            here,
            name,
            flags | OFlags::NOFOLLOW,
            Mode::empty(),
        )?);
    }
    held.ok_or(rustix::io::Errno::NOENT)
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test lays out what the door is tried on"
)]
mod tests {
    use super::*;
    use crate::fs::Dir;

    #[test]
    fn both_ways_of_opening_refuse_links_and_climbing() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("root");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "x").unwrap();
        std::fs::write(temp.path().join("outside"), "secret").unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        std::os::unix::fs::symlink("a", root.join("in")).unwrap();
        std::os::unix::fs::symlink("../outside", root.join("leak")).unwrap();
        let dir = Dir::open(&root).unwrap();
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        type Open = fn(BorrowedFd<'_>, &Path, OFlags) -> rustix::io::Result<OwnedFd>;
        let ways: [Open; 2] = [open_beneath, open_by_component];
        for open in ways {
            assert!(open(dir.fd(), Path::new("a/b/file"), flags).is_ok());
            for bad in [
                "../outside",
                "up/outside",
                "in/b/file",
                "leak",
                "/etc/passwd",
                "a/../leak",
            ] {
                assert!(open(dir.fd(), Path::new(bad), flags).is_err(), "{bad}");
            }
        }
    }
}
