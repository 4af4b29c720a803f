//! What is done before the command: a look at everything, and a snapshot.

use super::super::args::{BackupArgs, GuardArgs};
use super::super::backup::{self, Taken};
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::recover;
use super::super::render::human;
use takeback::backup::{BackupPlan, Outline, PlanGap, TargetPlan};
use takeback::guard::Sight;
use takeback::model::{ClassSelection, HostFacts, Shown};
use takeback::operation::Operations;
use takeback::vault::SnapshotRecord;

/// What is known when the command begins.
pub(super) struct Before {
    pub(super) facts: HostFacts,
    pub(super) classes: ClassSelection,
    pub(super) outlines: Vec<Outline>,
    pub(super) sight: Sight,
    /// The snapshot; `None` when there was nothing to keep, or it could not be made.
    pub(super) snapshot: Option<SnapshotRecord>,
    /// Whether the snapshot holds all it should.
    pub(super) complete: bool,
}

/// Looks, and backs up. `None` when not even that could be done, and nobody minds.
pub(super) fn back_up(
    context: &Context,
    args: &GuardArgs,
    name: &str,
) -> Result<Option<Before>, CommandError> {
    let wanted = wanted(args, name);
    let facts = context.facts_in(&args.project)?;
    let operations = Operations::open(&context.own.state)?;
    let done = operations
        .as_ref()
        .map(|operations| recover::lock(context, operations, "guard", wanted.wait))
        .transpose()
        .and_then(|_still| keep(context, args, &wanted, facts));
    match done {
        Ok(before) => Ok(Some(before)),
        Err(error) if !args.best_effort || matches!(error.status, ExitStatus::Signal(_)) => {
            Err(error)
        }
        Err(error) => {
            warn(context, &error);
            Ok(None)
        }
    }
}

/// The backup that is meant.
fn wanted(args: &GuardArgs, name: &str) -> BackupArgs {
    let note = args.note.clone();
    BackupArgs {
        targets: args.target.clone(),
        automatic: true,
        full: args.full,
        include_env: args.include_env,
        include_credentials: args.include_credentials,
        note: Some(note.unwrap_or_else(|| format!("before {}", Shown(name)))),
        wait: Some(args.wait),
        ..BackupArgs::default()
    }
}

fn keep(
    context: &Context,
    args: &GuardArgs,
    wanted: &BackupArgs,
    facts: HostFacts,
) -> Result<Before, CommandError> {
    let classes = backup::classes(wanted);
    let BackupPlan {
        targets,
        gaps,
        empty,
    } = backup::plan(context, &wanted.targets, classes, &facts)?;
    let vault = backup::real_path(&context.vault_path);
    for target in &targets {
        target.check_vault(&vault, classes, &facts)?;
    }
    let failed = gaps.iter().find_map(|gap| match gap {
        PlanGap::Failed(name, error) => Some(format!("adapter {} failed: {error}", Shown(name))),
        PlanGap::NothingHere(_) => None,
    });
    if let Some(why) = &failed {
        incomplete(context, args, why)?;
    }
    let kept = targets.len();
    let mut all = targets;
    let looked = |one: &Outline| one.look(classes, &facts, &context.vault_path);
    all.extend(empty.iter().map(looked));
    let outlines = all.iter().map(TargetPlan::outline).collect();
    let sight = Sight::of(&all, &facts)?;
    // What is only watched is not backed up: nothing of it is here.
    all.truncate(kept);
    let mut before = Before {
        facts,
        classes,
        outlines,
        sight,
        snapshot: None,
        complete: failed.is_none(),
    };
    if all.is_empty() {
        context.voice.say("There is nothing to back up yet");
    } else {
        snapshot(context, args, wanted, &mut before, all)?;
    }
    Ok(before)
}

/// Makes the snapshot, and says what it lacks.
fn snapshot(
    context: &Context,
    args: &GuardArgs,
    wanted: &BackupArgs,
    before: &mut Before,
    targets: Vec<TargetPlan>,
) -> Result<(), CommandError> {
    let taken = backup::carry_out(context, wanted, "guard", &before.facts, targets);
    let report = match taken {
        Ok(Taken { report, .. }) => report,
        Err(error) if args.best_effort && !matches!(error.status, ExitStatus::Signal(_)) => {
            warn(context, &error);
            before.complete = false;
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let id = report.record.id.clone();
    let targets = &report.record.targets;
    context.noted.targets(targets.iter().map(|one| &one.target));
    context.noted.snapshots([&id]);
    let gaps = targets.iter().map(|one| one.troubles).sum();
    context.noted.count("gaps", gaps);
    let count = report.targets.len() as u64;
    let count = human::counted(count, "target", "targets");
    context.voice.say(format!("Backed up {count} as {id}"));
    for one in &report.targets {
        let (target, troubles) = (&one.record.target, &one.manifest.troubles);
        human::troubles(&context.voice, target, troubles);
    }
    let complete = report.record.is_complete();
    before.complete &= complete;
    before.snapshot = Some(report.record);
    if complete {
        return Ok(());
    }
    incomplete(context, args, &format!("the snapshot {id} is not complete"))
}

/// An incomplete backup is as good as none, unless somebody says otherwise.
fn incomplete(context: &Context, args: &GuardArgs, why: &str) -> Result<(), CommandError> {
    if args.best_effort {
        context.voice.warn(why);
        return Ok(());
    }
    Err(CommandError::new(ExitStatus::Partial, why))
}

/// Says that there is no backup, and goes on.
fn warn(context: &Context, error: &CommandError) {
    let why = error.in_full();
    context.voice.warn(&format!(
        "there is no backup, and the command is run all the same: {why}"
    ));
}
