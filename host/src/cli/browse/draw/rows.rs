//! One line of each list.

use super::super::events::Screen;
use super::super::state::State;
use super::super::text::{Line, Look, column};
use super::super::tree::{Fate, Node, What};
use super::{widest, words};
use crate::cli::render::human::{ago, bytes, counted, tally};
use takeback::operation::{OperationKind, Summary};
use takeback::vault::{SnapshotKind, SnapshotRecord};

/// Columns of a snapshot's or operation's name.
const NAME: usize = 24;
/// Columns of an age.
const AGE: usize = 15;
/// Columns of a size.
const SIZE: usize = 9;

/// The heading of a list.
pub(super) fn heading(state: &State, width: usize) -> Option<Line> {
    if state.length() == 0 {
        return None;
    }
    let text = match state.screen() {
        Screen::Snapshots => {
            let of = column("SIZE", SIZE);
            format!(
                "  {}{}{of}WHAT IS IN IT",
                column("SNAPSHOT", NAME),
                column("AGE", AGE)
            )
        }
        Screen::Targets | Screen::Inside { .. } => {
            let name = name_width(state, width);
            format!(
                "  PICK {}{}{}{}",
                column("NAME", name),
                column("FILES", SIZE),
                column("SIZE", SIZE),
                "SINCE THEN"
            )
        }
        Screen::Operations => format!("  {}{}WHAT", column("WHEN", NAME), column("AGE", AGE)),
        Screen::File { .. } | Screen::Help => return None,
    };
    Some(Line::of(Look::Bold, text))
}

/// A line of the list that is seen.
pub(super) fn row(state: &State, number: usize, width: usize) -> Line {
    match state.screen() {
        Screen::Snapshots => state
            .snapshots
            .get(number)
            .map(|record| snapshot(state, record))
            .unwrap_or_default(),
        Screen::Targets => target(state, number, width),
        Screen::Inside { target, at } => {
            let tree = state.tree(*target);
            let child = tree.and_then(|tree| {
                let child = tree.node(*at).children.get(number)?;
                Some((tree.node(*child), tree.compared))
            });
            child
                .map(|(node, compared)| self::node(state, node, compared, width))
                .unwrap_or_default()
        }
        Screen::File { lines, .. } => {
            let line = lines.as_ref().and_then(|lines| lines.get(number));
            line.map(|line| difference(line)).unwrap_or_default()
        }
        Screen::Operations => state
            .operations
            .get(number)
            .map(|one| operation(state, one))
            .unwrap_or_default(),
        Screen::Help => words::help(width)
            .into_iter()
            .nth(number)
            .unwrap_or_default(),
    }
}

fn snapshot(state: &State, record: &SnapshotRecord) -> Line {
    let size = record.targets.iter().map(|target| target.bytes).sum();
    let names: Vec<&str> = record
        .targets
        .iter()
        .map(|one| one.target.as_str())
        .collect();
    let line = Line::plain(format!(
        " {}{}{}",
        column(record.id.as_str(), NAME),
        column(&age(state, record), AGE),
        column(&bytes(size), SIZE),
    ));
    let (marks, note) = marks(record);
    let line = line
        .and(Look::Changed, marks)
        .and(Look::Plain, names.join(", "));
    line.and(Look::Dim, note)
}

fn age(state: &State, record: &SnapshotRecord) -> String {
    let time: Option<jiff::Timestamp> = record.time.parse().ok();
    time.map_or_else(String::new, |time| ago(state.now, time.as_second()))
}

/// What tells a snapshot from others, before and behind its targets.
fn marks(record: &SnapshotRecord) -> (String, String) {
    let gaps: u64 = record.targets.iter().map(|target| target.troubles).sum();
    let mut marks = Vec::new();
    if record.kind != SnapshotKind::Manual {
        marks.push(record.kind.as_str().to_owned());
    }
    if record.pinned {
        marks.push("pinned".to_owned());
    }
    if gaps > 0 {
        marks.push(counted(gaps, "gap", "gaps"));
    }
    let marks = marks.into_iter().map(|mark| format!("[{mark}] ")).collect();
    let note = record.note.as_deref().map(words::foreign);
    (
        marks,
        note.map_or_else(String::new, |note| format!("  {note}")),
    )
}

