//! How a comparison looks: the files with their sizes first, then what is in them.

use super::super::args::DiffArgs;
use super::super::context::Context;
use super::super::render::difference::lines;
use super::super::render::{BOLD, human, json};
use super::Found;
use serde::Serialize;
use takeback::diff::{Change, Content, FileChange, Node, Totals};
use takeback::model::{Class, EntryKind, HostFacts, Shown};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    target: &'a str,
    before: &'a str,
    after: &'a str,
    differs: bool,
    totals: TotalsView,
    not_compared: Vec<&'static str>,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct TotalsView {
    added: u64,
    removed: u64,
    changed: u64,
    mode: u64,
    #[serde(rename = "type")]
    kind: u64,
    unknown: u64,
    same: u64,
    bytes_before: u64,
    bytes_after: u64,
}

#[derive(Serialize)]
struct FileView<'a> {
    path: String,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    class: Option<&'static str>,
    before: Option<NodeView<'a>>,
    after: Option<NodeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<json::DifferenceView<'a>>,
}

#[derive(Serialize)]
struct NodeView<'a> {
    kind: &'static str,
    size: u64,
    mode: Option<String>,
    modified: i64,
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

pub(super) fn show(context: &Context, args: &DiffArgs, found: &Found, facts: &HostFacts) {
    if context.voice.json {
        json::print(&document(found));
        return;
    }
    let voice = &context.voice;
    let [before, after] = &found.names;
    voice.line(format!(
        "{BOLD}{}: {before} -> {after}{BOLD:#}",
        found.target
    ));
    voice.lines(found.changes.iter().map(|one| row(one, facts)));
    voice.line(format!("  {}", summary(&found.totals)));
    for (change, difference) in found.changes.iter().zip(&found.differences) {
        let Some(difference) = difference else {
            continue;
        };
        let inside = lines(difference, "  ", args.full);
        if !inside.is_empty() {
            voice.line(format!(
                "{BOLD}{}{BOLD:#}",
                human::place(&change.path, facts)
            ));
            voice.lines(inside.into_iter());
        }
    }
    if !found.left_out.is_empty() {
        let names: Vec<&str> = found.left_out.iter().map(|class| class.as_str()).collect();
        voice.say(format!(
            "Not compared, for only one side holds it: {}",
            names.join(", ")
        ));
    }
    if found.totals.unknown > 0 {
        voice.warn("not everything could be compared");
    }
}

/// `  changed   ~/.claude/CLAUDE.md    10 B -> 24 B`.
pub(in crate::cli) fn row(change: &FileChange, facts: &HostFacts) -> String {
    let place = human::place(&change.path, facts);
    format!("  {:<8}  {place}    {}", change.change.word(), fate(change))
}

fn fate(change: &FileChange) -> String {
    let modes = [&change.before, &change.after].map(|node| node.as_ref().and_then(mode));
    let modes = match &modes {
        [Some(old), Some(new)] if old != new => format!("{old} -> {new}"),
        _ => String::new(),
    };
    match (&change.change, &change.before, &change.after) {
        (Change::Unknown(why), ..) => Shown::sentence(why),
        (Change::Mode, ..) => modes,
        (_, Some(old), Some(new)) if modes.is_empty() => {
            format!("{} -> {}", what(old), what(new))
        }
        (_, Some(old), Some(new)) => format!("{} -> {}, {modes}", what(old), what(new)),
        (_, one, other) => one
            .as_ref()
            .or(other.as_ref())
            .map(what)
            .unwrap_or_default(),
    }
}

fn what(node: &Node) -> String {
    match &node.kind {
        EntryKind::File { size } => human::bytes(*size),
        EntryKind::Directory => "directory".to_owned(),
        EntryKind::Link { target } => format!("link to {}", Shown(target)),
    }
}

fn mode(node: &Node) -> Option<String> {
    let plain = !matches!(node.kind, EntryKind::Link { .. });
    node.mode
        .filter(|_| plain)
        .map(|mode| format!("{mode:04o}"))
}

/// `2 changed, 1 added, 40 the same; 12 kB -> 14 kB`.
fn summary(totals: &Totals) -> String {
    let parts = [
        (totals.changed, "changed"),
        (totals.added, "added"),
        (totals.removed, "removed"),
        (totals.mode, "with another mode"),
        (totals.kind, "of another type"),
        (totals.unknown, "not compared"),
        (totals.same, "the same"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !totals.differ() {
        parts.insert(0, "no differences".to_owned());
    }
    let (before, after) = (totals.bytes_before, totals.bytes_after);
    let sizes = if before == after {
        human::bytes(after)
    } else {
        format!("{} -> {}", human::bytes(before), human::bytes(after))
    };
    format!("{}; {sizes}", parts.join(", "))
}

fn document(found: &Found) -> Document<'_> {
    let files = found.changes.iter().zip(&found.differences);
    let files = files.map(|(change, difference)| FileView {
        path: change.path.to_string(),
        change: change.change.word(),
        why: match &change.change {
            Change::Unknown(why) => Some(why),
            _ => None,
        },
        class: class(change),
        before: change.before.as_ref().map(node),
        after: change.after.as_ref().map(node),
        difference: difference
            .as_ref()
            .filter(|one| one.content != Content::Same || !one.secrets.is_empty())
            .map(json::difference),
    });
    let totals = &found.totals;
    Document {
        schema_version: json::SCHEMA,
        message_type: "diff",
        target: found.target.as_str(),
        before: &found.names[0],
        after: &found.names[1],
        differs: totals.differ(),
        totals: TotalsView {
            added: totals.added,
            removed: totals.removed,
            changed: totals.changed,
            mode: totals.mode,
            kind: totals.kind,
            unknown: totals.unknown,
            same: totals.same,
            bytes_before: totals.bytes_before,
            bytes_after: totals.bytes_after,
        },
        not_compared: found.left_out.iter().map(|class| class.as_str()).collect(),
        files: files.collect(),
    }
}

fn class(change: &FileChange) -> Option<&'static str> {
    let class = |node: &Option<Node>| node.as_ref().and_then(|node| node.class);
    class(&change.after)
        .or_else(|| class(&change.before))
        .map(Class::as_str)
}

fn node(node: &Node) -> NodeView<'_> {
    NodeView {
        kind: node.kind.word(),
        size: node.size(),
        mode: mode(node),
        modified: node.mtime.seconds,
        sha256: node.digest.map(|digest| digest.to_string()),
        link: match &node.kind {
            EntryKind::Link { target } => Some(target),
            _ => None,
        },
    }
}
