//! Where restored files come from: archives of the vault, or one from outside.

use super::super::archives::{limits, open_file, open_recorded_files};
use super::super::args::RestoreArgs;
use super::super::context::{Context, tilde};
use super::super::error::{CommandError, ExitStatus};
use super::super::list;
use super::adapters::Adapters;
use super::foreign::prepare_foreign;
use super::stage::Stage;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use takeback::archive::{ArchiveError, Listing, OpenArchive, Opened, VerifiedArchive, is_tar};
use takeback::model::{Location, TargetId};
use takeback::restore::{Prepared, RestoreError, Wish, prepare, settle_newer, settle_overlaps};
use takeback::vault::{Catalogue, Rank, SnapshotSelector, StoredArchive, Vault, select};

/// Where the files come from.
pub(super) enum Sources {
    /// Archives of the vault, verified.
    Vault(Vault, Catalogue, Vec<Recorded>),
    /// A file from outside, not looked at yet.
    File,
}

/// A verified archive of the vault.
pub(super) struct Recorded {
    target: TargetId,
    /// Its snapshot's place in the order.
    rank: Rank,
    /// Its path, for people.
    path: String,
    archive: Opened<StoredArchive>,
}

/// Opens and verifies the archives that are meant, as far as they are in the vault.
pub(super) fn open_sources(
    context: &Context,
    args: &RestoreArgs,
    wish: &Wish,
) -> Result<Sources, CommandError> {
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
            rank: record.rank(),
            path: tilde(&vault.archive_path(&record.id, target_record), home),
            archive: open_recorded_files(&vault, record, target_record, &wish.choice.paths)?,
            target,
        });
    }
    Ok(Sources::Vault(vault, catalogue, archives))
}

/// The archives that are meant, each staged and planned.
pub(super) fn prepare_all(
    context: &Context,
    args: &RestoreArgs,
    wish: &Wish,
    stage: &Stage<'_>,
    adapters: &Adapters<'_>,
    sources: Sources,
) -> Result<Vec<Prepared>, CommandError> {
    let Sources::Vault(vault, catalogue, archives) = sources else {
        return Ok(vec![from_file(context, args, wish, stage, adapters)?]);
    };
    let mut prepared = Vec::new();
    for one in archives {
        let scope = adapters.scope(&one.target);
        let mut plan = prepare(one.archive, &one.path, wish, &stage.ground(scope))?;
        let after = (&one.target, Some(one.rank));
        settle_newer(&mut plan, later(&vault, &catalogue, wish, after));
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
    wish: &Wish,
    (target, after): (&TargetId, Option<Rank>),
) -> impl Iterator<Item = Listing> {
    let newer = catalogue
        .snapshots
        .iter()
        .filter(move |one| Some(one.rank()) > after);
    newer.filter_map(|record| {
        let (target, paths) = (record.target(target)?, &wish.choice.paths);
        let archive = open_recorded_files(vault, record, target, paths).ok()?;
        Some(archive.into_listing())
    })
}

/// Whether `--from` names a file rather than a snapshot.
pub(super) fn is_path(from: &str) -> bool {
    from.contains(['/', '\\'])
        || from.ends_with(".gz")
        || from.ends_with(".tgz")
        || Path::new(from).is_file()
}

/// An archive from outside: read with every limit, and only for an adapter that is here. What
/// is none of ours may be another program's.
fn from_file(
    context: &Context,
    args: &RestoreArgs,
    wish: &Wish,
    stage: &Stage<'_>,
    adapters: &Adapters<'_>,
) -> Result<Prepared, CommandError> {
    let [target] = args.targets.as_slice() else {
        return Err(CommandError::usage(
            "an archive holds one target; name only that one",
        ));
    };
    let target = TargetId::new(target).map_err(CommandError::usage)?;
    let path = Path::new(&args.from);
    let ours = match path.is_dir() {
        true => None,
        false => ours(args, &target, stage, adapters)?,
    };
    let mut prepared = match ours {
        Some((archive, scope)) => {
            let name = tilde(path, &stage.facts.home);
            prepare(archive, &name, wish, &stage.ground(Some(scope)))?
        }
        None => prepare_foreign(context, args, &target, wish, (stage, adapters))?,
    };
    let catalogue = context.catalogue()?;
    match context.vault()? {
        Some(vault) => {
            let later = later(&vault, &catalogue, wish, (&target, None));
            settle_newer(&mut prepared, later);
        }
        None => settle_newer(&mut prepared, std::iter::empty()),
    }
    Ok(prepared)
}

type Scope = (Vec<Location>, Vec<String>);

/// The archive, if it is one of ours, with what its target may touch.
fn ours(
    args: &RestoreArgs,
    target: &TargetId,
    stage: &Stage<'_>,
    adapters: &Adapters<'_>,
) -> Result<Option<(VerifiedArchive<File>, Scope)>, CommandError> {
    let scope = adapters.scope_of_foreign(target)?;
    let path = Path::new(&args.from);
    let (file, size) = open_file(path)?;
    let name = tilde(path, &stage.facts.home);
    let now = jiff::Timestamp::now().as_second();
    let archive = match VerifiedArchive::read(file, limits(&args.limits, size), now) {
        Ok(archive) => archive,
        // Whether it is a damaged one of ours after all is looked at there.
        Err(ArchiveError::NoManifest) => return Ok(None),
        Err(ArchiveError::NotGzip) if begins_like_tar(path) => return Ok(None),
        Err(source) => {
            return Err(RestoreError::Archive {
                archive: name,
                source,
            }
            .into());
        }
    };
    let found = archive.listing().manifest.target.clone();
    if found != *target {
        return Err(RestoreError::OtherTarget {
            archive: name,
            found,
            wanted: target.clone(),
        }
        .into());
    }
    Ok(Some((archive, scope)))
}

fn begins_like_tar(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = open_file(path).map(|(file, _)| file.take(512).read_to_end(&mut start));
    matches!(read, Ok(Ok(_))) && is_tar(&start)
}
