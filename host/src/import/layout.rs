//! How a source is laid out: which of its directories stand for what, told by names alone.
//! What tools there are and where they keep something comes from outside, as [`Known`].

use super::error::ImportError;
use super::note::Note;
use super::survey::Survey;
use super::when::{Clock, When};
use crate::archive::ForeignKind;
use crate::model::limits::IMPORT_HOME_DEPTH;
use crate::model::{RelPath, SnapshotId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The layouts that are recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// An archive of claude-code-backup: `manifest.txt`, `home/`, `project/`.
    ClaudeCodeBackup,
    /// skillshare's backups: a directory for each time, in it one for each of its targets.
    Skillshare,
    /// A Mackup folder: a home with what Mackup was told to keep.
    Mackup,
    /// A home, or a part of one.
    Home,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ClaudeCodeBackup,
        Self::Skillshare,
        Self::Mackup,
        Self::Home,
    ];

    /// Its name in records and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCodeBackup => "claude-code-backup",
            Self::Skillshare => "skillshare",
            Self::Mackup => "mackup",
            Self::Home => "home",
        }
    }
}

/// Where something of a source belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// The home directory.
    Home,
    /// The project directory.
    Project,
}

/// What adapters know of homes.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Where they keep something, below a home.
    pub places: Vec<RelPath>,
    /// Where things go that another program keeps under a tool's name, below a home.
    pub folders: BTreeMap<String, RelPath>,
}

/// What the person says about a source.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Its layout.
    pub layout: Option<Layout>,
    /// The directory in it that is a home.
    pub root: Option<RelPath>,
    /// The place below the home that its top is.
    pub at: Option<RelPath>,
}

/// One state of a home and project in a source.
#[derive(Clone, Debug)]
pub struct Image {
    /// How the source is laid out.
    pub layout: Layout,
    /// What it is called: the source's name, with the directory in it where it has several.
    pub name: String,
    /// Which directories of the source are which places.
    pub from: Vec<(RelPath, Tree, RelPath)>,
    /// When it was taken.
    pub when: When,
    /// The machine it was taken on, if that is said.
    pub host: Option<String>,
    /// The user it was taken from, if that is said.
    pub user: Option<String>,
    /// The project directory it was taken from, if that is said.
    pub project: Option<PathBuf>,
    /// Why it is thought to be laid out so.
    pub because: String,
    /// Directories in it that nobody knows a place for.
    pub strange: Vec<String>,
}

impl Image {
    /// Where a path of the source belongs.
    #[must_use]
    pub fn place(&self, path: &RelPath) -> Option<(Tree, RelPath)> {
        self.from.iter().find_map(|(top, tree, at)| {
            let place = at.append(&path.below(top)?).ok()?;
            (!place.is_root()).then_some((*tree, place))
        })
    }
}

/// The images in a source, the oldest first.
///
/// # Errors
/// When it is none of the known layouts, or could be of several homes.
pub fn recognise(
    survey: &Survey,
    path: &Path,
    home: &Path,
    (wish, known): (&Wish, &Known),
    clock: &Clock,
) -> Result<Vec<Image>, ImportError> {
    let sight = Sight {
        survey,
        path,
        home,
        wish,
        known,
        clock,
    };
    let note = survey.note.as_deref().and_then(Note::parse);
    let mut images = match wish.layout {
        Some(Layout::ClaudeCodeBackup) => vec![sight.trees(note).ok_or_else(|| {
            sight.not_that(
                Layout::ClaudeCodeBackup,
                "it has neither home/ nor project/",
            )
        })?],
        Some(Layout::Skillshare) => sight.skillshare().ok_or_else(|| {
            sight.not_that(
                Layout::Skillshare,
                "no directory in it is named by a time, with tools in it",
            )
        })?,
        Some(layout) => vec![sight.home(layout, "as you say")?],
        None if wish.root.is_some() || wish.at.is_some() => {
            vec![sight.home(Layout::Home, "as you say")?]
        }
        None => sight.guess(note)?,
    };
    images.sort_by_key(|image| image.when.at.timestamp());
    Ok(images)
}

struct Sight<'a> {
    survey: &'a Survey,
    path: &'a Path,
    home: &'a Path,
    wish: &'a Wish,
    known: &'a Known,
    clock: &'a Clock,
}

