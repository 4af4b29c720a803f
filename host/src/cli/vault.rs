//! `takeback vault`.

use super::args::{VaultArgs, VaultCommand};
use super::context::{Context, tilde};
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use serde::Serialize;
use std::collections::BTreeMap;
use takeback::vault::{TargetUsage, Usage};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    vault: String,
    snapshots: usize,
    targets: BTreeMap<String, View>,
    months: BTreeMap<String, u64>,
    trashed: u64,
}

#[derive(Serialize)]
struct View {
    archives: u64,
    as_plain: u64,
    on_disk: u64,
    plain: u64,
    plain_bytes: u64,
    thin: u64,
    thin_bytes: u64,
    index_bytes: u64,
    saved_by_thin: u64,
    saved_by_unchanged: u64,
}

pub(super) fn run(context: &Context, args: &VaultArgs) -> Result<ExitStatus, CommandError> {
    let VaultCommand::Stats = args.command;
    let Some(vault) = context.vault()? else {
        return Err(
            CommandError::new(ExitStatus::NotFound, "there is no vault yet")
                .hint("make a snapshot with `takeback backup`"),
        );
    };
    let catalogue = context.catalogue()?;
    let usage = vault.usage(&catalogue)?;
    let snapshots = catalogue.snapshots.len();
    if context.voice.json {
        let targets = usage.targets.iter();
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "vault-stats",
            vault: context.vault_path.display().to_string(),
            snapshots,
            targets: targets
                .map(|(id, one)| (id.to_string(), view(one)))
                .collect(),
            months: usage.months,
            trashed: usage.trashed,
        });
    } else {
        show(context, snapshots, &usage);
    }
    Ok(ExitStatus::Done)
}

fn view(usage: &TargetUsage) -> View {
    View {
        archives: usage.archives,
        as_plain: usage.as_plain,
        on_disk: usage.on_disk(),
        plain: usage.plain.0,
        plain_bytes: usage.plain.1,
        thin: usage.thin.0,
        thin_bytes: usage.thin.1,
        index_bytes: usage.indexes,
        saved_by_thin: usage.saved_by_thin,
        saved_by_unchanged: usage.saved_by_unchanged,
    }
}

fn show(context: &Context, snapshots: usize, usage: &Usage) {
    let voice = &context.voice;
    let bytes = human::bytes;
    let all: u64 = usage.targets.values().map(TargetUsage::on_disk).sum();
    let vault = tilde(&context.vault_path, &context.facts.home);
    let count = human::counted(snapshots as u64, "snapshot", "snapshots");
    voice.line(format!("{vault}: {count}, {}", bytes(all)));
    let width = usage.targets.keys().map(|id| id.as_str().len()).max();
    for (id, one) in &usage.targets {
        let width = width.unwrap_or_default();
        let archives = human::counted(one.archives, "archive", "archives");
        voice.line(format!(
            "  {id:width$}    {archives}, {} ({} as plain files)",
            bytes(one.on_disk()),
            bytes(one.as_plain)
        ));
        let parts = [
            (
                one.plain.0,
                format!("{} plain, {}", one.plain.0, bytes(one.plain.1)),
            ),
            (
                one.thin.0,
                format!("{} thin, {}", one.thin.0, bytes(one.thin.1)),
            ),
            (one.indexes, format!("indexes, {}", bytes(one.indexes))),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(_, text)| text)
            .collect();
        voice.line(format!("  {:width$}    {}", "", parts.join("; ")));
        voice.line(format!(
            "  {:width$}    saved: {} by the thin form, {} where nothing had changed",
            "",
            bytes(one.saved_by_thin),
            bytes(one.saved_by_unchanged)
        ));
    }
    for (month, came) in &usage.months {
        voice.line(format!("  {month}    {}", bytes(*came)));
    }
    if usage.trashed > 0 {
        let count = human::counted(usage.trashed, "snapshot", "snapshots");
        voice.line(format!("  and {count} in the trash"));
    }
}
