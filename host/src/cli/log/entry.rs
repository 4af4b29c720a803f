//! What a line of the log says. Names, numbers and why something failed; nothing of what a
//! person typed besides the command's own word, and nothing of what is in a file.

use crate::cli::error::CommandError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use takeback::model::limits::{LOG_ERROR_CHARS, LOG_NAMES};
use takeback::model::{OperationId, SnapshotId, TargetId};

/// Under which word recovered operations are counted.
const RECOVERED: &str = "recovered";

/// One command that changed something, or was to. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Entry {
    /// When it began, UTC, RFC 3339.
    pub(in crate::cli) time: String,
    /// The command's word, such as `backup` or `trash empty`.
    pub(in crate::cli) command: String,
    /// The exit code.
    pub(in crate::cli) code: u8,
    /// How long it took, in milliseconds.
    pub(in crate::cli) milliseconds: u64,
    /// Name and version of the program.
    pub(in crate::cli) program: String,
    /// The vault that was worked with.
    pub(in crate::cli) vault: String,
    /// Whether a timer or a guard gave the command.
    #[serde(default)]
    pub(in crate::cli) automatic: bool,
    /// The targets it was about, where it says.
    #[serde(default)]
    pub(in crate::cli) targets: Vec<String>,
    /// The snapshots it made, changed or removed.
    #[serde(default)]
    pub(in crate::cli) snapshots: Vec<String>,
    /// The operation that takes it back.
    #[serde(default)]
    pub(in crate::cli) operation: Option<String>,
    /// What was counted: files, bytes, gaps and the like.
    #[serde(default)]
    pub(in crate::cli) counts: BTreeMap<String, u64>,
    /// Why it failed.
    #[serde(default)]
    pub(in crate::cli) error: Option<String>,
}

/// What a command says of itself while it is at work, for its line in the log. Any thread may.
#[derive(Default)]
pub(in crate::cli) struct Noted(Mutex<Notes>);

/// The same, gathered.
#[derive(Clone, Default)]
pub(super) struct Notes {
    pub(super) nothing: bool,
    pub(super) automatic: bool,
    pub(super) targets: Vec<String>,
    pub(super) snapshots: Vec<String>,
    pub(super) operation: Option<String>,
    pub(super) counts: BTreeMap<String, u64>,
    /// Not for the log: the archives of targets that have not changed since.
    unchanged: BTreeMap<String, String>,
}

impl Noted {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> Notes {
        std::mem::take(&mut self.notes())
    }

    /// Whether something was put in order that an interrupted operation had left.
    pub(in crate::cli) fn has_recovered(&self) -> bool {
        self.notes().counts.contains_key(RECOVERED)
    }

    /// So many interrupted operations were put in order.
    pub(in crate::cli) fn recovered(&self, count: usize) {
        if count > 0 {
            self.count(RECOVERED, count as u64);
        }
    }

    /// There was nothing to do: the log says nothing of it.
    pub(in crate::cli) fn nothing_done(&self) {
        self.notes().nothing = true;
    }

    /// A timer or a guard gave the command.
    pub(in crate::cli) fn automatic(&self, is: bool) {
        self.notes().automatic = is;
    }

    /// Targets it is about.
    pub(in crate::cli) fn targets<'a>(&self, targets: impl IntoIterator<Item = &'a TargetId>) {
        add(
            &mut self.notes().targets,
            targets.into_iter().map(TargetId::as_str),
        );
    }

    /// Snapshots it made, changed or removed.
    pub(in crate::cli) fn snapshots<'a>(
        &self,
        snapshots: impl IntoIterator<Item = &'a SnapshotId>,
    ) {
        add(
            &mut self.notes().snapshots,
            snapshots.into_iter().map(SnapshotId::as_str),
        );
    }

    /// The operation that takes it back.
    pub(in crate::cli) fn operation(&self, id: &OperationId) {
        self.notes().operation = Some(id.to_string());
    }

    /// Targets that have not changed since their last archives, which hold them whole, with the
    /// digests of these.
    pub(in crate::cli) fn unchanged(&self, archives: impl Iterator<Item = (String, String)>) {
        self.notes().unchanged.extend(archives);
    }

    /// What [`Noted::unchanged`] was told.
    pub(in crate::cli) fn archives(&self) -> BTreeMap<String, String> {
        self.notes().unchanged.clone()
    }

    /// So many of something; what is said twice is added up.
    pub(in crate::cli) fn count(&self, what: &str, count: u64) {
        *self.notes().counts.entry(what.to_owned()).or_default() += count;
    }
}

/// Adds names that are not there yet, as far as a line may grow.
fn add<'a>(list: &mut Vec<String>, names: impl Iterator<Item = &'a str>) {
    for name in names {
        if list.len() < LOG_NAMES && !list.iter().any(|known| known == name) {
            list.push(name.to_owned());
        }
    }
}

/// An error with its causes, as a line may hold it.
pub(super) fn in_short(error: &CommandError) -> String {
    error.in_full().chars().take(LOG_ERROR_CHARS).collect()
}

impl Entry {
    /// Whether this was a backup that made no snapshot.
    pub(in crate::cli) fn is_failed_backup(&self) -> bool {
        self.command == "backup" && !matches!(self.code, 0 | 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_once_and_bounded() {
        let noted = Noted::default();
        let ids: Vec<TargetId> = (0..200)
            .map(|n| TargetId::new(&format!("t{n}")).unwrap())
            .collect();
        noted.targets(ids.iter().chain(&ids));
        noted.count("files", 2);
        noted.count("files", 3);
        let notes = noted.take();
        assert_eq!(notes.targets.len(), LOG_NAMES);
        assert_eq!(notes.targets[1], "t1");
        assert_eq!(notes.counts["files"], 5);
        assert!(noted.take().targets.is_empty());
    }
}
