//! Two texts, by lines.

use super::value::patience;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};
use std::ops::Range;

/// Lines shown before and after each change.
const CONTEXT: usize = 3;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFate {
    /// It is on both sides.
    Same,
    /// It is not there any more.
    Removed,
    /// It is new.
    Added,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What became of it.
    pub fate: LineFate,
    /// Its text, without its end.
    pub text: String,
    /// Whether the file ends with it, and without a line break.
    pub open_end: bool,
}

/// Changed lines that are close together, with some around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Its lines before, counted from 0.
    pub before: Range<usize>,
    /// Its lines after, counted from 0.
    pub after: Range<usize>,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Hunk {
    /// `@@ -1,3 +1,4 @@`, as other programs understand it.
    #[must_use]
    pub fn head(&self) -> String {
        let side = |lines: &Range<usize>| {
            // An empty range stands behind the line it names.
            let first = lines.start + usize::from(!lines.is_empty());
            match lines.len() {
                1 => first.to_string(),
                count => format!("{first},{count}"),
            }
        };
        format!("@@ -{} +{} @@", side(&self.before), side(&self.after))
    }
}

/// The changed lines of a text.
pub(super) fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let (one, other) = (lines(before), lines(after));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &one, &other, patience());
    let groups = group_diff_ops(ops, CONTEXT).into_iter();
    groups.filter_map(|ops| hunk(&ops, &one, &other)).collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn hunk(ops: &[DiffOp], one: &[&str], other: &[&str]) -> Option<Hunk> {
    let (first, last) = (ops.first()?, ops.last()?);
    let mut lines = Vec::new();
    for op in ops {
        let (_, old, new) = op.as_tag_tuple();
        let mut take = |all: &[&str], range: Range<usize>, fate| {
            let taken = all.get(range).unwrap_or_default();
            lines.extend(taken.iter().map(|text| line(text, fate)));
        };
        if let DiffOp::Equal { .. } = op {
            take(one, old, LineFate::Same);
        } else {
            take(one, old, LineFate::Removed);
            take(other, new, LineFate::Added);
        }
    }
    Some(Hunk {
        before: first.old_range().start..last.old_range().end,
        after: first.new_range().start..last.new_range().end,
        lines,
    })
}

fn line(text: &str, fate: LineFate) -> Line {
    let whole = text.strip_suffix('\n');
    Line {
        fate,
        text: whole.unwrap_or(text).to_owned(),
        open_end: whole.is_none(),
    }
}
