//! The snapshots: records that can be read, archives that are there and the owner's alone, times
//! that go forward, something complete and young of every target.

use super::Finding;
use crate::cli::context::Context;
use crate::cli::render::human;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use takeback::fs::Dir;
use takeback::model::{Shown, TargetId};
use takeback::vault::{Catalogue, SnapshotRecord, Vault};

/// Seconds that clocks may be apart.
const CLOCKS: i64 = 300;
/// Names that one sentence lists.
const LISTED: usize = 5;

pub(super) fn checks(context: &Context, vault: &Vault, catalogue: &Catalogue) -> Vec<Finding> {
    let mut found = records(catalogue);
    found.extend(archives(vault, catalogue));
    found.push(clock(catalogue));
    found.push(complete(context, catalogue));
    found
}

fn records(catalogue: &Catalogue) -> Vec<Finding> {
    let count = human::counted(catalogue.snapshots.len() as u64, "snapshot", "snapshots");
    let damaged: Vec<String> = catalogue.damaged.iter().map(ToString::to_string).collect();
    if !damaged.is_empty() {
        let says = format!("{count}; {}", listed(&damaged, "; "));
        let advice = "`takeback verify` tells more; the archives beside a damaged record can be opened with tar";
        return vec![Finding::problem("snapshots", says, advice)];
    }
    if !catalogue.changed.is_empty() {
        let changed: Vec<String> = catalogue.changed.iter().map(ToString::to_string).collect();
        let says = format!(
            "{count}; what is recorded of these was changed since: {}",
            listed(&changed, ", ")
        );
        let advice = "`takeback verify` tells whether their archives are whole";
        return vec![Finding::warning("snapshots", says, advice)];
    }
    vec![Finding::ok("snapshots", count)]
}

/// Archives by their looks alone: there, as long as recorded, and closed to others.
fn archives(vault: &Vault, catalogue: &Catalogue) -> Vec<Finding> {
    let (mut wrong, mut open) = (Vec::new(), 0_u64);
    for record in &catalogue.snapshots {
        let dir = Dir::open(&vault.path().join("backups").join(record.id.as_str()));
        for target in &record.targets {
            let stat = dir
                .as_ref()
                .ok()
                .and_then(|dir| dir.stat(OsStr::new(&target.file_name())).ok()?);
            let name = format!("{} of {}", target.target, record.id);
            match stat {
                None => wrong.push(format!("{name} is missing")),
                Some(stat) if stat.size != target.stored_size() => {
                    wrong.push(format!("{name} is not as long as recorded"));
                }
                Some(stat) => open += u64::from(stat.mode & 0o077 != 0),
            }
        }
    }
    let whole = if wrong.is_empty() {
        Finding::ok("archives", "all are there, as long as recorded")
    } else {
        let says = listed(&wrong, "; ");
        let advice = "`takeback verify` tells how bad it is, and `takeback repair` mends what other archives still hold";
        Finding::problem("archives", says, advice)
    };
    let private = if open == 0 {
        Finding::ok("archives-private", "only you can read them")
    } else {
        let count = human::counted(open, "archive", "archives");
        let backups = vault.path().join("backups");
        let advice = format!("`chmod -R go= {}`", super::own::quoted(&backups));
        Finding::problem(
            "archives-private",
            format!("others can read {count}"),
            advice,
        )
    };
    vec![whole, private]
}

/// Whether the newest is not from the future, and times go the way records do.
fn clock(catalogue: &Catalogue) -> Finding {
    let time = |record: &SnapshotRecord| record.time.parse::<jiff::Timestamp>().ok();
    let now = jiff::Timestamp::now().as_second();
    let times: Vec<i64> = catalogue
        .snapshots
        .iter()
        .filter_map(time)
        .map(|time| time.as_second())
        .collect();
    let ahead = catalogue.snapshots.iter().find(|record| {
        time(record).is_some_and(|time| time.as_second() > now.saturating_add(CLOCKS))
    });
    if let Some(record) = ahead {
        return Finding::warning(
            "clock",
            format!(
                "{} was made in the future, or this machine's clock is behind",
                record.id
            ),
            "set the clock; ages are wrong until then, and a clean-up counts from the newest snapshot",
        );
    }
    // The newest comes first.
    let back = times
        .windows(2)
        .filter(|two| two[0] + CLOCKS < two[1])
        .count() as u64;
    if back > 0 {
        let count = human::counted(back, "time", "times");
        return Finding::warning(
            "clock",
            format!("the clock went backwards {count} between snapshots"),
            "nothing is wrong with them, for their order is recorded; names may be out of order",
        );
    }
    Finding::ok("clock", "the snapshots' times go forward")
}

/// Whether the newest backup of every target is complete.
fn complete(context: &Context, catalogue: &Catalogue) -> Finding {
    let home = context.facts.home.to_string_lossy();
    let mut newest: BTreeMap<&TargetId, u64> = BTreeMap::new();
    for record in &catalogue.snapshots {
        let here = record.host == context.facts.host && record.home == home;
        for target in &record.targets {
            if here && record.kind.is_backup() {
                newest.entry(&target.target).or_insert(target.troubles);
            }
        }
    }
    let gaps = newest.iter().filter(|(_, gaps)| **gaps > 0);
    let gaps: Vec<String> = gaps.map(|(id, _)| id.to_string()).collect();
    if gaps.is_empty() {
        return Finding::ok("complete", "the newest backup of every target is complete");
    }
    Finding::warning(
        "complete",
        format!("the newest backup has gaps: {}", listed(&gaps, ", ")),
        "`takeback backup --dry-run` names the files; close what uses them, or give yourself the right to read them",
    )
}

/// The first of a list, and how many more there are; escaped.
pub(super) fn listed(names: &[String], between: &str) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(LISTED)
        .map(|name| Shown::again(name))
        .collect();
    let more = names.len().saturating_sub(LISTED);
    let text = shown.join(between);
    if more == 0 {
        text
    } else {
        format!("{text}{between}and {more} more")
    }
}

/// Whether a place is closed to everybody else; nothing where there is no such place.
pub(super) fn is_private(path: &Path) -> Option<bool> {
    Dir::open(path).ok().map(|dir| dir.is_private())
}
