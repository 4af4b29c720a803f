//! What a configuration file says, by dotted names, each with its line.

use super::Place;
use crate::cli::config::{self, Config};
use crate::cli::context;
use crate::cli::error::CommandError;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// One value of a file.
pub(super) struct Said {
    /// Its dotted name.
    pub(super) name: String,
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) value: Value,
}

/// All values of a file, in its order; `None` where it is no TOML.
pub(super) fn said(text: &str) -> Option<Vec<Said>> {
    let table = DeTable::parse(text).ok()?;
    let values: toml::Table = toml::from_str(text).ok()?;
    let mut found = Vec::new();
    let values = serde_json::to_value(values).ok()?;
    collect(text, table.get_ref(), &values, "", &mut found);
    found.sort_by_key(|said| said.line);
    Some(found)
}

fn collect(text: &str, table: &DeTable<'_>, values: &Value, above: &str, found: &mut Vec<Said>) {
    for (key, value) in table {
        let name = format!("{above}{}", key.get_ref());
        let json = values
            .get(key.get_ref().as_ref())
            .cloned()
            .unwrap_or_default();
        match value.get_ref() {
            DeValue::Table(inner) => collect(text, inner, &json, &format!("{name}."), found),
            _ => {
                let before = text.get(..key.span().start).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                found.push(Said {
                    name,
                    line,
                    value: json,
                });
            }
        }
    }
}

/// An error where a text is no configuration that the program would start with.
pub(super) fn check(place: &Place<'_>, text: &str) -> Result<(), CommandError> {
    let Config { vault, keep, .. } = config::interpret(text, &place.path)?;
    keep.unwrap_or_default().policies(&place.path)?;
    context::vault_path(None, vault, &place.facts.home, &place.own)?;
    Ok(())
}
