//! What of a declared place is not in a backup as it is on disk, and why.

use super::{ArchivePath, Class, LeftOutReason, RuleId};

/// What kind of gap a trouble is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// Could not be read.
    Unreadable,
    /// Disappeared between listing and reading.
    Vanished,
    /// Kept changing while it was read; what was read last is in the archive.
    Unstable,
    /// A pipe, socket or device.
    Special,
    /// A link to nothing.
    Dangling,
    /// A link that leads out of the home directory, or to a place that is off limits.
    LinkOutside,
    /// A link into a directory it lies in.
    LinkLoop,
    /// A name that archives cannot hold everywhere.
    BadName,
    /// Too large for the format.
    TooLarge,
    /// A place that is off limits, inside a declared one.
    OffLimits,
    /// A database that fails its own integrity check; stored as it is.
    DamagedDatabase,
    /// A file whose secrets could not be blanked, so that it did not leave the machine.
    NotBlanked,
}

impl TroubleKind {
    const NAMES: [(Self, &'static str); 12] = [
        (Self::Unreadable, "unreadable"),
        (Self::Vanished, "vanished"),
        (Self::Unstable, "unstable"),
        (Self::Special, "special"),
        (Self::Dangling, "dangling-link"),
        (Self::LinkOutside, "link-outside"),
        (Self::LinkLoop, "link-loop"),
        (Self::BadName, "bad-name"),
        (Self::TooLarge, "too-large"),
        (Self::OffLimits, "off-limits"),
        (Self::DamagedDatabase, "damaged-database"),
        (Self::NotBlanked, "not-blanked"),
    ];

    /// Its name in manifests and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(kind, _)| *kind)
    }
}

/// Something that is not in the archive as it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where; names that are not UTF-8 appear with replacement characters.
    pub path: String,
    /// What kind of gap.
    pub kind: TroubleKind,
    /// Details, such as what the system said.
    pub detail: String,
}

/// A rule that was not taken, though something is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The rule.
    pub rule: RuleId,
    /// Its class.
    pub class: Class,
    /// Its place.
    pub at: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// A link that is stored as what it points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedLink {
    /// The link.
    pub path: ArchivePath,
    /// Its target as written.
    pub target: String,
}
