//! Values of YAML.

use super::{BlankError, Scalar};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;

/// What is open: how its next member is called.
enum Open {
    /// A list, and how many members it has so far.
    List(usize),
    /// A map whose next scalar is a key.
    Key,
    /// A map whose last key was this.
    Value(String),
    /// A map whose next key is no single value: nothing can point behind it.
    Odd,
}

pub(super) fn scalars(text: &str) -> Result<Vec<Scalar>, BlankError> {
    let mut scan = Scan {
        text,
        bytes: text.char_indices().map(|(at, _)| at).collect(),
        open: Vec::new(),
        names: Vec::new(),
        found: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|_| BlankError::Invalid("YAML"))?;
        scan.event(&event, span)?;
    }
    Ok(scan.found)
}

struct Scan<'a> {
    text: &'a str,
    /// Where each character begins: the parser counts characters.
    bytes: Vec<usize>,
    open: Vec<Open>,
    /// What each of them but the outermost is called.
    names: Vec<String>,
    found: Vec<Scalar>,
}

impl Scan<'_> {
    fn event(&mut self, event: &Event<'_>, span: Span) -> Result<(), BlankError> {
        match event {
            Event::SequenceStart(..) => self.begin(Open::List(0)),
            Event::MappingStart(..) => self.begin(Open::Key),
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.names.pop();
            }
            Event::Scalar(value, style, ..) => self.scalar(value, *style, span),
            // What it stands for may be a secret here and not where it is written.
            Event::Alias(_) => return Err(BlankError::Alias),
            _ => {}
        }
        Ok(())
    }

    /// Something begins that has members.
    fn begin(&mut self, new: Open) {
        self.names.extend(self.next_name());
        self.step(None);
        self.open.push(new);
    }

    /// Counts one more member of what is open; `key` is its text if it may be a key. Gives
    /// whether it was one.
    fn step(&mut self, key: Option<&str>) -> bool {
        let Some(open) = self.open.last_mut() else {
            return false;
        };
        let (next, was_key) = match (&*open, key) {
            (Open::List(count), _) => (Open::List(count + 1), false),
            (Open::Key, Some(key)) => (Open::Value(key.to_owned()), true),
            (Open::Key, None) => (Open::Odd, true),
            (Open::Value(_) | Open::Odd, _) => (Open::Key, false),
        };
        *open = next;
        was_key
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, span: Span) {
        let path = self.names.iter().cloned().chain(self.next_name());
        let path = path.collect();
        if self.step(Some(value)) {
            return;
        }
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let at = if block {
            self.lines(self.range(span))
        } else {
            self.range(span)
        };
        // Words of the language and empty values hide nothing. The sign that begins a block
        // stays; without lines it is an empty value.
        let plain = matches!(value, "" | "~" | "null" | "true" | "false" | "0");
        let hides = !plain && !at.is_empty();
        let blank = hides.then_some(if block { "" } else { "\"\"" });
        self.found.push(Scalar { path, at, blank });
    }

    /// What the next value is called in what it lies in.
    fn next_name(&self) -> Option<String> {
        Some(match self.open.last()? {
            Open::List(count) => count.to_string(),
            Open::Value(key) => key.clone(),
            Open::Key | Open::Odd => String::new(),
        })
    }

    fn range(&self, span: Span) -> Range<usize> {
        let byte = |index: usize| self.bytes.get(index).copied().unwrap_or(self.text.len());
        byte(span.start.index())..byte(span.end.index())
    }

    /// The whole lines of a block: the parser begins behind the first indentation, and ends
    /// behind the one of the line that follows.
    fn lines(&self, at: Range<usize>) -> Range<usize> {
        let start_of_line = |at: usize| {
            let before = self.text.get(..at).unwrap_or_default();
            before.rfind('\n').map_or(0, |newline| newline + 1)
        };
        let end = start_of_line(at.end);
        let rest = self.text.get(end..at.end).unwrap_or_default();
        let end = if rest.trim().is_empty() { end } else { at.end };
        start_of_line(at.start)..end
    }
}
