//! What a restore would do: a pure function of what is staged, what is there, and what
//! was chosen. Every action that touches something existing names the state it expects.

use super::stage::Staged;
use super::will_run::Command;
use crate::diff::Difference;
use crate::model::{ArchivePath, Class, Fingerprint, Meta, RuleId, Shown, SnapshotId, TargetId};
use crate::scan::Place;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What is done with one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a directory.
    MakeDirectory,
    /// A directory is there already; it stays as it is.
    KeepDirectory,
    /// Write a file where nothing is.
    Create(Staged),
    /// Write a file over another.
    Replace(Staged, Box<Fingerprint>),
    /// Bring only some keys into an existing file.
    Merge(Staged, Box<Fingerprint>),
    /// The file is there already with this content.
    Same,
    /// Make a link where nothing is.
    CreateLink(String),
    /// Put a file or link in the place of a live link, whose target stays untouched.
    ReplaceLink(Option<Staged>, Box<Fingerprint>),
    /// A live link stands in the way and is kept.
    KeepLink(String),
    /// Not written back because of its rule.
    Withhold(&'static str),
    /// Remove something that is only local (`--exact`).
    Remove(Box<Fingerprint>),
    /// Remove a log that belongs to the database that is being replaced.
    RemoveLog(Box<Fingerprint>),
}

impl Action {
    /// One word, as plans and reports show it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::MakeDirectory | Self::Create(_) => "create",
            Self::Replace(..) => "replace",
            Self::Merge(..) => "merge",
            Self::Same | Self::KeepDirectory => "same",
            Self::CreateLink(_) => "link",
            Self::ReplaceLink(..) => "replace link",
            Self::KeepLink(_) => "keep link",
            Self::Withhold(_) => "withhold",
            Self::Remove(_) | Self::RemoveLog(_) => "remove",
        }
    }

    /// The state it expects to find, when it touches something that exists.
    #[must_use]
    pub fn expects(&self) -> Option<&Fingerprint> {
        match self {
            Self::Replace(_, live)
            | Self::Merge(_, live)
            | Self::ReplaceLink(_, live)
            | Self::Remove(live)
            | Self::RemoveLog(live) => Some(live),
            _ => None,
        }
    }

    /// Whether anything is written.
    #[must_use]
    pub fn changes(&self) -> bool {
        !matches!(
            self,
            Self::KeepDirectory | Self::Same | Self::KeepLink(_) | Self::Withhold(_)
        )
    }
}

/// One path of a plan.
#[derive(Clone, Debug)]
pub struct PlannedAction {
    /// The path, as the archive names it.
    pub path: ArchivePath,
    /// What is done.
    pub action: Action,
    /// Its class; directories above a rule's place have none.
    pub class: Option<Class>,
    /// Its rule.
    pub rule: Option<RuleId>,
    /// Mode and time to give it.
    pub meta: Meta,
    /// Bytes of its content.
    pub size: u64,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether it lies behind a live link that is kept, rather than being in its place.
    pub behind_link: bool,
    /// Whether what it replaces was changed later than what the archive holds.
    pub newer_here: bool,
    /// Where it really is; `None` when there is no way there.
    pub(super) place: Option<Place>,
}

/// Why a path cannot be restored; any of these stops the restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path, as the archive names it.
    pub path: ArchivePath,
    /// Why, fitting "PATH: ...".
    pub why: String,
    /// Whether it is that somebody has it open, which can end by itself.
    pub in_use: bool,
}

impl Conflict {
    /// Something that stands in the way until it is moved.
    pub(super) fn new(path: ArchivePath, why: String) -> Self {
        Self {
            path,
            why,
            in_use: false,
        }
    }
}

/// A reason to stop that `--force` or a typed yes overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoftRefusal {
    /// The archive comes from elsewhere.
    Origin {
        /// What differs: "machine", "user", "home directory", "project directory".
        what: &'static str,
        /// What it was there.
        there: String,
        /// What it is here.
        here: String,
    },
    /// Files that would be replaced were changed later than those in the archive, and are in
    /// no later snapshot.
    Newer(Vec<ArchivePath>),
    /// Somebody is using what would be changed; fits "...", as a sentence.
    InUse(String),
    /// The program runs as the administrator, and the home directory is somebody else's.
    OtherOwner(u32),
}

