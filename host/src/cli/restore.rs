//! `takeback restore`.

use super::args::{LimitArgs, RestoreArgs};
use super::backup::PROGRAM;
use super::context::{Context, Loaded, tilde, unknown_target};
use super::error::{CommandError, ExitStatus};
use super::prompt::confirm;
use super::render::human;
use super::{list, report};
use std::fs::File;
use std::path::Path;
use takeback::adapters::Adapter;
use takeback::archive::{ReadLimits, VerifiedArchive};
use takeback::fs::Dir;
use takeback::model::{Class, ClassSelection, GlobList, HostFacts, Location, Shown, TargetId};
use takeback::restore::{
    ApprovedPlan, Choice, Consent, Ground, HintSource, NotApproved, Prepared, RestoreError,
    SafetySnapshot, SoftRefusal, Trees, Wish, after_restore, apply, prepare, save, settle_overlaps,
};
use takeback::vault::{
    SnapshotKind, SnapshotRecord, SnapshotSelector, TargetRecord, Vault, VaultLock, select,
};

pub(super) fn run(context: &Context, args: &RestoreArgs) -> Result<ExitStatus, CommandError> {
    let mut facts = context.facts_in(&args.project)?;
    facts.own.0.push(context.vault_path.clone());
    let wish = wish(args, &facts)?;
    let adapters = adapters(context)?;
    let mut prepared = prepare_all(context, args, &wish, &facts, &adapters)?;
    settle_overlaps(&mut prepared);
    if !context.voice.json {
        prepared
            .iter()
            .for_each(|one| human::plan(&context.voice, &one.plan, &facts));
        soft_refusals(context, &prepared);
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
    let consent = consent(context, args, &prepared)?;
    let approved = ApprovedPlan::new(prepared, consent).map_err(|why| not_approved(why, &facts))?;
    let sources = hint_sources(context, adapters, &approved, &facts);
    let vault = Vault::create(&context.vault_path)?;
    let lock = vault.lock(&facts.host, "restore")?;
    let safety = safety(context, args, &approved, &vault, &lock, &facts)?;
    let done = apply(&approved, safety, &context.progress())?;
    drop(lock);
    let hints = after_restore(sources, &approved, &facts);
    Ok(report::done(context, &vault, &approved, &done, &hints))
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

/// The archives that are meant, each verified, staged and planned.
fn prepare_all(
    context: &Context,
    args: &RestoreArgs,
    wish: &Wish,
    facts: &HostFacts,
    adapters: &[Loaded],
) -> Result<Vec<Prepared>, CommandError> {
    if is_path(&args.from) {
        return Ok(vec![from_file(context, args, wish, facts, adapters)?]);
    }
    let catalogue = context.catalogue()?;
    let Some(vault) = context.vault()? else {
        let vault = tilde(&context.vault_path, &context.facts.home);
        return Err(CommandError::new(
            ExitStatus::NotFound,
            format!("there is no vault at {vault}"),
        )
        .hint("make a snapshot with `takeback backup`, or name another vault with --vault"));
    };
    let selector = SnapshotSelector::parse(&args.from);
    let mut prepared = Vec::new();
    for name in &args.targets {
        let target = list::target(name, &catalogue)?;
        let record = select(&catalogue.snapshots, &selector, Some(&target))?;
        let Some(target_record) = record.target(&target) else {
            continue;
        };
        let archive = open_recorded(&vault, record, target_record)?;
        let scope = adapter(adapters, &target).map(scope_of);
        let ground = Ground {
            facts,
            state_dir: &context.own.state,
            scope,
        };
        let path = tilde(&vault.archive_path(&record.id, target_record), &facts.home);
        prepared.push(prepare(archive, &path, wish, &ground)?);
    }
    Ok(prepared)
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
    facts: &HostFacts,
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
    let name = tilde(path, &facts.home);
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
    let ground = Ground {
        facts,
        state_dir: &context.own.state,
        scope: Some(scope_of(adapter)),
    };
    Ok(prepare(archive, &name, wish, &ground)?)
}

fn open_file(path: &Path) -> Result<(File, u64), CommandError> {
    // The name that was typed may be a link; what it leads to must be a file.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let path = real.as_path();
    let parent = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .ok_or_else(|| CommandError::usage("the archive is no file"))?;
    let opened = Dir::open(parent).and_then(|dir| dir.file(Path::new(name)));
    let (file, stat) = opened.map_err(|e| {
        let status = match path.symlink_metadata() {
            Err(_) => ExitStatus::NotFound,
            Ok(what) if !what.is_file() => ExitStatus::BadArchive,
            Ok(_) => ExitStatus::Failed,
        };
        CommandError {
            status,
            ..CommandError::from(e)
        }
    })?;
    Ok((file, stat.size))
}

fn limits(args: &LimitArgs, size: u64) -> ReadLimits {
    let usual = ReadLimits::foreign(size);
    ReadLimits {
        archive: args.max_archive_size.unwrap_or(usual.archive),
        expanded: args.max_expanded_size.unwrap_or(usual.expanded),
        file: args.max_file_size.unwrap_or(usual.file),
        entries: args.max_entries.unwrap_or(usual.entries),
        ..usual
    }
}

/// An archive of the vault, verified against its record.
pub(super) fn open_recorded(
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
) -> Result<VerifiedArchive<File>, CommandError> {
    let name = vault.archive_path(&record.id, target).display().to_string();
    let limits = ReadLimits::recorded(target.size, target.expanded, target.entries);
    let now = jiff::Timestamp::now().as_second();
    let archive = VerifiedArchive::read(vault.archive(&record.id, target)?, limits, now).map_err(
        |source| RestoreError::Archive {
            archive: name.clone(),
            source,
        },
    )?;
    if archive.listing().digest != target.digest {
        return Err(RestoreError::NotAsRecorded { archive: name }.into());
    }
    Ok(archive)
}

fn soft_refusals(context: &Context, prepared: &[Prepared]) {
    for one in prepared {
        for SoftRefusal::Origin { what, there, here } in &one.plan.soft {
            let (there, here) = (Shown(there), Shown(here));
            let target = &one.plan.target;
            context.voice.warn(&format!(
                "{target}: this backup is of another {what}: {there}, not {here}"
            ));
        }
    }
}

fn consent(
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

fn not_approved(why: NotApproved, facts: &HostFacts) -> CommandError {
    match why {
        NotApproved::Conflicts(conflicts) => {
            let named = |c: &takeback::restore::Conflict| {
                format!("{}: {}", human::place(&c.path, facts), c.why)
            };
            let named: Vec<String> = conflicts.iter().take(10).map(named).collect();
            let message = format!(
                "nothing was restored, for this stands in the way: {}",
                named.join("; ")
            );
            CommandError::new(ExitStatus::Refused, message)
                .hint("move it out of the way, or choose what to restore with --path or --only")
        }
        NotApproved::Soft(_) => {
            let message = "nothing was restored, for the backup comes from elsewhere (see above)";
            CommandError::new(ExitStatus::Refused, message)
                .hint("run it again with --force, or without --yes to be asked")
        }
    }
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
        let source = loaded
            .result
            .and_then(|adapter| HintSource::new(adapter, approved, facts));
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
    let request = takeback::backup::SnapshotRequest {
        kind: SnapshotKind::Safety,
        classes: ClassSelection::everything(),
        note: Some(format!("before a restore of {}", args.targets.join(", "))),
        program: PROGRAM.to_owned(),
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
