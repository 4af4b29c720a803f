//! Lines of a screen: pieces of text with a look, cut to a number of columns. Pure.

use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// How a piece of text looks. Nothing is said by a look alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Plain,
    Bold,
    Dim,
    /// The bar with the title, and the line the cursor is on.
    Bar,
    Added,
    Removed,
    Changed,
    Warning,
    Key,
}

/// One line of a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line(pub(super) Vec<(Look, String)>);

impl Line {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::of(Look::Plain, text)
    }

    pub(super) fn of(look: Look, text: impl Into<String>) -> Self {
        Self(vec![(look, text.into())])
    }

    pub(super) fn and(mut self, look: Look, text: impl Into<String>) -> Self {
        self.0.push((look, text.into()));
        self
    }

    /// The same text, all of it with one look.
    pub(super) fn all(self, look: Look) -> Self {
        Self(self.0.into_iter().map(|(_, text)| (look, text)).collect())
    }

    /// Columns it takes.
    pub(super) fn columns(&self) -> usize {
        self.0.iter().map(|(_, text)| columns(text)).sum()
    }

    /// The line in exactly so many columns: cut, or filled with spaces of its last look.
    pub(super) fn fit(self, width: usize) -> Self {
        let too_long = self.columns() > width;
        let mut room = if too_long {
            width.saturating_sub(1)
        } else {
            width
        };
        let mut out = Self::default();
        let mut last = Look::Plain;
        for (look, text) in self.0 {
            let text = cut(&text, room);
            room -= columns(&text);
            last = look;
            if !text.is_empty() {
                out.0.push((look, text));
            }
        }
        if too_long && width > 0 {
            // A wide character that did not fit leaves a column open.
            let dots = format!("{}…", " ".repeat(room));
            out.0.push((last, dots));
        } else if room > 0 {
            let look = if last == Look::Bar { last } else { Look::Plain };
            out.0.push((look, " ".repeat(room)));
        }
        out
    }

    /// For a terminal that only knows ASCII. Before it is cut, for it becomes longer.
    pub(super) fn in_ascii(self) -> Self {
        let pieces = self.0.into_iter();
        Self(pieces.map(|(look, text)| (look, ascii(&text))).collect())
    }

    /// Its text.
    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '…' => out.push('~'),
            '›' => out.push('>'),
            '│' => out.push('|'),
            '─' => out.push('-'),
            c if c.is_ascii() => out.push(c),
            // Writing to a String cannot fail.
            c => _ = write!(out, "\\u{{{:x}}}", c as u32),
        }
    }
    out
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// As much of a text as goes into so many columns.
fn cut(text: &str, room: usize) -> String {
    let mut left = room;
    let fits = |c: &char| match left.checked_sub(c.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).collect()
}

/// A text in exactly so many columns.
pub(super) fn column(text: &str, width: usize) -> String {
    let fitted = Line::plain(text).fit(width);
    fitted.0.into_iter().map(|(_, text)| text).collect()
}

/// Pieces side by side in lines of so many columns, none of them parted.
pub(super) fn wrapped(pieces: Vec<Line>, width: usize, between: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for piece in pieces {
        let fits = |line: &&mut Line| line.columns() + columns(between) + piece.columns() <= width;
        match lines.last_mut().filter(fits) {
            Some(line) => {
                line.0.push((Look::Plain, between.to_owned()));
                line.0.extend(piece.0);
            }
            None => lines.push(piece),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_exactly_its_columns() {
        for (text, width, wanted) in [
            ("abc", 5, "abc  "),
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("世界", 4, "世界"),
            ("世界", 3, "世…"),
            ("世界", 2, " …"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
            ("", 2, "  "),
        ] {
            let line = Line::plain(text).fit(width);
            assert_eq!(line.text(), wanted);
            assert_eq!(line.columns(), width);
        }
    }

    #[test]
    fn ascii_terminals_get_ascii() {
        let line = Line::plain("caf\u{e9} › x…").in_ascii();
        assert_eq!(line.text(), "caf\\u{e9} > x~");
    }

    #[test]
    fn pieces_are_not_parted() {
        let pieces = ["one", "two", "three"].map(Line::plain).into();
        let lines = wrapped(pieces, 8, "  ");
        let texts: Vec<String> = lines.iter().map(Line::text).collect();
        assert_eq!(texts, ["one  two", "three"]);
    }
}
