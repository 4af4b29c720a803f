//! Small members that share a piece.

use super::super::base::Base;
use super::super::error::ArchiveError;
use super::super::header::BLOCK;
use super::super::index::{IndexRow, Piece, RowWriter};
use super::press::{Press, of_base};
use flate2::Decompress;
use std::io::Write;

/// Where a member lay in the base, if it is the same there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Old {
    pub(super) piece: u32,
    pub(super) offset: u32,
    /// Its number among the base's entries.
    pub(super) number: u32,
}

/// A member's content.
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// So many bytes, as they lie in the base.
    Kept(usize),
}

impl Content {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Kept(size) => *size,
        }
    }
}

pub(super) struct Member {
    pub(super) row: IndexRow,
    pub(super) header: Vec<u8>,
    pub(super) content: Content,
    pub(super) old: Option<Old>,
}

impl Member {
    pub(super) fn len(&self) -> usize {
        self.header.len() + self.content.len().next_multiple_of(BLOCK)
    }
}

/// The members since the last cut.
#[derive(Default)]
pub(super) struct Group {
    members: Vec<Member>,
}

impl Group {
    pub(super) fn push(&mut self, member: Member) {
        self.members.push(member);
    }

    /// Gives the members to the press as one piece.
    pub(super) fn flush<W: Write>(
        &mut self,
        press: &mut Press<W>,
        rows: &mut RowWriter,
        head: u32,
        base: Option<&Base>,
    ) -> Result<(), ArchiveError> {
        if self.members.is_empty() {
            return Ok(());
        }
        let members = std::mem::take(&mut self.members);
        let mut offset = 0;
        for member in &members {
            let row = IndexRow {
                piece: press.next() - head,
                offset,
                ..member.row.clone()
            };
            rows.push(&row);
            offset += member.len() as u32;
        }
        match base.and_then(|base| whole_piece(&members, base)) {
            Some(piece) => press.copy(piece),
            None => press.pack(raw(&members, base)?, members.len() as u32),
        }
    }
}

/// The piece of the base that holds exactly these members.
fn whole_piece(members: &[Member], base: &Base) -> Option<Piece> {
    let first = members.first()?.old?;
    let piece = base.index().body(first.piece)?;
    let whole = first.offset == 0 && piece.members as usize == members.len();
    let same = |(member, number): (&Member, u32)| {
        let here = |old: Old| old.piece == first.piece && old.number == number;
        member.old.is_some_and(here)
    };
    let all = || members.iter().zip(first.number..).all(same);
    (whole && all()).then_some(*piece)
}

fn raw(members: &[Member], base: Option<&Base>) -> Result<Vec<u8>, ArchiveError> {
    let mut raw = Vec::with_capacity(members.iter().map(Member::len).sum());
    let mut expanded: Option<(u32, Vec<u8>)> = None;
    for member in members {
        raw.extend_from_slice(&member.header);
        match (&member.content, member.old, base) {
            (Content::Bytes(bytes), _, _) => raw.extend_from_slice(bytes),
            (Content::Kept(size), Some(old), Some(base)) => {
                let known = expanded.take().filter(|(piece, _)| *piece == old.piece);
                let bytes = match known {
                    Some((_, bytes)) => bytes,
                    None => {
                        let piece = base.index().body(old.piece).ok_or_else(damaged)?;
                        base.expand(piece, &mut Decompress::new(false))
                            .map_err(of_base)?
                    }
                };
                let from = old.offset as usize + member.header.len();
                let content = bytes.get(old.offset as usize..from);
                if content != Some(&member.header) {
                    return Err(damaged());
                }
                raw.extend_from_slice(bytes.get(from..from + size).ok_or_else(damaged)?);
                expanded = Some((old.piece, bytes));
            }
            (Content::Kept(_), ..) => return Err(damaged()),
        }
        raw.resize(raw.len().next_multiple_of(BLOCK), 0);
    }
    Ok(raw)
}

pub(super) fn damaged() -> ArchiveError {
    of_base(ArchiveError::Corrupt(
        "its index does not fit it".to_owned(),
    ))
}
