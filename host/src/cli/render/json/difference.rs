//! Differences inside files, as parts of documents.

use serde::Serialize;
use takeback::diff::{
    Content, Difference, Hunk, KeyChange, LineFate, Record, RecordChange, Records, SecretFate,
};

#[derive(Serialize)]
pub(in crate::cli) struct DifferenceView<'a> {
    #[serde(flatten)]
    content: ContentView<'a>,
    secrets: Vec<SecretView<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum ContentView<'a> {
    Same,
    Form,
    Text { hunks: Vec<HunkView<'a>> },
    Keys { keys: Vec<KeyView<'a>> },
    Records(RecordsView<'a>),
    Binary,
    Database,
    Unseen { why: String },
}

#[derive(Serialize)]
struct SecretView<'a> {
    pointer: &'a str,
    change: &'static str,
}

#[derive(Serialize)]
struct HunkView<'a> {
    /// The first line, counted from 1, and how many.
    before: (usize, usize),
    after: (usize, usize),
    lines: Vec<LineView<'a>>,
}

#[derive(Serialize)]
struct LineView<'a> {
    change: &'static str,
    text: &'a str,
    line_break: bool,
}

#[derive(Serialize)]
struct KeyView<'a> {
    pointer: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct RecordsView<'a> {
    same: u64,
    appended: u64,
    added: Vec<RecordView<'a>>,
    removed: Vec<RecordView<'a>>,
    changed: Vec<ChangedRecordView<'a>>,
    moved: bool,
}

#[derive(Serialize)]
struct RecordView<'a> {
    line: u64,
    name: Option<&'a str>,
    record_type: Option<&'a str>,
    bytes: u64,
    appended: bool,
}

#[derive(Serialize)]
struct ChangedRecordView<'a> {
    #[serde(flatten)]
    record: RecordView<'a>,
    keys: Vec<KeyView<'a>>,
}

pub(in crate::cli) fn difference(difference: &Difference) -> DifferenceView<'_> {
    let secrets = difference.secrets.iter().map(|one| SecretView {
        pointer: &one.pointer,
        change: match one.fate {
            SecretFate::Added => "added",
            SecretFate::Removed => "removed",
            SecretFate::Changed => "changed",
        },
    });
    DifferenceView {
        content: content(&difference.content),
        secrets: secrets.collect(),
    }
}

fn content(content: &Content) -> ContentView<'_> {
    match content {
        Content::Same => ContentView::Same,
        Content::Form => ContentView::Form,
        Content::Binary => ContentView::Binary,
        Content::Database => ContentView::Database,
        Content::Unseen(why) => ContentView::Unseen {
            why: why.to_string(),
        },
        Content::Text(hunks) => ContentView::Text {
            hunks: hunks.iter().map(hunk).collect(),
        },
        Content::Keys(changes) => ContentView::Keys {
            keys: keys(changes),
        },
        Content::Records(all) => ContentView::Records(records(all)),
    }
}

fn hunk(hunk: &Hunk) -> HunkView<'_> {
    let lines = hunk.lines.iter().map(|line| LineView {
        change: match line.fate {
            LineFate::Same => "same",
            LineFate::Removed => "removed",
            LineFate::Added => "added",
        },
        text: &line.text,
        line_break: !line.open_end,
    });
    HunkView {
        before: (hunk.before.start + 1, hunk.before.len()),
        after: (hunk.after.start + 1, hunk.after.len()),
        lines: lines.collect(),
    }
}

fn keys(changes: &[KeyChange]) -> Vec<KeyView<'_>> {
    let views = changes.iter().map(|change| KeyView {
        pointer: &change.pointer,
        before: change.before.as_deref(),
        after: change.after.as_deref(),
    });
    views.collect()
}

fn records(all: &Records) -> RecordsView<'_> {
    RecordsView {
        same: all.same,
        appended: all.appended().0,
        added: all.added.iter().map(record).collect(),
        removed: all.removed.iter().map(record).collect(),
        changed: all.changed.iter().map(changed_record).collect(),
        moved: all.moved,
    }
}

fn record(record: &Record) -> RecordView<'_> {
    RecordView {
        line: record.line,
        name: record.name.as_deref(),
        record_type: record.kind.as_deref(),
        bytes: record.bytes,
        appended: record.appended,
    }
}

fn changed_record(change: &RecordChange) -> ChangedRecordView<'_> {
    ChangedRecordView {
        record: record(&change.record),
        keys: keys(&change.keys),
    }
}
