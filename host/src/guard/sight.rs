//! One look at the places of some targets: what a backup takes, and beside it the links, empty
//! directories and names that it does not take. Nothing is read but names and properties.

use crate::backup::TargetPlan;
use crate::fs::{Dir, FileKind, FsError, Stat};
use crate::model::{ArchivePath, EntryKind, HostFacts, RelPath, TargetId};
use crate::operation::Spot;
use crate::restore::{Destinations, Live};
use crate::scan::{Parents, Place, PlacePath, ScannedEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What stood where at one moment.
#[derive(Debug, Default)]
pub struct Sight {
    /// By real path, so that directories come before what is in them.
    pub(super) seen: BTreeMap<PathBuf, Seen>,
    /// Directories of which every name is known.
    listed: BTreeSet<PathBuf>,
    /// Places of rules, or on the way there, where nothing was.
    missing: BTreeSet<PathBuf>,
    /// What could not be looked at, as archives call it.
    gaps: Vec<String>,
}

/// One name.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) spot: Spot,
    pub(super) target: TargetId,
    /// What archives call it, or would.
    pub(super) label: String,
    pub(super) stat: Stat,
    pub(super) what: What,
    /// Whether no link is on the way there: a walk then finds it whenever it is there.
    pub(super) direct: bool,
}

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A file that a backup takes, by its name in the archive.
    File(ArchivePath),
    /// A link with its target.
    Link(OsString),
    /// A directory; whether it can be made again as it is, with what backups hold.
    Directory { known: bool },
    /// Something that no backup takes.
    Other,
}

impl Sight {
    /// Looks at the places of these targets, whose inventories are fresh.
    ///
    /// # Errors
    /// When the disk refuses to say what stands on the way there.
    pub fn of(plans: &[TargetPlan], facts: &HostFacts) -> Result<Self, FsError> {
        let mut sight = Self::default();
        for plan in plans {
            let mut look = Look {
                plan,
                anchors: Vec::new(),
                sight: &mut sight,
            };
            look.entries()?;
            look.places(facts)?;
            let troubles = plan.inventory.troubles.iter();
            sight.gaps.extend(troubles.map(|one| one.path.clone()));
        }
        Ok(sight)
    }

    /// Whether it is certain that nothing was at a path.
    pub(super) fn is_absent(&self, path: &Path) -> bool {
        if self.seen.contains_key(path) {
            return false;
        }
        let Some(above) = path.parent() else {
            return false;
        };
        let no_directory = |seen: &Seen| seen.stat.kind != FileKind::Directory;
        self.missing.contains(path)
            || self.listed.contains(above)
            || self.seen.get(above).is_some_and(no_directory)
            || self.is_absent(above)
    }

    /// Whether something at or above a name could not be looked at.
    pub(super) fn has_gap(&self, label: &str) -> bool {
        let below = |gap: &String| {
            let rest = label.strip_prefix(gap.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.gaps.iter().any(below)
    }
}

/// The look at one target.
struct Look<'a> {
    plan: &'a TargetPlan,
    /// Directories held open, and their paths as spots share them.
    anchors: Vec<(Rc<Dir>, Rc<Path>)>,
    sight: &'a mut Sight,
}

impl Look<'_> {
    fn spot(&mut self, place: &Place) -> Spot {
        let known = self.anchors.iter().rev();
        let mut known = known.filter(|(dir, _)| Rc::ptr_eq(dir, &place.anchor));
        let anchor = match known.next() {
            Some((_, path)) => Rc::clone(path),
            None => {
                let path: Rc<Path> = place.anchor.path().into();
                let pair = (Rc::clone(&place.anchor), Rc::clone(&path));
                self.anchors.push(pair);
                path
            }
        };
        Spot {
            anchor,
            rel: place.rel.to_path_buf(),
        }
    }

    /// Adds a name, unless more is known of it already.
    fn add(&mut self, place: &Place, label: String, stat: Stat, what: What) {
        let path = place.full();
        let weak = |what: &What| matches!(what, What::Other | What::Directory { known: false });
        let known = self.sight.seen.get(&path);
        if known.is_some_and(|known| !weak(&known.what) || weak(&what)) {
            return;
        }
        let seen = Seen {
            spot: self.spot(place),
            direct: matches!(place.rel, PlacePath::Named(_)),
            target: self.plan.identity.id.clone(),
            label,
            stat,
            what,
        };
        self.sight.seen.insert(path, seen);
    }

