//! Which files other processes hold open, looked at through `/proc` without opening them.
//! On systems without it nothing is seen.

use super::dir::Dir;
use super::processes::{others, proc_of, read_some, text};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A file that a process has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenHandle {
    /// Device and inode of the file.
    pub inode: (u64, u64),
    /// The process.
    pub pid: u32,
    /// Whether it can write through the handle.
    pub writes: bool,
}

/// Sees what other processes hold open, also after this one has confined itself: the kernel
/// shows no handles to a confined thread, so this looks from a thread that was started
/// before. Post one before [`confine_writes`](super::confine_writes); it leaves when dropped.
#[derive(Debug)]
pub struct Lookout {
    ask: Sender<BTreeSet<(u64, u64)>>,
    seen: Receiver<Vec<OpenHandle>>,
}

impl Lookout {
    /// Starts one. Where the system has no thread left, it looks from where it is asked.
    #[must_use]
    pub fn post() -> Self {
        let (ask, asked) = channel::<BTreeSet<(u64, u64)>>();
        let (tell, seen) = channel();
        let look = move || {
            for files in asked {
                if tell.send(open_handles(&files)).is_err() {
                    break;
                }
            }
        };
        // Without the thread its ends of the channels are gone, which is noticed on asking.
        let _ = std::thread::Builder::new().spawn(look);
        Self { ask, seen }
    }

    /// The processes, this one aside, that have one of these files open, each file and
    /// process once, in order. Handles are looked at from outside, and nothing is opened.
    /// Files that are only mapped into memory are not seen.
    #[must_use]
    pub fn open_handles(&self, files: BTreeSet<(u64, u64)>) -> Vec<OpenHandle> {
        match self.ask.send(files) {
            Ok(()) => self.seen.recv().unwrap_or_default(),
            Err(unasked) => open_handles(&unasked.0),
        }
    }
}

fn open_handles(files: &BTreeSet<(u64, u64)>) -> Vec<OpenHandle> {
    let mut found: BTreeMap<((u64, u64), u32), bool> = BTreeMap::new();
    let processes = if files.is_empty() {
        Vec::new()
    } else {
        others()
    };
    for pid in processes {
        let Ok(handles) = Dir::open(&proc_of(pid).join("fd")) else {
            continue;
        };
        for name in handles.list().unwrap_or_default() {
            if let Some(inode) = file_behind(&handles, &name).filter(|id| files.contains(id)) {
                *found.entry((inode, pid)).or_default() |= writes(pid, &name);
            }
        }
    }
    let handle = |((inode, pid), writes)| OpenHandle { inode, pid, writes };
    found.into_iter().map(handle).collect()
}

/// Device and inode behind a handle. The system is told not to ask a server for them: one
/// that is gone would stop us for ever, and what is looked for is known here.
#[cfg(target_os = "linux")]
fn file_behind(handles: &Dir, name: &OsStr) -> Option<(u64, u64)> {
    use rustix::fs::{AtFlags, StatxFlags};
    let flags = AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
    let stat = rustix::fs::statx(handles.fd(), name, flags, StatxFlags::INO).ok()?;
    let device = rustix::fs::makedev(stat.stx_dev_major, stat.stx_dev_minor);
    Some((device, stat.stx_ino))
}

#[cfg(not(target_os = "linux"))]
fn file_behind(_: &Dir, _: &OsStr) -> Option<(u64, u64)> {
    None
}

/// Whether a handle was opened for writing; one that has gone meanwhile was not.
fn writes(pid: u32, handle: &OsStr) -> bool {
    let info = read_some(&proc_of(pid).join("fdinfo").join(handle)).unwrap_or_default();
    let info = text(&info);
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    // Octal, as the kernel prints them; the lowest two bits are the access mode.
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| matches!(flags & 0o3, 0o1 | 0o2))
}
