//! Directories that only the host turns into real paths.

use std::borrow::Cow;

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
    Variable(Box<str>),
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
        fine.then(|| Self::Variable(name.into()))
    }

    /// The text of an archive path as the name of its base and what is below that.
    #[must_use]
    pub fn split(path: &str) -> (&str, &str) {
        let variable = path
            .strip_prefix(Self::VARIABLE_TREE)
            .and_then(|rest| rest.strip_prefix('/'));
        let below = match variable {
            Some(rest) => rest.find('/').map(|at| path.len() - rest.len() + at),
            None => path.find('/'),
        };
        below.map_or((path, ""), |at| (&path[..at], &path[at + 1..]))
    }

    /// How archive paths below this base begin.
    #[must_use]
    pub fn tree(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Home => "home",
            Self::Config => "config",
            Self::Data => "data",
            Self::State => "state",
            Self::Project => "project",
            Self::Variable(name) => return Cow::Owned(format!("{}/{name}", Self::VARIABLE_TREE)),
        })
    }

    /// Whether a rule may take the base itself: the person named exactly that directory.
    #[must_use]
    pub fn may_be_whole(&self) -> bool {
        matches!(self, Self::Project | Self::Variable(_))
    }
}