impl fmt::Display for SoftRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 3;
        match self {
            Self::Origin { what, there, here } => {
                let (there, here) = (Shown(there), Shown(here));
                write!(f, "this backup is of another {what}: {there}, not {here}")
            }
            Self::Newer(paths) => {
                let named = paths
                    .iter()
                    .take(MOST)
                    .map(|path| Shown(path.rel().as_str()).to_string());
                let named = named.collect::<Vec<_>>().join(", ");
                let more = paths.len().saturating_sub(MOST);
                let is = if paths.len() == 1 { "is" } else { "are" };
                match more {
                    0 => write!(
                        f,
                        "{named} {is} newer here than in the backup, and in no later one"
                    ),
                    _ => write!(
                        f,
                        "{named} and {more} more {is} newer here than in the backup"
                    ),
                }
            }
            Self::InUse(what) => f.write_str(what),
            Self::OtherOwner(user) => write!(
                f,
                "you are root, and the home directory belongs to user {user}, who will own the files"
            ),
        }
    }
}

/// How many paths meet which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files and links created.
    pub create: u64,
    /// Files replaced or merged, and links replaced.
    pub replace: u64,
    /// Files that are the same already.
    pub same: u64,
    /// Live links kept.
    pub keep_link: u64,
    /// Files withheld.
    pub withhold: u64,
    /// Files and links removed.
    pub remove: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// What a restore of one target would do.
#[derive(Debug)]
pub struct RestorePlan {
    /// The target.
    pub target: TargetId,
    /// The snapshot its archive says it belongs to.
    pub snapshot: SnapshotId,
    /// Where the archive lies, for people.
    pub archive: String,
    /// The actions, directories before what is in them.
    pub actions: Vec<PlannedAction>,
    /// What makes it impossible.
    pub conflicts: Vec<Conflict>,
    /// What must be overridden.
    pub soft: Vec<SoftRefusal>,
    /// Commands that would be new in settings files.
    pub commands: Vec<(ArchivePath, Command)>,
    /// Files that would be new and may be executed.
    pub executables: Vec<ArchivePath>,
    /// Members of the archive that are ignored.
    pub ignored: Vec<String>,
    /// Entries whose modes gave or locked out too much, and were made harmless.
    pub masked: u64,
    /// Rule places that are links, with where they lead.
    pub real_places: Vec<(ArchivePath, PathBuf)>,
    /// Names that another system would refuse or mix up, with why.
    pub odd_names: Vec<(ArchivePath, String)>,
    /// Values that are blank in the archive, with the files they would be blank in.
    pub blanked: Vec<(ArchivePath, String)>,
    /// How files that are replaced differ from what replaces them, where somebody asked.
    pub differences: BTreeMap<ArchivePath, Difference>,
}

impl RestorePlan {
    /// Counts the actions.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for planned in self.actions.iter().filter(|planned| !planned.directory) {
            let slot = match planned.action {
                Action::MakeDirectory | Action::KeepDirectory => continue,
                Action::Create(_) | Action::CreateLink(_) => &mut totals.create,
                Action::Replace(..) | Action::Merge(..) | Action::ReplaceLink(..) => {
                    &mut totals.replace
                }
                Action::Same => &mut totals.same,
                Action::KeepLink(_) => &mut totals.keep_link,
                Action::Withhold(_) => &mut totals.withhold,
                Action::Remove(_) | Action::RemoveLog(_) => &mut totals.remove,
            };
            *slot += 1;
            if planned.action.changes() {
                totals.bytes += planned.size;
            }
        }
        totals
    }

    /// Whether a live link keeps something of the archive out.
    #[must_use]
    pub fn keeps_links(&self) -> bool {
        self.actions
            .iter()
            .any(|planned| matches!(planned.action, Action::KeepLink(_)))
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.actions.iter().any(|planned| planned.action.changes())
    }
}
