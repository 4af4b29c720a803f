//! `takeback remove`.

use super::args::RemoveArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::needs::Needs;
use super::prompt::{confirm, confirm_word};
use super::render::{human, json};
use serde::Serialize;
use takeback::model::{SnapshotId, TargetId};
use takeback::vault::{Needed, SnapshotRecord, SnapshotSelector, needed, select};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    removed: Vec<String>,
}

pub(super) fn run(context: &Context, args: &RemoveArgs) -> Result<ExitStatus, CommandError> {
    let Some(vault) = context.vault()? else {
        let message = "there is no vault yet";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let catalogue = context.catalogue()?;
    let mut chosen: Vec<&SnapshotRecord> = Vec::new();
    for text in &args.snapshots {
        let record = select(&catalogue.snapshots, &SnapshotSelector::parse(text), None)?;
        if !chosen.iter().any(|one| one.id == record.id) {
            chosen.push(record);
        }
    }
    let ids: Vec<SnapshotId> = chosen.iter().map(|record| record.id.clone()).collect();
    let last = last_ones(context, &catalogue.snapshots, &ids)?;
    let can_ask = !args.yes && !context.voice.json && !context.no_terminal();
    last.iter()
        .find(|(id, _)| !can_ask || !args.snapshots.iter().any(|typed| typed == id.as_str()))
        .map_or(Ok(()), |one| Err(not_by_habit(one)))?;
    if !context.voice.json {
        for record in &chosen {
            human::snapshot(&context.voice, record, None);
        }
    }
    agree(context, args, &ids, &last)?;
    let lock = vault.lock(
        &context.facts.host,
        "remove",
        &mut context.patience(args.wait),
    )?;
    // Somebody may have been at work since.
    let catalogue = vault.catalogue()?;
    let now_last = last_ones(context, &catalogue.snapshots, &ids)?;
    now_last
        .iter()
        .find(|one| !last.contains(one))
        .map_or(Ok(()), |one| Err(not_by_habit(one)))?;
    let now = context.upkeep().now;
    let mut gone = 0;
    let removed = vault.remove_all(&lock, &ids, now, &mut |so_far| {
        gone = so_far;
        true
    });
    removed.map_err(|e| {
        let next = ids.get(gone).map(ToString::to_string).unwrap_or_default();
        CommandError::from(e).hint(format!(
            "{next} and those after it are still there; `takeback verify` tells more"
        ))
    })?;
    context.noted.snapshots(&ids);
    report(context, &ids);
    Ok(ExitStatus::Done)
}

/// Asks; for the last good backup of something its name must be typed.
fn agree(
    context: &Context,
    args: &RemoveArgs,
    ids: &[SnapshotId],
    last: &[(SnapshotId, TargetId)],
) -> Result<(), CommandError> {
    for (id, target) in last {
        context.voice.warn(&format!(
            "{id} holds the newest complete backup of {target}; without it there is an older one, or none"
        ));
        confirm_word(
            "Type its name to remove it all the same:",
            id.as_str(),
            "its name",
        )?;
    }
    if args.yes || !last.is_empty() {
        return Ok(());
    }
    let count = human::counted(ids.len() as u64, "snapshot", "snapshots");
    let question = format!("Move {count} into the trash?");
    confirm(&question, context.no_input || context.voice.json, "--yes")
}

fn report(context: &Context, ids: &[SnapshotId]) {
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "remove",
            removed: ids.iter().map(ToString::to_string).collect(),
        });
    }
    let count = human::counted(ids.len() as u64, "snapshot", "snapshots");
    context.voice.say(format!(
        "Moved {count} into the trash; `takeback trash restore` brings back what is there"
    ));
}

fn refused(id: &SnapshotId, why: &str) -> CommandError {
    let message = format!("{id} is not removed, for {why}; nothing was changed");
    CommandError::new(ExitStatus::Refused, message)
}

/// The refusal for the last good backup of a target.
fn not_by_habit((id, target): &(SnapshotId, TargetId)) -> CommandError {
    let why = format!("it holds the newest complete backup of {target}");
    refused(id, &why).hint(format!(
        "`takeback remove {id}`, by its whole name and without --yes, asks for it on a terminal"
    ))
}

/// Those of these snapshots that hold the newest complete backup of a target, when those
/// before them are gone. Refuses as long as one of them is needed for something else.
fn last_ones(
    context: &Context,
    snapshots: &[SnapshotRecord],
    ids: &[SnapshotId],
) -> Result<Vec<(SnapshotId, TargetId)>, CommandError> {
    let needs = Needs::of(context)?;
    let mut left = snapshots.to_vec();
    let mut last = Vec::new();
    for id in ids {
        match needed(&left, id) {
            None => {}
            Some(Needed::Pinned) => {
                return Err(refused(id, "it is pinned").hint(format!(
                    "`takeback unpin {id}` leaves it to the rules again"
                )));
            }
            Some(Needed::NewestGood(target)) => last.push((id.clone(), target)),
        }
        if let Some(operation) = needs.undo(id) {
            let why = format!(
                "it holds what the restore {operation} replaced, which can still be taken back"
            );
            return Err(refused(id, &why));
        }
        left.retain(|record| record.id != *id);
    }
    Ok(last)
}
