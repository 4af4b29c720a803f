//! `takeback backup`.

mod show;

use super::args::{BackupArgs, Profile};
use super::cleanup;
use super::context::{Context, Loaded, unknown_target};
use super::error::{CommandError, ExitStatus};
use super::recover;
use super::render::{human, json};
use super::secrets;
use super::upkeep;
use show::{gaps, show, skipped};
use std::path::{Path, PathBuf};
use takeback::backup::{
    BackupPlan, BackupReport, PlanGap, SnapshotRequest, TargetPlan, is_worth_a_look, plan_target,
    take,
};
use takeback::model::{Class, ClassSelection, HostFacts, TallyCount, TargetId};
use takeback::operation::Operations;
use takeback::secrets::watched;
use takeback::vault::{SnapshotKind, Vault, VaultLock};

/// Name and version of this program, as archives record it.
pub(super) const PROGRAM: &str = concat!("takeback ", env!("CARGO_PKG_VERSION"));

pub(super) fn run(context: &Context, args: &BackupArgs) -> Result<ExitStatus, CommandError> {
    let named = args.targets.iter();
    let named: Vec<TargetId> = named.filter_map(|name| TargetId::new(name).ok()).collect();
    context.noted.targets(&named);
    context.noted.automatic(args.automatic);
    if args.if_vault_present && context.vault()?.is_none() {
        return Ok(no_vault(context, args));
    }
    let facts = context.facts_in(&args.project)?;
    let classes = classes(args);
    // A restore at the same time would be backed up half done.
    let operations = Operations::open(&context.own.state)?.filter(|_| !args.dry_run);
    let _still = operations
        .as_ref()
        .map(|operations| recover::lock(context, operations, "backup", args.wait))
        .transpose()?;
    let plan = plan(context, &args.targets, classes, &facts)?;
    let vault_path = real_path(&context.vault_path);
    for target in &plan.targets {
        target.check_vault(&vault_path, classes, &facts)?;
    }
    if plan.targets.is_empty() {
        return nothing(context, args, &plan);
    }
    if args.strict_secrets {
        secrets::refuse(context, &plan)?;
    }
    if args.dry_run {
        return Ok(dry_run(context, &plan, args));
    }
    let BackupPlan { targets, gaps, .. } = plan;
    let Taken {
        vault,
        lock,
        report,
    } = carry_out(context, args, "backup", &facts, targets)?;
    note(context, &report, &gaps);
    let cleaned = args
        .cleanup
        .then(|| cleanup::after_backup(context, &vault, &lock, &args.targets));
    let not_cleaned = matches!(cleaned, Some(None));
    show(context, &vault, &report, &gaps, cleaned.flatten());
    upkeep::run(context, &vault, &lock);
    let troubles: u64 = report.targets.iter().map(|t| t.record.troubles).sum();
    Ok(status(
        troubles + u64::from(not_cleaned),
        &gaps,
        &args.targets,
    ))
}

/// Nothing is done where the vault is not: said softly, for it was to be expected.
fn no_vault(context: &Context, args: &BackupArgs) -> ExitStatus {
    if context.voice.json {
        json::print(&json::Backup {
            schema_version: json::SCHEMA,
            message_type: "backup",
            dry_run: args.dry_run,
            snapshot: None,
            nothing_done: Some("the vault is not there"),
            complete: false,
            targets: Vec::new(),
            skipped: Vec::new(),
            cleanup: None,
        });
    }
    let vault = super::context::tilde(&context.vault_path, &context.facts.home);
    let voice = &context.voice;
    voice.say(format!(
        "There is no vault at {vault} now, so nothing is backed up"
    ));
    ExitStatus::NotFound
}

/// What the log is to know of a backup.
fn note(context: &Context, report: &BackupReport, gaps: &[PlanGap]) {
    let (noted, record) = (&context.noted, &report.record);
    noted.targets(record.targets.iter().map(|one| &one.target));
    if !report.published {
        let whole = record.targets.iter().filter(|one| one.troubles == 0);
        noted.unchanged(whole.map(|one| (one.target.to_string(), one.digest.to_string())));
        return;
    }
    noted.snapshots([&record.id]);
    for target in &record.targets {
        noted.count("files", target.files);
        noted.count("bytes", target.bytes);
        noted.count("gaps", target.troubles);
    }
    let failed = gaps.iter().filter(|gap| matches!(gap, PlanGap::Failed(..)));
    noted.count("failed adapters", failed.count() as u64);
}

