//! `takeback config set` and `unset`: one value changes, and every other byte that somebody
//! wrote stays: comments, order, spaces. Before anything is written, the new text is read as
//! every command reads it, and compared with the old one plus this change.

use super::file;
use super::{Place, keys, show};
use crate::cli::config;
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::render::json;
use serde::Serialize;
use serde_json::Value as Json;
use takeback::model::Shown;
use toml_edit::{Document as Spans, DocumentMut, Item, TableLike, Value};

#[derive(Serialize)]
struct Changed<'a> {
    schema_version: u32,
    message_type: &'static str,
    config: String,
    key: &'a str,
    value: Json,
    before: Json,
}

pub(super) fn set(place: &Place<'_>, key: &str, typed: &str) -> Result<ExitStatus, CommandError> {
    keys::find(key)?;
    let old = readable(place)?;
    let before = value_of(&old, key);
    let new = with(&old, key, &value(key, typed)).map_err(by_hand)?;
    let after = value_of(&new, key);
    file::check(place, &new).map_err(|e| e.hint("nothing was changed"))?;
    write(place, &old, &new)?;
    say(place, key, before, after)
}

pub(super) fn unset(place: &Place<'_>, key: &str) -> Result<ExitStatus, CommandError> {
    keys::find(key)?;
    let old = readable(place)?;
    let Some(before) = value_of(&old, key) else {
        let message = format!("{} says nothing of {}", place.shown(), Shown(key));
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let new = without(&old, key).map_err(by_hand)?;
    file::check(place, &new).map_err(|e| e.hint("nothing was changed"))?;
    write(place, &old, &new)?;
    say(place, key, Some(before), None)
}

/// The file's text. One that is not understood is not changed by a program.
fn readable(place: &Place<'_>) -> Result<String, CommandError> {
    let text = config::read_text(&place.path)?.unwrap_or_default();
    file::check(place, &text).map_err(|e| e.hint("`takeback config edit` puts it right"))?;
    Ok(text)
}

fn write(place: &Place<'_>, old: &str, new: &str) -> Result<(), CommandError> {
    if old == new {
        return Ok(());
    }
    config::write(&place.path, &place.own.config, new)
}

fn value_of(text: &str, key: &str) -> Option<Json> {
    let said = file::said(text)?;
    said.into_iter()
        .find(|said| said.name == key)
        .map(|said| said.value)
}

/// A number where it is one, but for what is text in any case.
fn value(key: &str, typed: &str) -> Value {
    let number = typed
        .parse::<i64>()
        .ok()
        .filter(|_| key != "vault" && !key.ends_with("within"));
    number.map_or_else(|| typed.into(), Value::from)
}

/// No way was found that leaves the rest as it is.
fn by_hand(why: &'static str) -> CommandError {
    CommandError::new(
        ExitStatus::Refused,
        format!("the file cannot be changed here: {why}"),
    )
    .hint("`takeback config edit` opens it")
}

/// How a value can be written into a text.
type Way = fn(&str, &str, &Value) -> Option<String>;

/// The text with this value.
fn with(old: &str, key: &str, value: &Value) -> Result<String, &'static str> {
    let mut expected = table(old)?;
    put(&mut expected, key, value).ok_or("a part of the name is no table")?;
    let ways: [Way; 2] = [below_its_comment, by_document];
    // The library writes one kind of line end.
    let ends = |new: String| match old.contains("\r\n") {
        true => new.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => new,
    };
    ways.iter()
        .filter_map(|way| way(old, key, value).map(ends))
        .find(|new| table(new).as_ref() == Ok(&expected))
        .ok_or("what it says besides would not stay the same")
}

fn table(text: &str) -> Result<toml::Table, &'static str> {
    toml::from_str(text).map_err(|_| "it is not understood")
}

/// Sets a value among plain values.
fn put(table: &mut toml::Table, key: &str, value: &Value) -> Option<()> {
    let value = match value {
        Value::Integer(number) => toml::Value::Integer(*number.value()),
        other => toml::Value::String(other.as_str()?.to_owned()),
    };
    let (above, name) = parts(key);
    let mut table = table;
    for part in above {
        let inner = table
            .entry(part)
            .or_insert_with(|| toml::Table::new().into());
        table = inner.as_table_mut()?;
    }
    table.insert(name.to_owned(), value);
    Some(())
}

/// The tables of a dotted name, and what it is called in the last of them.
fn parts(key: &str) -> (Vec<&str>, &str) {
    let mut parts: Vec<&str> = key.split('.').collect();
    let name = parts.pop().unwrap_or(key);
    (parts, name)
}

/// A file that `init` wrote has each setting as a comment: a value belongs below its own.
fn below_its_comment(old: &str, key: &str, value: &Value) -> Option<String> {
    let is_it = |line: &str| {
        let said = line
            .strip_prefix('#')
            .map(str::trim_start)?
            .strip_prefix(key)?;
        Some(said.trim_start().starts_with('='))
    };
    let mut end = 0;
    for line in old.split_inclusive('\n') {
        end += line.len();
        if is_it(line) == Some(true) {
            let (before, after) = old.split_at(end);
            let gap = if before.ends_with('\n') { "" } else { "\n" };
            let is_set = old.lines().any(|line| line.trim_start().starts_with(key));
            return (!is_set).then(|| format!("{before}{gap}{key} = {value}\n{after}"));
        }
    }
    None
}

