//! Differences inside files, as lines for people.

use super::human::{bytes, counted};
use anstyle::{AnsiColor, Style};
use takeback::diff::{
    Content, Difference, Hunk, KeyChange, Line, LineFate, Record, Records, SecretChange, SecretFate,
};
use takeback::model::Shown;

pub(in crate::cli) const ADDED: Style = AnsiColor::Green.on_default();
pub(in crate::cli) const REMOVED: Style = AnsiColor::Red.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Lines of one file that are shown, unless everything is wanted.
const MOST_LINES: usize = 400;
/// Characters of a line or a value that are shown, unless everything is wanted.
const MOST_CHARS: usize = 160;
/// Characters of what two long values share that are shown before they part.
const SHARED: usize = 20;

/// The lines of a difference, each after `indent`.
pub(in crate::cli) fn lines(difference: &Difference, indent: &str, full: bool) -> Vec<String> {
    let most = if full { usize::MAX } else { MOST_CHARS };
    let mut lines = content(&difference.content, most);
    lines.extend(difference.secrets.iter().map(|one| secret(one, most)));
    if !full && lines.len() > MOST_LINES {
        let more = counted((lines.len() - MOST_LINES) as u64, "line", "lines");
        lines.truncate(MOST_LINES);
        lines.push(format!(
            "... and {more} more; `takeback diff --full` shows them"
        ));
    }
    lines
        .into_iter()
        .map(|line| format!("{indent}{line}"))
        .collect()
}

fn content(content: &Content, most: usize) -> Vec<String> {
    match content {
        Content::Same => Vec::new(),
        Content::Form => vec!["only spaces, comments, order or notation".to_owned()],
        Content::Binary => vec!["binary files differ".to_owned()],
        Content::Database => vec!["databases differ; what is in them is not compared".to_owned()],
        Content::Unseen(why) => vec![format!("not compared: {why}")],
        Content::Text(hunks) => hunks.iter().flat_map(|one| hunk(one, most)).collect(),
        Content::Keys(changes) => changes.iter().map(|one| key(one, most)).collect(),
        Content::Records(all) => records(all, most),
    }
}

fn hunk(hunk: &Hunk, most: usize) -> Vec<String> {
    let head = format!("{PLACE}{}{PLACE:#}", hunk.head());
    let lines = hunk.lines.iter().flat_map(|one| {
        let end = one
            .open_end
            .then(|| "\\ no line break at the end".to_owned());
        std::iter::once(line(one, most)).chain(end)
    });
    std::iter::once(head).chain(lines).collect()
}

fn line(line: &Line, most: usize) -> String {
    let text = Shown::line(&line.text, most);
    match line.fate {
        LineFate::Same => format!(" {text}"),
        LineFate::Removed => format!("{REMOVED}-{text}{REMOVED:#}"),
        LineFate::Added => format!("{ADDED}+{text}{ADDED:#}"),
    }
}

/// A place in a file.
fn place(pointer: &str, most: usize) -> String {
    match pointer {
        "" => "(all of it)".to_owned(),
        pointer => Shown::line(pointer, most),
    }
}

fn key(change: &KeyChange, most: usize) -> String {
    let at = place(&change.pointer, most);
    match (&change.before, &change.after) {
        (Some(old), Some(new)) => {
            let (old, new) = apart(old, new, most);
            format!("{CHANGED}~ {at}{CHANGED:#} {old} -> {new}")
        }
        (None, Some(new)) => format!("{ADDED}+ {at}{ADDED:#} {}", Shown::line(new, most)),
        (Some(old), None) => format!("{REMOVED}- {at}{REMOVED:#} {}", Shown::line(old, most)),
        (None, None) => at,
    }
}

/// Two values that would both be cut before they differ begin where they part.
fn apart(old: &str, new: &str, most: usize) -> (String, String) {
    let shared = old.chars().zip(new.chars());
    let shared = shared.take_while(|(one, other)| one == other).count();
    let skip = if shared >= most { shared - SHARED } else { 0 };
    let shown = |text: &str| {
        let rest: String = text.chars().skip(skip).collect();
        let begin = if skip > 0 { "…" } else { "" };
        format!("{begin}{}", Shown::line(&rest, most))
    };
    (shown(old), shown(new))
}

fn secret(change: &SecretChange, most: usize) -> String {
    let at = place(&change.pointer, most);
    match change.fate {
        SecretFate::Added => format!("{ADDED}+ {at}{ADDED:#} (secret added)"),
        SecretFate::Removed => format!("{REMOVED}- {at}{REMOVED:#} (secret removed)"),
        SecretFate::Changed => format!("{CHANGED}~ {at}{CHANGED:#} (secret changed)"),
    }
}

fn records(records: &Records, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let inside = records.added.iter().filter(|record| !record.appended);
    lines.extend(inside.map(|one| format!("{ADDED}+ {}{ADDED:#}", record(one, most))));
    let gone = records.removed.iter();
    lines.extend(gone.map(|one| format!("{REMOVED}- {}{REMOVED:#}", record(one, most))));
    for change in &records.changed {
        lines.push(format!(
            "{CHANGED}~ {}{CHANGED:#}",
            record(&change.record, most)
        ));
        lines.extend(
            change
                .keys
                .iter()
                .map(|one| format!("    {}", key(one, most))),
        );
    }
    if records.moved {
        lines.push("records stand in another order".to_owned());
    }
    let (count, size) = records.appended();
    if count > 0 {
        let count = counted(count, "record", "records");
        lines.push(format!(
            "{ADDED}+ {count} appended{ADDED:#}, {}",
            bytes(size)
        ));
    }
    lines
}

/// `record 7f3a (user) at line 12`.
fn record(record: &Record, most: usize) -> String {
    let name = record
        .name
        .as_deref()
        .map(|name| format!(" {}", Shown::line(name, most)));
    let kind = record
        .kind
        .as_deref()
        .map(|kind| format!(" ({})", Shown::line(kind, most)));
    format!(
        "record{}{} at line {}",
        name.unwrap_or_default(),
        kind.unwrap_or_default(),
        record.line
    )
}
