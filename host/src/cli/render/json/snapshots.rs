//! Snapshots, as `list` and `show` have them.

use super::{Tally, tallies};
use serde::Serialize;
use takeback::model::SnapshotId;
use takeback::vault::{SnapshotRecord, TargetRecord};

#[derive(Serialize)]
pub(in crate::cli) struct SnapshotView<'a> {
    id: &'a str,
    time: &'a str,
    kind: &'static str,
    complete: bool,
    pinned: bool,
    note: Option<&'a str>,
    host: &'a str,
    user: &'a str,
    project: Option<&'a str>,
    targets: Vec<TargetView<'a>>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    target: &'a str,
    file: String,
    sha256: String,
    size: u64,
    /// `plain`, or `thin` when it leans on the archive of another snapshot.
    form: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a str>,
    stored_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged_since: Option<&'a str>,
    files: u64,
    bytes: u64,
    troubles: u64,
    adapter: &'a str,
    tallies: Vec<Tally<'a>>,
}

pub(in crate::cli) fn snapshot(record: &SnapshotRecord) -> SnapshotView<'_> {
    SnapshotView {
        id: record.id.as_str(),
        time: &record.time,
        kind: record.kind.as_str(),
        complete: record.is_complete(),
        pinned: record.pinned,
        note: record.note.as_deref(),
        host: &record.host,
        user: &record.user,
        project: record.project.as_deref(),
        targets: record.targets.iter().map(target).collect(),
    }
}

fn target(record: &TargetRecord) -> TargetView<'_> {
    TargetView {
        target: record.target.as_str(),
        file: record.file_name(),
        sha256: record.digest.to_string(),
        size: record.size,
        form: record.form_name(),
        base: record.thin().map(|thin| thin.base.as_str()),
        stored_size: record.stored_size(),
        unchanged_since: record.unchanged_since.as_ref().map(SnapshotId::as_str),
        files: record.files,
        bytes: record.bytes,
        troubles: record.troubles,
        adapter: &record.adapter,
        tallies: tallies(&record.tallies),
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct List<'a> {
    pub(in crate::cli) schema_version: u32,
    pub(in crate::cli) message_type: &'static str,
    pub(in crate::cli) vault: String,
    pub(in crate::cli) snapshots: Vec<SnapshotView<'a>>,
    pub(in crate::cli) damaged: Vec<String>,
}
