//! What the browser says: where one is, what the screen is for, what the keys do.

use super::super::events::Screen;
use super::super::state::State;
use super::super::text::{Line, Look, wrapped};
use super::super::tree::{Chosen, Tree, What};
use crate::cli::render::human::counted;
use takeback::model::Shown;

/// Where one is.
pub(super) fn place(state: &State) -> String {
    let opened = state.opened.as_ref().map(ToString::to_string);
    let opened = opened.unwrap_or_default();
    let inside = |target: usize, at| {
        let tree = state.tree(target);
        let mut way = vec![opened.clone()];
        way.extend(tree.map(|tree| tree.target.to_string()));
        way.extend(
            tree.into_iter()
                .flat_map(|tree| tree.way(at))
                .map(str::to_owned),
        );
        way.join(" › ")
    };
    match state.screen() {
        Screen::Snapshots => {
            counted(state.snapshots.len() as u64, "snapshot", "snapshots") + ", newest first"
        }
        Screen::Targets => opened.clone(),
        Screen::Inside { target, at } | Screen::File { target, at, .. } => inside(*target, *at),
        Screen::Operations => "What was restored and taken back, newest first".to_owned(),
        Screen::Help => "Help".to_owned(),
    }
}

/// What the screen is for.
pub(super) fn purpose(state: &State) -> &'static str {
    match state.screen() {
        Screen::Snapshots => {
            "Each line is one backup. Choose one and press Enter to see what is in it. \
             To take a restore back, press u."
        }
        Screen::Targets => {
            "The tools that this snapshot holds. Enter looks inside; r restores. \
             Nothing changes before you have seen the plan and typed yes."
        }
        Screen::Inside { .. } => {
            "Go to what you want back. Space picks it (several, if you like), r restores it. \
             Nothing changes before you have seen the plan and typed yes."
        }
        Screen::File { .. } => {
            "From the snapshot to what is here now: - is only in the snapshot, + only here. \
             A restore puts the snapshot's side back."
        }
        Screen::Operations => {
            "Each line is one change that takeback made. Enter takes it back. \
             Nothing changes before you have seen the plan and typed yes."
        }
        Screen::Help => "Every key, on every screen.",
    }
}

/// What stands in an empty list.
pub(super) fn nothing(state: &State) -> String {
    if state.waiting.is_some() {
        return String::new();
    }
    let text = match state.screen() {
        Screen::Snapshots => "There is no snapshot yet. Leave with q, then run: takeback backup",
        Screen::Operations => "Nothing was restored yet, or it is too long ago to be taken back.",
        Screen::File { lines: None, .. } => "What is different could not be read.",
        Screen::File { .. } => "There is no difference: the file is here just as in the snapshot.",
        _ => "There is nothing in it.",
    };
    text.to_owned()
}

/// The keys of the screen, and what they do now.
pub(super) fn keys(state: &State) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    let mut key = |key, meaning: &str| keys.push((key, meaning.to_owned()));
    let restore = restore(state);
    match state.screen() {
        Screen::Snapshots => {
            key("Up/Down", "choose");
            key("Enter", "look inside");
            key("u", "take a restore back");
        }
        Screen::Targets | Screen::Inside { .. } => {
            key("Up/Down", "choose");
            key(
                "Enter",
                if state.on_file() {
                    "see what changed"
                } else {
                    "open"
                },
            );
            key("Space", "pick");
            if let Some(restore) = restore {
                key("r", &restore);
            }
            key("c", "compare with now");
            key("Left", "back");
        }
        Screen::File { .. } => {
            key("Up/Down", "scroll");
            if let Some(restore) = restore {
                key("r", &restore);
            }
            key("Space", "pick");
            key("Left", "back");
        }
        Screen::Operations => {
            key("Up/Down", "choose");
            key("Enter", "take it back");
            key("Left", "back");
        }
        Screen::Help => {
            key("Up/Down", "scroll");
            key("Left", "back");
        }
    }
    if *state.screen() != Screen::Help {
        key("?", "help");
    }
    key("q", "leave");
    keys
}

