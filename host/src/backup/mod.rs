//! From a wish to a snapshot: plan, capture, archive, publish. Reads the tools' files
//! and never changes them; writes only into the vault.

mod capture;
mod captured;
mod earlier;
mod error;
mod found;
mod job;
mod live;
mod plan;
mod run;
mod seen;
mod sqlite;

pub use error::BackupError;
pub use found::{Standing, standings};
pub use live::{Reading, known, read};
pub use plan::{
    BackupPlan, Outline, PlanGap, TargetPlan, existing, is_worth_a_look, plan_target, shows_signs,
};
pub use run::{BackupReport, SnapshotRequest, TargetReport, origin, take};
