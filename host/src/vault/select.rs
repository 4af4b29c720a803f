//! Which snapshot is meant.

use super::record::{SnapshotKind, SnapshotRecord};
use crate::model::{Shown, SnapshotId, TargetId};

/// What was typed for a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotSelector {
    /// The newest (0), or so many before it.
    Latest(usize),
    /// The newest of a day.
    Day(String),
    /// The beginning of a name, or all of it.
    Name(String),
}

impl SnapshotSelector {
    /// Understands `latest`, `latest~N`, a date, a name and the beginning of a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "latest" {
            return Self::Latest(0);
        }
        if let Some(back) = text.strip_prefix("latest~").and_then(|n| n.parse().ok()) {
            return Self::Latest(back);
        }
        if text.len() == 10 && SnapshotId::new(&format!("{text}_00-00-00")).is_ok() {
            return Self::Day(text.to_owned());
        }
        Self::Name(text.to_owned())
    }
}

/// Why no single snapshot is meant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is none at all.
    #[error("there is no snapshot{} yet; make one with `takeback backup`", of(.0))]
    Empty(Option<TargetId>),
    /// Not so many.
    #[error("there {}{}", only(*.there), of(.target))]
    TooFarBack {
        /// The target asked for.
        target: Option<TargetId>,
        /// How many there are.
        there: usize,
    },
    /// Nothing by that name.
    #[error("there is no snapshot {}{}; `takeback list` shows those there are", Shown(.name), of(.target))]
    Unknown {
        /// The target asked for.
        target: Option<TargetId>,
        /// What was typed.
        name: String,
    },
    /// More than one.
    #[error("{} fits {} snapshots: {}", Shown(.name), .candidates.len(), .candidates.join(", "))]
    Ambiguous {
        /// What was typed.
        name: String,
        /// What it could mean.
        candidates: Vec<String>,
    },
}

fn only(there: usize) -> String {
    if there == 1 {
        "is only 1 snapshot".to_owned()
    } else {
        format!("are only {there} snapshots")
    }
}

fn of(target: &Option<TargetId>) -> String {
    target
        .as_ref()
        .map(|id| format!(" of {id}"))
        .unwrap_or_default()
}

/// Picks one snapshot, newest first, among those that hold `target` if one is named.
/// Safety snapshots are only found by name: "latest" means a backup somebody wanted.
///
/// # Errors
/// When none or more than one is meant.
pub fn select<'a>(
    snapshots: &'a [SnapshotRecord],
    selector: &SnapshotSelector,
    target: Option<&TargetId>,
) -> Result<&'a SnapshotRecord, SelectError> {
    let holds = |record: &&SnapshotRecord| target.is_none_or(|id| record.target(id).is_some());
    let fitting: Vec<&SnapshotRecord> = snapshots.iter().filter(holds).collect();
    let wanted = || {
        fitting
            .iter()
            .copied()
            .filter(|r| r.kind != SnapshotKind::Safety)
    };
    let target = target.cloned();
    let unknown = |name: &String| SelectError::Unknown {
        target: target.clone(),
        name: name.clone(),
    };
    match selector {
        SnapshotSelector::Latest(back) => {
            wanted().nth(*back).ok_or_else(|| match wanted().count() {
                0 => SelectError::Empty(target.clone()),
                there => SelectError::TooFarBack {
                    target: target.clone(),
                    there,
                },
            })
        }
        SnapshotSelector::Day(day) => wanted()
            .find(|r| r.id.as_str().starts_with(day))
            .ok_or_else(|| unknown(day)),
        SnapshotSelector::Name(name) => {
            if let Some(exact) = fitting.iter().find(|r| r.id.as_str() == name) {
                return Ok(exact);
            }
            let begins = |r: &&&SnapshotRecord| !name.is_empty() && r.id.as_str().starts_with(name);
            let found: Vec<_> = fitting.iter().filter(begins).collect();
            match found.as_slice() {
                [] => Err(unknown(name)),
                [one] => Ok(one),
                many => Err(SelectError::Ambiguous {
                    name: name.clone(),
                    candidates: many.iter().map(|r| r.id.to_string()).collect(),
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, sequence: u64, kind: SnapshotKind) -> SnapshotRecord {
        SnapshotRecord {
            id: SnapshotId::new(id).unwrap(),
            sequence,
            time: String::new(),
            kind,
            note: None,
            pinned: false,
            program: String::new(),
            host: String::new(),
            user: String::new(),
            home: String::new(),
            project: None,
            imported: None,
            targets: Vec::new(),
        }
    }

    #[test]
    fn the_right_snapshot_is_meant() {
        use SnapshotKind::{Manual, Safety};
        let all = [
            record("2026-01-21_10-00-00", 4, Safety),
            record("2026-01-20_15-30-00-2", 3, Manual),
            record("2026-01-20_15-30-00", 2, Manual),
            record("2026-01-19_10-00-00", 1, Manual),
        ];
        let pick = |text: &str| {
            select(&all, &SnapshotSelector::parse(text), None)
                .map(|r| r.sequence)
                .map_err(|e| e.to_string())
        };
        assert_eq!(pick("latest"), Ok(3));
        assert_eq!(pick("latest~2"), Ok(1));
        assert_eq!(pick("2026-01-20"), Ok(3));
        assert_eq!(pick("2026-01-20_15-30-00"), Ok(2));
        assert_eq!(pick("2026-01-19_"), Ok(1));
        assert_eq!(pick("2026-01-21_10-00-00"), Ok(4));
        assert!(pick("2026-01").unwrap_err().contains("fits 4 snapshots"));
        assert!(pick("2025").unwrap_err().contains("no snapshot 2025"));
        assert!(pick("latest~9").unwrap_err().contains("only 3"));
        assert!(pick("").is_err());
        assert!(select(&[], &SnapshotSelector::Latest(0), None).is_err());
    }
}