/// What `r` would do, in as few words as say it.
fn restore(state: &State) -> Option<String> {
    let (targets, chosen) = state.to_restore()?;
    let names: Vec<&str> = targets.iter().map(|target| target.as_str()).collect();
    let names = names.join(", ");
    let picked: u64 = match state
        .under_cursor()
        .and_then(|(target, _)| state.tree(target))
    {
        Some(tree) => tree.picked(),
        None => 0,
    };
    Some(match chosen {
        Chosen::Everything => format!("restore all of {names}"),
        _ if picked > 0 => format!("restore the {} picked", counted(picked, "file", "files")),
        Chosen::Classes(classes) => {
            let classes: Vec<&str> = classes.iter().map(|class| class.as_str()).collect();
            format!("restore the {}", classes.join(", "))
        }
        Chosen::Paths(_) if state.on_file() => "restore this file".to_owned(),
        Chosen::Paths(_) => "restore this directory".to_owned(),
    })
}

/// What a comparison with what is here found.
pub(in crate::cli::browse) fn comparison(tree: &Tree) -> String {
    let root = tree.node(0);
    let here = match tree.only_here {
        0 => String::new(),
        count => format!(
            "; {} only here",
            counted(count, "more file is", "more files are")
        ),
    };
    match root.differing {
        0 => format!(
            "{}: every file is here as in the snapshot{here}.",
            tree.target
        ),
        count => format!(
            "{}: {} of {} not here as in the snapshot{here}.",
            tree.target,
            count,
            counted(root.files, "file is", "files are")
        ),
    }
}

/// How a node is called in sentences.
pub(super) fn kind(what: What) -> &'static str {
    match what {
        What::Target => "target",
        What::Class(_) => "class",
        What::Directory => "directory",
        What::File => "file",
        What::Link => "link",
    }
}

/// A time as people here write it.
pub(super) fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| "unknown".to_owned(),
        |time| {
            let here = time.to_zoned(jiff::tz::TimeZone::system());
            here.strftime("%Y-%m-%d %H:%M").to_string()
        },
    )
}

/// Text from outside, as a sentence.
pub(super) fn foreign(text: &str) -> String {
    Shown::sentence(text)
}

const HELP: &[(&str, &str)] = &[
    ("Up, Down", "Go through the list, or scroll. Also k and j."),
    (
        "PgUp, PgDn",
        "A page up or down. Home and End, g and G: first and last line.",
    ),
    (
        "Enter",
        "Look inside: a snapshot, a tool, a class of files, a directory. On a file: see what changed since. Also Right.",
    ),
    ("Left", "Back to the screen before. Also Esc and Backspace."),
    (
        "Space",
        "Pick what the cursor is on, or drop it again. [x] is picked, [-] in part. Picks stay while you look elsewhere in the snapshot.",
    ),
    (
        "r",
        "Restore what is picked of this tool, or what the cursor is on. You leave the screen, see the plan file by file, and are asked. Only a typed yes restores; what would be overwritten is saved first.",
    ),
    (
        "c",
        "Compare the tool's files with what is here now. Files are then marked: same, changed, gone. Nothing is changed by looking.",
    ),
    (
        "u",
        "What was restored before, to take it back. That asks, too.",
    ),
    (
        "q",
        "Leave. Ctrl-C does as well, Ctrl-Z stops the browser for a while.",
    ),
];

/// The help, in lines of so many columns.
pub(super) fn help(width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (key, text) in HELP {
        let pieces = text.split(' ').map(Line::plain).collect();
        let room = width.saturating_sub(16).max(10);
        for (number, line) in wrapped(pieces, room, " ").into_iter().enumerate() {
            let name = if number == 0 { *key } else { "" };
            lines.push(Line::of(Look::Key, format!(" {name:<12} ")).and_all(line));
        }
    }
    lines
}
