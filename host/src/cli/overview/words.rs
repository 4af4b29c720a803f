//! Times and kinds in words, the same in text and on the page. Pure.

use super::super::render::human::{ago, bytes, counted};
use super::changes::Changed;
use super::survey::{More, Survey, Told};
use takeback::vault::SnapshotKind;

/// A time as people here write it.
pub(super) fn time(seconds: i64) -> String {
    here(seconds, "%Y-%m-%d %H:%M")
}

/// The day of a time.
pub(super) fn day(seconds: i64) -> String {
    here(seconds, "%Y-%m-%d")
}

fn here(seconds: i64, form: &str) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| "an unknown time".to_owned(),
        |time| {
            let zoned = time.to_zoned(jiff::tz::TimeZone::system());
            zoned.strftime(form).to_string()
        },
    )
}

/// Why a snapshot was made.
pub(super) fn kind(kind: SnapshotKind) -> &'static str {
    match kind {
        SnapshotKind::Manual => "by hand",
        SnapshotKind::Automatic => "automatic",
        SnapshotKind::Safety => "safety",
        SnapshotKind::Imported => "imported",
    }
}

/// `3 added, 1 changed`.
pub(super) fn change(changed: &Changed) -> String {
    if changed.first {
        return format!("first backup, {}", counted(changed.added, "file", "files"));
    }
    let parts = [
        (changed.added, "added"),
        (changed.changed, "changed"),
        (changed.removed, "removed"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match parts.is_empty() {
        true => "no change".to_owned(),
        false => parts.join(", "),
    }
}

/// Of an archive that was not looked into: `not looked into; 2 files and 1.2 kB more`.
pub(super) fn more(more: More) -> String {
    let files = counted(more.files.unsigned_abs(), "file", "files");
    let size = bytes(more.bytes.unsigned_abs());
    let word = |by: i64| if by < 0 { "less" } else { "more" };
    let by = match (more.files, more.bytes) {
        (0, 0) => return "changed, as many files and bytes as before".to_owned(),
        (0, by) => format!("{size} {}", word(by)),
        (by, 0) => format!("{files} {}", word(by)),
        (one, other) if (one < 0) == (other < 0) => format!("{files} and {size} {}", word(one)),
        (one, other) => format!("{files} {}, {size} {}", word(one), word(other)),
    };
    format!("changed, {by}")
}

/// What somebody should do something about, the most pressing first.
pub(super) fn attention(survey: &Survey) -> Vec<String> {
    const WEEK: i64 = 7 * 86_400;
    let mut all = Vec::new();
    if survey.damaged > 0 {
        let records = counted(survey.damaged, "snapshot", "snapshots");
        all.push(format!(
            "{records} cannot be read, for the record is damaged. `takeback verify` says more."
        ));
    }
    for target in &survey.targets {
        let id = &target.id;
        match (&target.newest, &target.newest_complete) {
            (Some(newest), Some(complete)) if newest.id != complete.id => all.push(format!(
                "{id}: the newest backup is partial, something could not be read. \
                 The newest complete one is of {}. `takeback show {} {id}` says what is missing.",
                time(complete.time),
                newest.id
            )),
            (Some(newest), None) => all.push(format!(
                "{id}: no backup is complete, something could not be read each time. \
                 `takeback show {} {id}` says what is missing.",
                newest.id
            )),
            _ => {}
        }
        if target.newest.is_some() && target.oldest.is_none() {
            all.push(format!(
                "{id}: no archive fits its record. `takeback verify` says more."
            ));
        }
    }
    let newest = survey.newest().map(|told| told.time);
    match newest {
        None => all.push("There is no backup yet. `takeback backup` makes one.".to_owned()),
        Some(newest) if survey.now - newest > WEEK => all.push(format!(
            "The newest backup is {} old. `takeback backup` makes one.",
            ago(survey.now, newest).trim_end_matches(" ago")
        )),
        Some(_) => {}
    }
    all
}

/// What tells a snapshot from others, in words.
pub(super) fn marks(told: &Told) -> Vec<String> {
    let mut marks = vec![kind(told.record.kind).to_owned()];
    if told.record.pinned {
        marks.push("pinned".to_owned());
    }
    if told.is_partial() {
        marks.push("partial".to_owned());
    }
    marks
}
