//! What `restore` says at its end: what was done, what is left to do, how to go back.

use super::context::{Context, tilde};
use super::error::ExitStatus;
use super::render::{BOLD, human, json};
use takeback::model::limits::HINT_LINES;
use takeback::model::{CommandBlock, Hint, OperationId, Severity, Shell, Shown, SnapshotId};
use takeback::restore::{ApprovedPlan, Hinted, Prepared, RestorePlan};
use takeback::vault::Vault;

/// What a restore left behind besides the files.
#[derive(Default)]
pub(super) struct Outcome {
    /// The snapshot of what was overwritten.
    pub(super) safety: Option<SnapshotId>,
    /// The operation that can be taken back.
    pub(super) operation: Option<OperationId>,
}

/// After a dry run.
pub(super) fn would(context: &Context, prepared: &[Prepared]) -> ExitStatus {
    let conflicts = prepared.iter().any(|one| !one.plan.conflicts.is_empty());
    if context.voice.json {
        document(
            context,
            prepared.iter().map(|one| &one.plan),
            true,
            &Outcome::default(),
            Vec::new(),
            Vec::new(),
        );
    } else {
        let each = prepared
            .iter()
            .map(|one| format!("{}: {}", one.plan.target, human::totals(&one.plan.totals())));
        let each = each.collect::<Vec<_>>().join("; ");
        let word = if conflicts {
            "Would refuse to restore"
        } else {
            "Would restore"
        };
        context.voice.line(format!("{word} {each}"));
    }
    if conflicts {
        ExitStatus::Refused
    } else {
        status(prepared.iter().map(|one| &one.plan))
    }
}

/// When everything is there already.
pub(super) fn unchanged(context: &Context, prepared: &[Prepared]) -> ExitStatus {
    let plans = || prepared.iter().map(|one| &one.plan);
    context.noted.nothing_done();
    if context.voice.json {
        document(
            context,
            plans(),
            false,
            &Outcome::default(),
            Vec::new(),
            Vec::new(),
        );
    } else {
        context
            .voice
            .say("Nothing to restore: everything is as it is in the backup");
    }
    status(plans())
}

/// After files were changed.
pub(super) fn done(
    context: &Context,
    vault: &Vault,
    approved: &ApprovedPlan,
    outcome: &Outcome,
    hinted: &[Hinted],
) -> ExitStatus {
    let notes: Vec<String> = approved
        .prepared()
        .iter()
        .flat_map(|one| &one.listing.manifest.declaration.notes)
        .map(|note| Shown::sentence(note))
        .collect();
    let hints_failed = hinted.iter().any(|one| one.hints.is_err());
    let status = match status(approved.plans()) {
        ExitStatus::Done if hints_failed => ExitStatus::Partial,
        status => status,
    };
    let saved = saved_hints(context, vault, hinted);
    if context.voice.json {
        let hints = saved
            .iter()
            .map(|(name, hint, path)| json::hint(name, hint, path.clone()));
        document(
            context,
            approved.plans(),
            false,
            outcome,
            hints.collect(),
            notes,
        );
        return status;
    }
    for plan in approved.plans() {
        let totals = human::totals(&plan.totals()).replace(" to create", " created");
        let totals = totals
            .replace(" to replace", " replaced")
            .replace(" to remove", " removed");
        context
            .voice
            .line(format!("Restored {}: {totals}", plan.target));
    }
    for (name, hint, path) in &saved {
        show_hint(context, name, hint, path.as_deref());
    }
    for note in notes {
        context.voice.say(format!("Not in a backup: {note}"));
    }
    if let Some(id) = &outcome.safety {
        context.voice.say(format!(
            "What was overwritten is also in the safety snapshot {id}"
        ));
    }
    if outcome.operation.is_some() {
        context
            .voice
            .say(format!("To take this back: {BOLD}takeback undo{BOLD:#}"));
    }
    status
}

/// Links that were kept mean that something of the backup is not in place.
fn status<'a>(mut plans: impl Iterator<Item = &'a RestorePlan>) -> ExitStatus {
    let left_out = plans.any(|plan| plan.keeps_links() || !plan.ignored.is_empty());
    if left_out {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    }
}

fn document<'a>(
    _: &Context,
    plans: impl Iterator<Item = &'a RestorePlan>,
    dry_run: bool,
    outcome: &Outcome,
    hints: Vec<json::HintView<'_>>,
    notes: Vec<String>,
) {
    let plans: Vec<&RestorePlan> = plans.collect();
    json::print(&json::Restore {
        schema_version: json::SCHEMA,
        message_type: "restore",
        dry_run,
        changed: !dry_run && plans.iter().any(|plan| plan.changes()),
        operation: outcome.operation.as_ref().map(ToString::to_string),
        safety_snapshot: outcome.safety.as_ref().map(ToString::to_string),
        plans: plans.into_iter().map(json::plan).collect(),
        hints,
        notes,
    });
}

type Saved<'a> = (&'a str, &'a Hint, Option<String>);

/// Saves what hints want saved; an adapter that failed is named.
fn saved_hints<'a>(context: &Context, vault: &Vault, hinted: &'a [Hinted]) -> Vec<Saved<'a>> {
    let mut all = Vec::new();
    for one in hinted {
        match &one.hints {
            Err(error) => context
                .voice
                .warn(&format!("adapter {} failed: {error}", one.name)),
            Ok(hints) => {
                for hint in hints {
                    let path = hint.save.as_ref().and_then(|file| {
                        match vault.save_text(&file.name, &file.text) {
                            Ok(path) => Some(path.display().to_string()),
                            Err(e) => {
                                context
                                    .voice
                                    .warn(&format!("{} could not be saved: {e}", file.name));
                                None
                            }
                        }
                    });
                    all.push((one.name.as_str(), hint, path));
                }
            }
        }
    }
    all
}

/// Shows a hint as what it is: something an adapter says.
fn show_hint(context: &Context, name: &str, hint: &Hint, saved: Option<&str>) {
    let voice = &context.voice;
    let what = match hint.severity {
        Severity::Info => "note",
        Severity::Action => "to do",
        Severity::Warning => "warning",
    };
    voice.say(format!(
        "{BOLD}{name} ({what}):{BOLD:#} {}",
        Shown::sentence(&hint.summary)
    ));
    let mut lines: Vec<String> = Vec::new();
    lines.extend(
        hint.steps
            .iter()
            .map(|step| format!("  - {}", Shown::sentence(step))),
    );
    hint.commands
        .iter()
        .for_each(|block| lines.extend(block_lines(block)));
    let total = lines.len();
    lines
        .iter()
        .take(HINT_LINES)
        .for_each(|line| voice.say(line));
    if total > HINT_LINES {
        voice.say(format!("  ... and {} lines more", total - HINT_LINES));
    }
    if let Some(path) = saved {
        let path = tilde(std::path::Path::new(path), &context.facts.home);
        voice.say(format!("  saved in {path}"));
    }
}

fn block_lines(block: &CommandBlock) -> Vec<String> {
    let place = match block.shell {
        Shell::Terminal => "in a terminal",
        Shell::Tool => "in the tool",
    };
    let heading = Shown::sentence(&block.heading);
    let heading = if heading.is_empty() {
        place.to_owned()
    } else {
        heading
    };
    let lines = block.lines.iter().map(|line| format!("      {line}"));
    std::iter::once(format!("  {heading}:"))
        .chain(lines)
        .collect()
}
