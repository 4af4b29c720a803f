//! A change of live files that happens as a whole or not at all, and can be taken back.
//!
//! An operation is a list of steps. Each step moves one name between its live place and a
//! numbered slot of a *store*, the operation's private directory:
//!
//! ```text
//!            before          after
//! place      slot -> live    a new name; its slot is then empty
//! swap       slot <> live    a new file in the place of an old one; its slot then holds the old one
//! take       live -> slot    a name removed; its slot then holds it
//! ```
//!
//! Nothing is copied, overwritten or deleted on the way, so every step can be taken back by
//! the same move, at once or days later: an undo is the operation with the opposite steps
//! on the same store. What is in a slot tells how far a step got, so an interrupted
//! operation is finished or rolled back from its journal alone:
//!
//! ```text
//! begin, step..., dir..., commit | sync | steps | sync | done
//! ```
//!
//! Without `commit` nothing live was touched and the operation is dropped; with it, it is
//! finished, or rolled back where that had begun (`back`). A file system that is not the
//! store's has an *annex* of the store for as long as the operation lasts.
//!
//! What is absent: no knowledge of archives, adapters or classes, and no decision about
//! what is changed.

mod annex;
mod draft;
mod edit;
mod error;
mod format;
mod journal;
mod open;
mod past;
mod recover;
mod removed;
mod step;
mod store;
mod undo;
mod way;
mod worker;

pub use draft::Draft;
pub use edit::EditFile;
pub use error::OperationError;
pub use open::{Done, Open};
pub use recover::{Recovered, Recovery, recover};
pub use removed::Removed;
pub use step::{About, Change, DirTime, OperationKind, Spot, Step, Tally};
pub use store::{OperationLock, Operations, Summary};
pub use undo::{Kept, UndoPlan, plan_undo, undo};
