//! What a backup would take: pure data once the scan is done.

use super::error::BackupError;
use crate::adapters::{Adapter, AdapterError};
use crate::fs::Dir;
use crate::model::{
    AdapterIdentity, ArchivePath, CheckedDeclaration, ClassSelection, HostFacts, Location, RuleSet,
    TargetId,
};
use crate::scan::{Inventory, scan};
use std::path::Path;

/// One target of a backup.
#[derive(Debug)]
pub struct TargetPlan {
    /// The adapter that describes it.
    pub identity: AdapterIdentity,
    /// The places it may declare.
    pub scope: Vec<Location>,
    /// What it declared.
    pub declaration: CheckedDeclaration,
    /// What is there.
    pub inventory: Inventory,
    /// Live links that a restore replaces, for a safety snapshot.
    pub replaced_links: Vec<(ArchivePath, String)>,
}

/// What is needed to look at a target again, as it was looked at before.
#[derive(Clone, Debug)]
pub struct Outline {
    identity: AdapterIdentity,
    scope: Vec<Location>,
    declaration: CheckedDeclaration,
}

impl Outline {
    /// Looks at the same places; nothing is taken from the vault's directory.
    #[must_use]
    pub fn look(&self, wanted: ClassSelection, facts: &HostFacts, vault: &Path) -> TargetPlan {
        let mut around = facts.clone();
        around.own.0.push(vault.to_owned());
        TargetPlan {
            identity: self.identity.clone(),
            scope: self.scope.clone(),
            declaration: self.declaration.clone(),
            inventory: scan(&self.declaration, &self.scope, wanted, &around),
            replaced_links: Vec::new(),
        }
    }
}

/// Why a target is not in a plan.
#[derive(Debug)]
pub enum PlanGap {
    /// None of its files exist.
    NothingHere(TargetId),
    /// Its adapter failed; holds the adapter's name, or its file's.
    Failed(String, AdapterError),
}

/// What a backup would take.
#[derive(Debug, Default)]
pub struct BackupPlan {
    /// What will be archived.
    pub targets: Vec<TargetPlan>,
    /// What will not.
    pub gaps: Vec<PlanGap>,
    /// Targets of which nothing is here, that could come to be.
    pub empty: Vec<Outline>,
}

/// Asks an adapter and looks at the disk; nothing is taken from the vault's directory.
///
/// # Errors
/// When the adapter fails or its declaration is refused.
pub fn plan_target(
    adapter: &Adapter,
    wanted: ClassSelection,
    facts: &HostFacts,
    vault: &Path,
) -> Result<TargetPlan, AdapterError> {
    let outline = Outline {
        identity: adapter.identity().clone(),
        scope: adapter.scope().to_vec(),
        declaration: adapter.declare(facts, &existing(adapter.identity(), facts))?,
    };
    Ok(outline.look(wanted, facts, vault))
}

/// The probes of an adapter that exist on this machine.
#[must_use]
pub fn existing(identity: &AdapterIdentity, facts: &HostFacts) -> Vec<Location> {
    let probes = identity.probes.iter();
    probes.filter(|at| is_there(at, facts)).cloned().collect()
}

/// Whether a backup that names no target has a reason to look at what an adapter
/// declares: one of the signs of its tool or of its shared places exists, or it names
/// none, and then only its rules can tell.
#[must_use]
pub fn is_worth_a_look(adapter: &Adapter, facts: &HostFacts) -> bool {
    let mut shared = adapter.shared(facts).into_iter();
    shows_signs(adapter, facts).unwrap_or(true) || shared.any(|at| is_there(&at, facts))
}

/// Whether a sign of an adapter's tool exists; nothing when its adapter names none.
#[must_use]
pub fn shows_signs(adapter: &Adapter, facts: &HostFacts) -> Option<bool> {
    let signs = adapter.signs(facts);
    (!signs.is_empty()).then(|| signs.iter().any(|at| is_there(at, facts)))
}

fn is_there(place: &Location, facts: &HostFacts) -> bool {
    let Some(path) = facts.resolve(place) else {
        return false;
    };
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return false;
    };
    Dir::open(parent)
        .and_then(|dir| dir.stat(name))
        .is_ok_and(|stat| stat.is_some())
}

impl TargetPlan {
    /// What is needed to look at it again.
    #[must_use]
    pub fn outline(&self) -> Outline {
        Outline {
            identity: self.identity.clone(),
            scope: self.scope.clone(),
            declaration: self.declaration.clone(),
        }
    }

    /// Refuses a vault that lies inside what this target keeps, or around it. `vault` is
    /// its real path.
    ///
    /// # Errors
    /// Names vault, target and place.
    pub fn check_vault(
        &self,
        vault: &Path,
        wanted: ClassSelection,
        facts: &HostFacts,
    ) -> Result<(), BackupError> {
        let rules = RuleSet::new(&self.declaration.rules);
        for rule in self
            .declaration
            .rules
            .iter()
            .filter(|rule| wanted.takes(rule.class))
        {
            let Some(place) = facts.resolve(&rule.at) else {
                continue;
            };
            let place = place.canonicalize().unwrap_or(place);
            let inside = vault.strip_prefix(&place).ok().and_then(Path::to_str);
            let swallowed = inside.is_some_and(|below| {
                rule.at.path.append_text(below).is_ok_and(|rel| {
                    let path = ArchivePath::new(rule.at.base.clone(), rel);
                    rules.may_match_below(&path, wanted)
                })
            });
            if swallowed || place.starts_with(vault) {
                return Err(BackupError::VaultInside {
                    vault: vault.to_owned(),
                    target: self.identity.id.clone(),
                    place: rule.at.to_string(),
                });
            }
        }
        Ok(())
    }
}