impl Sight<'_> {
    fn not_that(&self, layout: Layout, why: &'static str) -> ImportError {
        ImportError::NotThat {
            path: self.path.to_owned(),
            layout: layout.as_str(),
            why,
        }
    }

    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    fn guess(&self, note: Option<Note>) -> Result<Vec<Image>, ImportError> {
        let looks_like_trees = note.is_some() || self.are_bare_trees();
        if looks_like_trees && let Some(image) = self.trees(note) {
            return Ok(vec![image]);
        }
        if let Some(images) = self.skillshare() {
            return Ok(images);
        }
        let is_mackup = self.name().to_ascii_lowercase().starts_with("mackup")
            || self.survey.tops().iter().any(|top| {
                matches!(*top, ".mackup" | ".mackup.cfg") || top.eq_ignore_ascii_case("mackup")
            });
        if is_mackup {
            let why = "it is called Mackup, or has Mackup's own files";
            return Ok(vec![self.home(Layout::Mackup, why)?]);
        }
        let why = "what tools keep in a home is in it";
        Ok(vec![self.home(Layout::Home, why)?])
    }

    /// Whether there is nothing but `home/`, which is a home itself, and `project/`: what
    /// claude-code-backup saves before a restore has no manifest.
    fn are_bare_trees(&self) -> bool {
        let tops = self.survey.tops();
        let home = RelPath::new("home").unwrap_or_default();
        tops.contains(&"home")
            && tops.iter().all(|top| matches!(*top, "home" | "project"))
            && self.homes().contains(&home)
    }

    /// `home/` and `project/`, as claude-code-backup has them.
    fn trees(&self, note: Option<Note>) -> Option<Image> {
        let because = match note {
            Some(_) => "it has the manifest.txt of claude-code-backup",
            None => "it has the home/ and project/ of claude-code-backup",
        };
        let note = note.unwrap_or_default();
        let tops = self.survey.tops();
        let mut from = Vec::new();
        for (name, tree) in [("home", Tree::Home), ("project", Tree::Project)] {
            // Run in the home directory itself the scripts store it twice.
            let twice = tree == Tree::Project && note.project.as_deref() == Some(self.home);
            if tops.contains(&name) && !twice {
                from.push((RelPath::new(name).ok()?, tree, RelPath::root()));
            }
        }
        if from.is_empty() {
            return None;
        }
        let newest = self.newest(&from);
        let said = self.clock.of_note(&note).map(|at| (at, "its manifest"));
        let named = self.clock.of_name(&self.name(), newest);
        let said = said.into_iter().chain(named.map(|at| (at, "its name")));
        Some(Image {
            layout: Layout::ClaudeCodeBackup,
            name: self.name(),
            when: self.clock.settle(said, newest),
            project: note
                .project
                .filter(|_| from.len() > 1 || !tops.contains(&"home")),
            from,
            host: note.host,
            user: note.user,
            because: because.to_owned(),
            strange: Vec::new(),
        })
    }

    /// skillshare's directories: all of its backups, or one of them.
    fn skillshare(&self) -> Option<Vec<Image>> {
        let is_stamp = |name: &str| SnapshotId::new(name).is_ok();
        let dirs: Vec<&str> = self.dirs_in(&RelPath::root());
        let stamps: Vec<&str> = dirs.iter().copied().filter(|name| is_stamp(name)).collect();
        let image = |top: RelPath, stamp: &str, name: String| {
            let (mut from, mut strange) = (Vec::new(), Vec::new());
            for folder in self.dirs_in(&top) {
                match self.known.folders.get(folder) {
                    Some(place) => from.push((top.join(folder).ok()?, Tree::Home, place.clone())),
                    None => strange.push(folder.to_owned()),
                }
            }
            let newest = self.newest(&from);
            let said = self.clock.of_name(stamp, newest);
            let said = said.map(|at| (at, "its name"));
            Some(Image {
                layout: Layout::Skillshare,
                name,
                when: self.clock.settle(said, newest),
                host: None,
                user: None,
                project: None,
                because: "its directories are named by times, with tools in them".to_owned(),
                strange,
                from,
            })
        };
        let own = self.name();
        let images: Vec<Image> = if stamps.is_empty() && is_stamp(&own) {
            image(RelPath::root(), &own, own.clone())
                .into_iter()
                .collect()
        } else {
            let one =
                |stamp: &&str| image(RelPath::new(stamp).ok()?, stamp, format!("{own}/{stamp}"));
            stamps.iter().filter_map(one).collect()
        };
        let any = images.iter().any(|image| !image.from.is_empty());
        any.then_some(images)
    }

    /// The names of the directories in one.
    fn dirs_in(&self, dir: &RelPath) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (path, (kind, _)) in &self.survey.members {
            let Some(below) = path.text_below(dir).filter(|below| !below.is_empty()) else {
                continue;
            };
            let (name, deeper) = match below.split_once('/') {
                Some((name, _)) => (name, true),
                None => (below, false),
            };
            let is_dir = deeper || *kind == ForeignKind::Directory;
            if is_dir && names.last() != Some(&name) {
                names.push(name);
            }
        }
        names.dedup();
        names
    }

    /// A home: at its top, in a directory of it, or where the person says.
    fn home(&self, layout: Layout, because: &str) -> Result<Image, ImportError> {
        let root = match (&self.wish.root, &self.wish.at) {
            (Some(root), _) => root.clone(),
            (None, Some(_)) => RelPath::root(),
            (None, None) => self.only_home()?,
        };
        let mut because = because.to_owned();
        if !root.is_root() && self.wish.root.is_none() {
            because = format!("{because}, below {root}");
        }
        let at = self.wish.at.clone().unwrap_or_default();
        let from = vec![(root, Tree::Home, at)];
        let newest = self.newest(&from);
        // A tool's directory in a backup has the time in the name of the one around it.
        let around = self.path.parent().and_then(Path::file_name);
        let around = around.map(|name| name.to_string_lossy().into_owned());
        let mut names = std::iter::once(self.name()).chain(around);
        let named = names.find_map(|name| self.clock.of_name(&name, newest));
        Ok(Image {
            layout,
            name: self.name(),
            when: self.clock.settle(named.map(|at| (at, "its name")), newest),
            from,
            host: None,
            user: None,
            project: None,
            because,
            strange: Vec::new(),
        })
    }

    /// The one directory that can be a home.
    fn only_home(&self) -> Result<RelPath, ImportError> {
        let homes = self.homes();
        let path = self.path.to_owned();
        let mut all = homes.iter();
        match (all.next(), all.next()) {
            (Some(home), None) => Ok(home.clone()),
            (None, _) => Err(ImportError::Unknown(path)),
            _ => {
                let roots = homes.iter().map(ToString::to_string).collect();
                Err(ImportError::Several { path, roots })
            }
        }
    }

    /// The directories in which something lies where tools keep it: those nearest to the top,
    /// for projects inside a home look like homes, too.
    fn homes(&self) -> BTreeSet<RelPath> {
        let mut found = BTreeSet::new();
        let mut depth = IMPORT_HOME_DEPTH;
        for path in self.survey.members.keys() {
            let mut top = RelPath::root();
            let mut parts = path.components();
            let most = depth;
            for level in 0..=most {
                let known = path.below(&top).is_some_and(|rest| {
                    let mut places = self.known.places.iter();
                    places.any(|place| rest.is_at_or_below(place))
                });
                if known {
                    if level < depth {
                        depth = level;
                        found.clear();
                    }
                    found.insert(top);
                    break;
                }
                match parts.next().map(|part| top.join(part)) {
                    Some(Ok(next)) => top = next,
                    _ => break,
                }
            }
        }
        found
    }

    /// The time of the newest file in these directories, in seconds, of those that can be right.
    fn newest(&self, from: &[(RelPath, Tree, RelPath)]) -> Option<i64> {
        let members = self.survey.members.iter();
        let inside = members.filter(|(path, (kind, _))| {
            *kind != ForeignKind::Directory && from.iter().any(|(top, ..)| path.is_at_or_below(top))
        });
        let times = inside.map(|(_, (_, meta))| meta.mtime.seconds);
        times.filter(|time| self.clock.believes(*time)).max()
    }
}
