//! What a directory holds, to be compared: kind, bytes, mode, time and link target of
//! every path. The time of access is no part of it.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// One path's state.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) what: What,
    pub(crate) mode: u32,
    /// Seconds and nanoseconds.
    pub(crate) mtime: (i64, i64),
}

/// What stands at a path.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum What {
    File { size: u64, digest: String },
    Directory,
    Link(PathBuf),
    Special(&'static str),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::File { size, digest } => write!(f, "file of {size} bytes ({})", &digest[..12])?,
            What::Directory => f.write_str("directory")?,
            What::Link(target) => write!(f, "link to {}", target.display())?,
            What::Special(what) => f.write_str(what)?,
        }
        write!(
            f,
            ", mode {:04o}, time {}.{:09}",
            self.mode, self.mtime.0, self.mtime.1
        )
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The directories above takeback's log in a home.
const ABOVE_LOG: [&str; 3] = [".local/state/takeback", ".local/state", ".local"];

/// Takeback's own log is written by every command that is to change something, also by one that
/// changes nothing in the end: it is no part of what is compared, and neither are the times of
/// the directories above it, nor these where they hold nothing else.
fn leave_log_out(nodes: &mut BTreeMap<PathBuf, Node>) {
    let logs = ["log.jsonl", "log.1.jsonl", "log.lock"];
    nodes.retain(|path, _| {
        let log = path
            .file_name()
            .is_some_and(|name| logs.iter().any(|log| name == *log));
        !(log && path.parent().is_some_and(|dir| dir.ends_with(ABOVE_LOG[0])))
    });
    for above in ABOVE_LOG {
        let dirs = nodes.keys().filter(|path| path.ends_with(above));
        for dir in dirs.cloned().collect::<Vec<_>>() {
            let holds = |path: &PathBuf| path != &dir && path.starts_with(&dir);
            if !nodes.keys().any(holds) {
                nodes.remove(&dir);
            } else if let Some(node) = nodes.get_mut(&dir) {
                node.mtime = (0, 0);
            }
        }
    }
}

/// Everything below a directory, the directory itself included (as the empty path).
#[derive(Clone, Default)]
pub(crate) struct TreeSnapshot(pub(crate) BTreeMap<PathBuf, Node>);

impl TreeSnapshot {
    /// Looks at everything below `dir`, which may be missing.
    pub(crate) fn of(dir: &Path) -> Self {
        let mut nodes = BTreeMap::new();
        if dir.symlink_metadata().is_ok() {
            visit(dir, Path::new(""), &mut nodes);
        }
        leave_log_out(&mut nodes);
        Self(nodes)
    }

    /// The part below a path, seen from there.
    pub(crate) fn below(&self, above: impl AsRef<Path>) -> Self {
        let inside = self.0.iter().filter_map(|(path, node)| {
            Some((
                path.strip_prefix(above.as_ref()).ok()?.to_owned(),
                node.clone(),
            ))
        });
        Self(inside.collect())
    }

    /// The same without a path and what is below it.
    pub(crate) fn without(mut self, above: impl AsRef<Path>) -> Self {
        self.0.retain(|path, _| !path.starts_with(above.as_ref()));
        self
    }

    /// Every path but the directory itself, as text where it is text.
    pub(crate) fn paths(&self) -> BTreeSet<String> {
        let named = self.0.keys().filter(|path| !path.as_os_str().is_empty());
        named
            .map(|path| path.to_string_lossy().into_owned())
            .collect()
    }

    /// What differs, one line each.
    pub(crate) fn diff(&self, other: &Self) -> Vec<String> {
        let all: BTreeSet<&PathBuf> = self.0.keys().chain(other.0.keys()).collect();
        let line = |path: &&PathBuf| match (self.0.get(*path), other.0.get(*path)) {
            (Some(a), Some(b)) if a == b => None,
            (Some(a), Some(b)) => Some(format!("{path:?}: {a} -> {b}")),
            (Some(a), None) => Some(format!("{path:?}: {a} -> nothing")),
            (None, Some(b)) => Some(format!("{path:?}: nothing -> {b}")),
            (None, None) => None,
        };
        all.iter().filter_map(line).collect()
    }

    /// Fails with the differences when there are any.
    #[track_caller]
    pub(crate) fn assert_same(&self, other: &Self, what: &str) {
        let diff = self.diff(other);
        assert!(diff.is_empty(), "{what}:\n  {}", diff.join("\n  "));
    }
}

fn visit(path: &Path, rel: &Path, nodes: &mut BTreeMap<PathBuf, Node>) {
    let meta = path
        .symlink_metadata()
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let kind = meta.file_type();
    let what = if kind.is_dir() {
        What::Directory
    } else if kind.is_symlink() {
        What::Link(std::fs::read_link(path).unwrap())
    } else if kind.is_file() {
        let content = std::fs::read(path).unwrap_or_default();
        What::File {
            size: meta.size(),
            digest: hex(&Sha256::digest(&content)),
        }
    } else if kind.is_fifo() {
        What::Special("pipe")
    } else if kind.is_socket() {
        What::Special("socket")
    } else {
        What::Special("device")
    };
    let is_dir = what == What::Directory;
    let mtime = (meta.mtime(), meta.mtime_nsec());
    nodes.insert(
        rel.to_owned(),
        Node {
            what,
            mode: meta.mode() & 0o7777,
            mtime,
        },
    );
    // A directory that may not be listed is compared by what is known of it.
    for entry in is_dir
        .then(|| std::fs::read_dir(path).ok())
        .flatten()
        .into_iter()
        .flatten()
    {
        let name = entry.unwrap().file_name();
        visit(&path.join(&name), &rel.join(&name), nodes);
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
