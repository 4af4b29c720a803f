//! The engine of takeback: archives what tools keep on disk, and puts it back safely.
//!
//! In reading order: [`model`] has the words; [`fs`] is the only door to the disk;
//! [`adapters`] runs the components that describe tools; [`fetch`] gets their bytes from
//! afar; [`archive`] reads and writes the archive file; [`vault`] keeps snapshots; [`scan`] looks at what is there;
//! [`in_use`] says who is using it; [`backup`] makes a snapshot; [`secrets`] finds keys
//! in what it reads; [`import`] lays out what other programs backed up; [`operation`] changes live
//! files as a whole or not at all, and takes that back; [`restore`] puts a snapshot back;
//! [`portable`] makes an archive that may leave the machine; [`diff`] says what is different.
//!
//! Files the program touches, besides the tools' own:
//! - the vault (`$XDG_DATA_HOME/takeback`): `backups/`, `lock`, `README.txt`, and the
//!   text files hints ask to save;
//! - `$XDG_STATE_HOME/takeback/`: `lock`, `log.jsonl`, and `operations/` with what restores and undos did
//!   and replaced;
//! - `$XDG_CACHE_HOME/takeback/adapters/`: compiled adapters;
//! - `$XDG_CONFIG_HOME/takeback/`: `config.toml`, `adapters.lock.toml`, `adapters/`.
//!
//! Only [`operation`] changes a tool's files.

pub mod model;

pub mod fs;

pub mod adapters;

pub mod fetch;

pub mod archive;

pub mod vault;

pub mod scan;

pub mod in_use;

pub mod backup;

pub mod import;

pub mod operation;

pub mod portable;

pub mod diff;

pub mod secrets;

pub mod restore;

pub mod guard;

// The targets of `tests/fuzz` speak of this crate by its name, wherever they are compiled.
#[cfg(test)]
extern crate self as takeback;

#[cfg(test)]
#[path = "../../tests/fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "it is public in the crate it is written for"
)]
#[expect(
    clippy::disallowed_methods,
    reason = "the trees that are restored over are made here, and looked at afterwards"
)]
mod fuzz;
