//! What the host knows about the machine it runs on.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

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
    /// See [`Base::Config`](super::Base::Config).
    pub config: PathBuf,
    /// See [`Base::Data`](super::Base::Data).
    pub data: PathBuf,
    /// See [`Base::State`](super::Base::State).
    pub state: PathBuf,
    /// The project directory, if there is one.
    pub project: Option<PathBuf>,
    /// The environment, as far as it is text. Adapters see only what they list.
    pub environment: BTreeMap<String, String>,
    /// Takeback's own directories.
    pub own: OwnPlaces,
}
