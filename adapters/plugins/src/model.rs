//! The words of a recovery: what is to be done, by whom, and why not.

use crate::source::ByHand;
use alloc::{string::String, vec::Vec};

/// The content of the three files; one that is not in the archive is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    /// `plugins/installed_plugins.json`.
    pub installed: Option<&'a [u8]>,
    /// `plugins/known_marketplaces.json`.
    pub known: Option<&'a [u8]>,
    /// `settings.json`.
    pub settings: Option<&'a [u8]>,
}

/// How reading one file went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parse {
    /// It has the expected shape.
    Ok,
    /// It is not in the archive.
    Missing,
    /// It holds nothing.
    Empty,
    /// It is not JSON.
    Malformed,
    /// It is JSON of another shape.
    BadShape,
    /// It is not UTF-8 text.
    NotUtf8,
    /// It is larger than any honest manifest.
    TooLarge,
}

impl Parse {
    /// The state's short name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::BadShape => "bad-shape",
            Self::NotUtf8 => "not-utf8",
            Self::TooLarge => "too-large",
        }
    }
}

/// How reading each file went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseStates {
    /// `plugins/installed_plugins.json`.
    pub installed: Parse,
    /// `plugins/known_marketplaces.json`.
    pub known: Parse,
    /// `settings.json`.
    pub settings: Parse,
}

/// A marketplace that a command adds again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marketplace {
    /// The name it is registered under.
    pub name: String,
    /// The argument of `marketplace add`.
    pub arg: String,
}

/// For whom a plugin is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For one person in one project.
    Local,
    /// For everybody in one project.
    Project,
    /// For one person everywhere.
    User,
}

impl Scope {
    /// The word that `--scope` takes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Project => "project",
            Self::User => "user",
        }
    }
}

/// A plugin that a command installs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// `plugin@marketplace`.
    pub id: String,
    /// For whom.
    pub scope: Scope,
    /// The project it must be installed in; absent for the scope `user`.
    pub cwd: Option<String>,
    /// The old version, for information: a version cannot be asked for.
    pub was: Option<String>,
    /// Its marketplace must be added by hand first.
    pub after_manual: bool,
}

/// A marketplace that a person must add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manual {
    /// Its name.
    pub marketplace: String,
    /// Why no command does it.
    pub reason: ByHand,
    /// The folder it was, if it was one. Hostile text.
    pub path: Option<String>,
}

/// Why an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The project is no absolute path of this system.
    BadProjectPath,
    /// The scope is none that is known.
    BadScope,
    /// It came in with another plugin and will again.
    Dependency,
    /// The id is not `plugin@marketplace`.
    InvalidId,
    /// The marketplace name may not stand in a command.
    InvalidName,
    /// An administrator put it there.
    ManagedScope,
    /// There is no record of an installation.
    NoRecords,
    /// A record is not an object.
    NotAnObject,
    /// It comes from a folder, the account or the command line.
    PseudoMarketplace,
}

impl Refused {
    /// The reason's short name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadProjectPath => "bad-project-path",
            Self::BadScope => "bad-scope",
            Self::Dependency => "dependency",
            Self::InvalidId => "invalid-id",
            Self::InvalidName => "invalid-name",
            Self::ManagedScope => "managed-scope",
            Self::NoRecords => "no-records",
            Self::NotAnObject => "not-an-object",
            Self::PseudoMarketplace => "pseudo-marketplace",
        }
    }

    /// Whether nothing is lost: the entry comes back another way.
    pub const fn is_routine(self) -> bool {
        matches!(
            self,
            Self::Dependency | Self::ManagedScope | Self::PseudoMarketplace
        )
    }
}

/// An entry that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The list it stood in.
    pub place: &'static str,
    /// Its name, in the only spelling that may be shown.
    pub shown: String,
    /// Why.
    pub reason: Refused,
}

/// Something odd that did not stop the recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A plugin is neither switched on nor off.
    BadEnabledValue,
    /// The manifest's version is none that is known.
    UnknownVersion,
}

impl Warning {
    /// The warning's short name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadEnabledValue => "bad-enabled-value",
            Self::UnknownVersion => "unknown-version",
        }
    }
}

/// Everything that is to be done, sorted, each thing once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// How reading the files went.
    pub parse: ParseStates,
    /// To be added by command.
    pub marketplaces: Vec<Marketplace>,
    /// To be installed by command.
    pub installs: Vec<Install>,
    /// To be switched off again once installed.
    pub disables: Vec<String>,
    /// To be added by a person.
    pub manual: Vec<Manual>,
    /// Refused.
    pub skipped: Vec<Skipped>,
    /// Odd.
    pub warnings: Vec<Warning>,
}
