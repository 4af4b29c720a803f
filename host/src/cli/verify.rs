//! `takeback verify`.

use super::args::VerifyArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use serde::Serialize;
use takeback::archive::OpenArchive;
use takeback::vault::{SnapshotRecord, SnapshotSelector, TargetRecord, Vault, select};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    archives: Vec<Verdict>,
    damaged_records: Vec<String>,
}

#[derive(Serialize)]
struct Verdict {
    snapshot: String,
    target: String,
    ok: bool,
    why: Option<String>,
}

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<ExitStatus, CommandError> {
    let catalogue = context.catalogue()?;
    let Some(vault) = context.vault()? else {
        return Err(
            CommandError::new(ExitStatus::NotFound, "there is no vault yet")
                .hint("make a snapshot with `takeback backup`"),
        );
    };
    let chosen: Vec<&SnapshotRecord> = if args.snapshots.is_empty() {
        catalogue.snapshots.iter().collect()
    } else {
        let parsed = args
            .snapshots
            .iter()
            .map(|text| SnapshotSelector::parse(text));
        parsed
            .map(|s| select(&catalogue.snapshots, &s, None))
            .collect::<Result<_, _>>()?
    };
    let mut archives = Vec::new();
    for record in chosen {
        for target in &record.targets {
            archives.push(verdict(context, &vault, record, target));
        }
    }
    let bad = archives.iter().filter(|verdict| !verdict.ok).count();
    let damaged_records: Vec<String> = catalogue.damaged.iter().map(ToString::to_string).collect();
    let all_well = bad == 0 && damaged_records.is_empty();
    let count = human::counted(archives.len() as u64, "archive", "archives");
    if context.voice.json {
        let (schema_version, message_type) = (json::SCHEMA, "verify");
        json::print(&Document {
            schema_version,
            message_type,
            archives,
            damaged_records,
        });
    } else {
        context.voice.line(format!("{count} read, {bad} damaged"));
    }
    Ok(if all_well {
        ExitStatus::Done
    } else {
        ExitStatus::BadArchive
    })
}

fn verdict(
    context: &Context,
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
) -> Verdict {
    let why = check(vault, record, target).err();
    let (id, name) = (&record.id, &target.target);
    if !context.voice.json {
        match &why {
            None => context.voice.detail(format!("{id} {name}: ok")),
            Some(why) => context.voice.line(format!("{id} {name}: DAMAGED: {why}")),
        }
    }
    Verdict {
        snapshot: id.to_string(),
        target: name.to_string(),
        ok: why.is_none(),
        why,
    }
}

fn check(vault: &Vault, record: &SnapshotRecord, target: &TargetRecord) -> Result<(), String> {
    let now = jiff::Timestamp::now().as_second();
    let archive = vault.open_archive(&record.id, target, now);
    let archive = archive.map_err(|e| e.to_string())?;
    archive.check().map_err(|e| e.to_string())?;
    let listing = archive.listing();
    let made_for = target.made_for(&record.id);
    let fits = listing.manifest.snapshot == *made_for && listing.manifest.target == target.target;
    if fits {
        Ok(())
    } else {
        Err("its manifest names another snapshot or target".to_owned())
    }
}
