//! What a backup says of what it did.

use super::super::cleanup::Cleaned;
use super::super::context::{Context, tilde};
use super::super::render::{human, json};
use takeback::backup::{BackupReport, PlanGap};
use takeback::vault::Vault;

/// Why `--if-changed` made no snapshot.
const UNCHANGED: &str = "nothing has changed since the last snapshot";

/// Shows what was backed up.
pub(super) fn show(
    context: &Context,
    vault: &Vault,
    report: &BackupReport,
    gaps: &[PlanGap],
    cleaned: Option<Cleaned>,
) {
    let archive = |record| {
        let path = vault.archive_path(&report.record.id, record);
        report.published.then(|| path.display().to_string())
    };
    if context.voice.json {
        json::print(&json::Backup {
            schema_version: json::SCHEMA,
            message_type: "backup",
            dry_run: false,
            snapshot: report.published.then(|| report.record.id.to_string()),
            nothing_done: (!report.published).then_some(UNCHANGED),
            complete: report.record.is_complete(),
            targets: report
                .targets
                .iter()
                .map(|t| json::backed_up(t, archive(&t.record)))
                .collect(),
            skipped: skipped(gaps),
            cleanup: cleaned.map(|cleaned| cleaned.view(false)),
        });
        return;
    }
    if report.published {
        human::snapshot(&context.voice, &report.record, None);
    }
    for target in &report.targets {
        human::backed_up(&context.voice, target, &context.facts);
    }
    self::gaps(context, gaps, false);
    let vault = tilde(vault.path(), &context.facts.home);
    context.voice.say(if report.published {
        format!("Backed up to {vault}")
    } else {
        format!("No new snapshot in {vault}: {UNCHANGED}")
    });
    if let Some(cleaned) = cleaned {
        cleaned.show(context);
    }
}

/// What is not in the snapshot at all.
pub(super) fn gaps(context: &Context, gaps: &[PlanGap], named: bool) {
    for gap in gaps {
        match gap {
            PlanGap::NothingHere(id) if named => {
                context.voice.warn(&format!("{id}: nothing of it is here"));
            }
            PlanGap::NothingHere(id) => context.voice.detail(format!("  {id}: nothing here")),
            PlanGap::Failed(name, error) => {
                context
                    .voice
                    .warn(&format!("adapter {name} failed: {error}"));
            }
        }
    }
}

/// The same in a document.
pub(super) fn skipped(gaps: &[PlanGap]) -> Vec<json::Skipped> {
    let view = |gap: &PlanGap| match gap {
        PlanGap::NothingHere(id) => json::Skipped {
            target: id.to_string(),
            reason: "nothing of it is here".to_owned(),
        },
        PlanGap::Failed(name, error) => json::Skipped {
            target: name.clone(),
            reason: error.to_string(),
        },
    };
    gaps.iter().map(view).collect()
}
