//! The vault's directory: reachable, writable, closed to others, with room, on another disk.

use super::{Finding, in_full};
use crate::cli::context::{Context, tilde};
use crate::cli::error::CommandError;
use crate::cli::render::human;
use std::path::Path;
use takeback::fs::{Dir, FileKind, FsError, held};
use takeback::vault::{Catalogue, Vault};

/// Bytes under which a disk counts as nearly full, whatever the backups' size.
const LITTLE: u64 = 256 << 20;
/// Names that are walked to add up what lies in a directory; more than anybody has.
const MOST_NAMES: u64 = 1_000_000;

/// What is said of the vault, and the vault with its records, if it can be read.
pub(super) fn checks(context: &Context) -> (Vec<Finding>, Option<(Vault, Catalogue)>) {
    let shown = tilde(&context.vault_path, &context.facts.home);
    let vault = match Vault::open(&context.vault_path) {
        Ok(Some(vault)) => vault,
        Ok(None) => {
            let says = format!("there is no vault at {shown} yet");
            let advice = "`takeback backup` makes one; where it is on a disk that is not mounted, mount that first";
            return (vec![Finding::warning("vault", says, advice)], None);
        }
        Err(e) => {
            let advice = "name another with --vault or in the configuration, or see that this one can be read";
            return (vec![Finding::problem("vault", in_full(e), advice)], None);
        }
    };
    let mut found = vec![Finding::ok("vault", shown)];
    found.extend(or_unknown("vault-writable", writable(&vault)));
    found.extend(or_unknown("vault-disk", same_disk(context, &vault)));
    found.extend(or_unknown("vault-lock", left_over(&vault)));
    let catalogue = match vault.catalogue() {
        Ok(catalogue) => catalogue,
        Err(e) => {
            found.push(Finding::unknown("vault-records", e));
            return (found, None);
        }
    };
    found.extend(or_unknown("vault-space", room(&vault, &catalogue)));
    found.extend(trash(context, &vault));
    (found, Some((vault, catalogue)))
}

fn writable(vault: &Vault) -> Result<Vec<Finding>, FsError> {
    let dir = Dir::open(vault.path())?;
    let writable = dir.may_write() && dir.dir(Path::new("backups"))?.may_write();
    let writing = if writable {
        Finding::ok("vault-writable", "backups can be written")
    } else {
        let advice = "give yourself the right to write there, or remount the disk for writing";
        Finding::problem("vault-writable", "the vault cannot be written to", advice)
    };
    let private = if dir.is_private() {
        Finding::ok("vault-private", "only you can read it")
    } else {
        let advice = format!(
            "`chmod 700 {}`, as its owner",
            super::own::quoted(vault.path())
        );
        Finding::problem(
            "vault-private",
            "others can read the vault, or it is not yours",
            advice,
        )
    };
    Ok(vec![writing, private])
}

fn same_disk(context: &Context, vault: &Vault) -> Result<Vec<Finding>, FsError> {
    let device = |path: &Path| Ok::<u64, FsError>(Dir::open(path)?.file_system()?.0);
    let same = device(vault.path())? == device(&context.facts.home)?;
    Ok(vec![if same {
        Finding::warning(
            "vault-disk",
            "the vault is on the same disk as your home, and would be lost with it",
            "copy it to another disk now and then, or move it there and say so in the configuration",
        )
    } else {
        Finding::ok("vault-disk", "it is on another file system than your home")
    }])
}

/// Whether somebody is at work, and what is left of somebody who was.
fn left_over(vault: &Vault) -> Result<Vec<Finding>, FsError> {
    let dir = Dir::open(vault.path())?;
    if let Some(holder) = held(&dir, "lock")? {
        let says = format!("{holder} is at work");
        return Ok(vec![Finding::ok("vault-lock", says)]);
    }
    let names = dir.dir(Path::new("backups"))?.list()?;
    let drafts = names.iter().filter_map(|name| name.to_str());
    let drafts = drafts.filter(|name| name.starts_with(".draft-")).count() as u64;
    Ok(vec![if drafts == 0 {
        Finding::ok("vault-lock", "nobody is at work")
    } else {
        let count = human::counted(drafts, "unfinished backup", "unfinished backups");
        Finding::warning(
            "vault-lock",
            format!("{count} of a process that is gone"),
            "the next `takeback backup` removes it",
        )
    }])
}

/// Whether another backup like the last ones fits.
fn room(vault: &Vault, catalogue: &Catalogue) -> Result<Vec<Finding>, FsError> {
    let free = Dir::open(vault.path())?.free_bytes()?;
    let sizes = catalogue.snapshots.iter().take(10);
    let largest = sizes
        .map(|record| record.targets.iter().map(|one| one.size).sum::<u64>())
        .max()
        .unwrap_or_default();
    let needed = largest.saturating_mul(2);
    let says = format!("{} are free", human::bytes(free));
    let advice = "remove what is not needed with `takeback cleanup` and `takeback trash empty`, or make room on the disk";
    Ok(vec![if free < needed {
        let largest = human::bytes(largest);
        let says = format!("{says}, and a backup may need twice {largest}");
        Finding::problem("vault-space", says, advice)
    } else if free < LITTLE {
        Finding::warning("vault-space", says, advice)
    } else {
        Finding::ok("vault-space", says)
    }])
}

fn trash(context: &Context, vault: &Vault) -> Vec<Finding> {
    let trashed = match vault.trash() {
        Ok(trashed) => trashed,
        Err(e) => return vec![Finding::unknown("trash", e)],
    };
    let size = Dir::open(&vault.path().join("trash")).map_or(0, |dir| size(&dir));
    let count = human::counted(trashed.len() as u64, "snapshot", "snapshots");
    let says = match trashed.len() {
        0 => "it is empty".to_owned(),
        _ => format!("{count}, {}", human::bytes(size)),
    };
    let grace = context.upkeep();
    let until = grace.now.saturating_sub(grace.trash_seconds);
    // Backups empty it; what is a day overdue waits for one.
    let overdue = trashed.iter().any(|one| one.removed < until - 24 * 3600);
    vec![if overdue {
        let advice = "the next `takeback backup` removes what is older than trash_days; `takeback trash empty` does it now";
        Finding::warning("trash", format!("{says}, longer than trash_days"), advice)
    } else {
        Finding::ok("trash", says)
    }]
}

/// Bytes of the files in a directory and below, as far as they can be looked at.
pub(super) fn size(dir: &Dir) -> u64 {
    let mut left = MOST_NAMES;
    sum(dir, &mut left)
}

fn sum(dir: &Dir, left: &mut u64) -> u64 {
    let mut total = 0;
    for name in dir.list().unwrap_or_default() {
        if *left == 0 {
            break;
        }
        *left -= 1;
        let Ok(Some(stat)) = dir.stat(&name) else {
            continue;
        };
        total += match stat.kind {
            FileKind::Directory => dir
                .dir(Path::new(&name))
                .map_or(0, |inner| sum(&inner, left)),
            _ => stat.size,
        };
    }
    total
}

/// A check that the system would not let us make counts as one finding.
pub(super) fn or_unknown(
    check: &'static str,
    found: Result<Vec<Finding>, impl Into<CommandError>>,
) -> Vec<Finding> {
    found.unwrap_or_else(|e| vec![Finding::unknown(check, e)])
}
