//! Which system calls change the file system, and the places they name.

use super::arch::Frame;
use nix::libc;
use nix::unistd::Pid;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, read_link};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Where the arguments of a call say what it changes.
#[derive(Clone, Copy)]
enum Place {
    /// A file descriptor.
    Fd(usize),
    /// A path.
    Path(usize),
    /// A directory's descriptor and a path below it.
    At(usize, usize),
}
use Place::{At, Fd};

/// Where the arguments of a call say how many bytes are to be written.
#[derive(Clone, Copy)]
pub(super) enum Length {
    /// In an argument.
    Argument(usize),
    /// In a list of buffers; these are the arguments with its address and its length.
    Buffers(usize, usize),
}
use Length::{Argument, Buffers};

/// What is known of one call.
#[derive(Clone, Copy)]
struct Kind {
    number: i64,
    name: &'static str,
    to: Place,
    from: Option<Place>,
    length: Option<Length>,
    /// The argument with flags of which one must be set for the call to change anything.
    flags: Option<u8>,
}

const fn plain(number: i64, name: &'static str, to: Place) -> Kind {
    Kind {
        number,
        name,
        to,
        from: None,
        length: None,
        flags: None,
    }
}

const fn two(number: i64, name: &'static str, from: Place, to: Place) -> Kind {
    Kind {
        from: Some(from),
        ..plain(number, name, to)
    }
}

const fn write(number: i64, name: &'static str, to: usize, length: Length) -> Kind {
    Kind {
        length: Some(length),
        ..plain(number, name, Fd(to))
    }
}

const fn open(number: i64, name: &'static str, to: Place, flags: u8) -> Kind {
    Kind {
        flags: Some(flags),
        ..plain(number, name, to)
    }
}

/// All of them.
const CALLS: [Kind; 28] = [
    open(libc::SYS_openat, "openat", At(0, 1), 2),
    // Its flags are in memory, where the kernel does not look before it asks.
    plain(libc::SYS_openat2, "openat2", At(0, 1)),
    plain(libc::SYS_mkdirat, "mkdirat", At(0, 1)),
    plain(libc::SYS_mknodat, "mknodat", At(0, 1)),
    plain(libc::SYS_unlinkat, "unlinkat", At(0, 1)),
    two(libc::SYS_renameat, "renameat", At(0, 1), At(2, 3)),
    two(libc::SYS_renameat2, "renameat2", At(0, 1), At(2, 3)),
    two(libc::SYS_linkat, "linkat", At(0, 1), At(2, 3)),
    plain(libc::SYS_symlinkat, "symlinkat", At(1, 2)),
    plain(libc::SYS_fchmod, "fchmod", Fd(0)),
    plain(libc::SYS_fchmodat, "fchmodat", At(0, 1)),
    plain(libc::SYS_fchown, "fchown", Fd(0)),
    plain(libc::SYS_fchownat, "fchownat", At(0, 1)),
    plain(libc::SYS_utimensat, "utimensat", At(0, 1)),
    plain(libc::SYS_truncate, "truncate", Place::Path(0)),
    plain(libc::SYS_ftruncate, "ftruncate", Fd(0)),
    plain(libc::SYS_fallocate, "fallocate", Fd(0)),
    plain(libc::SYS_fsync, "fsync", Fd(0)),
    plain(libc::SYS_fdatasync, "fdatasync", Fd(0)),
    plain(libc::SYS_syncfs, "syncfs", Fd(0)),
    plain(libc::SYS_sync_file_range, "sync_file_range", Fd(0)),
    write(libc::SYS_write, "write", 0, Argument(2)),
    write(libc::SYS_pwrite64, "pwrite64", 0, Argument(2)),
    write(libc::SYS_writev, "writev", 0, Buffers(1, 2)),
    write(libc::SYS_pwritev, "pwritev", 0, Buffers(1, 2)),
    write(libc::SYS_pwritev2, "pwritev2", 0, Buffers(1, 2)),
    write(libc::SYS_copy_file_range, "copy_file_range", 2, Argument(4)),
    write(libc::SYS_sendfile, "sendfile", 0, Argument(3)),
];

