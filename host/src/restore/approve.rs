//! From a plan to a plan that may be applied.

use super::plan::{Conflict, RestorePlan, SoftRefusal};
use super::prepare::Prepared;

/// How somebody said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Typed at the prompt, below the plan.
    Typed,
    /// Given beforehand with `--yes`.
    Given,
    /// Given beforehand with `--force`: also overrides soft refusals.
    Forced,
}

/// Why a plan may not be applied.
#[derive(Debug)]
pub enum NotApproved {
    /// Something stands in the way.
    Conflicts(Vec<Conflict>),
    /// Something must be overridden first.
    Soft(Vec<SoftRefusal>),
}

/// Prepared restores that somebody agreed to. Made only here.
pub struct ApprovedPlan(pub(super) Vec<Prepared>);

impl ApprovedPlan {
    /// Checks that nothing stands in the way and that the consent reaches far enough.
    ///
    /// # Errors
    /// Lists what stands in the way; the prepared restores are then dropped.
    pub fn new(prepared: Vec<Prepared>, consent: Consent) -> Result<Self, NotApproved> {
        let plans = || prepared.iter().map(|one| &one.plan);
        let conflicts: Vec<Conflict> = plans()
            .flat_map(|plan: &RestorePlan| plan.conflicts.clone())
            .collect();
        if !conflicts.is_empty() {
            return Err(NotApproved::Conflicts(conflicts));
        }
        let soft: Vec<SoftRefusal> = plans().flat_map(|plan| plan.soft.clone()).collect();
        if !soft.is_empty() && consent == Consent::Given {
            return Err(NotApproved::Soft(soft));
        }
        Ok(Self(prepared))
    }

    /// The plans that were agreed to.
    pub fn plans(&self) -> impl Iterator<Item = &RestorePlan> {
        self.0.iter().map(|one| &one.plan)
    }

    /// The prepared restores.
    #[must_use]
    pub fn prepared(&self) -> &[Prepared] {
        &self.0
    }
}
