//! Laying an image out in a private directory, as the home and project it was taken from.
//! Everything is written below directories held open; no link is gone through.

use super::error::ImportError;
use super::layout::{Image, Known, Tree};
use super::source::Source;
use super::survey::{Passed, Survey};
use crate::archive::{ArchiveError, Content, ForeignKind, ForeignMember, ForeignVisitor};
use crate::fs::{Dir, FsError, ScratchDir};
use crate::model::limits::FREE_SPACE_MARGIN;
use crate::model::{Digest, HostFacts, Meta, ModTime, OwnPlaces, RelPath, link_target};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The newest time a file may have, in seconds from now.
const FUTURE: i64 = 24 * 3600;
/// Rounds of looking for what links lead to; each is one link of a chain.
const LINK_ROUNDS: usize = 8;

/// A home and a project that were laid out, gone with this value.
pub struct Staged {
    /// This machine, as if that home and project were its own.
    pub facts: HostFacts,
    /// Digest of what was laid out: names, kinds, modes, times, contents.
    pub digest: Digest,
    /// The files and links that were laid out, with their names in the source.
    pub laid: BTreeMap<(Tree, RelPath), RelPath>,
    /// The files and links of the image that no adapter has a use for, by their places.
    pub beside: Vec<(Tree, RelPath)>,
    /// What could not be laid out.
    pub passed: Vec<Passed>,
    _scratch: ScratchDir,
}

/// Lays out what of an image lies where adapters keep something, and what links in there lead
/// to. `parent` is a private directory; `facts` are this machine's.
///
/// # Errors
/// When the source is no longer what it was, or the disk refuses.
pub fn stage(
    source: &mut Source,
    survey: &Survey,
    image: &Image,
    known: &Known,
    (parent, facts): (&Dir, &HostFacts),
    now: i64,
) -> Result<Staged, ImportError> {
    let chosen = Chosen::of(survey, image, known);
    let bytes: u64 = chosen.sizes(survey);
    if parent.free_bytes()? < bytes.saturating_add(FREE_SPACE_MARGIN) {
        return Err(ImportError::NoRoom {
            place: parent.path().to_owned(),
            needed: bytes,
        });
    }
    let scratch = ScratchDir::new_in(parent, ".import-")?;
    let home = scratch.dir().make_dir(OsStr::new("home"), 0o700)?;
    let project = scratch.dir().make_dir(OsStr::new("project"), 0o700)?;
    let mut layer = Layer {
        chosen: &chosen.places,
        home: &home,
        project: &project,
        now,
        made: BTreeSet::new(),
        directories: BTreeMap::new(),
        lines: BTreeMap::new(),
        laid: BTreeMap::new(),
        passed: Vec::new(),
        failed: None,
    };
    let read = source.read(&mut layer);
    if let Some(error) = layer.failed.take() {
        return Err(error.into());
    }
    read?;
    layer.finish_directories()?;
    let has_project = layer.laid.keys().any(|(tree, _)| *tree == Tree::Project);
    let root = scratch.dir().real_path(Path::new("."))?;
    let project = has_project.then(|| root.join("project"));
    Ok(Staged {
        facts: as_if(facts, root.join("home"), project),
        digest: layer.digest(),
        laid: layer.laid,
        beside: chosen.beside,
        passed: layer.passed,
        _scratch: scratch,
    })
}

/// The facts of a machine with this home: no variable leads anywhere else.
fn as_if(facts: &HostFacts, home: PathBuf, project: Option<PathBuf>) -> HostFacts {
    let (config, data, state) = (
        home.join(".config"),
        home.join(".local/share"),
        home.join(".local/state"),
    );
    let own = [
        config.join("takeback"),
        data.join("takeback"),
        state.join("takeback"),
        home.join(".cache/takeback"),
    ];
    HostFacts {
        home,
        config,
        data,
        state,
        project,
        environment: BTreeMap::new(),
        own: OwnPlaces(own.into()),
        ..facts.clone()
    }
}

/// What of an image is laid out.
struct Chosen {
    /// Where each member goes.
    places: BTreeMap<RelPath, (Tree, RelPath)>,
    beside: Vec<(Tree, RelPath)>,
}

