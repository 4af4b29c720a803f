//! Indexes come back as they were written, and nothing else is one.

use super::*;
use crate::model::{ArchivePath, EntryKind, Meta, ModTime};

fn row(path: &str, kind: EntryKind, seconds: i64, piece: u32, offset: u32) -> IndexRow {
    let is_file = matches!(kind, EntryKind::File { .. });
    IndexRow {
        path: ArchivePath::parse(path).unwrap(),
        digest: is_file.then(|| Digest::of(path.as_bytes())),
        kind,
        meta: Meta {
            mode: 0o640,
            mtime: ModTime {
                seconds,
                nanos: 999_999_999,
            },
        },
        piece,
        offset,
    }
}

/// Rows with everything that is odd: times far apart, names that share much or nothing.
fn rows() -> Vec<IndexRow> {
    let file = |size| EntryKind::File { size };
    let link = |target: &str| EntryKind::Link {
        target: target.to_owned(),
    };
    vec![
        row("home/.a", EntryKind::Directory, i64::MIN, 0, 0),
        row("home/.a/\u{e9}", file(0), i64::MAX, 0, 512),
        row("home/.a/\u{ea}", file(65_536), 0, 0, 1024),
        row("home/.a/l", link("\u{ea}"), -1, 1, 0),
        row("home/.a/large", file(8 << 30), 1_700_000_000, 2, 0),
        row(&format!("home/.a/{}", "n".repeat(255)), file(1), 0, 5, 0),
        row("config/b", file(u64::MAX), 0, u32::MAX, u32::MAX),
        row("config/c", link(""), 0, 0, 0),
    ]
}

fn piece(at: u64, length: u32, members: u32) -> Piece {
    Piece {
        at,
        length,
        expanded: length * 2,
        crc: length,
        digest: Piece::digest_of(&length.to_le_bytes()),
        members,
    }
}

fn index(rows: &[IndexRow]) -> Index {
    let mut writer = RowWriter::default();
    rows.iter().for_each(|row| writer.push(row));
    let mut at = 10;
    let mut pieces = Vec::new();
    for (length, members) in [(300, 0), (700, 3), (1 << 20, 0), (9, 0)] {
        // The largest there may be does not grow.
        let mut piece = piece(at, length, members);
        piece.expanded = piece.expanded.min(1 << 20);
        at += u64::from(length);
        pieces.push(piece);
    }
    pieces[1].members = rows.len() as u32;
    let archive = Digest::of(b"archive");
    Index::new("engine".to_owned(), pieces, writer, (1, 1), archive)
}

/// The bytes with a digest that fits.
fn sealed(content: &[u8]) -> Vec<u8> {
    [content, Digest::of(content).as_bytes()].concat()
}

#[test]
fn an_index_comes_back_as_it_was() {
    for count in 0..=rows().len() {
        let rows = &rows()[..count];
        let index = index(rows);
        let back = Index::parse(&index.to_bytes()).unwrap();
        assert_eq!(back, index);
        let read: Result<Vec<IndexRow>, IndexError> = back.rows().collect();
        assert_eq!(read.unwrap(), rows);
        assert_eq!((back.len() as usize, back.is_empty()), (count, count == 0));
        let mut cursor = Cursor::default();
        for row in rows {
            assert_eq!(cursor.next(&back), Some(Ok(row.clone())));
        }
        assert_eq!(cursor.next(&back), None);
    }
}

#[test]
fn pieces_of_the_body_are_counted_behind_the_manifest_and_end_before_the_list() {
    let index = index(&rows());
    assert_eq!(index.body(0), Some(&index.pieces()[1]));
    assert_eq!(index.body(1), Some(&index.pieces()[2]));
    for number in [2, 3, 4, u32::MAX] {
        assert_eq!(index.body(number), None, "{number}");
    }
}

#[test]
fn what_is_cut_longer_or_changed_is_no_index() {
    let whole = index(&rows()).to_bytes();
    let content = &whole[..whole.len() - 32];
    for end in 0..whole.len() {
        assert!(Index::parse(&whole[..end]).is_err(), "cut at {end}");
    }
    for end in 0..content.len() {
        assert!(Index::parse(&sealed(&content[..end])).is_err(), "{end}");
    }
    assert!(Index::parse(&[&whole[..], b"x"].concat()).is_err());
    assert!(Index::parse(&sealed(&[content, b"x"].concat())).is_err());
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Index::parse(&bytes).is_err(), "bit {bit}");
    }
}

#[test]
fn pieces_that_do_not_make_up_the_archive_or_are_too_large_are_refused() {
    let refused = |change: fn(&mut Index)| {
        let mut index = index(&rows());
        change(&mut index);
        Index::parse(&index.to_bytes()).unwrap_err().to_string()
    };
    let parts = [
        refused(|index| index.size += 1),
        refused(|index| index.expanded -= 1),
        refused(|index| index.pieces[1].length += 1),
        refused(|index| index.pieces.truncate(3)),
        refused(|index| index.pieces.clear()),
    ];
    for why in parts {
        assert!(why.contains("make up the archive"), "{why}");
    }
    let counts = [
        refused(|index| index.count += 1),
        refused(|index| index.pieces[0].members = 1),
        refused(|index| index.head = u32::MAX),
        refused(|index| index.tail = 4),
    ];
    for why in counts {
        assert!(why.contains("counts"), "{why}");
    }
    let large = refused(|index| {
        index.pieces[2].length += 1;
        index.size += 1;
    });
    assert!(large.contains("too large"), "{large}");
}

/// A row that goes wrong is the last that is given.
#[test]
fn rows_that_are_damaged_end_with_an_error() {
    let index = index(&rows());
    for end in 0..index.rows.len() {
        let mut cut = index.clone();
        cut.rows.truncate(end);
        let cut = Index::parse(&cut.to_bytes()).unwrap();
        let read: Vec<_> = cut.rows().collect();
        let (last, before) = read.split_last().unwrap();
        assert!(last.is_err() && before.iter().all(Result::is_ok), "{end}");
    }
}