/// The way of the library: in its place where it is set, else at the end of its table.
fn by_document(old: &str, key: &str, value: &Value) -> Option<String> {
    let mut document: DocumentMut = old.parse().ok()?;
    // What stands below the last value belongs to nothing, and would come after a new table.
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    let (above, name) = parts(key);
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let (mut made, mut between_braces, mut added) = (false, false, false);
    for part in &above {
        between_braces |= table.get(part).is_some_and(Item::is_value);
        if table.get(part).is_none() {
            let mut new = toml_edit::Table::new();
            let last = above.last() == Some(part);
            new.set_implicit(!last);
            if last && !trailing.is_empty() {
                new.decor_mut()
                    .set_prefix(format!("{}\n", trailing.trim_end_matches('\n')) + "\n");
                made = true;
            }
            table.insert(part, Item::Table(new));
        }
        table = table.get_mut(part)?.as_table_like_mut()?;
    }
    match table.get_mut(name) {
        Some(Item::Value(old)) => {
            let decor = old.decor().clone();
            *old = value.clone();
            *old.decor_mut() = decor;
        }
        Some(_) => return None,
        None => {
            append(table, name, value.clone(), between_braces);
            added = true;
        }
    }
    if added && above.is_empty() && document.as_table().len() == 1 && !trailing.is_empty() {
        let mut name = document.as_table_mut().key_mut(name)?;
        name.leaf_decor_mut().set_prefix(trailing);
        made = true;
    }
    if made {
        document.set_trailing("");
    }
    Some(document.to_string())
}

/// Adds a value; the space before a closing brace stays before it.
fn append(table: &mut dyn TableLike, name: &str, mut value: Value, between_braces: bool) {
    let last = table
        .iter_mut()
        .last()
        .and_then(|(_, item)| item.as_value_mut());
    if let Some(last) = last.filter(|_| between_braces) {
        let end = last.decor().suffix().cloned().unwrap_or_default();
        last.decor_mut().set_suffix("");
        value.decor_mut().set_prefix(" ");
        value.decor_mut().set_suffix(end);
    }
    table.insert(name, Item::Value(value));
}

/// The text without this value: its line goes, and nothing else.
fn without(old: &str, key: &str) -> Result<String, &'static str> {
    let mut expected = table(old)?;
    take(&mut expected, key);
    let fits = |new: &String| table(new).map(full).as_ref() == Ok(&full(expected.clone()));
    let ways: [fn(&str, &str) -> Option<String>; 2] = [without_line, without_value];
    let found = ways.iter().filter_map(|way| way(old, key)).find(fits);
    found.ok_or("what it says besides would not stay the same")
}

fn take(table: &mut toml::Table, key: &str) -> Option<()> {
    let (above, name) = parts(key);
    let mut table = table;
    for part in above {
        table = table.get_mut(part)?.as_table_mut()?;
    }
    table.remove(name).map(|_| ())
}

/// Without tables in which nothing is.
fn full(table: toml::Table) -> toml::Table {
    let keep = |(name, value): (String, toml::Value)| match value {
        toml::Value::Table(inner) => {
            let inner = full(inner);
            (!inner.is_empty()).then_some((name, inner.into()))
        }
        value => Some((name, value)),
    };
    table.into_iter().filter_map(keep).collect()
}

/// Removes the line or lines that a value has for itself.
fn without_line(old: &str, key: &str) -> Option<String> {
    let document = Spans::parse(old).ok()?;
    let (above, name) = parts(key);
    let mut table: &dyn TableLike = document.as_table();
    for part in above {
        table = table.get(part)?.as_table_like()?;
    }
    let (key, item) = table.get_key_value(name)?;
    let (start, end) = (key.span()?.start, item.span()?.end);
    let start = old[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = old[end..].find('\n').map_or(old.len(), |at| end + at + 1);
    Some(format!("{}{}", &old[..start], &old[end..]))
}

/// Removes a value between two braces.
fn without_value(old: &str, key: &str) -> Option<String> {
    let mut document: DocumentMut = old.parse().ok()?;
    let (above, name) = parts(key);
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for part in above {
        table = table.get_mut(part)?.as_table_like_mut()?;
    }
    table.remove(name)?;
    Some(document.to_string())
}

fn say(
    place: &Place<'_>,
    key: &str,
    before: Option<Json>,
    after: Option<Json>,
) -> Result<ExitStatus, CommandError> {
    let default = keys::default(key);
    if place.voice.json {
        json::print(&Changed {
            schema_version: json::SCHEMA,
            message_type: "config-change",
            config: place.path.display().to_string(),
            key,
            value: after.unwrap_or(Json::Null),
            before: before.unwrap_or(Json::Null),
        });
        return Ok(ExitStatus::Done);
    }
    let words = |value: &Option<Json>| match value {
        Some(value) => show::plain(value),
        None if key == "vault" => "the usual place".to_owned(),
        None => format!("{}, the default", show::plain(&default)),
    };
    let (was, is) = (words(&before), words(&after));
    place.voice.say(format!(
        "{} is {is} in {}; it was {was}",
        Shown(key),
        place.shown()
    ));
    Ok(ExitStatus::Done)
}

#[cfg(test)]
mod tests;
