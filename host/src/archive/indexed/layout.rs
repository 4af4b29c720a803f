//! Whether the rows of an index and its pieces tell the same story: every piece holds the
//! entries it counts, in order, and a large file the pieces behind its header. What lies in
//! a piece only shows when that is read; what does not even fit on paper is not read at all.

use crate::archive::index::{Index, IndexError, Placed};
use crate::archive::pieces::{PART, is_large};
use crate::model::EntryKind;

const WRONG: IndexError = IndexError("its entries do not lie where its pieces are");

/// Follows the rows through the pieces.
pub(super) struct Layout<'a> {
    index: &'a Index,
    /// The piece that nothing was found in yet.
    next: u32,
    /// Entries still to come in the piece before it.
    left: u32,
    /// Where the last of them begins.
    offset: u32,
}

impl<'a> Layout<'a> {
    pub(super) fn new(index: &'a Index) -> Self {
        Self {
            index,
            next: 0,
            left: 0,
            offset: 0,
        }
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, row: &Placed) -> Result<(), IndexError> {
        let large = match row.kind {
            EntryKind::File { size } if is_large(size) => Some(size),
            _ => None,
        };
        if self.left > 0 {
            let fits = large.is_none() && row.piece == self.next - 1 && row.offset > self.offset;
            (self.left, self.offset) = (self.left - 1, row.offset);
            return if fits { Ok(()) } else { Err(WRONG) };
        }
        let members = self.index.body(row.piece).map_or(0, |piece| piece.members);
        if (row.piece, row.offset) != (self.next, 0) || members == 0 {
            return Err(WRONG);
        }
        self.next += 1;
        (self.left, self.offset) = (members - 1, 0);
        match large {
            Some(_) if members > 1 => Err(WRONG),
            Some(size) => self.parts(size),
            None => Ok(()),
        }
    }

    /// The parts of a large file hold nothing else.
    fn parts(&mut self, size: u64) -> Result<(), IndexError> {
        for _ in 0..size.div_ceil(PART as u64) {
            let part = self.index.body(self.next);
            if part.is_none_or(|part| part.members > 0) {
                return Err(WRONG);
            }
            self.next += 1;
        }
        Ok(())
    }

    /// There are no more rows.
    pub(super) fn end(self) -> Result<(), IndexError> {
        // The counts of all pieces add up to that of the rows: none is left for our own.
        if self.left == 0 && self.index.body(self.next).is_none() {
            Ok(())
        } else {
            Err(WRONG)
        }
    }
}
