//! Where snapshots live: layout, records, lock, publishing, selection. The records are
//! the only catalogue; order comes from them, never from names or file times.
//!
//! What is absent: no knowledge of what is inside an archive, no decision about what
//! goes into one.

mod draft;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz_hooks;
mod layout;
mod leaning;
mod lock;
mod opened;
mod record;
mod reform;
mod remarks;
mod remove;
mod repair;
pub mod retention;
mod select;
mod series;
mod stored;
#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "what the vault finds on the disk is made here, and damaged"
)]
mod tests;
mod thinning;
mod trash;
mod upkeep;
mod usage;

pub use draft::SnapshotDraft;
pub use error::{StoredTrouble, VaultError};
pub use layout::{Catalogue, Vault};
pub use lock::VaultLock;
pub use opened::OpenError;
pub use record::{Form, ImportedFrom, Rank, SnapshotKind, SnapshotRecord, TargetRecord, Thin};
pub use remarks::Remarks;
pub use remove::{Needed, needed};
pub use repair::Repaired;
pub use select::{SelectError, SnapshotSelector, select};
pub use stored::StoredArchive;
pub use trash::Trashed;
pub use upkeep::{Upkeep, UpkeepReport};
pub use usage::{TargetUsage, Usage};
