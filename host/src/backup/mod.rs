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
mod secrets;
mod seen;
mod since;
mod sqlite;

pub use error::BackupError;
pub use found::{Standing, standings};
pub use live::{Reading, known, read};
pub use plan::{
    BackupPlan, Outline, PlanGap, TargetPlan, existing, is_worth_a_look, plan_target, shows_signs,
};
pub use run::{BackupReport, SnapshotRequest, TargetReport, origin, take};
pub use secrets::{SecretsFound, look_for_secrets};
pub use since::{Fate, LiveFile, Since, SinceError, since};
pub use sqlite::sqlite_version;
