//! From a snapshot to changed files, in this order: validate, stage, observe, plan,
//! approve, safety snapshot, apply, hints. Each step hands on a value that only it can
//! make, so that none can be left out. Only `apply` writes to live files.

mod apply;
mod approve;
mod decide;
mod differences;
mod error;
mod hints;
mod holders;
mod merge;
mod newer;
mod observe;
mod odd_names;
mod plan;
mod planner;
mod prepare;
mod safety;

mod stage;
mod will_run;
mod wish;

pub use apply::apply;
pub use approve::{ApprovedPlan, Consent, NotApproved};
pub use error::RestoreError;
pub use hints::{HintSource, Hinted, after_restore};
pub use holders::{any_in_use, settle_in_use, users_of};
pub use newer::settle_newer;
pub use observe::{Destinations, Live};
pub use plan::{Action, Conflict, PlannedAction, RestorePlan, SoftRefusal, Totals};
pub use prepare::{Ground, Prepared, prepare, settle_overlaps};
pub use safety::{SafetySnapshot, save};

pub use stage::{Staged, StagedTree, check_space};
pub use will_run::Command;
pub use wish::Wish;
