//! Values with keys, whatever language they were written in, and what differs between two.

use crate::model::limits::DIFF_TIME;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::collections::BTreeMap;
use std::time::Instant;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A single one, as text: strings in quotes, numbers as they were written.
    Leaf(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Table(BTreeMap<String, Value>),
}

/// A value that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// JSON pointer of its place: after, or before when it is gone.
    pub pointer: String,
    /// What was there, on one line; `None` when nothing was.
    pub before: Option<String>,
    /// What is there now.
    pub after: Option<String>,
}

impl Value {
    /// The whole of it on one line.
    pub(super) fn line(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Leaf(text) => out.push_str(text),
            Self::List(values) => {
                out.push('[');
                for (number, value) in values.iter().enumerate() {
                    out.push_str(if number > 0 { ", " } else { "" });
                    value.write(out);
                }
                out.push(']');
            }
            Self::Table(values) => {
                out.push('{');
                for (number, (name, value)) in values.iter().enumerate() {
                    out.push_str(if number > 0 { ", " } else { "" });
                    out.push_str(&quoted(name));
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A string as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Until when the shortest way from one list to another is looked for; what is found then
/// is a way, too.
pub(super) fn patience() -> Option<Instant> {
    Instant::now().checked_add(DIFF_TIME)
}

/// What differs between two values, in the order of their places.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<KeyChange> {
    let mut found = Vec::new();
    compare(&mut String::new(), before, after, &mut found);
    found
}

/// The same of values that are given with their places.
pub(super) fn flat_changes(
    before: &[(String, String)],
    after: &[(String, String)],
) -> Vec<KeyChange> {
    let (before, mut after) = (by_place(before), by_place(after));
    let mut found = Vec::new();
    for (place, old) in before {
        let new = after.remove(&place);
        if new.as_ref() != Some(&old) {
            found.push((place, Some(old), new));
        }
    }
    found.extend(
        after
            .into_iter()
            .map(|(place, new)| (place, None, Some(new))),
    );
    found.sort();
    let change = |((pointer, _), before, after): (Place, _, _)| KeyChange {
        pointer,
        before,
        after,
    };
    found.into_iter().map(change).collect()
}

/// A pointer, and how many values of the same place come before: a file can hold several
/// documents.
type Place = (String, u32);

fn by_place(all: &[(String, String)]) -> BTreeMap<Place, String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (pointer, value) in all {
        let count = counts.entry(pointer).or_default();
        places.insert((pointer.clone(), *count), value.clone());
        *count += 1;
    }
    places
}

fn compare(at: &mut String, before: &Value, after: &Value, found: &mut Vec<KeyChange>) {
    match (before, after) {
        (Value::Table(one), Value::Table(other)) => tables(at, one, other, found),
        (Value::List(one), Value::List(other)) => lists(at, one, other, found),
        (one, other) if one == other => {}
        (one, other) => found.push(change(at, Some(one), Some(other))),
    }
}

fn change(at: &str, before: Option<&Value>, after: Option<&Value>) -> KeyChange {
    KeyChange {
        pointer: at.to_owned(),
        before: before.map(Value::line),
        after: after.map(Value::line),
    }
}

/// Goes one name further for as long as something is done there.
fn below(at: &mut String, name: &str, work: impl FnOnce(&mut String)) {
    let length = at.len();
    at.push('/');
    at.push_str(&name.replace('~', "~0").replace('/', "~1"));
    work(at);
    at.truncate(length);
}

fn tables(
    at: &mut String,
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
    found: &mut Vec<KeyChange>,
) {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        below(at, name, |at| match (before.get(name), after.get(name)) {
            (Some(one), Some(other)) => compare(at, one, other, found),
            (one, other) => found.push(change(at, one, other)),
        });
    }
}

/// Of lists, elements that are the same stay together wherever they stand.
fn lists(at: &mut String, before: &[Value], after: &[Value], found: &mut Vec<KeyChange>) {
    if before == after {
        return;
    }
    let text = |all: &[Value]| -> Vec<String> { all.iter().map(Value::line).collect() };
    let (one, other) = (text(before), text(after));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &one, &other, patience());
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (old, new) = (op.old_range(), op.new_range());
        let both = old.len().min(new.len());
        for (old, new) in old.clone().zip(new.clone()) {
            if let (Some(one), Some(other)) = (before.get(old), after.get(new)) {
                below(at, &new.to_string(), |at| compare(at, one, other, found));
            }
        }
        for number in old.skip(both) {
            let gone = before.get(number);
            below(at, &number.to_string(), |at| {
                found.push(change(at, gone, None));
            });
        }
        for number in new.skip(both) {
            let added = after.get(number);
            below(at, &number.to_string(), |at| {
                found.push(change(at, None, added));
            });
        }
    }
}
