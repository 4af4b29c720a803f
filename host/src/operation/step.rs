//! What an operation does, as plain data.

use crate::model::{Fingerprint, Meta, OperationId, SnapshotId, TargetId};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A place on this machine: a way without links from a directory that is opened by its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The directory; copies share its path.
    pub anchor: Rc<Path>,
    /// The way from there; empty for the directory itself.
    pub rel: PathBuf,
}

impl Spot {
    /// The full path, for messages.
    #[must_use]
    pub fn full(&self) -> PathBuf {
        self.anchor.join(&self.rel)
    }

    /// The directory it lies in; an anchor is its own.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self {
            anchor: Rc::clone(&self.anchor),
            rel: self.rel.parent().unwrap_or(Path::new("")).to_owned(),
        }
    }

    /// The place one name further down.
    #[must_use]
    pub fn join(&self, name: &OsStr) -> Self {
        Self {
            anchor: Rc::clone(&self.anchor),
            rel: self.rel.join(name),
        }
    }

    /// Whether it lies in this directory. Lists are sorted, so this mostly is so for the
    /// directory that was used last.
    #[must_use]
    pub fn lies_in(&self, dir: &Self) -> bool {
        let above = self.rel.parent().unwrap_or(Path::new(""));
        self.anchor == dir.anchor && above == dir.rel
    }

    /// Its name in the directory it lies in.
    #[must_use]
    pub fn name(&self) -> OsString {
        self.rel.file_name().unwrap_or_default().to_owned()
    }
}

/// One name that is moved between its live place and a slot of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The live place.
    pub spot: Spot,
    /// The name people know it by.
    pub label: String,
    /// The slot's number.
    pub slot: u32,
    /// The annex whose slot it is, if not the store's own.
    pub annex: Option<usize>,
    /// What must stand at the live place before; `None` for nothing.
    pub before: Option<Box<Fingerprint>>,
    /// What will stand there, and lies in the slot before; `None` for nothing.
    pub after: Option<Fingerprint>,
}

impl Step {
    /// Whether no directory is at its place afterwards, though one may have been before.
    pub(super) fn takes_directory(&self) -> bool {
        let directory = |state: &Fingerprint| state.is_directory();
        match &self.after {
            None => true,
            Some(after) => self.before.as_deref().is_some_and(directory) && !directory(after),
        }
    }
}

/// A directory whose entries are changed, or that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirTime {
    /// The directory.
    pub spot: Spot,
    /// Mode and time before; `None` when the operation makes it.
    pub before: Option<Meta>,
    /// Mode and time to give it at the end; `None` leaves what comes of the changes.
    pub set: Option<Meta>,
}

/// What sort of operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Files from a snapshot or an archive.
    Restore,
    /// Another operation taken back.
    Undo,
    /// What a command did that ran between two looks.
    Guard,
    /// A change of start files or settings that takeback makes for itself.
    Setup,
}

impl OperationKind {
    /// One word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Undo => "undo",
            Self::Guard => "guard",
            Self::Setup => "setup",
        }
    }
}

/// What an operation is about, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What sort of operation.
    pub kind: OperationKind,
    /// The operation it takes back.
    pub of: Option<OperationId>,
    /// The targets.
    pub targets: Vec<TargetId>,
    /// Where the files come from: a snapshot, or the path of an archive.
    pub from: String,
    /// The safety snapshot made before.
    pub safety: Option<SnapshotId>,
    /// What ran, or what was set up, by its name.
    pub command: Option<String>,
}

/// How many files and links meet which fate; directories are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Created.
    pub created: u64,
    /// Replaced.
    pub replaced: u64,
    /// Removed.
    pub removed: u64,
}

/// A whole operation before it begins.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it is about.
    pub about: About,
    /// The steps, directories before what is placed in them, and after what is taken.
    pub steps: Vec<Step>,
    /// The directories that change.
    pub dirs: Vec<DirTime>,
}

impl Change {
    /// Counts the steps.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for step in &self.steps {
            let any = step.before.as_deref().or(step.after.as_ref());
            if any.is_some_and(Fingerprint::is_directory) {
                continue;
            }
            *match (&step.before, &step.after) {
                (None, _) => &mut tally.created,
                (Some(_), Some(_)) => &mut tally.replaced,
                (Some(_), None) => &mut tally.removed,
            } += 1;
        }
        tally
    }
}
