//! What stands where something is to be restored. Looks without following links; only
//! a link at or above a rule's place (a dotfile manager's) is followed, and only into
//! the home directory. Below a rule's place nothing that is mounted is entered either: it
//! is not the tool's, and its files could not be swapped in one step.

use crate::fs::{Dir, FileKind, FsError, Stat};
use crate::model::{ArchivePath, Base, Digest, Forbidden, HostFacts, Rule, ShownPath};
use crate::scan::{Anchors, Place, off_limits};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::rc::Rc;

/// The state of one destination.
#[derive(Clone, Debug)]
pub enum Live {
    /// Nothing is there.
    Missing,
    /// A regular file; the digest where its content could be the same.
    File(Stat, Option<Digest>),
    /// A directory.
    Directory(Stat),
    /// A link with its target; `None` when that cannot be read.
    Link(Stat, Option<OsString>),
    /// A pipe, socket or device.
    Special(&'static str),
    /// Something on the way is not a directory one may go through.
    Blocked {
        /// What stands in the way.
        at: ArchivePath,
        /// What it is, and why that is no way.
        why: String,
        /// Whether it is a link (which is kept and reported, not an obstacle).
        link: bool,
    },
    /// A place that is off limits.
    OffLimits(&'static str),
}

#[derive(Clone, Debug)]
enum Way {
    Open(Place),
    Missing(Place),
    Blocked(Live),
}

/// Finds destinations, remembering directories it has looked at.
pub struct Destinations<'a> {
    facts: &'a HostFacts,
    forbidden: Forbidden,
    anchors: Anchors,
    /// Places of rules: a link at or above one may be followed.
    roots: Vec<ArchivePath>,
    ways: BTreeMap<ArchivePath, Way>,
    /// The directory looked into last: entries come sorted.
    recent: Option<Here>,
}

/// A directory, as far as there is one.
struct Here {
    path: ArchivePath,
    way: Way,
    /// Held open; `None` when there is none.
    dir: Option<Rc<Dir>>,
    /// Whether nothing in it is off limits.
    spared: bool,
}

impl<'a> Destinations<'a> {
    /// Starts with the places of these rules.
    #[must_use]
    pub fn new(facts: &'a HostFacts, rules: &[Rule]) -> Self {
        let root = |rule: &Rule| ArchivePath::new(rule.at.base.clone(), rule.at.path.clone());
        Self {
            facts,
            forbidden: off_limits(facts, rules.iter().map(|rule| &rule.at.base)),
            anchors: Anchors::open(facts),
            roots: rules.iter().map(root).collect(),
            ways: BTreeMap::new(),
            recent: None,
        }
    }

    /// What stands at a path, and where that really is. A live file's digest is computed
    /// when it has the size that is to be written.
    ///
    /// # Errors
    /// When the disk refuses to say.
    pub fn look(
        &mut self,
        path: &ArchivePath,
        size: Option<u64>,
    ) -> Result<(Live, Option<Place>), FsError> {
        if path.rel().is_root() {
            return self.look_through(path);
        }
        let here = self.here(path)?;
        let place = match &here.way {
            Way::Blocked(live) => return Ok((live.clone(), None)),
            Way::Missing(above) | Way::Open(above) => above.child(path.rel()),
        };
        let (dir, spared) = (here.dir.clone(), here.spared);
        if !spared && let Some(why) = self.forbidden.reason(&place.full()) {
            return Ok((Live::OffLimits(why), None));
        }
        let Some(dir) = dir else {
            return Ok((Live::Missing, Some(place)));
        };
        let (dir, name) = (dir.as_ref(), OsStr::new(path.rel().name()));
        let live = match dir.stat(name)? {
            None => Live::Missing,
            Some(stat) => match stat.kind {
                FileKind::Regular => {
                    let compare = size == Some(stat.size);
                    let digest = compare.then(|| digest_of(dir, name)).flatten();
                    Live::File(stat, digest)
                }
                FileKind::Directory => Live::Directory(stat),
                FileKind::Special(what) => Live::Special(what),
                FileKind::Link if self.is_root(path) => return self.look_through(path),
                FileKind::Link => Live::Link(stat, dir.read_link(name).ok()),
            },
        };
        Ok((live, Some(place)))
    }

