//! The line by which what was written is known again: its form, when it runs, and a check of
//! the rest of the text, so that a change by hand is noticed.

use super::when::When;
use takeback::model::Digest;

/// The form of what this version writes.
pub(super) const FORM: u32 = 1;
const WORD: &str = "takeback-schedule form=";

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) form: u32,
    /// Absent where a newer form says it another way.
    pub(super) when: Option<When>,
    /// Whether the rest is as it was written.
    pub(super) intact: bool,
}

/// The words of a mark for a text that will stand around it.
pub(super) fn mark(when: When, rest: &str) -> String {
    format!("{WORD}{FORM} {} check={}", when.mark(), check(rest))
}

/// Reads a text of ours: the first line with a mark, and whether the others are as they were.
pub(super) fn read(text: &str) -> Option<Mark> {
    let line = text.lines().find(|line| line.contains(WORD))?;
    let (_, said) = line.split_once(WORD)?;
    let rest: String = text
        .split_inclusive('\n')
        .filter(|other| other.trim_end_matches('\n') != line)
        .collect();
    Some(Mark {
        form: said.split_whitespace().next()?.parse().ok()?,
        when: When::from_mark(said),
        intact: said.contains(&format!("check={}", check(&rest))),
    })
}

fn check(text: &str) -> String {
    let mut digest = Digest::of(text.as_bytes()).to_string();
    digest.truncate(16);
    digest
}