/// A snapshot that was made, and the vault, still locked.
pub(super) struct Taken {
    pub(super) vault: Vault,
    pub(super) lock: VaultLock,
    pub(super) report: BackupReport,
}

/// Makes the snapshot, for `command`.
pub(super) fn carry_out(
    context: &Context,
    args: &BackupArgs,
    command: &str,
    facts: &HostFacts,
    targets: Vec<TargetPlan>,
) -> Result<Taken, CommandError> {
    let vault = Vault::create(&context.vault_path)?;
    let lock = vault.lock(&facts.host, command, &mut context.patience(args.wait))?;
    let request = SnapshotRequest {
        note: args.note.clone(),
        level: args.level.unwrap_or_default(),
        cache: Some(context.own.cache.join("seen")),
        verify_content: args.verify_content,
        only_changed: args.if_changed,
        watched: watched(),
        ..SnapshotRequest::new(kind(args), classes(args), PROGRAM)
    };
    let progress = context.progress();
    let report = take(&vault, &lock, targets, &request, facts, &progress)?;
    Ok(Taken {
        vault,
        lock,
        report,
    })
}

fn kind(args: &BackupArgs) -> SnapshotKind {
    if args.automatic {
        SnapshotKind::Automatic
    } else {
        SnapshotKind::Manual
    }
}

/// The real path of a vault that may not exist yet: of what exists of it.
pub(super) fn real_path(vault: &Path) -> PathBuf {
    let known = vault
        .ancestors()
        .find_map(|dir| Some((dir, dir.canonicalize().ok()?)));
    match known {
        Some((dir, real)) => real.join(vault.strip_prefix(dir).unwrap_or(Path::new(""))),
        None => vault.to_owned(),
    }
}

pub(super) fn classes(args: &BackupArgs) -> ClassSelection {
    let mut classes = ClassSelection::default_profile();
    if args.no_history || args.profile == Profile::NoHistory {
        classes = classes.without(Class::History);
    }
    if args.full || args.profile == Profile::Full {
        classes = classes.with(Class::CodeCache);
    }
    if args.include_env {
        classes = classes.with(Class::Env);
    }
    if args.include_credentials {
        classes = classes.with(Class::Credentials);
    }
    classes
}

/// Asks every wanted adapter and looks at the disk.
pub(super) fn plan(
    context: &Context,
    wanted: &[String],
    classes: ClassSelection,
    facts: &HostFacts,
) -> Result<BackupPlan, CommandError> {
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let is_wanted = |id: &TargetId| wanted.is_empty() || wanted.iter().any(|w| w == id.as_str());
    let mut plan = BackupPlan::default();
    let mut known: Vec<String> = registry.known().map(|(id, _)| id.to_string()).collect();
    for loaded in context.load(&registry, &runtime, is_wanted) {
        known.push(loaded.name.clone());
        if let Some(id) = not_installed(&loaded, wanted, facts) {
            plan.gaps.push(PlanGap::NothingHere(id));
            continue;
        }
        let planned = loaded
            .result
            .and_then(|adapter| plan_target(&adapter, classes, facts, &context.vault_path));
        match planned {
            Ok(target) if target.inventory.is_empty() && target.inventory.troubles.is_empty() => {
                plan.empty.push(target.outline());
                plan.gaps.push(PlanGap::NothingHere(target.identity.id));
            }
            Ok(target) => plan.targets.push(target),
            Err(error) => plan.gaps.push(PlanGap::Failed(loaded.name, error)),
        }
    }
    known.sort();
    known.dedup();
    match wanted.iter().find(|name| !known.contains(name)) {
        // A file given with --adapter that failed to say its name may be the one meant.
        Some(_)
            if plan
                .gaps
                .iter()
                .any(|gap| matches!(gap, PlanGap::Failed(..))) =>
        {
            Ok(plan)
        }
        Some(unknown) => Err(unknown_target(unknown, &known)),
        None => Ok(plan),
    }
}

/// The target of a tool that nobody named and that is not installed: places it shares
/// with others are no reason to keep a copy of them under its name.
fn not_installed(loaded: &Loaded, wanted: &[String], facts: &HostFacts) -> Option<TargetId> {
    let adapter = loaded.result.as_ref().ok()?;
    let skipped = wanted.is_empty() && !is_worth_a_look(adapter, facts);
    skipped.then(|| adapter.identity().id.clone())
}