impl Chosen {
    fn of(survey: &Survey, image: &Image, known: &Known) -> Self {
        let placed = |path: &RelPath| Some((path.clone(), image.place(path)?));
        let all: BTreeMap<RelPath, (Tree, RelPath)> =
            survey.members.keys().filter_map(placed).collect();
        let mut wanted: Vec<RelPath> = known.places.clone();
        let fits = |wanted: &[RelPath], tree: Tree, place: &RelPath| {
            tree == Tree::Project || wanted.iter().any(|one| place.is_at_or_below(one))
        };
        for _ in 0..LINK_ROUNDS {
            let mut more = Vec::new();
            for (path, (tree, place)) in &all {
                let Some((ForeignKind::Link(target), _)) = survey.members.get(path) else {
                    continue;
                };
                let leads = link_target(place, target).filter(|to| !to.is_root());
                let new = |to: &RelPath| {
                    *tree == Tree::Home && fits(&wanted, *tree, place) && !fits(&wanted, *tree, to)
                };
                more.extend(leads.filter(new));
            }
            if more.is_empty() {
                break;
            }
            wanted.extend(more);
        }
        let (mut places, mut beside) = (BTreeMap::new(), Vec::new());
        for (path, (tree, place)) in all {
            let is_file = !matches!(
                survey.members.get(&path),
                Some((ForeignKind::Directory, _)) | None
            );
            if fits(&wanted, tree, &place) || !is_file {
                places.insert(path, (tree, place));
            } else {
                beside.push((tree, place));
            }
        }
        Self { places, beside }
    }

    fn sizes(&self, survey: &Survey) -> u64 {
        let size = |path: &RelPath| match survey.members.get(path) {
            Some((ForeignKind::File(size), _)) => *size,
            // The same again as what it is another name of.
            Some((ForeignKind::Same(of), _)) => match survey.members.get(of) {
                Some((ForeignKind::File(size), _)) => *size,
                _ => 0,
            },
            _ => 0,
        };
        self.places.keys().map(size).fold(0, u64::saturating_add)
    }
}

/// Writes members to their places.
struct Layer<'a> {
    chosen: &'a BTreeMap<RelPath, (Tree, RelPath)>,
    home: &'a Dir,
    project: &'a Dir,
    now: i64,
    /// The directories that exist already.
    made: BTreeSet<(Tree, RelPath)>,
    /// What directories are to be like when everything is in them.
    directories: BTreeMap<(Tree, RelPath), Meta>,
    /// What the digest is of, by place.
    lines: BTreeMap<(Tree, RelPath), String>,
    laid: BTreeMap<(Tree, RelPath), RelPath>,
    passed: Vec<Passed>,
    failed: Option<FsError>,
}

