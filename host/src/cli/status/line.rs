//! The short line, for a shell prompt: how old the newest good backup is, and what is wrong.

use super::text::{ago, short};
use super::view::{Status, Target};

/// `backed up 2h ago`, `backup 9d old: cursor, last backup failed 10m ago`.
pub(super) fn line(status: &Status) -> String {
    let mut parts = Vec::new();
    let overdue: Vec<&Target> = status
        .targets
        .iter()
        .filter(|one| one.is_overdue())
        .collect();
    let goods = status.targets.iter();
    let youngest = goods.filter_map(Target::good_age).min();
    match youngest {
        _ if status.targets.is_empty() => parts.push("no backup".to_owned()),
        None => parts.push("no complete backup".to_owned()),
        Some(age) if overdue.is_empty() => {
            parts.push(format!("backed up {} ago", short(age)));
            let never = |one: &&Target| one.good_age().is_none() && !one.is_gone();
            let never = status.targets.iter().filter(never);
            let never: Vec<&str> = never.map(|one| one.target.as_str()).collect();
            if !never.is_empty() {
                parts.push(format!("no complete backup of {}", never.join(", ")));
            }
        }
        Some(_) => {
            let old = overdue.iter().map(|one| {
                one.good_age().map_or_else(
                    || format!("{} never", one.target),
                    |age| format!("{} {}", one.target, short(age)),
                )
            });
            let old: Vec<String> = old.collect();
            parts.push(format!("backup too old: {}", old.join(", ")));
        }
    }
    let failed = status.last_failure.as_ref();
    if let Some(failed) = failed.filter(|failed| !failed.settled) {
        parts.push(format!("last backup failed {}", ago(failed.age_seconds)));
    }
    if !status.damaged.is_empty() {
        parts.push(format!("{} damaged", status.damaged.len()));
    }
    parts.join(", ")
}
