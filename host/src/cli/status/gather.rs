//! From records, archives' manifests and the looks of files to what `status` says.

use super::sweeps::sweep;
use super::view::{Drift, Looked, Made, Target, age};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::last_run;
use std::collections::BTreeMap;
use std::path::PathBuf;
use takeback::adapters::Registry;
use takeback::backup::{Fate, Since, since};
use takeback::model::{HostFacts, Shown, TargetId};
use takeback::vault::{Catalogue, SnapshotRecord, TargetRecord, Vault};

/// How to look.
pub(super) struct Look<'a> {
    /// The vault whose archives say what changed since; `None` when nobody wants to know.
    pub(super) vault: Option<&'a Vault>,
    /// The oldest that is young enough, in seconds.
    pub(super) max_age: Option<u64>,
    /// What the last automatic backup found to be in the vault as it is.
    pub(super) looked: Option<last_run::Looked>,
    pub(super) now: jiff::Timestamp,
}

type Archive<'a> = (&'a SnapshotRecord, &'a TargetRecord);

/// What there is of each target, by name.
pub(super) fn gather(
    context: &Context,
    catalogue: &Catalogue,
    wanted: &[TargetId],
    look: &Look<'_>,
) -> Result<Vec<Target>, CommandError> {
    let registry = match look.vault {
        Some(_) => context.registry()?,
        None => Registry::default(),
    };
    let archives = archives(context, catalogue);
    let wanted = |id: &TargetId| wanted.is_empty() || wanted.contains(id);
    let archives = archives.into_iter().filter(|(id, _)| wanted(id));
    let one =
        |(_, archives): (&TargetId, Vec<Archive<'_>>)| target(context, &registry, &archives, look);
    Ok(archives.filter_map(one).collect())
}

/// The archives of this machine and home that somebody wanted, newest first.
fn archives<'a>(
    context: &Context,
    catalogue: &'a Catalogue,
) -> BTreeMap<&'a TargetId, Vec<Archive<'a>>> {
    let home = context.facts.home.to_string_lossy();
    let mut all: BTreeMap<&TargetId, Vec<Archive<'a>>> = BTreeMap::new();
    for record in &catalogue.snapshots {
        let here = record.host == context.facts.host && record.home == home;
        if here && record.kind.is_backup() {
            for target in &record.targets {
                all.entry(&target.target)
                    .or_default()
                    .push((record, target));
            }
        }
    }
    all
}

fn target(
    context: &Context,
    registry: &Registry,
    archives: &[Archive<'_>],
    look: &Look<'_>,
) -> Option<Target> {
    let newest = *archives.first()?;
    let good = archives.iter().find(|(_, one)| one.troubles == 0).copied();
    let mut status = Target {
        target: newest.1.target.to_string(),
        last_good: good.map(|good| made(good, look.now)),
        last: made(newest, look.now),
        looked: good.and_then(|good| looked(good, look)),
        overdue: None,
        drift: None,
        drift_unknown: None,
        sweeps: Vec::new(),
    };
    if let Some(vault) = look.vault {
        let (record, archive) = good.unwrap_or(newest);
        let facts = facts(context, record);
        let cache = context.own.cache.join("seen");
        match since(vault, record, archive, &facts, &cache) {
            Ok(since) => {
                status.drift = Some(drift(record, &since));
                let sweeps = registry.sweeps(&status.target);
                let sweeps = sweeps.iter().filter_map(|one| sweep(one, &since, look.now));
                status.sweeps = sweeps.collect();
            }
            Err(e) => status.drift_unknown = Some(Shown::sentence(&e.to_string())),
        }
    }
    status.overdue = look.max_age.map(|most| {
        let old = status.good_age();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        !status.is_gone() && old.is_none_or(|old| old > most)
    });
    Some(status)
}

fn made((record, target): Archive<'_>, now: jiff::Timestamp) -> Made {
    Made {
        snapshot: record.id.to_string(),
        time: record.time.clone(),
        age_seconds: age(&record.time, now),
        kind: record.kind.as_str(),
        project: record.project.clone(),
        gaps: target.troubles,
    }
}

/// When an automatic backup found the target as it is in this archive, after that was made. A
/// time that is still to come says nothing.
fn looked((record, target): Archive<'_>, look: &Look<'_>) -> Option<Looked> {
    let looked = look.looked.as_ref()?;
    let same = looked.archives.get(target.target.as_str())?;
    let now = look.now;
    let age_seconds = age(&looked.time, now).filter(|age| *age >= 0)?;
    let later = age(&record.time, now).is_none_or(|made| made > age_seconds);
    (*same == target.digest.to_string() && later).then(|| Looked {
        time: looked.time.clone(),
        age_seconds,
    })
}

/// The facts with the project that a backup was made in.
fn facts(context: &Context, record: &SnapshotRecord) -> HostFacts {
    HostFacts {
        project: record.project.as_ref().map(PathBuf::from),
        ..context.facts.clone()
    }
}

fn drift(record: &SnapshotRecord, since: &Since) -> Drift {
    Drift {
        since: record.id.to_string(),
        added: since.count(Fate::Added),
        changed: since.count(Fate::Changed),
        removed: since.removed,
        unsure: since.count(Fate::Unsure),
        unreadable: since.troubles,
        gone: since.is_gone(),
    }
}
