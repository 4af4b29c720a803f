//! The report as one JSON document.

use super::super::render::json;
use super::survey::{Point, Survey, Target, Told};
use super::words::attention;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    vault: &'a str,
    on_disk: u64,
    trashed: u64,
    damaged: u64,
    attention: Vec<String>,
    targets: Vec<TargetView<'a>>,
    months: &'a BTreeMap<String, u64>,
    snapshots: Vec<SnapshotView<'a>>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    target: &'a str,
    snapshots: u64,
    newest: Option<&'a str>,
    newest_complete: Option<&'a str>,
    oldest_restorable: Option<&'a str>,
    on_disk: u64,
    classes: Vec<ClassView>,
}

#[derive(Serialize)]
struct ClassView {
    class: &'static str,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct SnapshotView<'a> {
    id: &'a str,
    time: &'a str,
    kind: &'static str,
    complete: bool,
    pinned: bool,
    note: Option<&'a str>,
    bytes: u64,
    changes: Vec<ChangeView<'a>>,
    /// Targets whose archives were not looked into: what the records say.
    unknown: Vec<MoreView<'a>>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    target: &'a str,
    first: bool,
    added: u64,
    changed: u64,
    removed: u64,
}

#[derive(Serialize)]
struct MoreView<'a> {
    target: &'a str,
    files: i64,
    bytes: i64,
}

/// Prints it.
pub(super) fn print(survey: &Survey) {
    json::print(&Document {
        schema_version: json::SCHEMA,
        message_type: "report",
        vault: &survey.vault,
        on_disk: survey.on_disk,
        trashed: survey.trashed,
        damaged: survey.damaged,
        attention: attention(survey),
        targets: survey.targets.iter().map(target).collect(),
        months: &survey.months,
        snapshots: survey.snapshots.iter().map(snapshot).collect(),
    });
}

fn target(target: &Target) -> TargetView<'_> {
    fn id(point: &Option<Point>) -> Option<&str> {
        point.as_ref().map(|point| point.id.as_str())
    }
    let classes = target.classes.iter().map(|one| ClassView {
        class: one.class.as_str(),
        files: one.files,
        bytes: one.bytes,
    });
    TargetView {
        target: target.id.as_str(),
        snapshots: target.snapshots,
        newest: id(&target.newest),
        newest_complete: id(&target.newest_complete),
        oldest_restorable: id(&target.oldest),
        on_disk: target.on_disk,
        classes: classes.collect(),
    }
}

fn snapshot(told: &Told) -> SnapshotView<'_> {
    let record = &told.record;
    SnapshotView {
        id: record.id.as_str(),
        time: &record.time,
        kind: record.kind.as_str(),
        complete: record.is_complete(),
        pinned: record.pinned,
        note: record.note.as_deref(),
        bytes: told.bytes(),
        changes: told
            .changed
            .iter()
            .map(|(target, one)| ChangeView {
                target: target.as_str(),
                first: one.first,
                added: one.added,
                changed: one.changed,
                removed: one.removed,
            })
            .collect(),
        unknown: told
            .unknown
            .iter()
            .map(|(target, more)| MoreView {
                target: target.as_str(),
                files: more.files,
                bytes: more.bytes,
            })
            .collect(),
    }
}
