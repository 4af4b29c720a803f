//! Values of TOML.

use super::value::{Value, quoted};
use toml::de::{DeTable, DeValue};

/// The values of a file; `None` when it is not TOML.
pub(super) fn parse(text: &str) -> Option<Value> {
    let whole = DeTable::parse(text).ok()?;
    Some(table(whole.get_ref()))
}

fn table(table: &DeTable<'_>) -> Value {
    let entries = table.iter();
    let entries = entries.map(|(name, one)| (name.get_ref().to_string(), value(one.get_ref())));
    Value::Table(entries.collect())
}

fn value(one: &DeValue<'_>) -> Value {
    match one {
        DeValue::Table(entries) => table(entries),
        DeValue::Array(all) => Value::List(all.iter().map(|one| value(one.get_ref())).collect()),
        DeValue::String(text) => Value::Leaf(quoted(text)),
        DeValue::Boolean(yes) => Value::Leaf(yes.to_string()),
        DeValue::Integer(number) => Value::Leaf(number.to_string()),
        DeValue::Float(number) => Value::Leaf(number.to_string()),
        DeValue::Datetime(time) => Value::Leaf(time.to_string()),
    }
}
