//! What an archive says about itself.

use crate::model::{
    ArchivePath, ClassSelection, Declaration, Digest, FollowedLink, LeftOut, Location, SnapshotId,
    TargetId, Trouble,
};

/// Where and when a backup was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// UTC time, RFC 3339.
    pub time: String,
    /// The time zone's name or offset.
    pub zone: String,
    /// The machine.
    pub host: String,
    /// The user.
    pub user: String,
    /// The operating system.
    pub os: String,
    /// The home directory.
    pub home: String,
    /// The project directory.
    pub project: Option<String>,
}

/// The manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The program that wrote it.
    pub program: String,
    /// The snapshot it belongs to.
    pub snapshot: SnapshotId,
    /// Where and when.
    pub origin: Origin,
    /// The target.
    pub target: TargetId,
    /// The adapter's name for people.
    pub adapter_name: String,
    /// The adapter's version.
    pub adapter_version: String,
    /// Digest of the adapter's component.
    pub adapter_digest: Digest,
    /// What the adapter might declare.
    pub scope: Vec<Location>,
    /// Variables the adapter might see.
    pub variables: Vec<String>,
    /// What it declared.
    pub declaration: Declaration,
    /// The classes taken.
    pub classes: ClassSelection,
    /// What was left out on purpose.
    pub left_out: Vec<LeftOut>,
    /// What is missing or uncertain.
    pub troubles: Vec<Trouble>,
    /// Links stored as what they point to.
    pub followed: Vec<FollowedLink>,
    /// Links stored as links, with their targets: no other may be made.
    pub links: Vec<(ArchivePath, String)>,
    /// Whether it holds only paths that a restore was about to overwrite: it then says
    /// nothing about what else there was.
    pub safety: bool,
    /// Live links that were replaced after a safety snapshot was taken.
    pub replaced_links: Vec<(ArchivePath, String)>,
    /// JSON pointers of values that were blanked, with the files they were in. Only in an
    /// archive that was made to leave the machine.
    pub blanked: Vec<(ArchivePath, String)>,
}

impl Manifest {
    /// Whether two differ in nothing but when they were made.
    #[must_use]
    pub fn same_but_for_time(&self, other: &Self) -> bool {
        let timeless = |manifest: &Self| {
            let mut manifest = manifest.clone();
            manifest.snapshot = self.snapshot.clone();
            manifest.origin.time.clone_from(&self.origin.time);
            manifest.origin.zone.clone_from(&self.origin.zone);
            super::format::write(&manifest).ok()
        };
        timeless(self).is_some() && timeless(self) == timeless(other)
    }
}
