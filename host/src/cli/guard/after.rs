//! What is done after the command: another look, and an operation that an undo takes back.

use super::super::archives::open_recorded;
use super::super::args::GuardArgs;
use super::super::context::Context;
use super::super::error::CommandError;
use super::super::{recover, upkeep};
use super::Before;
use std::collections::BTreeMap;
use takeback::backup::TargetPlan;
use takeback::fs::Dir;
use takeback::guard::{Aftermath, Effect, Sight};
use takeback::model::{OperationId, SnapshotId, TargetId};
use takeback::operation::{About, OperationKind, Operations};

/// What was found, and done about it.
pub(super) struct Outcome {
    pub(super) snapshot: Option<SnapshotId>,
    pub(super) complete: bool,
    pub(super) effects: Vec<Effect>,
    /// What an undo takes back.
    pub(super) operation: Option<OperationId>,
    /// Why there is none, though something was changed.
    pub(super) why_not: Option<String>,
}

/// Looks again. What fails here is told, and hides nothing of the command.
pub(super) fn look(
    context: &Context,
    args: &GuardArgs,
    before: Before,
    name: &str,
) -> Option<Outcome> {
    let done = compare(context, args, &before, name);
    put_in_order(context, &before);
    match done {
        Ok(outcome) => Some(outcome),
        Err(error) => {
            let why = error.in_full();
            context
                .voice
                .warn(&format!("what the command changed cannot be told: {why}"));
            None
        }
    }
}

fn compare(
    context: &Context,
    args: &GuardArgs,
    before: &Before,
    name: &str,
) -> Result<Outcome, CommandError> {
    let facts = &before.facts;
    let outlines = before.outlines.iter();
    let plans: Vec<TargetPlan> = outlines
        .map(|one| one.look(before.classes, facts, &context.vault_path))
        .collect();
    let after = Sight::of(&plans, facts)?;
    let mut aftermath = Aftermath::between(&before.sight, &after);
    let mut archives = BTreeMap::new();
    for target in aftermath.targets() {
        let record = before.snapshot.as_ref();
        let found = record.and_then(|record| Some((record, record.target(&target)?)));
        if let (Some((record, of_target)), Some(vault)) = (found, context.vault()?) {
            let archive = open_recorded(&vault, record, of_target)?;
            archives.insert(target, (record.id.to_string(), archive));
        }
    }
    aftermath.settle(&archives)?;
    let effects = aftermath.effects();
    let mut outcome = Outcome {
        snapshot: before.snapshot.as_ref().map(|one| one.id.clone()),
        complete: before.complete,
        effects,
        operation: None,
        why_not: None,
    };
    if context.undo_time.is_zero() {
        let none = outcome.effects.is_empty();
        outcome.why_not = (!none).then(|| "undo_days is 0".to_owned());
        return Ok(outcome);
    }
    let written = Operations::create(&context.own.state)
        .map_err(CommandError::from)
        .and_then(|operations| {
            let lock = recover::lock(context, &operations, "guard", Some(args.wait))?;
            let owner = Dir::open(&facts.home)?.other_owner()?;
            let about = about(&outcome, name);
            let id = aftermath.write_down(&archives, about, &operations, &lock, owner)?;
            context.expire(&operations, &lock);
            Ok(id)
        });
    match written {
        Ok(id) => {
            id.iter().for_each(|id| context.noted.operation(id));
            outcome.operation = id;
        }
        Err(error) => outcome.why_not = Some(error.in_full()),
    }
    Ok(outcome)
}

fn about(outcome: &Outcome, name: &str) -> About {
    let mut targets: Vec<TargetId> = Vec::new();
    for effect in &outcome.effects {
        if effect.fate.can_be_taken_back() && !targets.contains(&effect.target) {
            targets.push(effect.target.clone());
        }
    }
    About {
        kind: OperationKind::Guard,
        of: None,
        targets,
        from: outcome
            .snapshot
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        safety: None,
        command: Some(name.to_owned()),
    }
}

/// What a backup does at its end; here nobody waits for it.
fn put_in_order(context: &Context, before: &Before) {
    if before.snapshot.is_none() {
        return;
    }
    if let Ok(Some(vault)) = context.vault()
        && let Ok(lock) = vault.lock(&before.facts.host, "guard", &mut || false)
    {
        upkeep::run(context, &vault, &lock);
    }
}
