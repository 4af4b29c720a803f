//! `status` for people: one line for each target, and below it what needs attention.

use super::view::{Drift, Status, Sweep, Target};
use crate::cli::context::{Context, tilde};
use crate::cli::log;
use crate::cli::render::human;
use takeback::model::Shown;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// An age in its largest unit: `40s`, `5m`, `3h`, `9d`.
pub(super) fn short(seconds: i64) -> String {
    match seconds {
        ..0 => "0s".to_owned(),
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        _ => format!("{}d", seconds / DAY),
    }
}

/// The same in a sentence.
pub(super) fn ago(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else {
        return "at an unknown time".to_owned();
    };
    let (count, one, more) = match seconds {
        ..0 => return "in the future".to_owned(),
        0..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => (seconds / MINUTE, "minute", "minutes"),
        HOUR..DAY => (seconds / HOUR, "hour", "hours"),
        _ => (seconds / DAY, "day", "days"),
    };
    format!("{} ago", human::counted(count.unsigned_abs(), one, more))
}

pub(super) fn show(context: &Context, status: &Status) {
    let voice = &context.voice;
    let width = status.targets.iter().map(|one| one.target.len()).max();
    let width = width.unwrap_or_default();
    for one in &status.targets {
        voice.line(first(one, width));
        for more in details(one) {
            voice.line(format!("{:width$}    {more}", ""));
        }
    }
    if let Some(failed) = status.last_failure.as_ref().filter(|one| !one.settled) {
        let why = failed.error.as_deref().map(Shown::again);
        let why = why.unwrap_or_else(|| log::said(failed.code));
        voice.line(format!(
            "The last backup failed {}: {why}",
            ago(failed.age_seconds)
        ));
    }
    if status.targets.is_empty() {
        let vault = tilde(&context.vault_path, &context.facts.home);
        voice.say(format!(
            "There is no backup of this home in {vault} yet; make one with `takeback backup`"
        ));
    }
}

/// `claude    2 hours ago     2026-01-20_15-30-00    3 changed, 1 new since`.
fn first(one: &Target, width: usize) -> String {
    let (age, snapshot) = match &one.last_good {
        Some(made) => (ago(made.age_seconds), made.snapshot.as_str()),
        None => ("no complete backup".to_owned(), one.last.snapshot.as_str()),
    };
    let overdue = if one.is_overdue() { "    too old" } else { "" };
    let drift = match (&one.drift, &one.drift_unknown) {
        (Some(drift), _) => drift_words(drift),
        (None, Some(_)) => "what changed since is not known".to_owned(),
        (None, None) => String::new(),
    };
    let line = format!("{:width$}    {age:<18}  {snapshot}    {drift}", one.target);
    format!("{}{overdue}", line.trim_end())
}

fn drift_words(drift: &Drift) -> String {
    if drift.gone {
        return "nothing of it is here any more".to_owned();
    }
    let parts = [
        (drift.changed, "changed"),
        (drift.added, "new"),
        (drift.removed, "gone"),
        (drift.unreadable, "unreadable"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        return "nothing changed since".to_owned();
    }
    format!("{} since", parts.join(", "))
}

/// What is worth a line of its own.
fn details(one: &Target) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(looked) = &one.looked {
        let age = ago(Some(looked.age_seconds));
        lines.push(format!("looked at {age}, and nothing had changed"));
    }
    if one.last.gaps > 0 {
        let gaps = human::counted(one.last.gaps, "gap", "gaps");
        let (id, age) = (&one.last.snapshot, ago(one.last.age_seconds));
        lines.push(format!("the newest, {id} ({age}), has {gaps}"));
    }
    if let Some(project) = one
        .last_good
        .as_ref()
        .and_then(|made| made.project.as_ref())
    {
        lines.push(format!("with the project {}", Shown(project)));
    }
    lines.extend(one.drift_unknown.clone());
    lines.extend(one.sweeps.iter().filter_map(sweep));
    lines
}

/// `not in it: 1 of 2 transcripts, which the tool deletes after 30 days, the first in 4 days`.
fn sweep(sweep: &Sweep) -> Option<String> {
    let when = match sweep.next_unsaved_seconds? {
        ..0 => "any time now".to_owned(),
        0..DAY => "within a day".to_owned(),
        left => {
            let days = human::counted((left / DAY).unsigned_abs(), "day", "days");
            format!("in {days}")
        }
    };
    let Sweep {
        unsaved,
        files,
        what,
        days,
        ..
    } = sweep;
    Some(format!(
        "not in it: {unsaved} of {files} {what}, which the tool deletes after {days} days, the first {when}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_their_largest_unit() {
        for (seconds, brief, long) in [
            (-5, "0s", "in the future"),
            (59, "59s", "just now"),
            (60, "1m", "1 minute ago"),
            (7200, "2h", "2 hours ago"),
            (86_399, "23h", "23 hours ago"),
            (9 * 86_400, "9d", "9 days ago"),
        ] {
            assert_eq!(
                (short(seconds).as_str(), ago(Some(seconds)).as_str()),
                (brief, long)
            );
        }
    }
}
