//! What a restore would do: a pure function of what is staged, what is there, and what
//! was chosen. Every action that touches something existing names the state it expects.

use super::observe::Live;
use super::stage::Staged;
use super::will_run::Command;
use crate::archive::ListedEntry;
use std::path::PathBuf;

use crate::model::{
    ArchivePath, Class, EntryKind, Fingerprint, Meta, Placement, RuleId, SnapshotId, TargetId,
};

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
    Replace(Staged, Fingerprint),
    /// Bring only some keys into an existing file.
    Merge(Staged, Fingerprint),
    /// The file is there already with this content.
    Same,
    /// Make a link where nothing is.
    CreateLink(String),
    /// Put a file or link in the place of a live link, whose target stays untouched.
    ReplaceLink(Option<Staged>, Fingerprint),
    /// A live link stands in the way and is kept.
    KeepLink(String),
    /// Not written back because of its rule.
    Withhold(&'static str),
    /// Remove something that is only local (`--exact`).
    Remove(Fingerprint),
    /// Remove a log that belongs to the database that is being replaced.
    RemoveLog(Fingerprint),
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
}

/// Why a path cannot be restored; any of these stops the restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path, as the archive names it.
    pub path: ArchivePath,
    /// Why, fitting "PATH: ...".
    pub why: String,
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
    /// Rule places that are links, with where they lead.
    pub real_places: Vec<(ArchivePath, PathBuf)>,
    /// Names that another system would refuse or mix up, with why.
    pub odd_names: Vec<(ArchivePath, String)>,
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

/// What is known about one entry when its action is decided.
pub(super) struct Known<'a> {
    pub(super) entry: &'a ListedEntry,
    pub(super) live: &'a Live,
    pub(super) staged: Option<&'a Staged>,
    /// Whether staged content is a merge with the live file.
    pub(super) merged: bool,
    pub(super) placement: Placement,
    pub(super) home_changed: bool,
    pub(super) replace_links: bool,
}

/// Decides what is done with one entry.
pub(super) fn decide(known: &Known<'_>) -> Result<Action, Conflict> {
    let conflict = |why: String| Conflict {
        path: known.entry.path.clone(),
        why,
    };
    if let Some(action) = placed_elsewhere(known) {
        return Ok(action);
    }
    match (&known.entry.kind, known.live) {
        (_, Live::OffLimits(why)) => Err(conflict(format!("this place is off limits: {why}"))),
        (
            _,
            Live::Blocked {
                at,
                why,
                link: true,
            },
        ) => Ok(Action::KeepLink(format!("{at}: {why}"))),
        (
            _,
            Live::Blocked {
                at,
                why,
                link: false,
            },
        ) => Err(Conflict {
            path: at.clone(),
            why: why.clone(),
        }),
        (EntryKind::Directory, Live::Missing) => Ok(Action::MakeDirectory),
        (EntryKind::Directory, Live::Directory(_)) => Ok(Action::KeepDirectory),
        (EntryKind::File { .. }, Live::Missing) => staged(known).map(Action::Create),
        (EntryKind::File { .. }, Live::File(stat, digest)) => {
            let new = staged(known)?;
            let same = *digest == Some(new.digest) && stat.mode & 0o777 == known.entry.meta.mode;
            let live = stat.fingerprint(*digest);
            Ok(match (same, known.merged) {
                (true, _) => Action::Same,
                (false, true) => Action::Merge(new, live),
                (false, false) => Action::Replace(new, live),
            })
        }
        (EntryKind::Link { target }, Live::Missing) => Ok(Action::CreateLink(target.clone())),
        (EntryKind::Link { target }, Live::Link(_, live)) if target == live => Ok(Action::Same),
        (kind, Live::Link(stat, live)) => {
            if !known.replace_links || *kind == EntryKind::Directory {
                return Ok(Action::KeepLink(format!("it is a link to {live}")));
            }
            Ok(Action::ReplaceLink(
                known.staged.cloned(),
                stat.fingerprint(None),
            ))
        }
        (kind, Live::Directory(_)) => Err(conflict(format!(
            "a directory stands where a {} belongs",
            kind.word()
        ))),
        (kind, Live::File(..)) => Err(conflict(format!(
            "a file stands where a {} belongs",
            kind.word()
        ))),
        (kind, Live::Special(what)) => Err(conflict(format!(
            "a {what} stands where a {} belongs",
            kind.word()
        ))),
    }
}

