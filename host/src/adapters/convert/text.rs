//! Bounds on strings and lists.

use crate::model::Shown;
use crate::model::limits::{ADAPTER_ITEMS, ADAPTER_STRING};

/// Why a part of an answer is not usable; foreign parts are already escaped.
pub(super) type Why = String;

/// A string of bounded length. Control characters are allowed: it is escaped wherever
/// it is shown.
pub(super) fn text(value: String, what: &str) -> Result<String, Why> {
    if value.len() > ADAPTER_STRING {
        return Err(format!("{what} is longer than {ADAPTER_STRING} bytes"));
    }
    Ok(value)
}

/// A short name without control characters, not empty.
pub(super) fn name(value: String, what: &str) -> Result<String, Why> {
    if value.is_empty() || value.len() > 64 || value.chars().any(char::is_control) {
        return Err(format!(
            "{what} {} is not 1 to 64 printable characters",
            Shown(&value)
        ));
    }
    Ok(value)
}

/// A list of bounded length, each item converted.
pub(super) fn list<T, R>(
    items: Vec<T>,
    what: &str,
    convert: impl FnMut(T) -> Result<R, Why>,
) -> Result<Vec<R>, Why> {
    bounded(items, what, ADAPTER_ITEMS)?
        .into_iter()
        .map(convert)
        .collect()
}

/// A list of at most so many items.
pub(super) fn bounded<T>(items: Vec<T>, what: &str, most: usize) -> Result<Vec<T>, Why> {
    if items.len() > most {
        return Err(format!("it has more than {most} {what}"));
    }
    Ok(items)
}

/// One line of printable ASCII.
pub(super) fn command_line(value: String) -> Result<String, Why> {
    let printable = value.bytes().all(|b| (b' '..=b'~').contains(&b));
    if value.is_empty() || value.len() > ADAPTER_STRING || !printable {
        return Err(format!(
            "the command {} is not printable ASCII on one line",
            Shown(&value)
        ));
    }
    Ok(value)
}
