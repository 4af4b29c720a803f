//! One hostile archive and what must become of it.

use crate::support::tarball::{Archive, Member};
use crate::support::tree::{Node, TreeSnapshot, What, hex};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Where hostile members lie when their place is not the point.
pub(super) const ALPHA: &str = "home/.claude/skills/alpha";

/// Makes the file out of a correct archive.
type Build = Box<dyn Fn(Archive) -> Vec<u8>>;
/// Looks at the restored `~/.claude`; gives back what is wrong.
pub(super) type Look = Box<dyn Fn(&TreeSnapshot) -> Option<String>>;

/// A row of the catalogue, put into bytes.
pub(super) struct Case {
    pub(super) row: u8,
    pub(super) name: String,
    pub(super) build: Build,
    pub(super) verdict: Verdict,
}

/// What must become of an archive.
pub(super) enum Verdict {
    /// Exit code 6, nothing changed, and this in the message.
    Refused(String),
    /// Exit code 4, nothing changed, and this in the message: the archive is in order, and
    /// a rule of this machine forbids what it asks for.
    Forbidden(String),
    /// Restored, and this is so afterwards.
    Restored(Vec<Look>),
    /// Exit code 3: the rest is restored, and what was left out is named.
    Ignored(String, Vec<Look>),
    /// All is restored, a warning has one of these in it, and this is so afterwards.
    Warned(Vec<String>, Vec<Look>),
}

/// An archive that must be refused, naming this.
pub(super) fn refused(
    row: u8,
    name: &str,
    says: &str,
    build: impl Fn(Archive) -> Vec<u8> + 'static,
) -> Case {
    let verdict = Verdict::Refused(says.to_owned());
    Case {
        row,
        name: name.to_owned(),
        build: Box::new(build),
        verdict,
    }
}

/// A correct archive with these members at its end, which must be refused, naming this.
pub(super) fn refused_with(row: u8, name: &str, says: &str, members: Vec<Member>) -> Case {
    refused(row, name, says, move |archive| {
        archive.plus(members.clone()).bytes()
    })
}

/// An archive that must be restored, and what must be so afterwards.
pub(super) fn restored(
    row: u8,
    name: &str,
    looks: Vec<Look>,
    build: impl Fn(Archive) -> Vec<u8> + 'static,
) -> Case {
    let verdict = Verdict::Restored(looks);
    Case {
        row,
        name: name.to_owned(),
        build: Box::new(build),
        verdict,
    }
}

/// A correct archive with these members at its end, which must be restored.
pub(super) fn restored_with(row: u8, name: &str, looks: Vec<Look>, members: Vec<Member>) -> Case {
    restored(row, name, looks, move |archive| {
        archive.plus(members.clone()).bytes()
    })
}

/// A correct archive with these members at its end, which must be left out and named,
/// while the rest is restored.
pub(super) fn ignored_with(row: u8, name: &str, says: &str, members: Vec<Member>) -> Case {
    let verdict = Verdict::Ignored(says.to_owned(), vec![nothing_else()]);
    Case {
        verdict,
        ..restored_with(row, name, Vec::new(), members)
    }
}

/// A correct archive with these members at its end, which must be restored with a
/// warning about them.
pub(super) fn warned_with(
    row: u8,
    name: &str,
    says: &str,
    looks: Vec<Look>,
    members: Vec<Member>,
) -> Case {
    let build = Box::new(move |archive: Archive| archive.plus(members.clone()).bytes());
    Case {
        row,
        name: name.to_owned(),
        build,
        verdict: Verdict::Warned(vec![says.to_owned()], looks),
    }
}

/// A path below the skill's directory, as archives name it.
pub(super) fn at(name: &str) -> String {
    format!("{ALPHA}/{name}")
}

/// The same as seen from `~/.claude`.
fn seen(name: &str) -> String {
    format!("skills/alpha/{name}")
}

fn node_of(tree: &TreeSnapshot, name: &str) -> Result<Node, String> {
    let found = tree.0.get(Path::new(&seen(name))).cloned();
    found.ok_or_else(|| format!("{name:?} was not restored; there are {:?}", tree.paths()))
}

fn look(check: impl Fn(&TreeSnapshot) -> Result<(), String> + 'static) -> Look {
    Box::new(move |tree| check(tree).err())
}

/// A file beside the skill has this content.
pub(super) fn holds(name: &str, content: impl AsRef<[u8]>) -> Look {
    let (name, digest) = (name.to_owned(), hex(&Sha256::digest(content.as_ref())));
    look(move |tree| match node_of(tree, &name)?.what {
        What::File { digest: found, .. } if found == digest => Ok(()),
        _ => Err(format!("{name:?} has other content")),
    })
}

/// Something beside the skill has this mode.
pub(super) fn has_mode(name: &str, mode: u32) -> Look {
    let name = name.to_owned();
    look(move |tree| match node_of(tree, &name)?.mode {
        found if found == mode => Ok(()),
        found => Err(format!(
            "{name:?} has the mode {found:04o} instead of {mode:04o}"
        )),
    })
}

/// Something beside the skill has a time that passes this test.
pub(super) fn has_time(name: &str, test: impl Fn(i64, i64) -> bool + 'static) -> Look {
    let name = name.to_owned();
    look(move |tree| match node_of(tree, &name)?.mtime {
        (seconds, nanos) if test(seconds, nanos) => Ok(()),
        (seconds, nanos) => Err(format!("{name:?} has the time {seconds}.{nanos:09}")),
    })
}

/// A link beside the skill leads there.
pub(super) fn leads_to(name: &str, target: &str) -> Look {
    let (name, target) = (name.to_owned(), target.to_owned());
    look(move |tree| match node_of(tree, &name)?.what {
        What::Link(found) if found.to_str() == Some(&target) => Ok(()),
        _ => Err(format!("{name:?} is no link to {target:?}")),
    })
}

/// Nothing came back but what a correct archive holds.
pub(super) fn nothing_else() -> Look {
    let known = [
        "settings.json",
        "skills",
        "skills/alpha",
        "skills/alpha/SKILL.md",
        "skills/alpha/notes.md",
    ];
    look(move |tree| {
        let more: Vec<String> = tree
            .paths()
            .into_iter()
            .filter(|path| !known.contains(&path.as_str()))
            .collect();
        if more.is_empty() {
            Ok(())
        } else {
            Err(format!("there is more: {more:?}"))
        }
    })
}
