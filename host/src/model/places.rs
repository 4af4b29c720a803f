//! Places: what a location is, and where it lies on this machine.

use super::base::Base;
use super::facts::HostFacts;
use super::forbidden::Forbidden;
use super::path::{ArchivePath, RelPath};
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// A base and a path below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The base.
    pub base: Base,
    /// The path below it.
    pub path: RelPath,
}

impl Location {
    /// Whether `other` is this place or below it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.base == other.base && other.path.is_at_or_below(&self.path)
    }

    /// Whether a path is this place or below it.
    #[must_use]
    pub fn holds(&self, path: &ArchivePath) -> bool {
        self.base == *path.base() && path.rel().is_at_or_below(&self.path)
    }
}

impl From<ArchivePath> for Location {
    fn from(path: ArchivePath) -> Self {
        Self {
            base: path.base().clone(),
            path: path.rel().clone(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ArchivePath::new(self.base.clone(), self.path.clone()).fmt(f)
    }
}

impl HostFacts {
    /// The real directory of a base, when this machine has one.
    #[must_use]
    pub fn base_dir(&self, base: &Base) -> Option<PathBuf> {
        match base {
            Base::Home => Some(self.home.clone()),
            Base::Config => Some(self.config.clone()),
            Base::Data => Some(self.data.clone()),
            Base::State => Some(self.state.clone()),
            Base::Project => self.project.clone(),
            Base::Variable(name) => self.variable_dir(name),
        }
    }

    /// The directory a variable names: absolute, without `..`, neither the home
    /// directory nor above it, nor a place that is off limits.
    #[must_use]
    pub fn variable_dir(&self, name: &str) -> Option<PathBuf> {
        let dir = absolute(Path::new(self.environment.get(name)?))?;
        let above_home = self.home.starts_with(&dir);
        let off_limits = Forbidden::new(self).reason(&dir).is_some();
        (!above_home && !off_limits).then_some(dir)
    }

    /// The real path of a location, when this machine has its base.
    #[must_use]
    pub fn resolve(&self, location: &Location) -> Option<PathBuf> {
        Some(self.base_dir(&location.base)?.join(location.path.as_path()))
    }
}

/// The path with `.` components and trailing separators removed; `None` when it is
/// relative or has `..`.
fn absolute(path: &Path) -> Option<PathBuf> {
    let climbs = path.components().any(|part| part == Component::ParentDir);
    (path.is_absolute() && !climbs).then(|| path.components().collect())
}

impl HostFacts {
    /// Checks a path that is to become a base directory.
    #[must_use]
    pub fn clean(path: &Path) -> Option<PathBuf> {
        absolute(path)
    }
}
