//! What can happen in the browser, what is to be done about it, and what there is to see.

use super::tree::{At, Fate, Tree};
use std::collections::BTreeMap;
use takeback::model::{ArchivePath, SnapshotId, TargetId};
use takeback::operation::Summary;
use takeback::vault::SnapshotRecord;

/// A key, as far as it means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Back,
    Letter(char),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
}

/// What can happen.
#[derive(Debug)]
pub(super) enum Event {
    Key(Key),
    /// The terminal has so many columns and lines.
    Size(usize, usize),
    /// Something that was asked for has been read.
    Read(Answer),
    /// The browser is back from a command that it ran.
    Back,
}

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The snapshots of the vault.
    Snapshots,
    /// What is in one.
    Contents(Box<SnapshotRecord>),
    /// How the files of a target stand to what is here.
    Compare(SnapshotId, TargetId),
    /// What is different in one file.
    Difference(SnapshotId, TargetId, ArchivePath),
    /// What was restored and taken back.
    Operations,
}

/// What was read.
#[derive(Debug)]
pub(super) enum Answer {
    Snapshots(Vec<SnapshotRecord>, usize),
    Contents(SnapshotId, Vec<Held>),
    Compared(SnapshotId, TargetId, Compared),
    Difference(ArchivePath, Vec<String>),
    Operations(Vec<Summary>),
    /// It could not be read, and why.
    Failed(String),
}

/// Files that are not the same here now, and how many are only here.
pub(super) type Compared = (BTreeMap<ArchivePath, Fate>, u64);

/// What is to be done outside of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Read(Question),
    /// Leave the screen, run this command as if it had been typed, and come back.
    Run(Vec<String>),
    Suspend,
    Leave,
    /// Leave as Ctrl-C does.
    Interrupt,
}

/// What a snapshot holds of one target, or why nobody knows.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) target: TargetId,
    pub(super) tree: Result<Tree, String>,
}

/// A list with a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) at: usize,
}

/// One screen; those below it are behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    Snapshots,
    /// The targets of the opened snapshot.
    Targets,
    /// A node of the target with this number.
    Inside {
        target: usize,
        at: At,
    },
    /// A file of it, and what is different in it.
    File {
        target: usize,
        at: At,
        lines: Option<Vec<String>>,
    },
    Operations,
    Help,
}
