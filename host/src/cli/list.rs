//! `takeback list`.

use super::args::ListArgs;
use super::context::{Context, unknown_target};
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use takeback::model::TargetId;
use takeback::vault::{Catalogue, SnapshotRecord};

pub(super) fn run(context: &Context, args: &ListArgs) -> Result<ExitStatus, CommandError> {
    let catalogue = context.catalogue()?;
    let only = args
        .target
        .as_deref()
        .map(|name| target(name, &catalogue))
        .transpose()?;
    let fits =
        |record: &&SnapshotRecord| only.as_ref().is_none_or(|id| record.target(id).is_some());
    let shown: Vec<&SnapshotRecord> = catalogue.snapshots.iter().filter(fits).collect();
    if context.voice.json {
        json::print(&json::List {
            schema_version: json::SCHEMA,
            message_type: "list",
            vault: context.vault_path.display().to_string(),
            snapshots: shown.iter().map(|record| json::snapshot(record)).collect(),
            damaged: catalogue.damaged.iter().map(ToString::to_string).collect(),
        });
    } else {
        for record in &shown {
            human::snapshot(&context.voice, record, only.as_ref());
        }
    }
    if !catalogue.damaged.is_empty() {
        return Ok(ExitStatus::BadArchive);
    }
    if shown.is_empty() {
        let vault = super::context::tilde(&context.vault_path, &context.facts.home);
        context.voice.say(format!(
            "There is no snapshot in {vault} yet; make one with `takeback backup`"
        ));
    }
    Ok(ExitStatus::Done)
}

/// A target that some snapshot holds.
pub(super) fn target(name: &str, catalogue: &Catalogue) -> Result<TargetId, CommandError> {
    let targets = || {
        catalogue
            .snapshots
            .iter()
            .flat_map(|record| &record.targets)
    };
    let found = targets().find(|record| record.target.as_str() == name);
    if let Some(record) = found {
        return Ok(record.target.clone());
    }
    let mut known: Vec<String> = targets().map(|record| record.target.to_string()).collect();
    known.sort();
    known.dedup();
    Err(unknown_target(name, &known))
}
