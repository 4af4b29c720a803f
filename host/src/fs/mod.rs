//! The only door to the disk. Below an opened directory nothing is reached through a
//! symbolic link, a `..` or a magic link; opening by an ambient path happens only in
//! the constructors named `open` and `create_all`, and can be grepped for.
//!
//! What is absent: no rename or chmod by path, no canonicalisation of archive names,
//! no decision about what may be read or written.

mod confine;
mod dir;
mod error;
mod handles;
mod locks;
mod private;
mod processes;
mod write;

pub use confine::{Confinement, confine_writes};
pub use dir::{Dir, FileKind, Stat};
pub use error::FsError;
pub use handles::{Lookout, OpenHandle};
pub use locks::{LockHolder, lock_holder};
pub use private::{PrivateDir, ScratchDir, lock_file, read_small, scratch_file};
pub use processes::{Process, process, processes, runs_for, sees_processes, users};
