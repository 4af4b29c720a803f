//! `takeback trash`.

use super::args::{TrashArgs, TrashCommand};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::prompt::confirm;
use super::render::{human, json};
use serde::Serialize;
use takeback::vault::{Trashed, Vault};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    snapshots: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    removed: String,
}

pub(super) fn run(context: &Context, args: &TrashArgs) -> Result<ExitStatus, CommandError> {
    let Some(vault) = context.vault()? else {
        let message = "there is no vault yet";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    match &args.command {
        TrashCommand::List => list(context, &vault),
        TrashCommand::Restore { snapshots } => restore(context, &vault, snapshots),
        TrashCommand::Empty { yes } => empty(context, &vault, *yes),
    }
}

fn list(context: &Context, vault: &Vault) -> Result<ExitStatus, CommandError> {
    let view = |one: Trashed| View {
        id: one.id.to_string(),
        removed: jiff::Timestamp::from_second(one.removed)
            .map(|time| time.to_string())
            .unwrap_or_default(),
    };
    let snapshots: Vec<View> = vault.trash()?.into_iter().map(view).collect();
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "trash",
            snapshots,
        });
        return Ok(ExitStatus::Done);
    }
    for one in &snapshots {
        context
            .voice
            .line(format!("{}    removed {}", one.id, one.removed));
    }
    if snapshots.is_empty() {
        context.voice.say("The trash is empty");
    }
    Ok(ExitStatus::Done)
}

#[derive(Serialize)]
struct Restored {
    schema_version: u32,
    message_type: &'static str,
    restored: Vec<String>,
}

#[derive(Serialize)]
struct Emptied {
    schema_version: u32,
    message_type: &'static str,
    removed: u64,
}

fn restore(
    context: &Context,
    vault: &Vault,
    wanted: &[String],
) -> Result<ExitStatus, CommandError> {
    let lock = vault.lock(&context.facts.host, "trash restore", &mut || false)?;
    let trash = vault.trash()?;
    let mut chosen = Vec::new();
    for name in wanted {
        let found = trash.iter().find(|one| one.id.as_str() == name);
        chosen.push(found.ok_or_else(|| {
            let shown = takeback::model::Shown(name);
            let message = format!("there is no snapshot {shown} in the trash");
            CommandError::new(ExitStatus::NotFound, message)
                .hint("`takeback trash list` shows what there is")
        })?);
    }
    // What was removed later may be what an earlier one leans on, and is its base more often
    // than not the next newer.
    chosen.sort_by_key(|one| (std::cmp::Reverse(one.removed), std::cmp::Reverse(&one.id)));
    let restored = chosen.iter().map(|one| one.id.to_string()).collect();
    while !chosen.is_empty() {
        let before = chosen.len();
        let mut failed = None;
        chosen.retain(|one| match vault.untrash(&lock, one) {
            Ok(()) => {
                context.noted.snapshots([&one.id]);
                context.voice.say(format!("{} is back", one.id));
                false
            }
            Err(e) => {
                failed.get_or_insert(e);
                true
            }
        });
        // What leans on something that is back only now gets another try.
        if let Some(e) = failed.filter(|_| chosen.len() == before) {
            return Err(CommandError::from(e).hint(
                "where it leans on a snapshot that is in the trash too, restore that as well",
            ));
        }
    }
    if context.voice.json {
        json::print(&Restored {
            schema_version: json::SCHEMA,
            message_type: "trash-restore",
            restored,
        });
    }
    Ok(ExitStatus::Done)
}

fn empty(context: &Context, vault: &Vault, yes: bool) -> Result<ExitStatus, CommandError> {
    let count = vault.trash()?.len() as u64;
    let count = human::counted(count, "snapshot", "snapshots");
    if !yes {
        let question = format!("Remove {count} for good?");
        confirm(&question, context.no_input || context.voice.json, "--yes")?;
    }
    let lock = vault.lock(&context.facts.host, "trash empty", &mut || false)?;
    let gone = vault.expire_trash(&lock, i64::MAX)? as u64;
    context.noted.count("snapshots", gone);
    if context.voice.json {
        json::print(&Emptied {
            schema_version: json::SCHEMA,
            message_type: "trash-empty",
            removed: gone,
        });
    }
    let gone = human::counted(gone, "snapshot", "snapshots");
    context.voice.say(format!("Removed {gone} for good"));
    Ok(ExitStatus::Done)
}
