//! What `status` says, as one JSON document. Text and line are made from the same values.

use crate::cli::log::Entry;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
pub(super) struct Status {
    pub(super) schema_version: u32,
    pub(super) message_type: &'static str,
    pub(super) vault: String,
    /// Now, UTC.
    pub(super) time: String,
    pub(super) max_age_seconds: Option<u64>,
    /// Whether any target is overdue; nothing without a limit.
    pub(super) overdue: Option<bool>,
    /// Snapshots of the vault, of whatever kind, machine and home.
    pub(super) snapshots: usize,
    pub(super) damaged: Vec<String>,
    pub(super) targets: Vec<Target>,
    pub(super) last_failure: Option<Failure>,
}

#[derive(Serialize)]
pub(super) struct Target {
    pub(super) target: String,
    /// The newest backup in which nothing is missing.
    pub(super) last_good: Option<Made>,
    /// The newest one.
    pub(super) last: Made,
    /// When an automatic backup last found it just as in the last good one.
    pub(super) looked: Option<Looked>,
    pub(super) overdue: Option<bool>,
    /// What changed since the last good one, or the last; nothing where nobody looked.
    pub(super) drift: Option<Drift>,
    /// Why it is not known what changed.
    pub(super) drift_unknown: Option<String>,
    pub(super) sweeps: Vec<Sweep>,
}

#[derive(Clone, Serialize)]
pub(super) struct Made {
    pub(super) snapshot: String,
    pub(super) time: String,
    /// Negative when the clock was ahead then, or is behind now.
    pub(super) age_seconds: Option<i64>,
    pub(super) kind: &'static str,
    pub(super) project: Option<String>,
    pub(super) gaps: u64,
}

/// A look that found nothing changed.
#[derive(Serialize)]
pub(super) struct Looked {
    pub(super) time: String,
    pub(super) age_seconds: i64,
}

#[derive(Serialize)]
pub(super) struct Drift {
    /// The snapshot that was compared with.
    pub(super) since: String,
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
    /// Files that look the same but may have been changed.
    pub(super) unsure: u64,
    /// What could not be looked at.
    pub(super) unreadable: u64,
    /// Whether nothing of the target is here any more.
    pub(super) gone: bool,
}

/// What the tool deletes by itself.
#[derive(Serialize)]
pub(super) struct Sweep {
    pub(super) what: String,
    /// After how many days.
    pub(super) days: u64,
    /// Whether that is the person's setting, and not the tool's default.
    pub(super) set: bool,
    pub(super) files: u64,
    /// Those that the last good backup does not hold as they are.
    pub(super) unsaved: u64,
    /// When the first of them may go, UTC.
    pub(super) next: Option<String>,
    /// When the first of the unsaved ones may go.
    pub(super) next_unsaved: Option<String>,
    /// The same in seconds from now; negative when it is due.
    pub(super) next_unsaved_seconds: Option<i64>,
}

/// The last backup that made no snapshot.
#[derive(Serialize)]
pub(super) struct Failure {
    pub(super) time: String,
    pub(super) age_seconds: Option<i64>,
    pub(super) code: u8,
    pub(super) targets: Vec<String>,
    pub(super) error: Option<String>,
    /// Whether a later backup of the same went well.
    pub(super) settled: bool,
}

impl Target {
    pub(super) fn is_overdue(&self) -> bool {
        self.overdue == Some(true)
    }

    /// The seconds since it was in the vault whole and as it was: since its last good backup, or
    /// since one that found nothing changed.
    pub(super) fn good_age(&self) -> Option<i64> {
        let made = self.last_good.as_ref()?.age_seconds;
        let looked = self.looked.as_ref().map(|looked| looked.age_seconds);
        made.into_iter().chain(looked).min()
    }

    /// Whether it is known that nothing of it is here any more.
    pub(super) fn is_gone(&self) -> bool {
        self.drift.as_ref().is_some_and(|drift| drift.gone)
    }
}

/// The seconds since a time in RFC 3339.
pub(super) fn age(time: &str, now: jiff::Timestamp) -> Option<i64> {
    let then: jiff::Timestamp = time.parse().ok()?;
    Some(now.as_second() - then.as_second())
}

/// The last failed backup to a vault.
pub(super) fn failure(entries: &[Entry], vault: &Path, now: jiff::Timestamp) -> Option<Failure> {
    let vault = vault.display().to_string();
    let of_vault = entries.iter().filter(|entry| entry.vault == vault);
    let backups: Vec<&Entry> = of_vault.filter(|one| one.command == "backup").collect();
    let at = backups.iter().rposition(|one| one.is_failed_backup())?;
    let (failed, later) = (backups[at], &backups[at + 1..]);
    // One that named no target was of everything.
    let covers = |one: &&&Entry| failed.targets.iter().all(|id| one.targets.contains(id));
    Some(Failure {
        time: failed.time.clone(),
        age_seconds: age(&failed.time, now),
        code: failed.code,
        targets: failed.targets.clone(),
        error: failed.error.clone(),
        settled: later.iter().any(|one| covers(&one)),
    })
}
