//! `takeback pin`, `unpin` and `note`.

use super::args::{NoteArgs, PinArgs, UnpinArgs};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use serde::Serialize;
use takeback::vault::{Remarks, SnapshotSelector, select};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    snapshot: &'a str,
    pinned: bool,
    note: Option<&'a str>,
}

pub(super) fn pin(context: &Context, args: PinArgs) -> Result<ExitStatus, CommandError> {
    let remarks = Remarks {
        pinned: Some(true),
        note: args.note.map(some_text),
    };
    say(context, "pin", &args.snapshot, &remarks)
}

pub(super) fn unpin(context: &Context, args: UnpinArgs) -> Result<ExitStatus, CommandError> {
    let remarks = Remarks {
        pinned: Some(false),
        note: None,
    };
    say(context, "unpin", &args.snapshot, &remarks)
}

pub(super) fn note(context: &Context, args: NoteArgs) -> Result<ExitStatus, CommandError> {
    let remarks = Remarks {
        pinned: None,
        note: Some(some_text(args.text)),
    };
    say(context, "note", &args.snapshot, &remarks)
}

fn some_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn say(
    context: &Context,
    command: &'static str,
    snapshot: &str,
    remarks: &Remarks,
) -> Result<ExitStatus, CommandError> {
    let Some(vault) = context.vault()? else {
        let message = "there is no vault yet";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let lock = vault.lock(&context.facts.host, command, &mut || false)?;
    let catalogue = context.catalogue()?;
    let selector = SnapshotSelector::parse(snapshot);
    let id = &select(&catalogue.snapshots, &selector, None)?.id;
    let record = vault.set_remarks(&lock, id, remarks)?;
    context.noted.snapshots([&record.id]);
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: command,
            snapshot: record.id.as_str(),
            pinned: record.pinned,
            note: record.note.as_deref(),
        });
    } else {
        human::snapshot(&context.voice, &record, None);
    }
    Ok(ExitStatus::Done)
}
