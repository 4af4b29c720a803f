//! Between a plan and its being carried out: what must be overridden, and the question.

use super::super::args::RestoreArgs;
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::prompt::confirm;
use super::super::render::human;
use takeback::model::{HostFacts, Shown};
use takeback::restore::{Consent, NotApproved, Prepared};

/// Names what a plain yes given beforehand does not cover.
pub(super) fn soft_refusals(context: &Context, prepared: &[Prepared]) {
    for one in prepared {
        for refusal in &one.plan.soft {
            context
                .voice
                .warn(&format!("{}: {refusal}", one.plan.target));
        }
    }
}

/// With `--strict`, an archive holds nothing but what belongs in one.
pub(super) fn strict(args: &RestoreArgs, prepared: &[Prepared]) -> Result<(), CommandError> {
    let odd = prepared.iter().find(|one| !one.plan.ignored.is_empty());
    match odd.filter(|_| args.strict) {
        None => Ok(()),
        Some(one) => {
            let names = one
                .plan
                .ignored
                .iter()
                .take(3)
                .map(|name| Shown(name).to_string());
            let (archive, names) = (&one.plan.archive, names.collect::<Vec<_>>().join(", "));
            Err(CommandError::new(
                ExitStatus::BadArchive,
                format!("{archive} is refused: it holds {names} outside the known trees"),
            )
            .hint("without --strict these are passed over"))
        }
    }
}

/// Asks, unless that was answered beforehand.
pub(super) fn consent(
    context: &Context,
    args: &RestoreArgs,
    prepared: &[Prepared],
) -> Result<Consent, CommandError> {
    if args.force {
        return Ok(Consent::Forced);
    }
    // What cannot be done is not asked about.
    if args.yes || prepared.iter().any(|one| !one.plan.conflicts.is_empty()) {
        return Ok(Consent::Given);
    }
    confirm(
        "Restore these files?",
        context.no_input || context.voice.json,
        "--yes",
    )?;
    Ok(Consent::Typed)
}

/// The error for a plan that may not be applied.
pub(super) fn not_approved(why: NotApproved, facts: &HostFacts) -> CommandError {
    match why {
        NotApproved::Conflicts(conflicts) => {
            let named = |c: &takeback::restore::Conflict| human::conflict(c, facts);
            let named: Vec<String> = conflicts.iter().take(10).map(named).collect();
            let message = format!(
                "nothing was restored, for this stands in the way: {}",
                named.join("; ")
            );
            let hint = if conflicts.iter().all(|c| c.in_use) {
                "close it first; --wait waits for that"
            } else {
                "move it out of the way, or choose what to restore with --path or --only"
            };
            CommandError::new(ExitStatus::Refused, message).hint(hint)
        }
        NotApproved::Soft(soft) => {
            let why: Vec<String> = soft.iter().take(3).map(ToString::to_string).collect();
            let message = format!("nothing was restored, for {}", why.join("; and "));
            CommandError::new(ExitStatus::Refused, message)
                .hint("run it again with --force, or without --yes to be asked")
        }
    }
}
