//! `takeback restore`.

use super::archives::{limits, open_file, open_recorded};
use super::args::RestoreArgs;
use super::backup::PROGRAM;
use super::context::{Context, Loaded, tilde, unknown_target};
use super::error::{CommandError, ExitStatus};
use super::gate;
use super::render::human;
use super::stage::{Stage, confine, when_free};
use super::{list, recover, report};
use std::path::Path;
use takeback::adapters::Adapter;
use takeback::archive::{Listing, OpenArchive, Opened, VerifiedArchive};
use takeback::backup::SnapshotRequest;
use takeback::model::{Class, ClassSelection, GlobList, HostFacts, Location, Shown, TargetId};
use takeback::restore::{
    ApprovedPlan, Choice, HintSource, Prepared, RestoreError, SafetySnapshot, Trees, Wish,
    after_restore, apply, prepare, save, settle_newer, settle_overlaps,
};
use takeback::vault::{
    Catalogue, SnapshotKind, SnapshotSelector, StoredArchive, Vault, VaultLock, select,
};

pub(super) fn run(context: &Context, args: &RestoreArgs) -> Result<ExitStatus, CommandError> {
    let mut facts = context.facts_in(&args.project)?;
    facts.own.0.push(context.vault_path.clone());
    let wish = wish(args, &facts)?;
    // Reading the archives and loading the adapters take about as long; neither needs the
    // other, and neither writes anything of a tool's.
    let (adapters, sources) = std::thread::scope(|scope| {
        let adapters = scope.spawn(|| adapters(context));
        let sources = open_sources(context, args);
        (adapters.join(), sources)
    });
    let adapters = adapters.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let stage = Stage::new(context, &facts)?;
    confine(context, &facts, &adapters);
    let prepared = prepare_all(context, args, &wish, &stage, &adapters, sources?)?;
    let prepared = when_free(context, args, &stage, prepared, || {
        let sources = open_sources(context, args)?;
        prepare_all(context, args, &wish, &stage, &adapters, sources)
    })?;
    gate::strict(args, &prepared)?;
    if !context.voice.json {
        prepared
            .iter()
            .for_each(|one| human::plan(&context.voice, &one.plan, &facts));
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
        ApprovedPlan::new(prepared, consent).map_err(|why| gate::not_approved(why, &facts))?;
    let sources = hint_sources(context, adapters, &approved, &facts);
    let vault = Vault::create(&context.vault_path)?;
    let outcome = change(context, args, &stage, &approved, &vault)?;
    let hints = after_restore(sources, &approved, &facts);
    Ok(report::done(context, &vault, &approved, &outcome, &hints))
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
    let lock = recover::lock(context, operations, "restore", args.wait)?;
    let vault_lock = vault.lock(&facts.host, "restore", &mut context.patience(args.wait))?;
    let safety = safety(context, args, approved, vault, &vault_lock, facts)?;
    let safety_snapshot = safety.id.clone();
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
    let mut classes = ClassSelection::everything();
    if !args.only.is_empty() {
        let known = || Class::ALL.map(Class::as_str).join(", ");
        let class = |name: &String| {
            Class::from_name(name).ok_or_else(|| {
                CommandError::usage(format!("there is no class {}", Shown(name)))
                    .hint(format!("known are: {}", known()))
            })
        };
        let chosen = args.only.iter().map(class).collect::<Result<Vec<_>, _>>()?;
        classes = ClassSelection::of(&chosen);
    }
    let globs: Vec<String> = args
        .path
        .iter()
        .map(|path| below_a_base(path, facts))
        .collect();
    let paths =
        GlobList::new(&globs).map_err(|e| CommandError::usage(Shown::sentence(&e.to_string())))?;
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

/// People write paths as they know them, and shells expand `~`.
fn below_a_base(path: &str, facts: &HostFacts) -> String {
    let bases = [Some(&facts.home), facts.project.as_ref()];
    let typed = Path::new(path);
    let below = bases
        .into_iter()
        .flatten()
        .find_map(|base| typed.strip_prefix(base).ok());
    let path = below.and_then(Path::to_str).unwrap_or(path);
    let path = path.strip_prefix("~/").unwrap_or(path);
    path.trim_end_matches('/').to_owned()
}

/// Every adapter there is: for the scope of the restored target, and for the hints of
/// all. One that fails is only missed when its own target is restored.
fn adapters(context: &Context) -> Result<Vec<Loaded>, CommandError> {
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    Ok(context.load(&registry, &runtime, |_| true))
}

/// Where the files come from.
enum Sources {
    /// Archives of the vault, verified.
    Vault(Vault, Catalogue, Vec<Recorded>),
    /// A file from outside, not looked at yet.
    File,
}

/// A verified archive of the vault.
struct Recorded {
    target: TargetId,
    /// Its snapshot's place in the order.
    sequence: u64,
    /// Its path, for people.
    path: String,
    archive: Opened<StoredArchive>,
}

/// Opens and verifies the archives that are meant, as far as they are in the vault.
fn open_sources(context: &Context, args: &RestoreArgs) -> Result<Sources, CommandError> {
    if is_path(&args.from) {
        return Ok(Sources::File);
    }
    let catalogue = context.catalogue()?;
    let home = &context.facts.home;
    let Some(vault) = context.vault()? else {
        let vault = tilde(&context.vault_path, home);
        return Err(CommandError::new(
            ExitStatus::NotFound,
            format!("there is no vault at {vault}"),
        )
        .hint("make a snapshot with `takeback backup`, or name another vault with --vault"));
    };
    let selector = SnapshotSelector::parse(&args.from);
    let mut archives = Vec::new();
    for name in &args.targets {
        let target = list::target(name, &catalogue)?;
        let record = select(&catalogue.snapshots, &selector, Some(&target))?;
        let Some(target_record) = record.target(&target) else {
            continue;
        };
        archives.push(Recorded {
            sequence: record.sequence,
            path: tilde(&vault.archive_path(&record.id, target_record), home),
            archive: open_recorded(&vault, record, target_record)?,
            target,
        });
    }
    Ok(Sources::Vault(vault, catalogue, archives))
}

/// The archives that are meant, each staged and planned.
fn prepare_all(
    context: &Context,
    args: &RestoreArgs,
    wish: &Wish,
    stage: &Stage<'_>,
    adapters: &[Loaded],
    sources: Sources,
) -> Result<Vec<Prepared>, CommandError> {
    let Sources::Vault(vault, catalogue, archives) = sources else {
        return Ok(vec![from_file(context, args, wish, stage, adapters)?]);
    };
    let mut prepared = Vec::new();
    for one in archives {
        let adapter = adapters.iter().find(|a| a.name == one.target.as_str());
        let scope = adapter.and_then(Loaded::scope);
        let mut plan = prepare(one.archive, &one.path, wish, &stage.ground(scope))?;
        let later = later(&vault, &catalogue, &one.target, one.sequence);
        settle_newer(&mut plan, later);
        prepared.push(plan);
    }
    settle_overlaps(&mut prepared);
    Ok(prepared)
}

/// The archives of a target in snapshots after this place in the order, newest first; one
/// that cannot be read saves nothing.
fn later(
    vault: &Vault,
    catalogue: &Catalogue,
    target: &TargetId,
    after: u64,
) -> impl Iterator<Item = Listing> {
    let newer = catalogue
        .snapshots
        .iter()
        .filter(move |one| one.sequence > after);
    newer.filter_map(|record| {
        let archive = open_recorded(vault, record, record.target(target)?).ok()?;
        Some(archive.into_listing())
    })
}

fn adapter<'a>(adapters: &'a [Loaded], target: &TargetId) -> Option<&'a Adapter> {
    let loaded = adapters
        .iter()
        .filter_map(|loaded| loaded.result.as_ref().ok());
    loaded
        .into_iter()
        .find(|adapter| adapter.identity().id == *target)
}