/// Nothing can be backed up.
fn nothing(
    context: &Context,
    args: &BackupArgs,
    plan: &BackupPlan,
) -> Result<ExitStatus, CommandError> {
    let failed = plan
        .gaps
        .iter()
        .any(|gap| matches!(gap, PlanGap::Failed(..)));
    gaps(context, &plan.gaps, !args.targets.is_empty());
    let what = if args.targets.is_empty() {
        "any tool".to_owned()
    } else {
        args.targets.join(", ")
    };
    let status = if failed {
        ExitStatus::Adapter
    } else {
        ExitStatus::NotFound
    };
    let home = takeback::model::ShownPath(&context.facts.home);
    let message = format!("there is nothing of {what} to back up in {home}");
    Err(CommandError::new(status, message).hint("nothing was written"))
}

fn dry_run(context: &Context, plan: &BackupPlan, args: &BackupArgs) -> ExitStatus {
    let troubles = plan
        .targets
        .iter()
        .map(|t| t.inventory.troubles.len() as u64)
        .sum();
    let counts: Vec<Vec<TallyCount>> = plan.targets.iter().map(tallies).collect();
    if context.voice.json {
        let targets = plan
            .targets
            .iter()
            .zip(&counts)
            .map(|(t, c)| would_be(t, c));
        json::print(&json::Backup {
            schema_version: json::SCHEMA,
            message_type: "backup",
            dry_run: true,
            snapshot: None,
            nothing_done: None,
            complete: troubles == 0,
            targets: targets.collect(),
            skipped: skipped(&plan.gaps),
            cleanup: None,
        });
        return status(troubles, &plan.gaps, &args.targets);
    }
    let voice = &context.voice;
    let width = plan
        .targets
        .iter()
        .map(|t| t.identity.id.as_str().len())
        .max()
        .unwrap_or_default();
    let mut bytes = 0;
    for (target, counts) in plan.targets.iter().zip(&counts) {
        let (id, inventory) = (&target.identity.id, &target.inventory);
        let size = inventory.totals().1;
        bytes += size;
        voice.line(human::target_line(id, counts, size, width));
        human::troubles(voice, id, &inventory.troubles);
        human::left_out(voice, id, &inventory.left_out);
        human::undeclared(voice, id, &inventory.undeclared);
        if voice.verbose {
            for entry in &inventory.entries {
                voice.detail(format!("    {}", human::place(&entry.path, &context.facts)));
            }
        }
    }
    gaps(context, &plan.gaps, !args.targets.is_empty());
    let count = human::counted(plan.targets.len() as u64, "target", "targets");
    let vault = super::context::tilde(&context.vault_path, &context.facts.home);
    voice.line(format!(
        "Would back up {count}, {}, to {vault}",
        human::bytes(bytes)
    ));
    status(troubles, &plan.gaps, &args.targets)
}

pub(super) fn tallies(target: &TargetPlan) -> Vec<TallyCount> {
    let files = target.inventory.files();
    let counts = target
        .declaration
        .tallies
        .iter()
        .map(|tally| TallyCount::of(tally, &files));
    TallyCount::merge(counts.collect())
}

fn would_be<'a>(target: &'a TargetPlan, counts: &'a [TallyCount]) -> json::BackedUp<'a> {
    let (files, bytes) = target.inventory.totals();
    json::BackedUp {
        target: target.identity.id.to_string(),
        archive: None,
        sha256: None,
        size: None,
        unchanged_since: None,
        files,
        bytes,
        tallies: json::tallies(counts),
        left_out: json::left_out(&target.inventory.left_out),
        troubles: json::troubles(&target.inventory.troubles),
        followed: json::followed(&target.inventory.followed),
        undeclared: &target.inventory.undeclared,
        secrets: Vec::new(),
    }
}

/// A target that was asked for and is missing weighs more than one of many.
fn status(troubles: u64, gaps: &[PlanGap], wanted: &[String]) -> ExitStatus {
    let failed = gaps.iter().any(|gap| matches!(gap, PlanGap::Failed(..)));
    let missing = !wanted.is_empty() && !gaps.is_empty();
    if failed && !wanted.is_empty() {
        ExitStatus::Adapter
    } else if failed || missing || troubles > 0 {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    }
}
