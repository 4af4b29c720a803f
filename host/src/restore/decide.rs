//! What is done with one entry: a pure function of the entry, what stands in its place,
//! and what was chosen.

use super::observe::{Live, leads_to};
use super::plan::{Action, Conflict};
use super::stage::Staged;
use crate::archive::ListedEntry;
use crate::model::{EntryKind, Placement};

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
    let conflict = |why: String| Conflict::new(known.entry.path.clone(), why);
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
        ) => Err(Conflict::new(at.clone(), why.clone())),
        (EntryKind::Directory, Live::Missing) => Ok(Action::MakeDirectory),
        (EntryKind::Directory, Live::Directory(_)) => Ok(Action::KeepDirectory),
        (EntryKind::File { .. }, Live::Missing) => staged(known).map(Action::Create),
        (EntryKind::File { .. }, Live::File(stat, digest)) => {
            let new = staged(known)?;
            let same = *digest == Some(new.digest) && stat.mode & 0o777 == known.entry.meta.mode;
            let live = Box::new(stat.fingerprint(*digest));
            Ok(match (same, known.merged) {
                (true, _) => Action::Same,
                (false, true) => Action::Merge(new, live),
                (false, false) => Action::Replace(new, live),
            })
        }
        (EntryKind::Link { target }, Live::Missing) => Ok(Action::CreateLink(target.clone())),
        (EntryKind::Link { target }, Live::Link(_, Some(live))) if live == target.as_str() => {
            Ok(Action::Same)
        }
        (kind, Live::Link(stat, live)) => {
            if !known.replace_links || *kind == EntryKind::Directory {
                return Ok(Action::KeepLink(leads_to(live.as_deref())));
            }
            Ok(Action::ReplaceLink(
                known.staged.cloned(),
                Box::new(stat.fingerprint(None)),
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
    let lost = || Conflict::new(known.entry.path.clone(), "it was not staged".to_owned());
    known.staged.cloned().ok_or_else(lost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{FileKind, Stat};
    use crate::model::{ArchivePath, Digest, Meta, ModTime};

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
            slot: 0,
            digest: Digest::of(b"x"),
            size: 1,
            database: false,
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
            masked: false,
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
        let spaced = EntryKind::Link {
            target: "y z".into(),
        };
        let regular = |mode, digest: &[u8]| {
            Live::File(stat(FileKind::Regular, mode), Some(Digest::of(digest)))
        };
        let live_link = |to: &str| Live::Link(stat(FileKind::Link, 0o777), Some(to.into()));
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
            (&spaced, live_link("y z"), "same"),
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
