//! `takeback verify`.

use super::args::VerifyArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use serde::Serialize;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use takeback::archive::OpenArchive;
use takeback::vault::{
    Catalogue, OpenError, SnapshotRecord, SnapshotSelector, TargetRecord, Vault, VaultError, select,
};

/// Archives that are read side by side, at the most: more would only wait for the disk.
const READERS: usize = 8;

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    archives: Vec<Verdict>,
    damaged_records: Vec<String>,
}

#[derive(Serialize)]
struct Verdict {
    snapshot: String,
    target: String,
    ok: bool,
    why: Option<String>,
    /// Snapshots whose archive of the target is lost with this one.
    costs: Vec<String>,
    /// Whether the index beside it is the one its record describes; it can be made anew.
    index_ok: bool,
}

type Archive<'a> = (&'a SnapshotRecord, &'a TargetRecord);

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<ExitStatus, CommandError> {
    let catalogue = context.catalogue()?;
    let Some(vault) = context.vault()? else {
        return Err(
            CommandError::new(ExitStatus::NotFound, "there is no vault yet")
                .hint("make a snapshot with `takeback backup`"),
        );
    };
    let chosen: Vec<&SnapshotRecord> = if args.snapshots.is_empty() {
        catalogue.snapshots.iter().collect()
    } else {
        let parsed = args
            .snapshots
            .iter()
            .map(|text| SnapshotSelector::parse(text));
        parsed
            .map(|s| select(&catalogue.snapshots, &s, None))
            .collect::<Result<_, _>>()?
    };
    let all = chosen
        .iter()
        .flat_map(|record| record.targets.iter().map(|target| (*record, target)));
    let all = sample(all.collect(), args.sample.unwrap_or(100));
    let archives: Vec<Verdict> = read_all(&vault, &all)
        .into_iter()
        .zip(&all)
        .map(|(why, archive)| verdict(context, &vault, &catalogue, *archive, why))
        .collect();
    let bad = archives.iter().filter(|verdict| !verdict.ok).count();
    let unread = catalogue.damaged.iter().map(ToString::to_string);
    let damaged_records: Vec<String> = unread.chain(changed(context, &vault, &chosen)).collect();
    let all_well = bad == 0 && damaged_records.is_empty();
    let count = human::counted(archives.len() as u64, "archive", "archives");
    if context.voice.json {
        let (schema_version, message_type) = (json::SCHEMA, "verify");
        json::print(&Document {
            schema_version,
            message_type,
            archives,
            damaged_records,
        });
    } else {
        context.voice.line(format!("{count} read, {bad} damaged"));
    }
    Ok(if all_well {
        ExitStatus::Done
    } else {
        ExitStatus::BadArchive
    })
}

/// The records that can be read and are not as they were written.
fn changed(context: &Context, vault: &Vault, chosen: &[&SnapshotRecord]) -> Vec<String> {
    let changed = chosen
        .iter()
        .filter_map(|record| vault.check_record(&record.id).err());
    let changed: Vec<String> = changed.map(|error| error.to_string()).collect();
    changed.iter().for_each(|text| context.voice.warn(text));
    changed
}

/// So many of a hundred, other ones each time, in the order they had.
fn sample(all: Vec<Archive<'_>>, percent: u8) -> Vec<Archive<'_>> {
    let count = (all.len() * usize::from(percent)).div_ceil(100);
    let dice = RandomState::new();
    let mut drawn: Vec<usize> = (0..all.len()).collect();
    drawn.sort_by_key(|index| dice.hash_one(index));
    drawn.truncate(count);
    drawn.sort_unstable();
    drawn.into_iter().map(|index| all[index]).collect()
}

/// Reads archives side by side; gives what is wrong with each. One that is a file of several
/// snapshots is read once.
fn read_all(vault: &Vault, all: &[Archive<'_>]) -> Vec<Option<String>> {
    let (files, read_as) = files(vault, all);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![None; files.len()]);
    let read = || loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some((record, target)) = files.get(at) else {
            return;
        };
        let why = check(vault, record, target).err();
        if let Ok(mut found) = found.lock() {
            found[at] = why;
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..cores.min(READERS).min(files.len()) {
            scope.spawn(read);
        }
    });
    let found = found.into_inner().unwrap_or_default();
    let verdict = |at: &usize| found.get(*at).cloned().flatten();
    read_as.iter().map(verdict).collect()
}

/// The archives without those that are the same file and described in the same words, and for
/// each of `all` which of these it is.
fn files<'a>(vault: &Vault, all: &[Archive<'a>]) -> (Vec<Archive<'a>>, Vec<usize>) {
    let mut files: Vec<Archive<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    let mut read_as = Vec::new();
    for (record, target) in all {
        let words = (target.digest, target.expanded, target.entries, target.index);
        let made_for = target.made_for(&record.id).clone();
        let inode = vault.inode(&record.id, target);
        let at = match inode.map(|inode| (inode, words, made_for)) {
            Some(key) => *known.entry(key).or_insert(files.len()),
            None => files.len(),
        };
        if at == files.len() {
            files.push((*record, *target));
        }
        read_as.push(at);
    }
    (files, read_as)
}

fn verdict(
    context: &Context,
    vault: &Vault,
    catalogue: &Catalogue,
    (record, target): Archive<'_>,
    why: Option<String>,
) -> Verdict {
    let (id, name) = (&record.id, &target.target);
    let costs = match &why {
        None => Vec::new(),
        Some(_) => catalogue.lost_with(id, name),
    };
    let costs: Vec<String> = costs.iter().map(ToString::to_string).collect();
    let index_ok = target.index.is_none() || vault.index(id, target).is_some();
    if !index_ok {
        context.voice.warn(&format!(
            "{id} {name}: its index is damaged or missing; nothing is lost, it is only slower"
        ));
    }
    if !context.voice.json {
        match &why {
            None => context.voice.detail(format!("{id} {name}: ok")),
            Some(why) => context.voice.line(format!("{id} {name}: DAMAGED: {why}")),
        }
        if !costs.is_empty() {
            let costs = costs.join(", ");
            context
                .voice
                .line(format!("{id} {name}: needed by {costs}"));
        }
    }
    Verdict {
        snapshot: id.to_string(),
        target: name.to_string(),
        ok: why.is_none(),
        why,
        costs,
        index_ok,
    }
}

fn check(vault: &Vault, record: &SnapshotRecord, target: &TargetRecord) -> Result<(), String> {
    let said = |e: VaultError| e.to_string();
    let blamed = |why: String| vault.blame(&record.id, target).map_or(why, said);
    let now = jiff::Timestamp::now().as_second();
    let archive = vault.open_archive(&record.id, target, now);
    let archive = archive.map_err(|e| match e {
        OpenError::Vault(e) => e.to_string(),
        other => blamed(other.to_string()),
    })?;
    archive.check().map_err(|e| blamed(e.to_string()))?;
    // What makes the right archive can still be another file than the one that was written.
    if target.thin().is_some() {
        vault.check_file(&record.id, target).map_err(said)?;
    }
    let listing = archive.listing();
    let made_for = target.made_for(&record.id);
    let fits = listing.manifest.snapshot == *made_for && listing.manifest.target == target.target;
    if fits {
        Ok(())
    } else {
        Err("its manifest names another snapshot or target".to_owned())
    }
}