    /// The real place of the directory that a path lies in; `None` when there is none, or no
    /// way to it.
    ///
    /// # Errors
    /// When the disk refuses to say.
    pub fn directory(&mut self, path: &ArchivePath) -> Result<Option<Place>, FsError> {
        let above = path.rel().parent().unwrap_or_default();
        Ok(
            match self.way(&ArchivePath::new(path.base().clone(), above))? {
                Way::Open(place) => Some(place),
                Way::Missing(_) | Way::Blocked(_) => None,
            },
        )
    }

    /// What a live link's owner sees at a path that lies at or behind the link: only for
    /// comparing, never for writing. `None` unless it leads into the home directory.
    #[must_use]
    pub fn look_behind(&self, path: &ArchivePath, size: Option<u64>) -> Option<Live> {
        let base = Dir::open(&self.facts.base_dir(path.base())?).ok()?;
        let real = base.real_path(path.rel().as_path()).ok()?;
        if self.forbidden.reason(&real).is_some() {
            return None;
        }
        let (dir, name) = self.anchors.place(&real)?.open_parent().ok()?;
        let stat = dir.stat(&name).ok()??;
        match stat.kind {
            FileKind::Directory => Some(Live::Directory(stat)),
            FileKind::Regular if size == Some(stat.size) => {
                Some(Live::File(stat, digest_of(&dir, &name)))
            }
            _ => None,
        }
    }

    /// A rule's own place that is a link: what it leads to counts.
    fn look_through(&mut self, path: &ArchivePath) -> Result<(Live, Option<Place>), FsError> {
        match self.way(path)? {
            Way::Blocked(live) => Ok((live, None)),
            Way::Missing(place) => Ok((Live::Missing, Some(place))),
            Way::Open(place) => {
                let stat = place.open()?.stat_self()?;
                Ok((Live::Directory(stat), Some(place)))
            }
        }
    }

    /// The way to a directory.
    fn way(&mut self, dir: &ArchivePath) -> Result<Way, FsError> {
        if let Some(known) = self.ways.get(dir) {
            return Ok(known.clone());
        }
        let found = match dir.rel().parent() {
            None => self.base(dir),
            Some(parent) => match self.way(&ArchivePath::new(dir.base().clone(), parent))? {
                Way::Blocked(live) => Way::Blocked(live),
                Way::Missing(place) => Way::Missing(place.child(dir.rel())),
                Way::Open(place) => self.step(dir, &place)?,
            },
        };
        self.ways.insert(dir.clone(), found.clone());
        Ok(found)
    }

    fn step(&self, dir: &ArchivePath, above: &Place) -> Result<Way, FsError> {
        let name = dir.rel().name();
        let place = above.child(dir.rel());
        let opened = above.open()?;
        let blocked = |why: String, link| {
            Way::Blocked(Live::Blocked {
                at: dir.clone(),
                why,
                link,
            })
        };
        Ok(match opened.stat(name.as_ref())?.map(|stat| stat.kind) {
            None => Way::Missing(place),
            Some(FileKind::Directory)
                if !self.is_root_or_above(dir) && opened.is_mount_point(name.as_ref())? =>
            {
                blocked("another file system is mounted there".to_owned(), false)
            }
            Some(FileKind::Directory) => Way::Open(place),
            Some(FileKind::Link) if self.is_root_or_above(dir) => {
                match opened.real_path(name.as_ref()) {
                    Err(_) => blocked("it is a link that leads nowhere".to_owned(), true),
                    Ok(real) => match self.anchors.place(&real) {
                        Some(place) if self.forbidden.reason(&real).is_none() => Way::Open(place),
                        _ => blocked("it is a link out of the home directory".to_owned(), true),
                    },
                }
            }
            Some(FileKind::Link) => {
                let target = opened.read_link(name.as_ref()).ok();
                blocked(leads_to(target.as_deref()), true)
            }
            Some(FileKind::Regular) => blocked("it is a file".to_owned(), false),
            Some(FileKind::Special(what)) => blocked(format!("it is a {what}"), false),
        })
    }

