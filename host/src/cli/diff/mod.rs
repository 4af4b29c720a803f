//! `takeback diff`.

mod contents;
mod show;
mod sides;

use super::args::DiffArgs;
use super::choice;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
#[cfg(feature = "browse")]
pub(super) use show::row;
use sides::{Comparable, Filter, Opener};
use takeback::archive::{Choice, Trees};
use takeback::diff::{Difference, FileChange, Totals, changes, totals};
use takeback::model::{Class, HostFacts, TargetId};

/// What was found.
pub(super) struct Found {
    target: TargetId,
    /// What the two sides are called.
    names: [String; 2],
    pub(super) changes: Vec<FileChange>,
    /// For each change what is different in the file, where that was looked at.
    pub(super) differences: Vec<Option<Difference>>,
    totals: Totals,
    /// Classes that only one of the sides holds.
    left_out: Vec<Class>,
}

pub(super) fn run(context: &Context, args: &DiffArgs) -> Result<ExitStatus, CommandError> {
    let facts = context.facts_in(&args.project)?;
    let found = find(context, args, &facts)?;
    show::show(context, args, &found, &facts);
    Ok(status(args, &found))
}

/// Compares what the arguments name.
pub(super) fn find(
    context: &Context,
    args: &DiffArgs,
    facts: &HostFacts,
) -> Result<Found, CommandError> {
    let opener = Opener::new(context, args, facts)?;
    let before = opener.before()?;
    let after = opener.after(&before)?;
    compare(context, args, &opener, &before, &after)
}

fn compare(
    context: &Context,
    args: &DiffArgs,
    opener: &Opener<'_>,
    before: &Comparable,
    after: &Comparable,
) -> Result<Found, CommandError> {
    let wanted = choice::classes(&args.only)?;
    let (one, other) = (before.classes(), after.classes());
    let both: Vec<Class> = one.classes().filter(|class| other.takes(*class)).collect();
    let left_out = Class::ALL
        .into_iter()
        .filter(|class| wanted.takes(*class) && one.takes(*class) != other.takes(*class));
    let choice = Choice {
        classes: wanted,
        paths: choice::paths(&args.path, opener.facts)?,
        trees: Trees::All,
    };
    let filter = Filter {
        choice,
        everything: args.only.is_empty() && args.path.is_empty(),
        both: takeback::model::ClassSelection::of(&both),
        only: [before, after].into_iter().find_map(Comparable::partial),
    };
    let (old, new) = (
        before.side(context, &filter)?,
        after.side(context, &filter)?,
    );
    let changes = changes(&old, &new);
    let differences = if args.stat {
        vec![None; changes.len()]
    } else {
        let rules = [before.rules(), after.rules(), opener.own_rules()];
        contents::differences(&changes, [before, after], &rules, args.full)?
    };
    Ok(Found {
        target: opener.target.clone(),
        names: [before.name(), after.name()],
        totals: totals(&old, &new, &changes),
        left_out: left_out.collect(),
        differences,
        changes,
    })
}

fn status(args: &DiffArgs, found: &Found) -> ExitStatus {
    if args.exit_code && found.totals.differ() {
        ExitStatus::Different
    } else if found.totals.unknown > 0 {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    }
}