impl Layer<'_> {
    fn top(&self, tree: Tree) -> &Dir {
        match tree {
            Tree::Home => self.home,
            Tree::Project => self.project,
        }
    }

    /// Opens a directory, made where it is not there yet.
    fn directory(&mut self, tree: Tree, path: &RelPath) -> Result<Dir, FsError> {
        if !path.is_root() && !self.made.contains(&(tree, path.clone())) {
            let above = self.directory(tree, &path.parent().unwrap_or_default())?;
            let made = above.make_dir(OsStr::new(path.name()), 0o700)?;
            self.made.insert((tree, path.clone()));
            return Ok(made);
        }
        self.top(tree).dir(path.as_path())
    }

    fn place(
        &mut self,
        member: &ForeignMember,
        (tree, place): &(Tree, RelPath),
        content: &mut dyn Content,
    ) -> Result<Result<String, FsError>, ArchiveError> {
        let (tree, meta) = (*tree, harmless(member, self.now));
        let name = OsStr::new(place.name());
        let above = place.parent().unwrap_or_default();
        let dir = match self.directory(tree, &above) {
            Ok(dir) => dir,
            Err(e) => return Ok(Err(e)),
        };
        let full = dir.path().join(name);
        let failed = |e| FsError::new("write", &full, e);
        match &member.kind {
            ForeignKind::File(_) => {
                let mut file = match dir.create_new(name, 0o600) {
                    Ok(file) => file,
                    Err(e) => return Ok(Err(e)),
                };
                let mut hash = Sha256::new();
                loop {
                    let part = content.next()?;
                    if part.is_empty() {
                        break;
                    }
                    hash.update(part);
                    if let Err(e) = file.write_all(part) {
                        return Ok(Err(failed(e)));
                    }
                }
                let digest = Digest::from_bytes(hash.finalize().into());
                let set = Dir::set_file_meta(&file, &full, meta);
                Ok(set.map(|()| format!("file {digest}")))
            }
            ForeignKind::Same(of) => Ok(self.same(of, &dir, name, meta)),
            ForeignKind::Link(target) => {
                let made = dir
                    .make_link(target, name)
                    .and_then(|()| dir.set_link_time(name, meta.mtime));
                Ok(made.map(|()| format!("link {target}")))
            }
            ForeignKind::Directory | ForeignKind::Special(_) => Ok(Ok(String::new())),
        }
    }

    /// Another name for what was laid out already: a file of its own with the same content.
    fn same(&self, of: &RelPath, dir: &Dir, name: &OsStr, meta: Meta) -> Result<String, FsError> {
        let full = dir.path().join(name);
        let Some((tree, place)) = self.chosen.get(of) else {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(FsError::new("copy", &full, missing));
        };
        let (mut from, _) = self.top(*tree).file(place.as_path())?;
        let mut file = dir.create_new(name, 0o600)?;
        std::io::copy(&mut from, &mut file).map_err(|e| FsError::new("write", &full, e))?;
        Dir::set_file_meta(&file, &full, meta)?;
        let line = self.lines.get(&(*tree, place.clone()));
        let content = line.and_then(|line| line.split('|').next());
        Ok(content.unwrap_or_default().to_owned())
    }

    /// Modes and times of directories, the deepest first: what is made in one changes its time.
    fn finish_directories(&mut self) -> Result<(), ImportError> {
        for ((tree, path), meta) in self.directories.iter().rev() {
            let dir = self.top(*tree).dir(path.as_path())?;
            dir.set_own_meta(*meta)?;
        }
        Ok(())
    }

    fn digest(&self) -> Digest {
        let mut whole = Sha256::new();
        for ((tree, path), line) in &self.lines {
            whole.update(format!("{tree:?}\0{path}\0{line}\n"));
        }
        Digest::from_bytes(whole.finalize().into())
    }
}

impl ForeignVisitor for Layer<'_> {
    fn member(
        &mut self,
        member: ForeignMember,
        content: &mut dyn Content,
    ) -> Result<(), ArchiveError> {
        let Some(place) = self.chosen.get(&member.path).cloned() else {
            return Ok(());
        };
        if member.kind == ForeignKind::Directory {
            return match self.directory(place.0, &place.1) {
                Ok(_) => {
                    let meta = harmless(&member, self.now);
                    self.directories.entry(place).or_insert(meta);
                    Ok(())
                }
                Err(e) => self.fail(e),
            };
        }
        if let ForeignKind::Same(of) = &member.kind
            && !self.chosen.contains_key(of)
        {
            let why = format!("it is another name of {of}, which is not imported");
            self.passed_over(member.path.as_str(), why);
            return Ok(());
        }
        let line = match self.place(&member, &place, content)? {
            Ok(line) => line,
            Err(e) => return self.fail(e),
        };
        let Meta { mode, mtime } = member.meta;
        let line = format!("{line}|{mode:o} {}.{:09}", mtime.seconds, mtime.nanos);
        self.lines.insert(place.clone(), line);
        self.laid.insert(place, member.path);
        Ok(())
    }

    fn passed_over(&mut self, name: &str, why: String) {
        let name = name.to_owned();
        self.passed.push(Passed { name, why });
    }
}

impl Layer<'_> {
    /// Ends the reading; the error that counts is the disk's.
    fn fail(&mut self, error: FsError) -> Result<(), ArchiveError> {
        self.failed = Some(error);
        Err(ArchiveError::Changed)
    }
}

/// Takes from modes what only gives privileges, lets everybody write or locks the owner out, and
/// from times what no clock has seen.
fn harmless(member: &ForeignMember, now: i64) -> Meta {
    let owner = match member.kind {
        ForeignKind::Directory => 0o700,
        _ => 0o600,
    };
    let mtime = member.meta.mtime;
    let sane = (0..=now.saturating_add(FUTURE)).contains(&mtime.seconds);
    let now = ModTime {
        seconds: now,
        nanos: 0,
    };
    Meta {
        mode: (member.meta.mode & 0o775) | owner,
        mtime: if sane { mtime } else { now },
    }
}
