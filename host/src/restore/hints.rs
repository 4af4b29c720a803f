//! What is left to do afterwards: every trusted adapter whose declared files were among
//! those restored is asked, whatever target they were restored for.

use super::approve::ApprovedPlan;
use super::plan::Action;
use super::prepare::Prepared;
use crate::adapters::{Adapter, AdapterError, AfterRestore, ReadBackFile, RuleOutcome};
use crate::backup::existing;
use crate::model::limits::READ_BACK_BYTES;
use crate::model::{ArchivePath, CheckedDeclaration, Hint, HostFacts, RelPath, RuleId, RuleSet};
use std::collections::BTreeMap;
use std::path::Path;

/// An adapter with what it declares here and now, and the restored files it reads.
pub struct HintSource {
    adapter: Adapter,
    declaration: CheckedDeclaration,
    files: Vec<ReadBackFile>,
    outcomes: BTreeMap<RuleId, RuleOutcome>,
}

/// One adapter's hints.
pub struct Hinted {
    /// The adapter's target.
    pub name: String,
    /// What it says, or why it could not.
    pub hints: Result<Vec<Hint>, AdapterError>,
}

impl HintSource {
    /// Whether any file of approved plans lies where an adapter may declare something: no
    /// other can be among its files.
    #[must_use]
    pub fn may_concern(adapter: &Adapter, approved: &ApprovedPlan) -> bool {
        let inside = |path: &ArchivePath| adapter.scope().iter().any(|place| place.holds(path));
        approved
            .plans()
            .flat_map(|plan| &plan.actions)
            .any(|planned| fate(&planned.action).is_some() && inside(&planned.path))
    }

    /// Sorts out which files of approved plans concern an adapter. Content is read from
    /// the staging directory, so this comes before the plan is applied.
    ///
    /// # Errors
    /// When the adapter cannot declare.
    pub fn new(
        adapter: Adapter,
        approved: &ApprovedPlan,
        facts: &HostFacts,
    ) -> Result<Self, AdapterError> {
        let declaration = adapter.declare(facts, &existing(adapter.identity(), facts))?;
        let mut source = Self {
            adapter,
            declaration,
            files: Vec::new(),
            outcomes: BTreeMap::new(),
        };
        for prepared in approved.prepared() {
            source.collect(prepared);
        }
        Ok(source)
    }

    /// Whether any restored file concerns the adapter.
    #[must_use]
    pub fn concerned(&self) -> bool {
        !self.outcomes.is_empty()
    }

    fn collect(&mut self, prepared: &Prepared) {
        for planned in &prepared.plan.actions {
            let Some(fate) = fate(&planned.action) else {
                continue;
            };
            let rules = RuleSet::new(&self.declaration.rules);
            let Some(rule) = rules.rule_for(&planned.path) else {
                continue;
            };
            let outcome = self
                .outcomes
                .entry(rule.id.clone())
                .or_insert_with(|| nothing(&rule.id));
            *counter(outcome, fate) += 1;
            if !rule.read_back {
                continue;
            }
            // Two targets may hold the same file; it is read once.
            let path = below(&planned.path, &rule.at.path);
            let known = |file: &ReadBackFile| file.rule == rule.id && file.path == path;
            if !self.files.iter().any(known) {
                let content = prepared.staged.content(&planned.path, READ_BACK_BYTES);
                let rule = rule.id.clone();
                self.files.extend(content.map(|content| ReadBackFile {
                    rule,
                    path,
                    fate,
                    content,
                }));
            }
        }
    }

    /// Asks the adapter.
    fn ask(self, approved: &ApprovedPlan, facts: &HostFacts) -> Hinted {
        let origins = || {
            approved
                .prepared()
                .iter()
                .map(|one| &one.listing.manifest.origin)
        };
        let home_changed = origins().any(|origin| Path::new(&origin.home) != facts.home);
        let machine_changed = origins().any(|origin| origin.host != facts.host);
        let outcomes: Vec<RuleOutcome> = self.outcomes.into_values().collect();
        let told = AfterRestore::new(&outcomes, self.files).moved(home_changed, machine_changed);
        let existing = existing(self.adapter.identity(), facts);
        let hints = self.adapter.after_restore(facts, &existing, &told);
        Hinted {
            name: self.adapter.identity().id.to_string(),
            hints,
        }
    }
}

/// Asks every adapter that is concerned.
#[must_use]
pub fn after_restore(
    sources: Vec<HintSource>,
    approved: &ApprovedPlan,
    facts: &HostFacts,
) -> Vec<Hinted> {
    let concerned = sources.into_iter().filter(HintSource::concerned);
    concerned
        .map(|source| source.ask(approved, facts))
        .collect()
}

fn below(path: &ArchivePath, at: &RelPath) -> RelPath {
    path.rel().below(at).unwrap_or_default()
}

fn fate(action: &Action) -> Option<&'static str> {
    Some(match action {
        Action::Create(_) | Action::CreateLink(_) => "created",
        Action::Replace(..) | Action::Merge(..) | Action::ReplaceLink(..) => "replaced",
        Action::Same => "same",
        Action::Withhold(_) => "withheld",
        Action::KeepLink(_) => "skipped",
        Action::MakeDirectory
        | Action::KeepDirectory
        | Action::Remove(_)
        | Action::RemoveLog(_) => {
            return None;
        }
    })
}

fn nothing(rule: &RuleId) -> RuleOutcome {
    let rule = rule.clone();
    RuleOutcome {
        rule,
        created: 0,
        replaced: 0,
        same: 0,
        withheld: 0,
        skipped: 0,
    }
}

fn counter<'a>(outcome: &'a mut RuleOutcome, fate: &str) -> &'a mut u32 {
    match fate {
        "created" => &mut outcome.created,
        "replaced" => &mut outcome.replaced,
        "same" => &mut outcome.same,
        "withheld" => &mut outcome.withheld,
        _ => &mut outcome.skipped,
    }
}
