//! `takeback repair`.

use super::args::RepairArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use serde::Serialize;
use takeback::vault::{Repaired, SnapshotRecord, SnapshotSelector, select};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    archives: Vec<View>,
}

#[derive(Serialize)]
struct View {
    snapshot: String,
    target: String,
    /// `sound`, `mended` or `lost`.
    state: &'static str,
    /// Pieces that came from other archives.
    pieces: usize,
}

pub(super) fn run(context: &Context, args: &RepairArgs) -> Result<ExitStatus, CommandError> {
    let Some(vault) = context.vault()? else {
        let message = "there is no vault yet";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let mut wait = context.patience(args.wait);
    let lock = vault.lock(&context.facts.host, "repair", &mut wait)?;
    let catalogue = context.catalogue()?;
    let mut chosen: Vec<&SnapshotRecord> = Vec::new();
    for text in &args.snapshots {
        let selector = SnapshotSelector::parse(text);
        chosen.push(select(&catalogue.snapshots, &selector, None)?);
    }
    if args.snapshots.is_empty() {
        chosen.extend(&catalogue.snapshots);
    }
    let mut archives = Vec::new();
    // The newest first: what leans on a mended one is then sound.
    for record in chosen {
        for target in &record.targets {
            let done = vault.repair(&lock, &record.id, &target.target)?;
            let (state, pieces) = match done {
                Repaired::Sound => ("sound", 0),
                Repaired::Mended(pieces) => ("mended", pieces),
                Repaired::Lost => ("lost", 0),
            };
            let name = format!("{} {}", record.id, target.target);
            let line = match done {
                Repaired::Sound => String::new(),
                Repaired::Mended(pieces) => {
                    let pieces = human::counted(pieces as u64, "piece", "pieces");
                    format!("{name}: mended, with {pieces} from other archives")
                }
                Repaired::Lost => {
                    format!("{name}: DAMAGED, and what is missing is nowhere else in the vault")
                }
            };
            if !context.voice.json && !line.is_empty() {
                context.voice.line(line);
            }
            archives.push(View {
                snapshot: record.id.to_string(),
                target: target.target.to_string(),
                state,
                pieces,
            });
        }
    }
    let count = |state| archives.iter().filter(|one| one.state == state).count();
    let (mended, lost) = (count("mended"), count("lost"));
    context.noted.count("mended", mended as u64);
    context.noted.count("lost", lost as u64);
    if mended + lost == 0 {
        context.noted.nothing_done();
    }
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "repair",
            archives,
        });
    } else {
        let all = human::counted(archives.len() as u64, "archive", "archives");
        context
            .voice
            .line(format!("{all} read, {mended} mended, {lost} still damaged"));
    }
    Ok(if lost == 0 {
        ExitStatus::Done
    } else {
        ExitStatus::BadArchive
    })
}