/// Calls that newer processors do not have.
#[cfg(target_arch = "x86_64")]
const OLDER: [Kind; 13] = [
    open(libc::SYS_open, "open", Place::Path(0), 1),
    plain(libc::SYS_creat, "creat", Place::Path(0)),
    plain(libc::SYS_mkdir, "mkdir", Place::Path(0)),
    plain(libc::SYS_rmdir, "rmdir", Place::Path(0)),
    plain(libc::SYS_mknod, "mknod", Place::Path(0)),
    plain(libc::SYS_unlink, "unlink", Place::Path(0)),
    two(libc::SYS_rename, "rename", Place::Path(0), Place::Path(1)),
    two(libc::SYS_link, "link", Place::Path(0), Place::Path(1)),
    plain(libc::SYS_symlink, "symlink", Place::Path(1)),
    plain(libc::SYS_chmod, "chmod", Place::Path(0)),
    plain(libc::SYS_chown, "chown", Place::Path(0)),
    plain(libc::SYS_lchown, "lchown", Place::Path(0)),
    plain(libc::SYS_utimes, "utimes", Place::Path(0)),
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: [Kind; 0] = [];

fn kinds() -> impl Iterator<Item = &'static Kind> {
    CALLS.iter().chain(&OLDER)
}

/// A filter by which the kernel stops a traced thread at these calls, and at no others:
/// most of what a program does is of no interest and need not wait for anybody.
pub(super) fn filter() -> BpfProgram {
    let makes = |argument: u8| {
        let set = |flag: i32| {
            let flag = u64::from(flag.cast_unsigned());
            let equal = SeccompCmpOp::MaskedEq(flag);
            let set = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, equal, flag);
            SeccompRule::new(vec![set.unwrap()]).unwrap()
        };
        vec![set(libc::O_CREAT), set(libc::O_TRUNC)]
    };
    let rules = |kind: &Kind| (kind.number, kind.flags.map(makes).unwrap_or_default());
    let rules: BTreeMap<i64, Vec<SeccompRule>> = kinds().map(rules).collect();
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Trace(0), arch);
    filter.unwrap().try_into().unwrap()
}

/// A call that is about to change the file system.
pub(super) struct Change {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
    pub(super) from: Option<PathBuf>,
    /// Where to find the number of bytes, and that number.
    pub(super) bytes: Option<(Length, u64)>,
}

/// What a thread that stands at the entry of a call is about to change. `None` when the
/// call changes no file.
pub(super) fn change(thread: Pid, frame: &mut Frame) -> Option<Change> {
    let kind = kind(thread, frame)?;
    let path = place(thread, frame, kind.to);
    // Memory that is dressed up as a file outlives nobody.
    if path.as_os_str().as_bytes().starts_with(b"/memfd:") {
        return None;
    }
    // Shells open the null device as if it might have to be made.
    let is_device = || std::fs::metadata(&path).is_ok_and(|meta| !meta.is_file());
    if kind.name.starts_with("open") && is_device() {
        return None;
    }
    if kind.length.is_some() && !writes_to_a_file(thread, frame, kind.to) {
        return None;
    }
    Some(Change {
        name: kind.name,
        path,
        from: kind.from.map(|from| place(thread, frame, from)),
        bytes: kind
            .length
            .map(|length| (length, requested(thread, frame, length))),
    })
}

/// What is known of a call, with what only its arguments tell.
fn kind(thread: Pid, frame: &mut Frame) -> Option<Kind> {
    let number = frame.number();
    let mut kind = *kinds().find(|kind| kind.number == number)?;
    match kind.name {
        "openat2" => {
            let flags = word(thread, *frame.argument(2))?;
            let makes = u64::from((libc::O_CREAT | libc::O_TRUNC).cast_unsigned());
            (flags & makes != 0).then_some(kind)
        }
        // Without flags it is the older call, which not every processor has.
        "renameat2" if *frame.argument(4) == 0 => {
            kind.name = "renameat";
            Some(kind)
        }
        // Without a path it is the time of an open file.
        "utimensat" if *frame.argument(1) == 0 => {
            kind.to = Fd(0);
            Some(kind)
        }
        _ => Some(kind),
    }
}

