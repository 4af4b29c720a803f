//! What changed here since a backup, as far as the files' looks tell: no content is read and no
//! adapter is run. Where to look is what the archive's own manifest declares, held against what
//! is off limits here and now.

use super::earlier::{Candidate, Earlier, is_same};
use super::run::origin;
use crate::archive::IndexRow;
use crate::fs::read_small;
use crate::model::{
    ArchivePath, CheckedDeclaration, EntryKind, HostFacts, ModTime, Refused, Rule, RuleId, RuleSet,
};
use crate::scan::{Inventory, ScannedEntry, scan};
use crate::vault::{SnapshotRecord, TargetRecord, Vault};
use std::collections::BTreeMap;
use std::path::Path;

/// How a live file stands to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It looks as it did, and nothing says otherwise.
    Same,
    /// It looks as it did, but it is another file, or something about it was changed.
    Unsure,
    /// Its size, mode or time is another.
    Changed,
    /// It is not in the archive.
    Added,
}

/// A file or link that is here.
#[derive(Clone, Debug)]
pub struct LiveFile {
    /// Where archives have it.
    pub path: ArchivePath,
    /// When it was last written.
    pub mtime: ModTime,
    /// How it stands to the archive.
    pub fate: Fate,
}

/// What changed since a backup.
#[derive(Debug)]
pub struct Since {
    /// Every file and link a backup would take today.
    pub files: Vec<LiveFile>,
    /// How many files and links of the archive are no longer here.
    pub removed: u64,
    /// How many could not be looked at.
    pub troubles: u64,
    declaration: CheckedDeclaration,
    inventory: Inventory,
}

/// Why it cannot be said what changed.
#[derive(Debug, thiserror::Error)]
pub enum SinceError {
    /// The archive's index is missing or belongs to another archive.
    #[error("its archive has no index that fits, so what is in it is not known without reading it")]
    NoIndex,
    /// The manifest asks for what may not be looked at here.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Compares what is here with an archive of the vault. `cache` is where backups keep what files
/// were like.
///
/// # Errors
/// When the archive cannot tell what is in it, or names places that are off limits.
pub fn since(
    vault: &Vault,
    snapshot: &SnapshotRecord,
    target: &TargetRecord,
    facts: &HostFacts,
    cache: &Path,
) -> Result<Since, SinceError> {
    let origin = origin(facts, &jiff::Zoned::now());
    let candidate = Candidate(&snapshot.id, target);
    let earlier = candidate.open(vault, &origin, Some(cache));
    let earlier = earlier.ok_or(SinceError::NoIndex)?;
    let manifest = &earlier.manifest;
    let declaration = CheckedDeclaration::admit(
        manifest.declaration.clone(),
        &manifest.scope,
        &manifest.variables,
        facts,
    )?;
    let mut around = facts.clone();
    around.own.0.push(vault.path().to_owned());
    let inventory = scan(&declaration, &manifest.scope, manifest.classes, &around);
    let (files, removed) = compare(&earlier, &inventory);
    Ok(Since {
        files,
        removed,
        troubles: inventory.troubles.len() as u64,
        declaration,
        inventory,
    })
}

/// The live files with how they stand to the archive, and how many of it are gone.
fn compare(earlier: &Earlier<'_>, inventory: &Inventory) -> (Vec<LiveFile>, u64) {
    let rows = (0..).zip(earlier.base.index().rows());
    let rows = rows.filter_map(|(number, row)| row.ok().map(|row| (number, row)));
    let mut rows: BTreeMap<ArchivePath, (u32, IndexRow)> = rows
        .filter(|(_, row)| row.kind != EntryKind::Directory)
        .map(|(number, row)| (row.path.clone(), (number, row)))
        .collect();
    let live = inventory.entries.iter();
    let live = live.filter(|entry| entry.kind != EntryKind::Directory);
    let files = live.map(|entry| LiveFile {
        path: entry.path.clone(),
        mtime: entry.meta.mtime,
        fate: fate(earlier, rows.remove(&entry.path), entry),
    });
    let files = files.collect();
    (files, rows.len() as u64)
}

fn fate(earlier: &Earlier<'_>, row: Option<(u32, IndexRow)>, entry: &ScannedEntry) -> Fate {
    match row {
        None => Fate::Added,
        Some((_, row)) if !is_same(&row, entry) => Fate::Changed,
        Some((number, _)) => match (earlier.seen.get(number), entry.identity) {
            (Some(then), Some(now)) if then != now => Fate::Unsure,
            _ => Fate::Same,
        },
    }
}

impl Since {
    /// How many files met this fate.
    #[must_use]
    pub fn count(&self, fate: Fate) -> u64 {
        self.files.iter().filter(|file| file.fate == fate).count() as u64
    }

    /// Whether nothing of the target is here any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.files.is_empty() && self.troubles == 0
    }

    /// Whether a backup takes what this rule speaks of.
    #[must_use]
    pub fn knows(&self, rule: &RuleId) -> bool {
        self.rule(rule).is_some()
    }

    fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.declaration.rules.iter().find(|rule| rule.id == *id)
    }

    /// The live files that fall under one of these rules.
    pub fn under<'a>(&'a self, rules: &'a [RuleId]) -> impl Iterator<Item = &'a LiveFile> {
        let all = RuleSet::new(&self.declaration.rules);
        self.files.iter().filter(move |file| {
            all.rule_for(&file.path)
                .is_some_and(|rule| rules.contains(&rule.id))
        })
    }

    /// The live file of a rule that speaks of one file, if it has at most so many bytes.
    #[must_use]
    pub fn small_file(&self, rule: &RuleId, most: u64) -> Option<Vec<u8>> {
        let at = &self.rule(rule)?.at;
        let entries = &self.inventory.entries;
        let wanted = ArchivePath::new(at.base.clone(), at.path.clone());
        let entry = entries.iter().find(|entry| entry.path == wanted)?;
        let (parent, name) = entry.place.open_parent().ok()?;
        read_small(&parent, name.to_str()?, most).ok()
    }
}
