//! What the host knows about the machine it runs on, and the places it can name.

use super::forbidden::Forbidden;
use super::path::RelPath;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// An operating system, as far as paths differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

impl Os {
    /// The system this program was built for; other Unix systems follow Linux.
    #[must_use]
    pub fn current() -> Self {
        match std::env::consts::OS {
            "macos" => Self::Macos,
            "windows" => Self::Windows,
            _ => Self::Linux,
        }
    }

    /// The system's name in archives.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }

    /// Whether file names that differ only in case name the same file, usually.
    #[must_use]
    pub fn folds_case(self) -> bool {
        !matches!(self, Self::Linux)
    }
}

impl fmt::Display for Os {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A directory that only the host turns into a real path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// The home directory.
    Home,
    /// Where configuration is kept.
    Config,
    /// Where data is kept.
    Data,
    /// Where state is kept.
    State,
    /// The project directory.
    Project,
    /// The directory an environment variable names.
    Variable(String),
}

impl Base {
    /// First component of archive paths below a variable's directory.
    pub const VARIABLE_TREE: &'static str = "var";

    /// The base with this name, variables aside.
    #[must_use]
    pub fn plain(name: &str) -> Option<Self> {
        Some(match name {
            "home" => Self::Home,
            "config" => Self::Config,
            "data" => Self::Data,
            "state" => Self::State,
            "project" => Self::Project,
            _ => return None,
        })
    }

    /// The base for a variable: 1 to 64 of `A-Z`, `0-9` and `_`, not starting with a digit.
    #[must_use]
    pub fn variable(name: &str) -> Option<Self> {
        let legal = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let fine = (1..=64).contains(&name.len())
            && name.bytes().all(legal)
            && !name.as_bytes()[0].is_ascii_digit();
        fine.then(|| Self::Variable(name.to_owned()))
    }

    /// How archive paths below this base begin.
    #[must_use]
    pub fn tree(&self) -> String {
        match self {
            Self::Home => "home".to_owned(),
            Self::Config => "config".to_owned(),
            Self::Data => "data".to_owned(),
            Self::State => "state".to_owned(),
            Self::Project => "project".to_owned(),
            Self::Variable(name) => format!("{}/{name}", Self::VARIABLE_TREE),
        }
    }

    /// Whether a rule may take the base itself: the person named exactly that directory.
    #[must_use]
    pub fn may_be_whole(&self) -> bool {
        matches!(self, Self::Project | Self::Variable(_))
    }
}

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
        self.base == other.base && other.path.below(&self.path).is_some()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::ArchivePath::new(self.base.clone(), self.path.clone()).fmt(f)
    }
}

/// Directories that belong to takeback itself: no adapter may read or write there.
#[derive(Clone, Debug, Default)]
pub struct OwnPlaces(pub Vec<PathBuf>);

/// What the host knows about this machine. All paths are absolute and free of `..`.
#[derive(Clone, Debug)]
pub struct HostFacts {
    /// The operating system.
    pub os: Os,
    /// The machine's name.
    pub host: String,
    /// The user's name.
    pub user: String,
    /// The home directory.
    pub home: PathBuf,
    /// See [`Base::Config`].
    pub config: PathBuf,
    /// See [`Base::Data`].
    pub data: PathBuf,
    /// See [`Base::State`].
    pub state: PathBuf,
    /// The project directory, if there is one.
    pub project: Option<PathBuf>,
    /// The environment, as far as it is text. Adapters see only what they list.
    pub environment: BTreeMap<String, String>,
    /// Takeback's own directories.
    pub own: OwnPlaces,
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
