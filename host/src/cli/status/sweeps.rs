//! What a tool will delete by itself, and whether a backup has it.

use super::view;
use takeback::adapters::Sweep;
use takeback::backup::{Fate, LiveFile, Since};
use takeback::model::Shown;

/// Bytes of a file with settings; nobody's has a hundredth of that.
const SETTING_BYTES: u64 = 1 << 20;
/// More days than this are never.
const MOST_DAYS: u64 = 36_500;
const DAY: i64 = 24 * 3600;

/// When the files that an adapter speaks of may go; `None` where the backup does not know them.
pub(super) fn sweep(sweep: &Sweep, since: &Since, now: jiff::Timestamp) -> Option<view::Sweep> {
    if !sweep.rules.iter().any(|rule| since.knows(rule)) {
        return None;
    }
    let set = setting(sweep, since);
    let days = set.unwrap_or_else(|| sweep.days.into());
    let goes = |file: &LiveFile| {
        let days = i64::try_from(days.min(MOST_DAYS)).unwrap_or_default();
        file.mtime.seconds.saturating_add(days * DAY)
    };
    let files: Vec<&LiveFile> = since.under(&sweep.rules).collect();
    let unsaved = || {
        let files = files.iter().copied();
        files.filter(|file| matches!(file.fate, Fate::Added | Fate::Changed))
    };
    let next_unsaved = unsaved().map(goes).min();
    Some(view::Sweep {
        what: Shown::sentence(&sweep.what),
        days,
        set: set.is_some(),
        files: files.len() as u64,
        unsaved: unsaved().count() as u64,
        next: files.iter().copied().map(goes).min().and_then(time),
        next_unsaved: next_unsaved.and_then(time),
        next_unsaved_seconds: next_unsaved.map(|at| at - now.as_second()),
    })
}

/// The number of days that the person set.
fn setting(sweep: &Sweep, since: &Since) -> Option<u64> {
    let (rule, pointer) = sweep.setting.as_ref()?;
    let bytes = since.small_file(rule, SETTING_BYTES)?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    value.pointer(pointer)?.as_u64()
}

fn time(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