fn scope_of(adapter: &Adapter) -> (Vec<Location>, Vec<String>) {
    (
        adapter.scope().to_vec(),
        adapter.identity().variables.clone(),
    )
}

/// Whether `--from` names a file rather than a snapshot.
fn is_path(from: &str) -> bool {
    from.contains(['/', '\\'])
        || from.ends_with(".gz")
        || from.ends_with(".tgz")
        || Path::new(from).is_file()
}

/// An archive from outside: read with every limit, and only for an adapter that is here.
fn from_file(
    context: &Context,
    args: &RestoreArgs,
    wish: &Wish,
    stage: &Stage<'_>,
    adapters: &[Loaded],
) -> Result<Prepared, CommandError> {
    let [target] = args.targets.as_slice() else {
        return Err(CommandError::usage(
            "an archive holds one target; name only that one",
        ));
    };
    let target = TargetId::new(target).map_err(CommandError::usage)?;
    let known: Vec<String> = adapters.iter().map(|loaded| loaded.name.clone()).collect();
    let Some(adapter) = adapter(adapters, &target) else {
        let failed = adapters
            .iter()
            .find(|loaded| loaded.name == target.as_str());
        return Err(match failed.and_then(|loaded| loaded.result.as_ref().err()) {
            Some(e) => CommandError::new(ExitStatus::Adapter, format!("adapter {target} failed: {e}")),
            None => unknown_target(target.as_str(), &known)
                .hint("an archive from outside is only restored with its adapter: see `takeback adapter add`"),
        });
    };
    let path = Path::new(&args.from);
    let (file, size) = open_file(path)?;
    let name = tilde(path, &stage.facts.home);
    let now = jiff::Timestamp::now().as_second();
    let archive =
        VerifiedArchive::read(file, limits(&args.limits, size), now).map_err(|source| {
            RestoreError::Archive {
                archive: name.clone(),
                source,
            }
        })?;
    let found = archive.listing().manifest.target.clone();
    if found != target {
        return Err(RestoreError::OtherTarget {
            archive: name,
            found,
            wanted: target,
        }
        .into());
    }
    let ground = stage.ground(Some(scope_of(adapter)));
    let mut prepared = prepare(archive, &name, wish, &ground)?;
    let catalogue = context.catalogue()?;
    match context.vault()? {
        Some(vault) => settle_newer(&mut prepared, later(&vault, &catalogue, &target, 0)),
        None => settle_newer(&mut prepared, std::iter::empty()),
    }
    Ok(prepared)
}

fn hint_sources(
    context: &Context,
    adapters: Vec<Loaded>,
    approved: &ApprovedPlan,
    facts: &HostFacts,
) -> Vec<HintSource> {
    let mut sources = Vec::new();
    for loaded in adapters {
        let name = loaded.name;
        let source = match loaded.result {
            Ok(adapter) if !HintSource::may_concern(&adapter, approved) => continue,
            Ok(adapter) => HintSource::new(adapter, approved, facts),
            Err(error) => Err(error),
        };
        match source {
            Ok(source) => sources.push(source),
            Err(error) => context
                .voice
                .warn(&format!("adapter {name} failed: {error}")),
        }
    }
    sources
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