/// What a rule's placement forbids. Equal content counts as the same even there.
fn placed_elsewhere(known: &Known<'_>) -> Option<Action> {
    if matches!(known.entry.kind, EntryKind::Directory) {
        return None;
    }
    let why = match known.placement {
        Placement::Always => return None,
        Placement::SameHome if !known.home_changed => return None,
        Placement::SameHome => "it only fits the home directory it comes from",
        Placement::HintsOnly => "it is only read for what to do afterwards",
    };
    let same = match (known.live, known.staged) {
        (Live::File(_, digest), Some(staged)) => *digest == Some(staged.digest),
        _ => false,
    };
    Some(if same {
        Action::Same
    } else {
        Action::Withhold(why)
    })
}

fn staged(known: &Known<'_>) -> Result<Staged, Conflict> {
    known.staged.cloned().ok_or_else(|| Conflict {
        path: known.entry.path.clone(),
        why: "it was not staged".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{FileKind, Stat};
    use crate::model::{Digest, ModTime};

    fn stat(kind: FileKind, mode: u32) -> Stat {
        let time = ModTime::default();
        Stat {
            kind,
            mode,
            size: 1,
            mtime: time,
            ctime: time,
            inode: (1, 2),
            links: 1,
        }
    }

    fn outcome(kind: &EntryKind, live: &Live, placement: Placement, replace_links: bool) -> String {
        let staged = Staged {
            name: "0".into(),
            digest: Digest::of(b"x"),
            size: 1,
        };
        let meta = Meta {
            mode: 0o644,
            mtime: ModTime::default(),
        };
        let path = ArchivePath::parse("home/.claude/x").unwrap();
        let entry = ListedEntry {
            path,
            kind: kind.clone(),
            meta,
            digest: Some(staged.digest),
        };
        let file = matches!(kind, EntryKind::File { .. });
        decide(&Known {
            entry: &entry,
            live,
            staged: file.then_some(&staged),
            merged: false,
            placement,
            home_changed: true,
            replace_links,
        })
        .map_or_else(|conflict| conflict.why, |action| action.word().to_owned())
    }

    #[test]
    fn every_pair_of_entry_and_live_state_has_its_answer() {
        let file = EntryKind::File { size: 1 };
        let link = EntryKind::Link { target: "y".into() };
        let regular = |mode, digest: &[u8]| {
            Live::File(stat(FileKind::Regular, mode), Some(Digest::of(digest)))
        };
        let live_link = |to: &str| Live::Link(stat(FileKind::Link, 0o777), to.to_owned());
        let directory = Live::Directory(stat(FileKind::Directory, 0o755));
        let table = [
            (&file, Live::Missing, "create"),
            (&file, regular(0o644, b"x"), "same"),
            (&file, regular(0o600, b"x"), "replace"),
            (&file, regular(0o644, b"y"), "replace"),
            (&file, live_link("y"), "keep link"),
            (
                &file,
                directory.clone(),
                "a directory stands where a file belongs",
            ),
            (
                &file,
                Live::Special("pipe"),
                "a pipe stands where a file belongs",
            ),
            (&EntryKind::Directory, Live::Missing, "create"),
            (&EntryKind::Directory, directory.clone(), "same"),
            (&EntryKind::Directory, live_link("y"), "keep link"),
            (
                &EntryKind::Directory,
                regular(0o644, b"x"),
                "a file stands where a directory belongs",
            ),
            (&link, Live::Missing, "link"),
            (&link, live_link("y"), "same"),
            (&link, live_link("z"), "keep link"),
            (
                &link,
                regular(0o644, b"x"),
                "a file stands where a link belongs",
            ),
            (
                &file,
                Live::OffLimits("keys"),
                "this place is off limits: keys",
            ),
        ];
        for (kind, live, expected) in table {
            assert_eq!(outcome(kind, &live, Placement::Always, false), expected);
        }
        assert_eq!(
            outcome(&file, &live_link("y"), Placement::Always, true),
            "replace link"
        );
    }

    #[test]
    fn placement_withholds_but_sees_what_is_the_same() {
        let file = EntryKind::File { size: 1 };
        let same = Live::File(stat(FileKind::Regular, 0o600), Some(Digest::of(b"x")));
        for placement in [Placement::SameHome, Placement::HintsOnly] {
            assert_eq!(outcome(&file, &Live::Missing, placement, false), "withhold");
            assert_eq!(outcome(&file, &same, placement, false), "same");
        }
    }
}