/// The path of a place, as far as it can be told.
fn place(thread: Pid, frame: &mut Frame, place: Place) -> PathBuf {
    let name = |frame: &mut Frame, index: usize| {
        let bytes = text(thread, *frame.argument(index));
        PathBuf::from(OsString::from_vec(bytes))
    };
    match place {
        Fd(index) => opened(thread, *frame.argument(index)),
        Place::Path(index) => working_directory(thread).join(name(frame, index)),
        At(dir, index) => {
            let name = name(frame, index);
            if name.is_absolute() {
                return name;
            }
            let dir = *frame.argument(dir);
            // Descriptors are numbers of 32 bits: the upper half of the register is anything.
            if dir & 0xffff_ffff == u64::from(libc::AT_FDCWD.cast_unsigned()) {
                return working_directory(thread).join(name);
            }
            let dir = opened(thread, dir);
            if name.as_os_str().is_empty() {
                return dir;
            }
            dir.join(name)
        }
    }
}

fn proc(thread: Pid, what: &str) -> PathBuf {
    Path::new("/proc").join(thread.to_string()).join(what)
}

fn working_directory(thread: Pid) -> PathBuf {
    read_link(proc(thread, "cwd")).unwrap_or_default()
}

/// The path of what a descriptor was opened at; empty when it is closed.
fn opened(thread: Pid, fd: u64) -> PathBuf {
    read_link(proc(thread, "fd").join((fd & 0xffff_ffff).to_string())).unwrap_or_default()
}

/// Whether bytes that go to a place go to a regular file.
fn writes_to_a_file(thread: Pid, frame: &mut Frame, to: Place) -> bool {
    let Fd(index) = to else { return false };
    let fd = (*frame.argument(index) & 0xffff_ffff).to_string();
    std::fs::metadata(proc(thread, "fd").join(fd)).is_ok_and(|meta| meta.is_file())
}

/// How many bytes a call is to write.
fn requested(thread: Pid, frame: &mut Frame, length: Length) -> u64 {
    match length {
        Argument(index) => *frame.argument(index),
        Buffers(list, count) => {
            let (list, count) = (*frame.argument(list), *frame.argument(count));
            let one = |index: u64| word(thread, list + index * 16 + 8).unwrap_or_default();
            (0..count).map(one).sum()
        }
    }
}

/// A number in the memory of a process.
pub(super) fn word(thread: Pid, at: u64) -> Option<u64> {
    let bytes = memory(thread, at, 8)?;
    Some(u64::from_ne_bytes(bytes.try_into().ok()?))
}

/// Writes a number into the memory of a process.
pub(super) fn set_word(thread: Pid, at: u64, value: u64) {
    let memory = File::options().write(true).open(proc(thread, "mem"));
    memory
        .and_then(|memory| memory.write_all_at(&value.to_ne_bytes(), at))
        .unwrap_or_else(|e| panic!("the memory of {thread}: {e}"));
}

fn memory(thread: Pid, at: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    let memory = File::open(proc(thread, "mem")).ok()?;
    memory.read_exact_at(&mut bytes, at).ok()?;
    Some(bytes)
}

/// A text that ends with a zero. It is read in pieces that do not cross a page, for the
/// next page may not be there.
fn text(thread: Pid, mut at: u64) -> Vec<u8> {
    const PIECE: u64 = 256;
    let mut text = Vec::new();
    while text.len() < 4096 {
        let length = usize::try_from(PIECE - at % PIECE).unwrap_or_default();
        let Some(piece) = memory(thread, at, length) else {
            break;
        };
        if let Some(end) = piece.iter().position(|byte| *byte == 0) {
            text.extend(&piece[..end]);
            break;
        }
        at += piece.len() as u64;
        text.extend(piece);
    }
    text
}
