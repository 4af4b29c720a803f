//! The record of a snapshot: `snapshot.toml`, written last.

mod toml;

use crate::model::{Digest, SnapshotId, TallyCount, TargetId};

/// Why a snapshot was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotKind {
    /// A person asked for it.
    Manual,
    /// A timer or a guard asked for it.
    Automatic,
    /// A restore made it before it changed anything.
    Safety,
    /// It was made of what another program had backed up.
    Imported,
}

impl SnapshotKind {
    /// Its name in records and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
            Self::Safety => "safety",
            Self::Imported => "imported",
        }
    }

    /// Whether this program made it of what it found here, to be relied on: neither what a
    /// restore overwrote nor what another program had.
    #[must_use]
    pub fn is_backup(self) -> bool {
        matches!(self, Self::Manual | Self::Automatic)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Manual, Self::Automatic, Self::Safety, Self::Imported]
            .into_iter()
            .find(|k| k.as_str() == name)
    }
}

/// How an archive lies in its snapshot's directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    #[default]
    Plain,
    /// As what another archive does not hold.
    Thin(Thin),
}

/// The thin form of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thin {
    /// The snapshot whose archive of the same target it leans on.
    pub base: SnapshotId,
    /// Digest of the thin file.
    pub digest: Digest,
    /// Size of the thin file in bytes.
    pub size: u64,
    /// Which of its two names it has: a thin file is exchanged for another beside it, and
    /// the record decides which one counts.
    pub second: bool,
}

/// What a snapshot holds of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRecord {
    /// The target.
    pub target: TargetId,
    /// Digest of its archive, whatever its form.
    pub digest: Digest,
    /// Size of its archive in bytes when it is plain.
    pub size: u64,
    /// How it lies in the snapshot's directory.
    pub form: Form,
    /// Digest of the index beside it, where there is one.
    pub index: Option<Digest>,
    /// The snapshot the archive was made for, where nothing had changed since.
    pub unchanged_since: Option<SnapshotId>,
    /// Bytes the archive expands to.
    pub expanded: u64,
    /// Members of the archive.
    pub entries: u64,
    /// Files kept.
    pub files: u64,
    /// Bytes of the files kept.
    pub bytes: u64,
    /// What people count.
    pub tallies: Vec<TallyCount>,
    /// Gaps: what could not be kept as it is.
    pub troubles: u64,
    /// The adapter's version.
    pub adapter: String,
}

impl TargetRecord {
    /// Name of the archive in the snapshot's directory.
    #[must_use]
    pub fn file_name(&self) -> String {
        match &self.form {
            Form::Plain => plain_name(&self.target),
            Form::Thin(thin) => thin_name(&self.target, thin.second),
        }
    }

    /// Name of the index in the snapshot's directory.
    #[must_use]
    pub fn index_name(&self) -> String {
        index_name(&self.target)
    }

    /// Its thin form, if that is what it has.
    #[must_use]
    pub fn thin(&self) -> Option<&Thin> {
        match &self.form {
            Form::Plain => None,
            Form::Thin(thin) => Some(thin),
        }
    }

    /// Its form in records and reports.
    #[must_use]
    pub fn form_name(&self) -> &'static str {
        match self.form {
            Form::Plain => "plain",
            Form::Thin(_) => "thin",
        }
    }

    /// Size of its file in bytes, whatever its form.
    #[must_use]
    pub fn stored_size(&self) -> u64 {
        self.thin().map_or(self.size, |thin| thin.size)
    }

    /// Digest of its file, whatever its form.
    #[must_use]
    pub fn stored_digest(&self) -> Digest {
        self.thin().map_or(self.digest, |thin| thin.digest)
    }

    /// The snapshot that the manifest in a snapshot's archive names.
    #[must_use]
    pub fn made_for<'a>(&'a self, id: &'a SnapshotId) -> &'a SnapshotId {
        self.unchanged_since.as_ref().unwrap_or(id)
    }
}

/// Name of a target's plain archive.
pub(super) fn plain_name(target: &TargetId) -> String {
    format!("{target}.tar.gz")
}

/// Name of a target's thin archive. No target has a dot in its name, so none is another's.
pub(super) fn thin_name(target: &TargetId, second: bool) -> String {
    let second = if second { ".2" } else { "" };
    format!("{target}{second}.thin")
}

/// Name of the index of a target's plain archive.
pub(super) fn index_name(target: &TargetId) -> String {
    format!("{target}.index")
}

/// What an imported snapshot was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFrom {
    /// How the source is laid out, in one word.
    pub layout: String,
    /// The source's name.
    pub name: String,
    /// Digest of what it holds: the same source is not imported twice.
    pub digest: Digest,
}

/// A place in the order of snapshots: the greater is the newer. What was imported is older
/// than everything that was backed up here, whenever it was imported, and among itself goes
/// by the times the sources say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(bool, String, u64);

/// One snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// Its name.
    pub id: SnapshotId,
    /// Its place in the order of all snapshots of the vault.
    pub sequence: u64,
    /// UTC time, RFC 3339.
    pub time: String,
    /// Why it was made.
    pub kind: SnapshotKind,
    /// What somebody wrote about it.
    pub note: Option<String>,
    /// Whether it is kept whatever the retention policy says.
    pub pinned: bool,
    /// The program that made it.
    pub program: String,
    /// The machine.
    pub host: String,
    /// The user.
    pub user: String,
    /// The home directory.
    pub home: String,
    /// The project directory.
    pub project: Option<String>,
    /// What it was made of, when it was imported.
    pub imported: Option<ImportedFrom>,
    /// What it holds.
    pub targets: Vec<TargetRecord>,
}

impl SnapshotRecord {
    /// Its place in the order of snapshots.
    #[must_use]
    pub fn rank(&self) -> Rank {
        match self.kind {
            SnapshotKind::Imported => Rank(false, self.time.clone(), self.sequence),
            _ => Rank(true, String::new(), self.sequence),
        }
    }

    /// Whether everything that was to be kept is in it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.targets.iter().all(|target| target.troubles == 0)
    }

    /// What it holds of a target.
    #[must_use]
    pub fn target(&self, id: &TargetId) -> Option<&TargetRecord> {
        self.targets.iter().find(|record| record.target == *id)
    }
}
