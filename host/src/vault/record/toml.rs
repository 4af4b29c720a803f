//! The record as TOML. Nothing of it is a record before every field was checked.

use super::{
    Form, ImportedFrom, SnapshotKind, SnapshotRecord, TargetRecord, Thin, plain_name, thin_name,
};
use crate::model::limits::SEQUENCE;
use crate::model::{Digest, SnapshotId, TallyCount, TargetId};
use crate::vault::error::VaultError;
use serde::{Deserialize, Serialize};

/// How the first line of a record begins.
const SEAL: &str = "# sha256 of the rest: ";

impl SnapshotRecord {
    pub(in crate::vault) fn to_toml(&self) -> Result<String, VaultError> {
        let why = |e: ::toml::ser::Error| VaultError::UnwritableRecord {
            id: self.id.clone(),
            why: e.to_string(),
        };
        let text = ::toml::to_string(&RecordToml::from(self)).map_err(why)?;
        Ok(format!("{SEAL}{}\n{text}", Digest::of(text.as_bytes())))
    }

    /// Whether a text is as it was written: its first line is a comment with the digest of
    /// the rest. Records had none at first.
    pub(in crate::vault) fn is_as_written(text: &str) -> bool {
        let Some((first, rest)) = text.split_once('\n') else {
            return false;
        };
        let digest = first.strip_prefix(SEAL).and_then(Digest::from_hex);
        !text.starts_with('#') || digest == Some(Digest::of(rest.as_bytes()))
    }

    /// Whether the text has nothing in it that this record does not have.
    pub(in crate::vault) fn says_all_of(&self, text: &str) -> bool {
        let read = |text: &str| text.parse::<::toml::Table>().ok();
        let own = self.to_toml().ok();
        own.is_some_and(|own| read(&own).is_some() && read(&own) == read(text))
    }

    pub(in crate::vault) fn from_toml(id: &SnapshotId, text: &str) -> Result<Self, VaultError> {
        let damaged = |why: String| VaultError::DamagedRecord {
            id: id.clone(),
            why,
        };
        let toml: RecordToml =
            ::toml::from_str(text).map_err(|e| damaged(e.message().to_owned()))?;
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    imported: Option<ImportedToml>,
    #[serde(default, rename = "target")]
    targets: Vec<TargetToml>,
}

#[derive(Serialize, Deserialize)]
struct ImportedToml {
    layout: String,
    name: String,
    sha256: String,
}

impl From<&ImportedFrom> for ImportedToml {
    fn from(from: &ImportedFrom) -> Self {
        Self {
            layout: from.layout.clone(),
            name: from.name.clone(),
            sha256: from.digest.to_string(),
        }
    }
}

impl ImportedToml {
    fn into_record(self) -> Result<ImportedFrom, &'static str> {
        Ok(ImportedFrom {
            layout: self.layout,
            name: self.name,
            digest: Digest::from_hex(&self.sha256).ok_or("a digest is malformed")?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct TargetToml {
    name: String,
    file: String,
    sha256: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stored_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stored_size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unchanged_since: Option<String>,
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
            imported: record.imported.as_ref().map(ImportedToml::from),
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
            base: record.thin().map(|thin| thin.base.to_string()),
            stored_sha256: record.thin().map(|thin| thin.digest.to_string()),
            stored_size: record.thin().map(|thin| thin.size),
            index_sha256: record.index.map(|digest| digest.to_string()),
            unchanged_since: record.unchanged_since.as_ref().map(ToString::to_string),
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
        let itself = self
            .targets
            .iter()
            .any(|target| target.base.as_deref() == Some(id.as_str()));
        if itself {
            return Err("an archive leans on itself");
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
            imported: self.imported.map(ImportedToml::into_record).transpose()?,
            targets: self
                .targets
                .into_iter()
                .map(TargetToml::into_record)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl TargetToml {
    /// Its form. A file's name follows from target and form: a record cannot point
    /// anywhere else.
    fn form(&self, target: &TargetId) -> Result<Form, &'static str> {
        let fields = (&self.base, &self.stored_sha256, self.stored_size);
        if self.file == plain_name(target) {
            return match fields {
                (None, None, None) => Ok(Form::Plain),
                _ => Err("a plain archive has fields of a thin one"),
            };
        }
        let second = [false, true].into_iter();
        let mut second = second.filter(|second| self.file == thin_name(target, *second));
        let second = second.next().ok_or("a file's name is odd")?;
        let (Some(base), Some(digest), Some(size)) = fields else {
            return Err("a thin archive lacks one of its fields");
        };
        Ok(Form::Thin(Thin {
            base: SnapshotId::new(base).map_err(|_| "a base's name is malformed")?,
            digest: Digest::from_hex(digest).ok_or("a digest is malformed")?,
            size,
            second,
        }))
    }

    fn into_record(self) -> Result<TargetRecord, &'static str> {
        let target = TargetId::new(&self.name).map_err(|_| "a target's name is malformed")?;
        let form = self.form(&target)?;
        let index = self.index_sha256.as_deref().map(Digest::from_hex);
        let since = self.unchanged_since.as_deref().map(SnapshotId::new);
        Ok(TargetRecord {
            target,
            digest: Digest::from_hex(&self.sha256).ok_or("a digest is malformed")?,
            size: self.size,
            form,
            index: index
                .map(|digest| digest.ok_or("a digest is malformed"))
                .transpose()?,
            unchanged_since: since
                .transpose()
                .map_err(|_| "a snapshot's name is malformed")?,
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
        })
    }
}
