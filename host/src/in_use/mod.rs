//! Who is using a tool's files: whether the tool runs, and whether somebody holds open what
//! would be replaced. It only looks: no file of a tool is locked, changed or waited for.
//!
//! What it says can be outdated at once, so it is a reason to ask, never a lock. What it
//! cannot see: files that a process has only mapped into memory, processes in containers
//! that share no process list with us, other machines on a network file system, and, where
//! the system has no `/proc` ([`sees_handles`]), any process by its name or its handles.

mod lock_files;
mod names;
mod watch;

#[cfg(test)]
mod tests;

use crate::fs::{Process, processes, users};
use crate::model::{HostFacts, RunningCheck, Shown};
use std::collections::BTreeSet;
use std::fmt;

pub use crate::fs::{Lookout, sees_processes as sees_handles};
pub use watch::Watch;

/// A process that holds something open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// The name people know it by, not escaped.
    pub name: String,
    /// Its number.
    pub pid: u32,
}

impl Holder {
    fn of(process: &Process) -> Self {
        Self {
            name: names::for_people(process),
            pid: process.pid,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", Shown(&self.name), self.pid)
    }
}

/// One sign that a tool's files are in use. Paths are for people: the home directory is
/// `~`, and they are escaped. Shown, it is a part of a sentence: "claude (process 123) is
/// running".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InUse {
    /// The tool runs.
    Process {
        /// The process with the lowest number, under the name that was looked for.
        process: Holder,
        /// How many more of this name run.
        others: usize,
    },
    /// A file says that the tool is open.
    LockFile {
        /// The file.
        path: String,
    },
    /// A file that would be replaced is open.
    OpenFile {
        /// The file.
        path: String,
        /// Who has it open.
        holder: Holder,
        /// Whether it can be written through that handle.
        writes: bool,
    },
    /// A database is open, or somebody holds a lock on it.
    Database {
        /// Its main file.
        path: String,
        /// Who; `None` where the system does not name the holder of a lock.
        holder: Option<Holder>,
    },
}

impl fmt::Display for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { process, others: 0 } => write!(f, "{process} is running"),
            Self::Process { process, others } => {
                let Holder { name, pid } = process;
                let name = Shown(name);
                write!(f, "{name} (process {pid} and {others} more) is running")
            }
            Self::LockFile { path } => write!(f, "{path} says it is open"),
            Self::OpenFile {
                path,
                holder,
                writes,
            } => {
                let writing = if *writes { " for writing" } else { "" };
                write!(f, "{path} is open{writing} in {holder}")
            }
            Self::Database {
                path,
                holder: Some(holder),
            } => write!(f, "the database {path} is open in {holder}"),
            Self::Database { path, holder: None } => {
                write!(f, "the database {path} is locked by another program")
            }
        }
    }
}

/// The signs among these that a tool is running, each once: a process of a name, started by
/// this user or the home directory's owner, or a lock file that is not left over.
///
/// Programs that started takeback count too: run from within a tool, it is that tool whose
/// files are meant.
#[must_use]
pub fn running<'a>(
    checks: impl IntoIterator<Item = &'a RunningCheck>,
    facts: &HostFacts,
) -> Vec<InUse> {
    let (mut wanted, mut places) = (BTreeSet::new(), BTreeSet::new());
    for check in checks {
        match check {
            RunningCheck::Process(name) => wanted.insert(name.as_str()),
            RunningCheck::LockFile(place) => places.insert(place),
        };
    }
    let users = users(&facts.home);
    let mut found = Vec::new();
    if !wanted.is_empty() {
        let ours = processes(&users);
        found.extend(wanted.iter().filter_map(|name| called(name, &ours)));
    }
    for place in places {
        lock_files::look(place, facts, &users, &mut found);
    }
    found
}

/// The sign that processes of this name run.
fn called(name: &str, processes: &[Process]) -> Option<InUse> {
    let mut of_this_name = processes.iter().filter(|one| names::is_called(one, name));
    let first = of_this_name.next()?;
    Some(InUse::Process {
        process: Holder {
            name: name.to_owned(),
            pid: first.pid,
        },
        others: of_this_name.count(),
    })
}
