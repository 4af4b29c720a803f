//! Operations as JSON.

use super::json::SCHEMA;
use serde::Serialize;
use takeback::model::OperationId;
use takeback::operation::{Recovered, Recovery, Step, Summary, UndoPlan};

#[derive(Serialize)]
pub(in crate::cli) struct Operations<'a> {
    pub(in crate::cli) schema_version: u32,
    pub(in crate::cli) message_type: &'static str,
    pub(in crate::cli) operations: Vec<OperationView<'a>>,
}

#[derive(Serialize)]
pub(in crate::cli) struct OperationView<'a> {
    id: &'a str,
    time: String,
    kind: &'static str,
    of: Option<&'a str>,
    targets: Vec<&'a str>,
    from: &'a str,
    safety_snapshot: Option<&'a str>,
    created: u64,
    replaced: u64,
    removed: u64,
    undone_by: Option<&'a str>,
}

pub(in crate::cli) fn operation(one: &Summary) -> OperationView<'_> {
    let about = &one.about;
    OperationView {
        id: one.id.as_str(),
        time: one.at.to_string(),
        kind: about.kind.word(),
        of: about.of.as_ref().map(OperationId::as_str),
        targets: about.targets.iter().map(|id| id.as_str()).collect(),
        from: &about.from,
        safety_snapshot: about.safety.as_ref().map(|id| id.as_str()),
        created: one.tally.created,
        replaced: one.tally.replaced,
        removed: one.tally.removed,
        undone_by: one.undone_by.as_ref().map(OperationId::as_str),
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct Recover<'a> {
    pub(in crate::cli) schema_version: u32,
    pub(in crate::cli) message_type: &'static str,
    pub(in crate::cli) recovered: Vec<RecoveredView<'a>>,
}

#[derive(Serialize)]
pub(in crate::cli) struct RecoveredView<'a> {
    id: Option<&'a str>,
    kind: Option<&'static str>,
    outcome: &'static str,
    kept: &'a [String],
}

pub(in crate::cli) fn recovered(one: &Recovered) -> RecoveredView<'_> {
    let (outcome, kept): (_, &[String]) = match &one.recovery {
        Recovery::Dropped => ("dropped", &[]),
        Recovery::RolledBack => ("rolled-back", &[]),
        Recovery::Finished(kept) => ("finished", kept),
    };
    RecoveredView {
        id: one.id.as_ref().map(OperationId::as_str),
        kind: one.about.as_ref().map(|about| about.kind.word()),
        outcome,
        kept,
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct Undo {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    changed: bool,
    operation: Option<String>,
    of: String,
    actions: Vec<StepView>,
    kept: Vec<KeptView>,
}

#[derive(Serialize)]
struct StepView {
    action: &'static str,
    path: String,
    label: String,
}

#[derive(Serialize)]
struct KeptView {
    path: String,
    why: &'static str,
    changed: bool,
}

/// What an undo would do.
pub(in crate::cli) fn undo(plan: &UndoPlan) -> Undo {
    let action = |step: &Step| StepView {
        action: crate::cli::undo::word(step),
        path: step.spot.full().display().to_string(),
        label: step.label.clone(),
    };
    Undo {
        schema_version: SCHEMA,
        message_type: "undo",
        dry_run: false,
        changed: false,
        operation: None,
        of: plan.of.id.to_string(),
        actions: plan.change.steps.iter().map(action).collect(),
        kept: plan
            .kept
            .iter()
            .map(|kept| KeptView {
                path: kept.spot.full().display().to_string(),
                why: kept.why,
                changed: kept.changed,
            })
            .collect(),
    }
}

impl Undo {
    /// The same before anything is done.
    pub(in crate::cli) fn planned(self, dry_run: bool) -> Self {
        Self { dry_run, ..self }
    }

    /// The same after it was done.
    pub(in crate::cli) fn done(self, id: &OperationId) -> Self {
        Self {
            changed: true,
            operation: Some(id.to_string()),
            ..self
        }
    }
}
