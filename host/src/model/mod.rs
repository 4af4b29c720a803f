//! The words of the domain as plain values with their invariants. No I/O, no serde:
//! a value of these types is already checked, whoever made it.

mod base;
mod class;
mod database;
mod declaration;
mod digest;
mod entry;
mod facts;
mod forbidden;
mod gaps;
mod glob;
mod hint;
pub mod limits;
mod links;
mod matching;
mod names;
mod observer;
mod path;
mod places;
mod plain_glob;
mod shown;
mod spelling;

pub use base::Base;
pub use class::{Class, ClassSelection, LeftOutReason};
pub use database::{SQLITE_MAGIC, SQLITE_SHARED_LOCKS, SQLITE_SIDES};
pub use declaration::{
    AdapterIdentity, CheckedDeclaration, Declaration, FolderTally, Kind, LinkPolicy, Placement,
    Refused, Rule, RunningCheck, Shape, Tally, TallyOf,
};
pub use digest::Digest;
pub use entry::{EntryKind, Fingerprint, Identity, Meta, ModTime};
pub use facts::{HostFacts, Os, OwnPlaces};
pub use forbidden::Forbidden;
pub use gaps::{FollowedLink, LeftOut, Trouble, TroubleKind};
pub use glob::{GlobError, GlobList};
pub use hint::{CommandBlock, Hint, SavedFile, Severity, Shell};
pub use links::{link_stays_inside, link_target};
pub use matching::{RuleSet, TallyCount};
pub use names::{NameError, OperationId, RuleId, SnapshotId, TargetId};
pub use observer::{Observer, Quiet};
pub use path::{ArchivePath, PathError, RelPath};
pub use places::Location;
pub use shown::{Shown, ShownPath};
pub use spelling::folded;
