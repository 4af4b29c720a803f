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
mod lock;
mod record;
mod select;

pub use draft::SnapshotDraft;
pub use error::VaultError;
pub use layout::{Catalogue, Vault};
pub use lock::{Holder, VaultLock};
pub use record::{SnapshotKind, SnapshotRecord, TargetRecord};
pub use select::{SelectError, SnapshotSelector, select};
