//! `takeback remove`.

use super::args::RemoveArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::prompt::confirm;
use super::render::{human, json};
use serde::Serialize;
use takeback::model::SnapshotId;
use takeback::operation::Operations;
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
    allowed(context, &catalogue.snapshots, &ids)?;
    if !context.voice.json {
        for record in &chosen {
            human::snapshot(&context.voice, record, None);
        }
    }
    if !args.yes {
        let count = human::counted(ids.len() as u64, "snapshot", "snapshots");
        let question = format!("Move {count} into the trash?");
        confirm(&question, context.no_input || context.voice.json, "--yes")?;
    }
    let lock = vault.lock(
        &context.facts.host,
        "remove",
        &mut context.patience(args.wait),
    )?;
    // Somebody may have been at work since.
    let catalogue = vault.catalogue()?;
    allowed(context, &catalogue.snapshots, &ids)?;
    let now = context.upkeep().now;
    for id in &ids {
        vault.remove(&lock, id, now).map_err(|e| {
            CommandError::from(e).hint(format!(
                "{id} and those after it are still there; `takeback verify` tells more"
            ))
        })?;
    }
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
    Ok(ExitStatus::Done)
}

/// Refuses as long as one of these snapshots is needed.
fn allowed(
    context: &Context,
    snapshots: &[SnapshotRecord],
    ids: &[SnapshotId],
) -> Result<(), CommandError> {
    let refused = |id: &SnapshotId, why: String| {
        let message = format!("{id} is not removed, for {why}; nothing was changed");
        CommandError::new(ExitStatus::Refused, message)
    };
    for id in ids {
        match needed(snapshots, id) {
            None => {}
            Some(Needed::Pinned) => return Err(refused(id, "it is pinned".to_owned())),
            Some(Needed::NewestGood(target)) => {
                let why = format!("it holds the newest complete backup of {target}");
                return Err(refused(id, why));
            }
        }
    }
    let Some(operations) = Operations::open(&context.own.state)? else {
        return Ok(());
    };
    for operation in operations.summaries()? {
        let stands = operation.undone_by.is_none();
        if let Some(id) = operation
            .about
            .safety
            .filter(|id| stands && ids.contains(id))
        {
            let why = format!(
                "it holds what the restore {} replaced, which can still be taken back",
                operation.id
            );
            return Err(refused(&id, why));
        }
    }
    Ok(())
}
