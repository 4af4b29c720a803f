//! Words for commands out of restored files. Those come from an archive that anybody may
//! have written: a word that could mean anything to a shell is counted, not used.

use super::format::{Accept, Data, Each};
use crate::model::Shown;
use crate::model::limits::{HINT_WORD_BYTES, HINT_WORD_FILE, HINT_WORDS};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the files of an `each` hold.
#[derive(Default)]
pub(super) struct Words {
    /// In order of appearance, none twice.
    pub(super) usable: Vec<String>,
    /// Items without a word that may stand in a command, or too many, and unreadable files.
    pub(super) unusable: usize,
}

/// Checks that pointers are pointers.
pub(super) fn check(each: &Each) -> Result<(), String> {
    let fine = |pointer: &str| pointer.is_empty() || pointer.starts_with('/');
    let below = each.only.keys();
    let all = [&each.items, &each.value].into_iter().chain(below);
    let mut wrong = all.filter(|pointer| !fine(pointer));
    if let Some(pointer) = wrong.next() {
        let shown = Shown(pointer);
        return Err(format!(
            "{shown} is not a JSON pointer: it begins with `/` or is empty"
        ));
    }
    if each.key && !each.value.is_empty() {
        return Err("`each` says both of `key` and `value`".to_owned());
    }
    Ok(())
}

/// Reads the words of all files.
pub(super) fn of<'a>(each: &Each, files: impl Iterator<Item = &'a [u8]>) -> Words {
    let (mut words, mut seen) = (Words::default(), BTreeSet::new());
    for content in files {
        let Some(document) = document(each.format, content) else {
            words.unusable += 1;
            continue;
        };
        let mut items = Vec::new();
        collect("", &document, &steps(&each.items), &mut items);
        for (key, item) in items {
            if !each.only.iter().all(|(below, is)| has(item, below, is)) {
                continue;
            }
            let word = if each.key {
                Some(key)
            } else {
                pointed(item, &each.value).and_then(Value::as_str)
            };
            match word.filter(|word| is_plain(word, each.accept)) {
                Some(word) if seen.contains(word) => {}
                Some(word) if words.usable.len() < HINT_WORDS => {
                    seen.insert(word.to_owned());
                    words.usable.push(word.to_owned());
                }
                _ => words.unusable += 1,
            }
        }
    }
    words
}

fn document(format: Data, content: &[u8]) -> Option<Value> {
    if content.len() > HINT_WORD_FILE {
        return None;
    }
    match format {
        Data::Json => serde_json::from_slice(content).ok(),
        Data::Toml => toml::from_str(std::str::from_utf8(content).ok()?).ok(),
    }
}

/// The names of a JSON pointer.
fn steps(pointer: &str) -> Vec<String> {
    let names = pointer.split('/').skip(1);
    names
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Everything a pointer with `*` leads to, with the last key on the way.
fn collect<'v>(
    key: &'v str,
    value: &'v Value,
    steps: &[String],
    found: &mut Vec<(&'v str, &'v Value)>,
) {
    let Some((step, rest)) = steps.split_first() else {
        found.push((key, value));
        return;
    };
    match value {
        Value::Object(map) => {
            let chosen = map.iter().filter(|(name, _)| step == "*" || *name == step);
            chosen.for_each(|(name, value)| collect(name, value, rest, found));
        }
        Value::Array(list) if step == "*" => {
            list.iter()
                .for_each(|value| collect("", value, rest, found));
        }
        _ => {}
    }
}

fn pointed<'v>(item: &'v Value, below: &str) -> Option<&'v Value> {
    item.pointer(below)
}

/// Whether a text, number or truth is what is wanted.
fn has(item: &Value, below: &str, wanted: &str) -> bool {
    match pointed(item, below) {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Bool(truth)) => wanted == if *truth { "true" } else { "false" },
        Some(Value::Number(number)) => number.to_string() == wanted,
        _ => false,
    }
}

/// Whether a word means nothing but itself to a shell, and cannot be taken for an option,
/// a path from the root, or a command of a tool.
fn is_plain(word: &str, accept: Accept) -> bool {
    let also: &[u8] = match accept {
        Accept::Name => b"._-@",
        Accept::Address => b"._-@/:+",
    };
    let first = word.bytes().next();
    word.len() <= HINT_WORD_BYTES
        && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
}
