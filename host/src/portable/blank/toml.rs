//! Values of TOML.

use super::{BlankError, Scalar};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) fn scalars(text: &str) -> Result<Vec<Scalar>, BlankError> {
    let table = DeTable::parse(text).map_err(|_| BlankError::Invalid("TOML"))?;
    let mut found = Vec::new();
    in_table(table.get_ref(), &mut Vec::new(), &mut found);
    // Tables may be written in any order.
    found.sort_by_key(|scalar| scalar.at.start);
    Ok(found)
}

fn in_table(table: &DeTable<'_>, path: &mut Vec<String>, found: &mut Vec<Scalar>) {
    for (name, value) in table.iter() {
        path.push(name.get_ref().to_string());
        in_value(value, path, found);
        path.pop();
    }
}

fn in_value(value: &Spanned<DeValue<'_>>, path: &mut Vec<String>, found: &mut Vec<Scalar>) {
    let blank = match value.get_ref() {
        DeValue::Table(table) => return in_table(table, path, found),
        DeValue::Array(array) => {
            for (number, value) in array.iter().enumerate() {
                path.push(number.to_string());
                in_value(value, path, found);
                path.pop();
            }
            return;
        }
        DeValue::Boolean(_) => None,
        DeValue::String(text) => (!text.is_empty()).then_some("\"\""),
        DeValue::Integer(number) => (number.as_str() != "0").then_some("0"),
        DeValue::Float(_) | DeValue::Datetime(_) => Some("0"),
    };
    found.push(Scalar {
        path: path.clone(),
        at: value.span(),
        blank,
    });
}
