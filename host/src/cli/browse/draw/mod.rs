//! How the browser looks: the state in, the lines of the screen out. Pure.

mod details;
mod rows;
mod words;

pub(super) use words::comparison;

use super::events::Screen;
use super::state::State;
use super::text::{Line, Look, columns, wrapped};

/// Columns from which what is under the cursor is described beside the list, not below it.
const WIDE: usize = 110;
/// Lines of the description below a list.
const BELOW: usize = 4;
/// Lines that a list keeps before anything is described below it.
const LEAST_ROWS: usize = 6;

/// Where things stand on the screen.
struct Layout {
    /// The body, between head and foot.
    body: usize,
    /// Columns of the list.
    list: usize,
    /// Columns of the description beside it, without the line between.
    beside: Option<usize>,
    /// Lines of the description below it, without the line between.
    below: usize,
}

impl Layout {
    fn new(state: &State) -> Self {
        let taken = head(state).len() + foot(state).len();
        let body = state.height.saturating_sub(taken);
        let texts = matches!(state.screen(), Screen::File { .. } | Screen::Help);
        let wide = !texts && state.width >= WIDE;
        let list = if wide {
            state.width * 3 / 5
        } else {
            state.width
        };
        let room = body.saturating_sub(LEAST_ROWS + 1);
        let below = if wide || texts { 0 } else { room.min(BELOW) };
        Self {
            body,
            list,
            beside: wide.then(|| state.width - list - 2),
            below,
        }
    }

    /// Lines of the list.
    fn rows(&self) -> usize {
        match self.below {
            0 => self.body,
            below => self.body - below - 1,
        }
    }
}

/// Lines of the list that are seen at once, without its heading.
pub(super) fn page(state: &State) -> usize {
    let rows = Layout::new(state).rows();
    rows.saturating_sub(usize::from(rows::heading(state, 80).is_some()))
}

/// Lines of the help.
pub(super) fn help_length(state: &State) -> usize {
    words::help(state.width).len()
}

/// The whole screen: as many lines as it has, each of as many columns.
pub(super) fn screen(state: &State, ascii: bool) -> Vec<Line> {
    let layout = Layout::new(state);
    let mut lines = head(state);
    lines.extend(body(state, &layout));
    lines.resize(
        lines
            .len()
            .max(state.height.saturating_sub(foot(state).len())),
        Line::default(),
    );
    lines.extend(foot(state));
    // On a screen that is too small for all of it, the end goes.
    lines.truncate(state.height);
    let shown = |line: Line| {
        // What is cut gets a mark, which is none of ASCII either.
        match ascii {
            true => line.in_ascii().fit(state.width).in_ascii(),
            false => line.fit(state.width),
        }
    };
    lines.into_iter().map(shown).collect()
}

fn head(state: &State) -> Vec<Line> {
    let title = format!(" takeback browse │ {}", state.vault);
    let bar = Line::of(Look::Bar, title);
    let mut lines = vec![
        bar,
        Line::of(Look::Bold, format!(" {}", words::place(state))),
    ];
    if state.height >= 12 {
        let text = words::purpose(state);
        let pieces = text
            .split(' ')
            .map(|word| Line::of(Look::Dim, word))
            .collect();
        let wrapped = wrapped(pieces, state.width.saturating_sub(2), " ");
        lines.extend(wrapped.into_iter().map(|line| indented(line, 1)));
        lines.push(Line::default());
    }
    lines
}

fn indented(line: Line, by: usize) -> Line {
    let mut out = Line::plain(" ".repeat(by));
    out.0.extend(line.0);
    out
}

/// What is to be known, and the keys.
fn foot(state: &State) -> Vec<Line> {
    let message = match (state.waiting, state.said.as_slice()) {
        (Some(what), _) => Line::of(Look::Bold, format!(" {what} ...")),
        (None, []) => Line::default(),
        (None, [one]) => Line::of(Look::Warning, format!(" {one}")),
        (None, [one, more @ ..]) => {
            Line::of(Look::Warning, format!(" {one} (and {} more)", more.len()))
        }
    };
    let keys = words::keys(state)
        .into_iter()
        .map(|(key, meaning)| Line::of(Look::Key, key).and(Look::Plain, format!(" {meaning}")));
    let keys = wrapped(keys.collect(), state.width.saturating_sub(2), "   ");
    let mut lines = Vec::new();
    if state.height >= 8 || message != Line::default() {
        lines.push(message);
    }
    if state.height >= 16 {
        lines.push(Line::of(Look::Dim, "─".repeat(state.width)));
    }
    lines.extend(keys.into_iter().map(|line| indented(line, 1)));
    lines
}

fn body(state: &State, layout: &Layout) -> Vec<Line> {
    let mut list = list(state, layout);
    let Some(beside) = layout.beside else {
        if layout.below > 0 {
            list.resize(layout.rows(), Line::default());
            list.push(Line::of(Look::Dim, "─".repeat(state.width)));
            let details = details::of(state).into_iter();
            list.extend(details.take(layout.below).map(|line| indented(line, 1)));
        }
        return list;
    };
    let mut details = details::of(state).into_iter();
    list.resize(layout.body, Line::default());
    let join = |line: Line| {
        let described = details.next().unwrap_or_default().fit(beside);
        let mut whole = line.fit(layout.list);
        whole.0.push((Look::Dim, "│ ".to_owned()));
        whole.0.extend(described.0);
        whole
    };
    list.into_iter().map(join).collect()
}

/// The list with its heading, as far as it is seen.
fn list(state: &State, layout: &Layout) -> Vec<Line> {
    let width = layout.list;
    let heading = rows::heading(state, width);
    let mut lines: Vec<Line> = heading.into_iter().collect();
    let page = layout.rows().saturating_sub(lines.len());
    let all = state.length();
    if all == 0 {
        let text = words::nothing(state);
        let pieces = text.split(' ').map(Line::plain).collect();
        let wrapped = wrapped(pieces, width.saturating_sub(4), " ");
        lines.extend(wrapped.into_iter().map(|line| indented(line, 2)));
        return lines;
    }
    let is_text = matches!(state.screen(), Screen::File { .. } | Screen::Help);
    let first = if is_text {
        state.cursor().min(all.saturating_sub(page))
    } else {
        // The cursor stands in the middle, as far as there is something on both sides.
        let middle = state.cursor().saturating_sub(page / 2);
        middle.min(all.saturating_sub(page))
    };
    for number in first..all.min(first + page) {
        let row = rows::row(state, number, width);
        lines.push(match number == state.cursor() && !is_text {
            true => Line::of(Look::Bar, ">")
                .and_all(row)
                .all(Look::Bar)
                .fit(width),
            false => Line::plain(" ").and_all(row),
        });
    }
    lines
}

impl Line {
    fn and_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// Columns of the widest text.
fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(columns).max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
