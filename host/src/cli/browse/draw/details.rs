//! What is said of the thing under the cursor, beside or below the list. The most important
//! line comes first, for there may be room for few.

use super::super::events::Screen;
use super::super::state::State;
use super::super::text::{Line, Look};
use super::super::tree::{Fate, Node, Tree};
use super::words;
use crate::cli::render::human::{bytes, contents, counted, place, tally};
use takeback::vault::{SnapshotKind, SnapshotRecord, TargetRecord};

/// The description.
pub(super) fn of(state: &State) -> Vec<Line> {
    match state.screen() {
        Screen::Snapshots => state.snapshot().map(snapshot).unwrap_or_default(),
        Screen::Operations => operation(state),
        Screen::File { .. } | Screen::Help => Vec::new(),
        Screen::Targets | Screen::Inside { .. } => match state.under_cursor() {
            Some((target, at)) => state
                .tree(target)
                .map(|tree| node(state, tree, tree.node(at)))
                .unwrap_or_default(),
            None => unreadable(state),
        },
    }
}

fn kind(record: &SnapshotRecord) -> String {
    let kind = match record.kind {
        SnapshotKind::Manual => "Made by hand",
        SnapshotKind::Automatic => "Made automatically",
        SnapshotKind::Safety => "Made by a restore: what it was about to overwrite",
        SnapshotKind::Imported => "Imported: another program had backed it up",
    };
    let pinned = if record.pinned {
        ", pinned: kept whatever the rules say"
    } else {
        ""
    };
    format!("{kind}{pinned}")
}

fn snapshot(record: &SnapshotRecord) -> Vec<Line> {
    let mut lines = vec![Line::of(Look::Bold, kind(record))];
    if let Some(note) = &record.note {
        lines.push(Line::plain(format!("Note: {}", words::foreign(note))));
    }
    let width = super::widest(record.targets.iter().map(|one| one.target.as_str()));
    for target in &record.targets {
        let name = target.target.as_str();
        let text = contents(&target.tallies, target.bytes);
        let line = Line::plain(format!("{name:width$}  {text}"));
        lines.push(line.and(Look::Dim, remark(target)));
    }
    if let Some(project) = &record.project {
        lines.push(Line::of(
            Look::Dim,
            format!("Project: {}", words::foreign(project)),
        ));
    }
    let (host, user) = (words::foreign(&record.host), words::foreign(&record.user));
    lines.push(Line::of(Look::Dim, format!("Made by {user} on {host}")));
    lines
}

fn remark(target: &TargetRecord) -> String {
    let gaps = (target.troubles > 0).then(|| counted(target.troubles, "gap", "gaps"));
    let since = target.unchanged_since.as_ref();
    let since = since.map(|since| format!("unchanged since {since}"));
    let remarks: Vec<String> = gaps.into_iter().chain(since).collect();
    match remarks.is_empty() {
        true => String::new(),
        false => format!("  ({})", remarks.join(", ")),
    }
}

fn node(state: &State, tree: &Tree, node: &Node) -> Vec<Line> {
    let name = match &node.path {
        Some(path) => place(path, &state.facts),
        None => node.name.clone(),
    };
    let mut lines = vec![Line::of(
        Look::Bold,
        format!("{}: {name}", words::kind(node.what)),
    )];
    let files = match node.what.opens() {
        true => counted(node.files, "file", "files") + ", ",
        false => String::new(),
    };
    let size = bytes(node.bytes);
    let changed = words::time(node.modified);
    lines.push(Line::plain(format!(
        "{files}{size}, last changed {changed}"
    )));
    lines.push(since(tree, node));
    if tree.picked() > 0 {
        let picked = counted(tree.picked(), "file", "files");
        let text = format!("Picked in {}: {picked}; r restores them", tree.target);
        lines.push(Line::of(Look::Changed, text));
    }
    let other = state
        .snapshot()
        .and_then(|record| other_project(state, record));
    lines.extend(other);
    for at in node.children.iter().take(200) {
        let child = tree.node(*at);
        let size = bytes(child.bytes);
        let text = format!(
            "  {}  {}, {size}",
            child.name,
            counted(child.files, "file", "files")
        );
        lines.push(Line::of(Look::Dim, text));
    }
    lines
}

/// How it stands to what is here now.
fn since(tree: &Tree, node: &Node) -> Line {
    let text = match (node.fate, tree.compared) {
        (Some(Fate::Same), _) => "It is here now just as in the snapshot",
        (Some(Fate::Changed), _) => "It is another one here now; Enter shows what changed",
        (Some(Fate::Gone), _) => "It is not here any more",
        (Some(Fate::Unknown), _) => "It could not be compared with what is here",
        (None, true) if node.differing == 0 => "All of it is here now just as in the snapshot",
        (None, true) => {
            let text = format!(
                "{} not here now as in the snapshot",
                counted(node.differing, "file is", "files are")
            );
            return Line::of(Look::Changed, text);
        }
        (None, false) if !node.what.opens() => "Enter shows what changed in it since",
        (None, false) => "c compares it with what is here now",
    };
    Line::plain(text)
}

/// Files of a project go where the browser was started, whatever project they are of.
fn other_project(state: &State, record: &SnapshotRecord) -> Option<Line> {
    let there = record.project.as_deref()?;
    let here = state.facts.project.as_ref().and_then(|path| path.to_str());
    let text = format!(
        "This snapshot is of the project {}; start takeback there to restore its files",
        words::foreign(there)
    );
    (here != Some(there)).then(|| Line::of(Look::Warning, text))
}

fn unreadable(state: &State) -> Vec<Line> {
    let held = state.held.get(state.cursor());
    let why = held.and_then(|held| held.tree.as_ref().err());
    why.map(|why| vec![Line::of(Look::Warning, why.clone())])
        .unwrap_or_default()
}

fn operation(state: &State) -> Vec<Line> {
    let Some(one) = state.operations.get(state.cursor()) else {
        return Vec::new();
    };
    let mut lines = vec![Line::of(
        Look::Bold,
        format!(
            "{} on {}",
            tally(&one.tally),
            words::time(one.at.as_second())
        ),
    )];
    lines.push(match &one.undone_by {
        Some(by) => Line::of(Look::Changed, format!("Taken back by {by}")),
        None => Line::plain("It stands. Enter shows what taking it back would do, and asks"),
    });
    if let Some(safety) = &one.about.safety {
        lines.push(Line::plain(format!(
            "What it overwrote is also in the safety snapshot {safety}"
        )));
    }
    lines
}