    /// The base directory itself; where it does not exist yet, the nearest one above it.
    fn base(&self, base: &ArchivePath) -> Way {
        let missing = |why: &str| {
            let (at, why) = (base.clone(), why.to_owned());
            Way::Blocked(Live::Blocked {
                at,
                why,
                link: false,
            })
        };
        let Some(path) = self.facts.base_dir(base.base()) else {
            return missing(match base.base() {
                Base::Project => "there is no project here; name one with --project",
                _ => "the variable is not set to a directory that may be used",
            });
        };
        let mut existing: &Path = &path;
        loop {
            match Dir::open(existing) {
                Ok(dir) => {
                    let anchor = Rc::new(dir);
                    let rel = path.strip_prefix(existing).unwrap_or(Path::new(""));
                    let whole = rel.as_os_str().is_empty();
                    let rel = rel.to_owned().into();
                    let place = Place { anchor, rel };
                    return if whole {
                        Way::Open(place)
                    } else {
                        Way::Missing(place)
                    };
                }
                Err(e) if e.is_missing() => match existing.parent() {
                    Some(up) if *base.base() != Base::Project => existing = up,
                    _ => return missing("it does not exist"),
                },
                Err(_) => return missing("it cannot be opened"),
            }
        }
    }

    /// The directory a path lies in.
    fn here(&mut self, path: &ArchivePath) -> Result<&Here, FsError> {
        let above = path.rel().above().unwrap_or_default();
        let same =
            |here: &Here| here.path.base() == path.base() && here.path.rel().as_str() == above;
        let here = match self.recent.take().filter(same) {
            Some(here) => here,
            None => {
                let above = path.rel().parent().unwrap_or_default();
                let path = ArchivePath::new(path.base().clone(), above);
                let way = self.way(&path)?;
                let dir = match &way {
                    Way::Open(place) => open(place)?,
                    Way::Missing(_) | Way::Blocked(_) => None,
                };
                let spared = match &way {
                    Way::Open(place) | Way::Missing(place) => self.forbidden.spares(&place.full()),
                    Way::Blocked(_) => true,
                };
                Here {
                    path,
                    way,
                    dir,
                    spared,
                }
            }
        };
        Ok(self.recent.insert(here))
    }

    fn is_root(&self, path: &ArchivePath) -> bool {
        self.roots.contains(path)
    }

    fn is_root_or_above(&self, dir: &ArchivePath) -> bool {
        let below =
            |root: &ArchivePath| root.base() == dir.base() && root.rel().below(dir.rel()).is_some();
        self.roots.iter().any(below)
    }
}

/// Opens a directory; `None` when it is gone.
fn open(place: &Place) -> Result<Option<Rc<Dir>>, FsError> {
    match place.open() {
        Ok(dir) => Ok(Some(Rc::new(dir))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Says where a link leads.
pub(super) fn leads_to(target: Option<&OsStr>) -> String {
    target.map_or_else(
        || "it is a link".to_owned(),
        |target| format!("it is a link to {}", ShownPath(Path::new(target))),
    )
}

/// Digest of a live file; `None` when it cannot be read (it is then simply replaced).
fn digest_of(dir: &Dir, name: &OsStr) -> Option<Digest> {
    let (mut file, _) = dir.file(Path::new(name)).ok()?;
    crate::fs::digest_of(&mut file).ok()
}
