//! Two trees, file by file.

use crate::model::{ArchivePath, Class, Digest, EntryKind, ModTime};
use std::collections::{BTreeMap, BTreeSet};

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: EntryKind,
    /// Its permission bits; `None` where they are not known as they were.
    pub mode: Option<u32>,
    /// When it was changed.
    pub mtime: ModTime,
    /// Its class; directories have none.
    pub class: Option<Class>,
    /// Digest of a file's content.
    pub digest: Option<Digest>,
}

impl Node {
    /// Bytes of its content.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self.kind {
            EntryKind::File { size } => size,
            EntryKind::Directory | EntryKind::Link { .. } => 0,
        }
    }
}

/// One of the two trees.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// What is in it.
    pub nodes: BTreeMap<ArchivePath, Node>,
    /// What should be in it and could not be had, with why; all below is meant too.
    pub gaps: BTreeMap<ArchivePath, String>,
}

impl Side {
    /// Why a path, or something above it, could not be had.
    fn gap(&self, path: &ArchivePath) -> Option<&str> {
        let mut at = path.clone();
        loop {
            if let Some(why) = self.gaps.get(&at) {
                return Some(why);
            }
            at = ArchivePath::new(at.base().clone(), at.rel().parent()?);
        }
    }
}

/// What became of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content is another, or a link leads elsewhere.
    Changed,
    /// Only its permissions are others.
    Mode,
    /// It is something else: a link instead of a file, say.
    Type,
    /// One side could not be had: why.
    Unknown(String),
}

impl Change {
    /// One word, as reports show it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Mode => "mode",
            Self::Type => "type",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A path that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path.
    pub path: ArchivePath,
    /// What became of it.
    pub change: Change,
    /// What it was.
    pub before: Option<Node>,
    /// What it is.
    pub after: Option<Node>,
}

impl FileChange {
    /// Whether both sides are files with other contents.
    #[must_use]
    pub fn has_contents(&self) -> bool {
        let is_file = |node: &Option<Node>| node.as_ref().is_some_and(|node| node.digest.is_some());
        self.change == Change::Changed && is_file(&self.before) && is_file(&self.after)
    }
}

/// How many paths met which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// New ones.
    pub added: u64,
    /// Those that are gone.
    pub removed: u64,
    /// Those with another content.
    pub changed: u64,
    /// Those with other permissions only.
    pub mode: u64,
    /// Those that are something else.
    pub kind: u64,
    /// Those that could not be compared.
    pub unknown: u64,
    /// Files and links that are the same.
    pub same: u64,
    /// Bytes of all files before.
    pub bytes_before: u64,
    /// Bytes of all files after.
    pub bytes_after: u64,
}

impl Totals {
    /// Whether any difference was found.
    #[must_use]
    pub fn differ(&self) -> bool {
        self.added + self.removed + self.changed + self.mode + self.kind > 0
    }
}

/// Everything that is not the same, in order.
#[must_use]
pub fn changes(before: &Side, after: &Side) -> Vec<FileChange> {
    let mut paths: BTreeSet<&ArchivePath> = before.nodes.keys().collect();
    paths.extend(after.nodes.keys());
    let change = |path: &ArchivePath| {
        let (one, other) = (before.nodes.get(path), after.nodes.get(path));
        let change = match (one, other) {
            (Some(one), Some(other)) => fate(one, other)?,
            (Some(one), None) => only(path, one, after, Change::Removed)?,
            (None, Some(other)) => only(path, other, before, Change::Added)?,
            (None, None) => return None,
        };
        Some(FileChange {
            path: path.clone(),
            change,
            before: one.cloned(),
            after: other.cloned(),
        })
    };
    paths.into_iter().filter_map(change).collect()
}

/// What is on one side only. Directories are only told of for their modes: backups know none
/// without something in it, and that is told of.
fn only(path: &ArchivePath, node: &Node, misses: &Side, change: Change) -> Option<Change> {
    if node.kind == EntryKind::Directory {
        return None;
    }
    Some(match misses.gap(path) {
        Some(why) => Change::Unknown(why.to_owned()),
        None => change,
    })
}

fn fate(one: &Node, other: &Node) -> Option<Change> {
    use EntryKind::{Directory, File, Link};
    let content = match (&one.kind, &other.kind) {
        (File { .. }, File { .. }) => one.digest != other.digest || one.digest.is_none(),
        (Link { target: old }, Link { target: new }) => {
            return (old != new).then_some(Change::Changed);
        }
        (Directory, Directory) => false,
        _ => return Some(Change::Type),
    };
    if content {
        return Some(Change::Changed);
    }
    let modes = one.mode.zip(other.mode);
    modes
        .is_some_and(|(old, new)| old != new)
        .then_some(Change::Mode)
}

/// Counts what was found between two trees.
#[must_use]
pub fn totals(before: &Side, after: &Side, changes: &[FileChange]) -> Totals {
    let bytes = |side: &Side| side.nodes.values().map(Node::size).sum();
    let mut totals = Totals {
        bytes_before: bytes(before),
        bytes_after: bytes(after),
        ..Totals::default()
    };
    for one in changes {
        let slot = match one.change {
            Change::Added => &mut totals.added,
            Change::Removed => &mut totals.removed,
            Change::Changed => &mut totals.changed,
            Change::Mode => &mut totals.mode,
            Change::Type => &mut totals.kind,
            Change::Unknown(_) => &mut totals.unknown,
        };
        *slot += 1;
    }
    let told: BTreeSet<&ArchivePath> = changes.iter().map(|one| &one.path).collect();
    let on_both = before.nodes.iter().filter(|(path, node)| {
        let there = node.kind != EntryKind::Directory && after.nodes.contains_key(*path);
        there && !told.contains(path)
    });
    totals.same = on_both.count() as u64;
    totals
}

/// One digest for files and links that belong together, each with its path below what they
/// belong to: the same exactly when names and contents are.
#[must_use]
pub fn version<'a>(
    nodes: impl Iterator<Item = (&'a str, &'a EntryKind, Option<Digest>)>,
) -> Digest {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for (path, kind, digest) in nodes {
        let content = match (kind, digest) {
            (EntryKind::Directory, _) => continue,
            (EntryKind::Link { target }, _) => Digest::of(target.as_bytes()),
            (EntryKind::File { .. }, digest) => digest.unwrap_or_else(|| Digest::of(b"")),
        };
        let mut part = kind.word().as_bytes().to_vec();
        part.push(0);
        part.extend_from_slice(path.as_bytes());
        part.push(0);
        part.extend_from_slice(content.as_bytes());
        parts.push(part);
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Digest::of_parts(&parts)
}
