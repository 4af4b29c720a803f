//! The record of a snapshot: `snapshot.toml`, written last.

use super::error::VaultError;
use crate::model::limits::SEQUENCE;
use crate::model::{Digest, SnapshotId, TallyCount, TargetId};
use serde::{Deserialize, Serialize};

/// Why a snapshot was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotKind {
    /// A person asked for it.
    Manual,
    /// A timer or a guard asked for it.
    Automatic,
    /// A restore made it before it changed anything.
    Safety,
}

impl SnapshotKind {
    /// Its name in records and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
            Self::Safety => "safety",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Manual, Self::Automatic, Self::Safety]
            .into_iter()
            .find(|k| k.as_str() == name)
    }
}

/// What a snapshot holds of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRecord {
    /// The target.
    pub target: TargetId,
    /// Digest of its archive.
    pub digest: Digest,
    /// Size of its archive in bytes.
    pub size: u64,
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
        format!("{}.tar.gz", self.target)
    }
}

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
    /// What it holds.
    pub targets: Vec<TargetRecord>,
}

impl SnapshotRecord {
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

    pub(super) fn to_toml(&self) -> Result<String, VaultError> {
        let why = |e: toml::ser::Error| VaultError::UnwritableRecord {
            id: self.id.clone(),
            why: e.to_string(),
        };
        toml::to_string(&RecordToml::from(self)).map_err(why)
    }

    pub(super) fn from_toml(id: &SnapshotId, text: &str) -> Result<Self, VaultError> {
        let damaged = |why: String| VaultError::DamagedRecord {
            id: id.clone(),
            why,
        };
        let toml: RecordToml = toml::from_str(text).map_err(|e| damaged(e.message().to_owned()))?;
        if toml.id != id.as_str() {
            return Err(damaged("it is the record of another snapshot".to_owned()));
        }
        toml.into_record(id.clone())
            .map_err(|why| damaged(why.to_owned()))
    }
}

#[derive(Serialize, Deserialize)]
struct RecordToml {
    id: String,
    sequence: u64,
    time: String,
    kind: String,
    complete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default)]
    pinned: bool,
    program: String,
    host: String,
    user: String,
    home: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(default, rename = "target")]
    targets: Vec<TargetToml>,
}

#[derive(Serialize, Deserialize)]
struct TargetToml {
    name: String,
    file: String,
    sha256: String,
    size: u64,
    expanded: u64,
    entries: u64,
    files: u64,
    bytes: u64,
    troubles: u64,
    adapter: String,
    #[serde(default, rename = "tally")]
    tallies: Vec<TallyToml>,
}

#[derive(Serialize, Deserialize)]
struct TallyToml {
    noun: String,
    plural: String,
    count: u64,
}

impl From<&SnapshotRecord> for RecordToml {
    fn from(record: &SnapshotRecord) -> Self {
        Self {
            id: record.id.to_string(),
            sequence: record.sequence,
            time: record.time.clone(),
            kind: record.kind.as_str().to_owned(),
            complete: record.is_complete(),
            note: record.note.clone(),
            pinned: record.pinned,
            program: record.program.clone(),
            host: record.host.clone(),
            user: record.user.clone(),
            home: record.home.clone(),
            project: record.project.clone(),
            targets: record.targets.iter().map(TargetToml::from).collect(),
        }
    }
}

impl From<&TargetRecord> for TargetToml {
    fn from(record: &TargetRecord) -> Self {
        let tally = |count: &TallyCount| TallyToml {
            noun: count.noun.clone(),
            plural: count.plural.clone(),
            count: count.count,
        };
        Self {
            name: record.target.to_string(),
            file: record.file_name(),
            sha256: record.digest.to_string(),
            size: record.size,
            expanded: record.expanded,
            entries: record.entries,
            files: record.files,
            bytes: record.bytes,
            troubles: record.troubles,
            adapter: record.adapter.clone(),
            tallies: record.tallies.iter().map(tally).collect(),
        }
    }
}

impl RecordToml {
    fn into_record(self, id: SnapshotId) -> Result<SnapshotRecord, &'static str> {
        if self.sequence > SEQUENCE {
            return Err("its place in the order is beyond the last");
        }
        Ok(SnapshotRecord {
            id,
            sequence: self.sequence,
            time: self.time,
            kind: SnapshotKind::from_name(&self.kind).ok_or("its kind is unknown")?,
            note: self.note,
            pinned: self.pinned,
            program: self.program,
            host: self.host,
            user: self.user,
            home: self.home,
            project: self.project,
            targets: self
                .targets
                .into_iter()
                .map(TargetToml::into_record)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl TargetToml {
    fn into_record(self) -> Result<TargetRecord, &'static str> {
        let target = TargetId::new(&self.name).map_err(|_| "a target's name is malformed")?;
        let record = TargetRecord {
            target,
            digest: Digest::from_hex(&self.sha256).ok_or("a digest is malformed")?,
            size: self.size,
            expanded: self.expanded,
            entries: self.entries,
            files: self.files,
            bytes: self.bytes,
            troubles: self.troubles,
            adapter: self.adapter,
            tallies: self
                .tallies
                .into_iter()
                .map(|t| TallyCount {
                    noun: t.noun,
                    plural: t.plural,
                    count: t.count,
                })
                .collect(),
        };
        // The name follows from the target; a record cannot point anywhere else.
        if self.file == record.file_name() {
            Ok(record)
        } else {
            Err("a file's name is odd")
        }
    }
}
