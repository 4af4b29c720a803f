//! Where links may lead. A link is followed only into the home directory (or the
//! project), and what it leads to is then opened again name by name, so that a link
//! swapped in the meantime leads nowhere.

use crate::fs::{Dir, FsError};
use crate::model::{HostFacts, RelPath};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A place reached without links from a directory held open.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory.
    pub anchor: Rc<Dir>,
    /// The way from there; empty for the directory itself.
    pub rel: PlacePath,
}

/// A way from one directory to something below it. Where that is also what an archive calls
/// it, as almost everywhere, the text is shared.
#[derive(Clone, Debug)]
pub enum PlacePath {
    /// As an archive calls it.
    Named(RelPath),
    /// Any other. Behind one thin pointer: there is hardly ever one, and a hundred thousand of the
    /// others are then a third smaller.
    Real(Box<PathBuf>),
}

impl std::ops::Deref for PlacePath {
    type Target = Path;
    fn deref(&self) -> &Path {
        match self {
            Self::Named(rel) => rel.as_path(),
            Self::Real(path) => path,
        }
    }
}

impl AsRef<Path> for PlacePath {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl From<PathBuf> for PlacePath {
    fn from(path: PathBuf) -> Self {
        Self::Real(Box::new(path))
    }
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
            rel: self.rel.join(name).into(),
        }
    }

    /// The place of `path`, whose last name lies in this directory.
    #[must_use]
    pub fn child(&self, path: &RelPath) -> Self {
        let named = path
            .above()
            .is_some_and(|above| Path::new(above) == &*self.rel);
        if !named {
            return self.join(path.name().as_ref());
        }
        Self {
            anchor: Rc::clone(&self.anchor),
            rel: PlacePath::Named(path.clone()),
        }
    }

    /// Whether this is in the same directory as another place.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.anchor, &other.anchor) && self.rel.parent() == other.rel.parent()
    }

    /// Its name in the directory it lies in; empty for the anchor.
    #[must_use]
    pub fn name(&self) -> &std::ffi::OsStr {
        self.rel.file_name().unwrap_or_default()
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
        let name = self.name().to_owned();
        Ok((
            self.anchor
                .dir(self.rel.parent().unwrap_or(Path::new("")))?,
            name,
        ))
    }
}

/// Opens the directories that places lie in, each once for a run of places in it.
#[derive(Default)]
pub struct Parents(Option<(Place, Rc<Dir>)>);

impl Parents {
    /// The directory a place lies in.
    ///
    /// # Errors
    /// When a link now stands on the way.
    pub fn of(&mut self, place: &Place) -> Result<Rc<Dir>, FsError> {
        if let Some((last, dir)) = &self.0
            && last.is_beside(place)
        {
            return Ok(Rc::clone(dir));
        }
        let dir = Rc::new(place.open_parent()?.0);
        self.0 = Some((place.clone(), Rc::clone(&dir)));
        Ok(dir)
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
                rel: rel.to_owned().into(),
            })
        })
    }
}
