//! The only door to the disk. Below an opened directory nothing is reached through a
//! symbolic link, a `..` or a magic link; opening by an ambient path happens only in
//! the constructors named `open` and `create_all`, and can be grepped for.
//!
//! What is absent: no rename or chmod by path, no canonicalisation of archive names,
//! no decision about what may be read or written.

#[cfg(debug_assertions)]
mod below;
mod confine;
mod dir;
mod error;
mod foreign_locks;
mod handles;
mod link;
mod lock;
mod look;
mod private;
mod processes;
mod resolve;
mod write;

#[cfg(debug_assertions)]
pub use below::see_only_below;
pub use confine::{Confinement, confine_writes};
pub use dir::{Dir, FileKind, Stat};
pub use error::FsError;
pub use foreign_locks::{LockHolder, lock_holder};
pub use handles::{Lookout, OpenHandle};
pub use lock::{Holder, Lock, Locking, held};
pub use look::digest_of;
pub use private::{PrivateDir, ScratchDir, read_small, scratch_file};
pub use processes::{Process, process, processes, runs_for, sees_processes, users};
pub use write::Owner;
