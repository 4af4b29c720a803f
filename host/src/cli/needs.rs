//! Which snapshots somebody may still need: those that an undo would go back to.

use super::context::Context;
use super::error::CommandError;
use takeback::model::{OperationId, SnapshotId};
use takeback::operation::Operations;
use takeback::vault::retention::Hold;
use takeback::vault::{SnapshotKind, SnapshotRecord};

/// What the operations of this home need.
pub(super) struct Needs {
    safety: Vec<(SnapshotId, OperationId)>,
    /// Whether there is an operation that cannot be read.
    unknown: bool,
    host: String,
    home: String,
}

impl Needs {
    /// Reads the operations that can still be taken back.
    pub(super) fn of(context: &Context) -> Result<Self, CommandError> {
        let mut needs = Self {
            safety: Vec::new(),
            unknown: false,
            host: context.facts.host.clone(),
            home: context.facts.home.to_string_lossy().into_owned(),
        };
        let Some(operations) = Operations::open(&context.own.state)? else {
            return Ok(needs);
        };
        let stand = operations.summaries()?.into_iter();
        let stand = stand.filter(|one| one.undone_by.is_none());
        needs.safety = stand
            .filter_map(|one| Some((one.about.safety?, one.id)))
            .collect();
        needs.unknown = !operations.unreadable()?.is_empty();
        Ok(needs)
    }

    /// The operation that can still be taken back and names this snapshot.
    pub(super) fn undo(&self, id: &SnapshotId) -> Option<&OperationId> {
        let found = self.safety.iter().find(|(safety, _)| safety == id);
        found.map(|(_, operation)| operation)
    }

    /// Why a clean-up must not touch a snapshot, whatever the rules say.
    pub(super) fn hold(&self, record: &SnapshotRecord) -> Option<Hold> {
        if let Some(operation) = self.undo(&record.id) {
            return Some(Hold::Undo(operation.clone()));
        }
        if record.kind != SnapshotKind::Safety {
            return None;
        }
        if record.host != self.host || record.home != self.home {
            return Some(Hold::Elsewhere);
        }
        self.unknown.then_some(Hold::UnknownOperation)
    }
}