    /// Everything a backup takes, and what lies beside it.
    fn entries(&mut self) -> Result<(), FsError> {
        let plan = self.plan;
        let mut parents = Parents::default();
        for entry in &plan.inventory.entries {
            let Some(stat) = stat(entry, &mut parents)? else {
                continue;
            };
            let what = match &entry.kind {
                EntryKind::File { .. } => What::File(entry.path.clone()),
                EntryKind::Link { target } => What::Link(target.into()),
                EntryKind::Directory => What::Directory { known: true },
            };
            self.add(&entry.place, entry.path.to_string(), stat, what);
        }
        let is_dir = |entry: &&ScannedEntry| entry.kind == EntryKind::Directory;
        for entry in plan.inventory.entries.iter().filter(is_dir) {
            let mut rules = plan.declaration.rules.iter().map(|rule| &rule.at);
            let inside = rules.any(|at| {
                at.base == *entry.path.base() && entry.path.rel().is_at_or_below(&at.path)
            });
            if inside {
                self.list(&entry.place, &entry.path.to_string());
            }
        }
        Ok(())
    }

    /// Adds every name in a directory. One that cannot be read is a gap of the scan.
    fn list(&mut self, place: &Place, label: &str) {
        let path = place.full();
        if self.sight.listed.contains(&path) {
            return;
        }
        let Ok(dir) = place.open() else { return };
        let Ok(names) = dir.list() else { return };
        for name in names {
            let strong = |seen: &Seen| seen.what != What::Other;
            let child = path.join(&name);
            if self.sight.seen.get(&child).is_some_and(strong) {
                continue;
            }
            let label = format!("{label}/{}", name.to_string_lossy());
            self.name(&dir, &place.join(&name), &name, label);
        }
        self.sight.listed.insert(path);
    }

    /// Adds one name that no backup takes by itself.
    fn name(&mut self, dir: &Dir, place: &Place, name: &OsStr, label: String) {
        let Ok(Some(stat)) = dir.stat(name) else {
            return;
        };
        let what = match stat.kind {
            FileKind::Link => dir.read_link(name).map_or(What::Other, What::Link),
            FileKind::Directory => {
                let empty = dir.dir(Path::new(name)).and_then(|dir| dir.list());
                let known = empty.is_ok_and(|names| names.is_empty());
                What::Directory { known }
            }
            _ => What::Other,
        };
        self.add(place, label, stat, what);
    }

    /// The places that rules name, and every directory on the way there.
    fn places(&mut self, facts: &HostFacts) -> Result<(), FsError> {
        let plan = self.plan;
        let mut found = Destinations::new(facts, &plan.declaration.rules);
        let mut done = BTreeSet::new();
        for rule in &plan.declaration.rules {
            let mut rel = RelPath::root();
            for name in rule.at.path.components() {
                let Ok(next) = rel.join(name) else { break };
                rel = next;
                let path = ArchivePath::new(rule.at.base.clone(), rel.clone());
                let last = rel == rule.at.path;
                if !done.insert((path.clone(), last)) {
                    continue;
                }
                let Some(above) = found.directory(&path)? else {
                    break;
                };
                if !self.on_the_way(&above, &path)? {
                    break;
                }
                if let (true, (Live::Directory(stat), Some(place))) =
                    (last, found.look(&path, None)?)
                {
                    let empty = place.open().and_then(|dir| dir.list());
                    let known = empty.is_ok_and(|names| names.is_empty());
                    let what = What::Directory { known };
                    self.add(&place, path.to_string(), stat, what);
                    self.list(&place, &path.to_string());
                }
            }
        }
        Ok(())
    }

    /// Adds a directory above a place, and what stands at the next name; whether anything does.
    fn on_the_way(&mut self, above: &Place, path: &ArchivePath) -> Result<bool, FsError> {
        let dir = above.open()?;
        let label = path.rel().parent().unwrap_or_default();
        let label = ArchivePath::new(path.base().clone(), label).to_string();
        let known = What::Directory { known: true };
        self.add(above, label, dir.stat_self()?, known.clone());
        let place = above.child(path.rel());
        let name = OsStr::new(path.rel().name());
        let Some(stat) = dir.stat(name)? else {
            self.sight.missing.insert(place.full());
            return Ok(false);
        };
        if stat.kind != FileKind::Directory {
            self.name(&dir, &place, name, path.to_string());
        }
        Ok(true)
    }
}

/// What the system knows of an entry, as far as the walk has not said it.
fn stat(entry: &ScannedEntry, parents: &mut Parents) -> Result<Option<Stat>, FsError> {
    match (&entry.kind, entry.identity) {
        (EntryKind::File { size }, Some(identity)) => Ok(Some(Stat {
            kind: FileKind::Regular,
            mode: entry.meta.mode,
            size: *size,
            mtime: entry.meta.mtime,
            ctime: identity.ctime,
            inode: identity.inode,
            links: 1,
        })),
        (EntryKind::Directory, _) => match entry.place.open() {
            Ok(dir) => dir.stat_self().map(Some),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e),
        },
        _ => {
            let dir = parents.of(&entry.place);
            match dir.and_then(|dir| dir.stat(entry.place.name())) {
                Err(e) if e.is_missing() => Ok(None),
                stat => stat,
            }
        }
    }
}
