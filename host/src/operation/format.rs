//! The lines of a journal, as they are written down.

use super::error::OperationError;
use super::step::{About, DirTime, OperationKind, Spot, Step, Tally};
use crate::model::{Digest, Fingerprint, Meta, ModTime, OperationId, SnapshotId, TargetId};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The number of this format; a higher one is of a newer version of the program.
pub(super) const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// What the operation is about.
    Begin(BeginJson),
    /// A directory that stands in for the store on another file system.
    Annex(DirJson),
    /// A step.
    Step(StepJson),
    /// A directory that changes.
    Dir(DirJson),
    /// The list is complete; from here on the operation is finished rather than dropped.
    Commit(String),
    /// From here on the operation is rolled back.
    Back(String),
    /// All steps are made and durable; what is left concerns only the store.
    Applied(String),
    /// Mode and time each changed directory has in the end.
    Dirs(Vec<Option<MetaJson>>),
    /// All steps are made, but perhaps not durable yet.
    Made(String),
    /// Over, and durable.
    Done(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BeginJson {
    pub(super) format: u32,
    pub(super) sequence: u64,
    pub(super) at: String,
    pub(super) program: String,
    pub(super) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<String>,
    /// The operation whose store is used.
    pub(super) store: String,
    pub(super) targets: Vec<String>,
    pub(super) from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) safety: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<String>,
    pub(super) created: u64,
    pub(super) replaced: u64,
    pub(super) removed: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StepJson {
    anchor: PathJson,
    path: PathJson,
    label: String,
    slot: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annex: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<StateJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<StateJson>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DirJson {
    anchor: PathJson,
    path: PathJson,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<MetaJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<MetaJson>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StateJson {
    inode: (u64, u64),
    mode: u32,
    size: u64,
    mtime: (i64, u32),
    ctime: (i64, u32),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct MetaJson {
    mode: u32,
    mtime: (i64, u32),
}

/// A path: text, or bytes where it is none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum PathJson {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&Path> for PathJson {
    fn from(path: &Path) -> Self {
        path.to_str().map_or_else(
            || Self::Bytes(path.as_os_str().as_bytes().to_vec()),
            |text| Self::Text(text.to_owned()),
        )
    }
}

impl From<PathJson> for PathBuf {
    fn from(json: PathJson) -> Self {
        match json {
            PathJson::Text(text) => text.into(),
            PathJson::Bytes(bytes) => OsString::from_vec(bytes).into(),
        }
    }
}

fn time(at: ModTime) -> (i64, u32) {
    (at.seconds, at.nanos)
}

fn mod_time((seconds, nanos): (i64, u32)) -> ModTime {
    ModTime { seconds, nanos }
}

impl From<Meta> for MetaJson {
    fn from(meta: Meta) -> Self {
        Self {
            mode: meta.mode,
            mtime: time(meta.mtime),
        }
    }
}

impl From<MetaJson> for Meta {
    fn from(json: MetaJson) -> Self {
        Self {
            mode: json.mode,
            mtime: mod_time(json.mtime),
        }
    }
}

impl From<&Fingerprint> for StateJson {
    fn from(state: &Fingerprint) -> Self {
        Self {
            inode: state.inode,
            mode: state.mode,
            size: state.size,
            mtime: time(state.mtime),
            ctime: time(state.ctime),
            sha256: state.digest.map(|digest| digest.to_string()),
        }
    }
}

impl From<StateJson> for Fingerprint {
    fn from(json: StateJson) -> Self {
        Self {
            inode: json.inode,
            mode: json.mode,
            size: json.size,
            mtime: mod_time(json.mtime),
            ctime: mod_time(json.ctime),
            digest: json.sha256.as_deref().and_then(Digest::from_hex),
        }
    }
}

impl From<&Step> for StepJson {
    fn from(step: &Step) -> Self {
        Self {
            anchor: (&*step.spot.anchor).into(),
            path: step.spot.rel.as_path().into(),
            label: step.label.clone(),
            slot: step.slot,
            annex: step.annex,
            before: step.before.as_deref().map(StateJson::from),
            after: step.after.as_ref().map(StateJson::from),
        }
    }
}

impl From<StepJson> for Step {
    fn from(json: StepJson) -> Self {
        Self {
            spot: Spot {
                anchor: PathBuf::from(json.anchor).into(),
                rel: json.path.into(),
            },
            label: json.label,
            slot: json.slot,
            annex: json.annex,
            before: json.before.map(|state| Box::new(state.into())),
            after: json.after.map(Fingerprint::from),
        }
    }
}

impl From<&DirTime> for DirJson {
    fn from(dir: &DirTime) -> Self {
        Self {
            anchor: (&*dir.spot.anchor).into(),
            path: dir.spot.rel.as_path().into(),
            before: dir.before.map(MetaJson::from),
            set: dir.set.map(MetaJson::from),
        }
    }
}

impl From<DirJson> for DirTime {
    fn from(json: DirJson) -> Self {
        Self {
            spot: Spot {
                anchor: PathBuf::from(json.anchor).into(),
                rel: json.path.into(),
            },
            before: json.before.map(Meta::from),
            set: json.set.map(Meta::from),
        }
    }
}

/// The first line's values.
#[derive(Clone, Debug)]
pub(super) struct Begin {
    pub(super) sequence: u64,
    pub(super) at: jiff::Timestamp,
    pub(super) store: OperationId,
    pub(super) about: About,
    pub(super) tally: Tally,
}

impl Begin {
    pub(super) fn to_json(&self) -> BeginJson {
        let about = &self.about;
        BeginJson {
            format: FORMAT,
            sequence: self.sequence,
            at: self.at.to_string(),
            program: concat!("takeback ", env!("CARGO_PKG_VERSION")).to_owned(),
            kind: about.kind.word().to_owned(),
            of: about.of.as_ref().map(ToString::to_string),
            store: self.store.to_string(),
            targets: about.targets.iter().map(ToString::to_string).collect(),
            from: about.from.clone(),
            safety: about.safety.as_ref().map(ToString::to_string),
            command: about.command.clone(),
            created: self.tally.created,
            replaced: self.tally.replaced,
            removed: self.tally.removed,
        }
    }

    /// Reads the first line of the journal of operation `id`.
    pub(super) fn from_json(id: &OperationId, json: BeginJson) -> Result<Self, OperationError> {
        let damaged = |why: String| OperationError::Damaged {
            id: id.clone(),
            why,
        };
        if json.format > FORMAT {
            return Err(OperationError::Newer {
                id: id.clone(),
                program: json.program,
            });
        }
        let kind = match json.kind.as_str() {
            "restore" => OperationKind::Restore,
            "undo" => OperationKind::Undo,
            "guard" => OperationKind::Guard,
            "setup" => OperationKind::Setup,
            _ => return Err(damaged("it is of an unknown kind".to_owned())),
        };
        let operation = |name: &str| OperationId::new(name).map_err(|e| damaged(e.to_string()));
        let snapshot = |name: &String| SnapshotId::new(name).map_err(|e| damaged(e.to_string()));
        let target = |name: &String| TargetId::new(name).map_err(|e| damaged(e.to_string()));
        Ok(Self {
            sequence: json.sequence,
            at: json
                .at
                .parse()
                .map_err(|_| damaged("its time is none".to_owned()))?,
            store: operation(&json.store)?,
            about: About {
                kind,
                of: json.of.as_deref().map(operation).transpose()?,
                targets: json.targets.iter().map(target).collect::<Result<_, _>>()?,
                from: json.from,
                safety: json.safety.as_ref().map(snapshot).transpose()?,
                command: json.command,
            },
            tally: Tally {
                created: json.created,
                replaced: json.replaced,
                removed: json.removed,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_no_text_keeps_its_bytes() {
        for bytes in [b"plain/\xc3\xa9".as_slice(), b"\xff\xfe/x"] {
            let path = PathBuf::from(OsString::from_vec(bytes.to_vec()));
            let json = serde_json::to_string(&PathJson::from(path.as_path())).unwrap();
            let back: PathJson = serde_json::from_str(&json).unwrap();
            assert_eq!(PathBuf::from(back), path);
        }
    }
}