fn target(state: &State, number: usize, width: usize) -> Line {
    let Some(held) = state.held.get(number) else {
        return Line::default();
    };
    match &held.tree {
        Ok(tree) => node(state, tree.node(0), tree.compared, width),
        Err(_) => Line::plain(format!("     {}", column(held.target.as_str(), 16)))
            .and(Look::Warning, "cannot be read; press Enter for why"),
    }
}

fn node(state: &State, node: &Node, compared: bool, width: usize) -> Line {
    let box_of = match node.picked {
        0 => "[ ]",
        picked if picked == node.files => "[x]",
        _ => "[-]",
    };
    let slash = match node.what {
        What::Directory => "/",
        _ => "",
    };
    let name = column(
        &format!("{}{slash}", node.name),
        name_width(state, width) - 2,
    );
    let files = match node.what {
        What::File => String::new(),
        What::Link => "link".to_owned(),
        _ => node.files.to_string(),
    };
    let (look, fate) = fate(node, compared);
    Line::plain(format!(
        " {box_of}  {name}  {}{}",
        column(&files, SIZE),
        column(&bytes(node.bytes), SIZE)
    ))
    .and(look, fate)
}

fn fate(node: &Node, compared: bool) -> (Look, String) {
    match (node.fate, node.differing) {
        (Some(Fate::Same), _) => (Look::Dim, "same".to_owned()),
        (Some(Fate::Changed), _) => (Look::Changed, "changed".to_owned()),
        (Some(Fate::Gone), _) => (Look::Removed, "gone here".to_owned()),
        (Some(Fate::Unknown), _) => (Look::Warning, "unknown".to_owned()),
        (None, 0) if compared => (Look::Dim, "same".to_owned()),
        (None, 0) => (Look::Dim, "?".to_owned()),
        (None, count) => (Look::Changed, counted(count, "differs", "differ")),
    }
}

/// Columns for the names of a list of nodes.
fn name_width(state: &State, width: usize) -> usize {
    let room = width.saturating_sub(7 + SIZE + SIZE + 12).max(12);
    let names: Vec<&str> = match state.screen() {
        Screen::Inside { target, at } => {
            let tree = state.tree(*target);
            let children = tree.map(|tree| &tree.node(*at).children);
            let nodes = tree.zip(children);
            nodes.map_or_else(Vec::new, |(tree, children)| {
                let name = |at: &usize| tree.node(*at).name.as_str();
                children.iter().map(name).collect()
            })
        }
        _ => state.held.iter().map(|held| held.target.as_str()).collect(),
    };
    (widest(names.into_iter()) + 4).clamp(12, room)
}

fn difference(line: &str) -> Line {
    let look = match line.trim_start().chars().next() {
        Some('+') => Look::Added,
        Some('-') => Look::Removed,
        Some('~') => Look::Changed,
        Some('@') => Look::Key,
        _ => Look::Plain,
    };
    Line::of(look, format!(" {line}"))
}

fn operation(state: &State, one: &Summary) -> Line {
    let about = &one.about;
    let targets: Vec<&str> = about.targets.iter().map(|id| id.as_str()).collect();
    let targets = targets.join(", ");
    let what = match (&about.of, about.kind) {
        (Some(of), OperationKind::Undo) => format!("undo of {of} ({targets})"),
        _ => format!("restore of {targets} from {}", words::foreign(&about.from)),
    };
    let line = Line::plain(format!(
        " {}{}",
        column(one.id.as_str(), NAME),
        column(&ago(state.now, one.at.as_second()), AGE)
    ));
    let line = match &one.undone_by {
        Some(_) => line.and(Look::Changed, "[taken back] "),
        None => line,
    };
    line.and(Look::Plain, format!("{what}: {}", tally(&one.tally)))
}
