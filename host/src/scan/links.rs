//! Where links may lead. A link is followed only into the home directory (or the
//! project), and what it leads to is then opened again name by name, so that a link
//! swapped in the meantime leads nowhere.

use crate::fs::{Dir, FsError};
use crate::model::HostFacts;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A place reached without links from a directory held open.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory.
    pub anchor: Rc<Dir>,
    /// The way from there; empty for the directory itself.
    pub rel: PathBuf,
}

impl Place {
    /// The real path, for messages and for what must be told apart by path.
    #[must_use]
    pub fn full(&self) -> PathBuf {
        self.anchor.path().join(&self.rel)
    }

    /// The place one name further down.
    #[must_use]
    pub fn join(&self, name: &std::ffi::OsStr) -> Self {
        Self {
            anchor: Rc::clone(&self.anchor),
            rel: self.rel.join(name),
        }
    }

    /// Opens it as a directory.
    ///
    /// # Errors
    /// When it is none, or a link now stands on the way.
    pub fn open(&self) -> Result<Dir, FsError> {
        self.anchor.dir(&self.rel)
    }

    /// Opens the directory it lies in, and gives its name there.
    ///
    /// # Errors
    /// When a link now stands on the way.
    pub fn open_parent(&self) -> Result<(Dir, std::ffi::OsString), FsError> {
        let name = self.rel.file_name().unwrap_or_default().to_owned();
        Ok((
            self.anchor
                .dir(self.rel.parent().unwrap_or(Path::new("")))?,
            name,
        ))
    }
}

/// The directories that links may lead into.
pub struct Anchors(Vec<Rc<Dir>>);

impl Anchors {
    /// Home and project, by their real paths; those that do not exist are left out.
    #[must_use]
    pub fn open(facts: &HostFacts) -> Self {
        let wanted = std::iter::once(&facts.home).chain(&facts.project);
        let open = |path: &PathBuf| {
            let real = Dir::open(path)
                .and_then(|dir| dir.real_path(Path::new(".")))
                .ok()?;
            Dir::open(&real).ok().map(Rc::new)
        };
        Self(wanted.filter_map(open).collect())
    }

    /// The place with this real path, if it lies strictly inside one of them.
    #[must_use]
    pub fn place(&self, real: &Path) -> Option<Place> {
        self.0.iter().find_map(|anchor| {
            let rel = real.strip_prefix(anchor.path()).ok()?;
            let inside = !rel.as_os_str().is_empty();
            inside.then(|| Place {
                anchor: Rc::clone(anchor),
                rel: rel.to_owned(),
            })
        })
    }
}
