//! Two files of JSON lines, by records: each is known by the name it gives itself, or else
//! by what is in it.

use super::json;
use super::value::{KeyChange, Value, changes};
use std::collections::{BTreeSet, HashMap};

/// Keys under which a record names itself, the first that is there.
const NAMES: [&str; 2] = ["uuid", "id"];

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its line, counted from 1.
    pub line: u64,
    /// What it calls itself.
    pub name: Option<String>,
    /// What it says it is.
    pub kind: Option<String>,
    /// Its bytes.
    pub bytes: u64,
    /// Whether it stands behind all records that were there before.
    pub appended: bool,
}

/// A record that is on both sides, and not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// The record, where it stands now.
    pub record: Record,
    /// What is different in it.
    pub keys: Vec<KeyChange>,
}

/// What became of the records of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// How many are the same.
    pub same: u64,
    /// New ones.
    pub added: Vec<Record>,
    /// Those that are gone.
    pub removed: Vec<Record>,
    /// Those that are not the same.
    pub changed: Vec<RecordChange>,
    /// Whether those on both sides stand in another order.
    pub moved: bool,
}

impl Records {
    /// Whether all records are where and as they were.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let none = self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty();
        none && !self.moved
    }

    /// How many were appended, and their bytes.
    #[must_use]
    pub fn appended(&self) -> (u64, u64) {
        let appended = self.added.iter().filter(|record| record.appended);
        appended.fold((0, 0), |(count, bytes), record| {
            (count + 1, bytes + record.bytes)
        })
    }
}

/// What a record is known by: its text, and how many of the same stand before it.
type Key = (String, u32);

struct Line<'a> {
    text: &'a str,
    record: Record,
    key: Key,
}

/// Compares two files. Lines at the front that are the same are not looked into.
pub(super) fn compare(before: &str, after: &str) -> Records {
    let (one, other) = (texts(before), texts(after));
    let front = one
        .iter()
        .zip(&other)
        .take_while(|(one, other)| one.1 == other.1);
    let front = front.count();
    let old = lines(&one[front..]);
    let new = lines(&other[front..]);
    let mut found = Records {
        same: front as u64,
        ..Records::default()
    };
    let mut known: HashMap<&Key, usize> = old
        .iter()
        .enumerate()
        .map(|(at, line)| (&line.key, at))
        .collect();
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    let (mut last, mut behind) = (None, 0);
    for line in &new {
        let Some(at) = known.remove(&line.key) else {
            found.added.push(line.record.clone());
            continue;
        };
        // Something old stands behind what is new so far.
        behind = found.added.len();
        found.moved |= last.is_some_and(|last| at < last);
        last = last.max(Some(at));
        kept.insert(at);
        note(&old[at], line, &mut found);
    }
    for record in found.added.iter_mut().skip(behind) {
        record.appended = true;
    }
    let gone = old.iter().enumerate().filter(|(at, _)| !kept.contains(at));
    found.removed = gone.map(|(_, line)| line.record.clone()).collect();
    found
}

/// Notes a record that is on both sides.
fn note(old: &Line<'_>, new: &Line<'_>, found: &mut Records) {
    let keys = match (json::parse(old.text), json::parse(new.text)) {
        (Some(old), Some(new)) => changes(&old, &new),
        _ => Vec::new(),
    };
    if keys.is_empty() {
        found.same += 1;
        return;
    }
    found.changed.push(RecordChange {
        record: new.record.clone(),
        keys,
    });
}

/// The lines that are not empty, with their numbers.
fn texts(content: &str) -> Vec<(u64, &str)> {
    let lines = (1..).zip(content.lines().map(str::trim));
    lines.filter(|(_, text)| !text.is_empty()).collect()
}

fn lines<'a>(texts: &[(u64, &'a str)]) -> Vec<Line<'a>> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let line = |(line, text): &(u64, &'a str)| {
        let value = json::parse(text);
        let field = |name: &str| match value.as_ref()? {
            Value::Table(members) => match members.get(name)? {
                Value::Leaf(text) if text != "null" => Some(text.trim_matches('"').to_owned()),
                _ => None,
            },
            _ => None,
        };
        let name = NAMES.into_iter().find_map(field);
        // A name and a whole record cannot be mistaken for each other: the one is no JSON.
        let known_by = match (&name, &value) {
            (Some(name), _) => format!("={name}"),
            (None, Some(value)) => value.line(),
            (None, None) => (*text).to_owned(),
        };
        let count = seen.entry(known_by.clone()).or_default();
        *count += 1;
        Line {
            text,
            key: (known_by, *count),
            record: Record {
                line: *line,
                name,
                kind: field("type"),
                bytes: text.len() as u64,
                appended: false,
            },
        }
    };
    texts.iter().map(line).collect()
}
