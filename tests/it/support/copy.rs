//! Copies of trees that nothing can tell from the original but their inodes.

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

/// Copies a directory with all below it: bytes, modes, link targets, and the times of
/// files, links and directories to the nanosecond. `to` must be missing.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    let meta = from.symlink_metadata().unwrap();
    if meta.is_symlink() {
        symlink(fs::read_link(from).unwrap(), to).unwrap();
    } else if meta.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy_tree(&from.join(&name), &to.join(&name));
        }
        fs::set_permissions(to, meta.permissions()).unwrap();
    } else {
        // Also copies the mode.
        fs::copy(from, to).unwrap();
    }
    set_time(to, meta.mtime(), meta.mtime_nsec());
}

/// Sets the time of a file, directory or link itself.
pub(crate) fn set_time(path: &Path, seconds: i64, nanos: i64) {
    let time = Timespec {
        tv_sec: seconds,
        tv_nsec: nanos,
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
