//! Names of targets, rules and snapshots.

use std::fmt;
use std::sync::Arc;

/// A name that breaks its rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not 1 to `max` of `a-z`, `0-9` and `-` starting with a letter.
    #[error("a {what} is 1 to {max} of a-z, 0-9 and -, starting with a letter")]
    NotKebab {
        /// What was to be named.
        what: &'static str,
        /// Longest allowed.
        max: usize,
    },
    /// Not a snapshot's timestamp.
    #[error("a snapshot is named like 2026-01-20_15-30-00 or 2026-01-20_15-30-00-2")]
    NotSnapshot,
    /// Not an operation's timestamp.
    #[error("an operation is named like 2026-01-20_15-30-00 or 2026-01-20_15-30-00-2")]
    NotOperation,
}

fn kebab(text: &str, what: &'static str, max: usize) -> Result<String, NameError> {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if starts && text.len() <= max && text.bytes().all(legal) {
        Ok(text.to_owned())
    } else {
        Err(NameError::NotKebab { what, max })
    }
}

/// The name of a target, such as `claude`. Safe as a file name on every system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(String);

impl TargetId {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is not 1 to 32 of `a-z`, `0-9` and `-`, starting with a letter.
    pub fn new(text: &str) -> Result<Self, NameError> {
        // Windows opens a device when a file bears such a name, whatever its extension.
        if matches!(text, "con" | "prn" | "aux" | "nul") {
            return Err(NameError::NotKebab {
                what: "target name",
                max: 32,
            });
        }
        kebab(text, "target name", 32).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The name of a rule, unique within its declaration. A copy shares the text: every file of
/// a plan names its rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is not 1 to 64 of `a-z`, `0-9` and `-`, starting with a letter.
    pub fn new(text: &str) -> Result<Self, NameError> {
        kebab(text, "rule id", 64).map(|text| Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The name of a snapshot: its local time, and a counter when two share a second.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(String);

impl SnapshotId {
    /// Checks a name.
    ///
    /// # Errors
    /// When it does not look like `2026-01-20_15-30-00` or `2026-01-20_15-30-00-2`.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if is_stamp(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::NotSnapshot)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether it is a local time, with a counter when two share a second.
fn is_stamp(text: &str) -> bool {
    const PATTERN: &[u8; 19] = b"dddd-dd-dd_dd-dd-dd";
    let bytes = text.as_bytes();
    let fits = |(p, b): (&u8, &u8)| {
        if *p == b'd' {
            b.is_ascii_digit()
        } else {
            p == b
        }
    };
    let stamp = bytes.len() >= 19 && PATTERN.iter().zip(bytes).all(fits);
    let counter = match bytes.get(19..) {
        None => false,
        Some([]) => true,
        Some([b'-', first @ b'1'..=b'9', rest @ ..]) => {
            rest.len() <= 3
                && rest.iter().all(u8::is_ascii_digit)
                && (*first, rest.len()) != (b'1', 0)
        }
        Some(_) => false,
    };
    stamp && counter
}

/// The name of an operation that changed live files: its local time, and a counter when
/// two share a second.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(String);

impl OperationId {
    /// Checks a name.
    ///
    /// # Errors
    /// When it does not look like `2026-01-20_15-30-00` or `2026-01-20_15-30-00-2`.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if is_stamp(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::NotOperation)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_names() {
        for good in ["claude", "a", "vs-code2"] {
            assert!(TargetId::new(good).is_ok(), "{good}");
        }
        let long = "x".repeat(33);
        for bad in [
            "", "2x", "-x", "A", "a b", "../evil", "a/b", "a.b", "nul", &long,
        ] {
            assert!(TargetId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn snapshot_names() {
        for good in [
            "2026-01-20_15-30-00",
            "2026-01-20_15-30-00-2",
            "2026-01-20_15-30-00-12",
        ] {
            assert!(SnapshotId::new(good).is_ok(), "{good}");
        }
        for bad in [
            "2026-01-20",
            "2026-01-20_15-30-00-",
            "2026-01-20_15-30-00-1",
            "2026-01-20_15-30-00-0",
            "2026-01-20_15-30-00x",
            "2026-01-20_15-30-00/../x",
            ".tmp",
        ] {
            assert!(SnapshotId::new(bad).is_err(), "{bad}");
        }
    }
}
