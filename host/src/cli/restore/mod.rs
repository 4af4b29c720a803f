//! `takeback restore`.

mod adapters;
mod foreign;
mod gate;
mod sources;
mod stage;

use super::args::RestoreArgs;
use super::backup::PROGRAM;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::human;
use super::{choice, recover, report};
use adapters::{Adapters, Shelf};
use sources::{Sources, is_path, open_sources, prepare_all};
use stage::{Stage, confine, when_free};
use takeback::archive::{Choice, Trees};
use takeback::backup::SnapshotRequest;
use takeback::model::limits::DIFF_BYTES;
use takeback::model::{ClassSelection, HostFacts};
use takeback::restore::{ApprovedPlan, Prepared, SafetySnapshot, Wish, after_restore, apply, save};
use takeback::vault::{SnapshotKind, Vault, VaultLock};

pub(super) fn run(context: &Context, args: &RestoreArgs) -> Result<ExitStatus, CommandError> {
    let mut facts = context.facts_in(&args.project)?;
    facts.own.0.push(context.vault_path.clone());
    let wish = wish(args, &facts)?;
    let shelf = Shelf::new(context, &args.targets)?;
    std::thread::scope(|scope| {
        // Reading the archives and loading adapters take about as long; neither needs the
        // other, and neither writes anything of a tool's.
        let of_targets = scope.spawn(|| shelf.of_targets());
        let sources = open_sources(context, args, &wish);
        let of_targets = of_targets.join();
        let of_targets = of_targets.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let adapters = shelf.taken(of_targets, scope);
        restore(context, args, (&facts, &wish), adapters, sources?)
    })
}

fn restore(
    context: &Context,
    args: &RestoreArgs,
    (facts, wish): (&HostFacts, &Wish),
    adapters: Adapters<'_>,
    sources: Sources,
) -> Result<ExitStatus, CommandError> {
    let stage = Stage::new(context, facts)?;
    confine(context, facts, &adapters);
    let prepared = prepare_all(context, args, wish, &stage, &adapters, sources)?;
    let prepared = when_free(context, args, &stage, prepared, || {
        let sources = open_sources(context, args, wish)?;
        prepare_all(context, args, wish, &stage, &adapters, sources)
    })?;
    gate::strict(args, &prepared)?;
    let prepared = compared(args, prepared, &adapters, facts);
    if !context.voice.json {
        prepared
            .iter()
            .for_each(|one| human::plan(&context.voice, &one.plan, facts));
        gate::soft_refusals(context, &prepared);
    }
    if args.dry_run {
        return Ok(report::would(context, &prepared));
    }
    if !prepared
        .iter()
        .any(|one| one.plan.changes() || !one.plan.conflicts.is_empty())
    {
        return Ok(report::unchanged(context, &prepared));
    }
    let consent = gate::consent(context, args, &prepared)?;
    let approved =
        ApprovedPlan::new(prepared, consent).map_err(|why| gate::not_approved(why, facts))?;
    let sources = adapters.hint_sources(context, &approved, facts);
    let vault = Vault::create(&context.vault_path)?;
    let outcome = change(context, args, &stage, &approved, &vault)?;
    let hints = after_restore(sources, &approved, facts);
    Ok(report::done(context, &vault, &approved, &outcome, &hints))
}

/// The plans with what changes inside files, where that was asked for.
fn compared(
    args: &RestoreArgs,
    mut prepared: Vec<Prepared>,
    adapters: &Adapters<'_>,
    facts: &HostFacts,
) -> Vec<Prepared> {
    for one in prepared.iter_mut().filter(|_| args.diff) {
        let target = one.plan.target.clone();
        let rules = adapters.declared(&target, facts);
        one.find_differences(&rules, DIFF_BYTES);
    }
    prepared
}

/// Saves what will be overwritten, then changes the files, both under lock.
fn change(
    context: &Context,
    args: &RestoreArgs,
    stage: &Stage<'_>,
    approved: &ApprovedPlan,
    vault: &Vault,
) -> Result<report::Outcome, CommandError> {
    let Stage {
        facts, operations, ..
    } = stage;
    context
        .noted
        .targets(approved.plans().map(|plan| &plan.target));
    let lock = recover::lock(context, operations, "restore", args.wait)?;
    let vault_lock = vault.lock(&facts.host, "restore", &mut context.patience(args.wait))?;
    let safety = safety(context, args, approved, vault, &vault_lock, facts)?;
    let safety_snapshot = safety.id.clone();
    context.noted.snapshots(&safety_snapshot);
    let from = source(args, approved);
    let done = apply(
        approved,
        &from,
        safety,
        &stage.ground(None),
        &lock,
        &context.progress(),
    )?;
    if done.as_ref().is_some_and(|done| !done.cleared) {
        context
            .voice
            .warn("not everything is cleared up; the next command does it");
    }
    done.iter()
        .for_each(|done| context.noted.operation(&done.id));
    for plan in approved.plans() {
        let totals = plan.totals();
        context.noted.count("created", totals.create);
        context.noted.count("replaced", totals.replace);
        context.noted.count("removed", totals.remove);
    }
    context.expire(operations, &lock);
    Ok(report::Outcome {
        safety: safety_snapshot,
        operation: done
            .map(|done| done.id)
            .filter(|_| !context.undo_time.is_zero()),
    })
}

/// The snapshot that was restored, or the path of an archive.
fn source(args: &RestoreArgs, approved: &ApprovedPlan) -> String {
    let plan = approved.plans().next();
    if is_path(&args.from) {
        return plan.map(|plan| plan.archive.clone()).unwrap_or_default();
    }
    plan.map(|plan| plan.snapshot.to_string())
        .unwrap_or_default()
}

fn wish(args: &RestoreArgs, facts: &HostFacts) -> Result<Wish, CommandError> {
    let classes = choice::classes(&args.only)?;
    let paths = choice::paths(&args.path, facts)?;
    let trees = match (args.home_only, args.project_only) {
        (true, _) => Trees::HomeOnly,
        (_, true) => Trees::ProjectOnly,
        _ => Trees::All,
    };
    let choice = Choice {
        classes,
        paths,
        trees,
    };
    Ok(Wish {
        choice,
        exact: args.exact,
        replace_links: args.replace_links,
    })
}

/// Saves what is overwritten first, unless that was waived.
fn safety(
    context: &Context,
    args: &RestoreArgs,
    approved: &ApprovedPlan,
    vault: &Vault,
    lock: &VaultLock,
    facts: &HostFacts,
) -> Result<SafetySnapshot, CommandError> {
    if args.no_backup_existing {
        return Ok(SafetySnapshot::waived());
    }
    let request = SnapshotRequest {
        note: Some(format!("before a restore of {}", args.targets.join(", "))),
        ..SnapshotRequest::new(SnapshotKind::Safety, ClassSelection::everything(), PROGRAM)
    };
    Ok(save(
        approved,
        vault,
        lock,
        &request,
        facts,
        &context.progress(),
    )?)
}
