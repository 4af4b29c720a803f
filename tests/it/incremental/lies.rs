//! Indexes that say what the archive does not, with a digest and a record that fit: each is
//! refused, and what is read through one is what the archive holds or nothing at all.

use super::Dice;
use super::truth::{LARGE, LINK, NEXT, SMALL, Truth};
use crate::support::coverage::coverage;
use crate::support::index::{RawIndex, RawKind, sealed};
use takeback::archive::{Index, OpenArchive};
use takeback::model::GlobList;

#[test]
fn one_file_is_read_without_the_others_being_listed() {
    let truth = Truth::new();
    let bytes = truth.index.bytes();
    for path in [SMALL, LARGE] {
        assert!(truth.judge_one(&bytes, path), "{path}");
        let opened = truth
            .open(&bytes, &GlobList::new(&[path]).unwrap())
            .unwrap();
        assert_eq!(opened.listing().unasked as usize, truth.files.len() - 1);
        let why = opened.check().unwrap_err().to_string();
        assert!(why.contains("not all of it is listed"), "{why}");
    }
    assert!(!truth.judge_one(&bytes, "home/.claude/nothing"));
}

#[test]
fn lies_about_entries_are_refused() {
    let truth = Truth::new();
    let (large, link) = (truth.at(LARGE), truth.at(LINK));
    let small = truth.at(SMALL);
    let path = |name: &str| format!("home/.claude/{name}").into_bytes();
    for (name, row) in [("large", large), ("small", small), ("link", link)] {
        let refuses = |what: &str, change: &dyn Fn(&mut RawIndex)| {
            truth.refuses(&format!("{name}: {what}"), change);
        };
        refuses("mode", &|index| index.rows[row].mode ^= 0o022);
        refuses("seconds", &|index| index.rows[row].seconds += 1);
        refuses("nanoseconds", &|index| index.rows[row].nanos ^= 1);
        refuses("far seconds", &|index| index.rows[row].seconds = i64::MIN);
        refuses("offset", &|index| index.rows[row].offset += 512);
        refuses("far offset", &|index| {
            index.rows[row].offset = u64::from(u32::MAX);
        });
        refuses("odd offset", &|index| index.rows[row].offset += 1);
        refuses("piece", &|index| index.rows[row].piece += 1);
        refuses("piece back", &|index| index.rows[row].piece -= 1);
        refuses("far piece", &|index| {
            index.rows[row].piece = u64::from(u32::MAX);
        });
        refuses("path", &|index| {
            let last = index.rows[row].path.len() - 1;
            index.rows[row].path[last] ^= 1;
        });
        refuses("path elsewhere", &|index| {
            index.rows[row].path = b"home/.ssh/id_ed25519".to_vec();
        });
        refuses("path that climbs", &|index| {
            index.rows[row].path = path("skills/../../x");
        });
        refuses("twice", &|index| {
            index.rows.insert(row, index.rows[row].clone());
            index.count += 1;
        });
        refuses("left out", &|index| {
            index.rows.remove(row);
            index.count -= 1;
        });
        refuses("left out, and nobody counts it", &|index| {
            let piece = index.rows[row].piece as usize + index.head as usize;
            index.pieces[piece].members -= 1;
            index.rows.remove(row);
            index.count -= 1;
        });
        refuses("a directory", &|index| {
            index.rows[row].kind = RawKind::Directory;
        });
        refuses("another link", &|index| {
            index.rows[row].kind = RawKind::Link(b"small-2".to_vec());
        });
        refuses("a file", &|index| {
            index.rows[row].kind = RawKind::File(7, [7; 32]);
        });
        refuses("endless", &|index| {
            index.rows[row].kind = RawKind::File(u64::MAX, [7; 32]);
        });
        refuses("as large as can be", &|index| {
            index.rows[row].kind = RawKind::File((8 << 30) - 1, [7; 32]);
        });
    }
}

#[test]
fn lies_about_where_entries_lie_are_refused() {
    let truth = Truth::new();
    let (large, small, next) = (truth.at(LARGE), truth.at(SMALL), truth.at(NEXT));
    truth.refuses("two change places", |index| index.rows.swap(small, next));
    truth.refuses("one has the other's content", |index| {
        index.rows[small].kind = index.rows[next].kind.clone();
        index.rows[small].offset = index.rows[next].offset;
        index.rows[small].piece = index.rows[next].piece;
    });
    truth.refuses("a small file lies in a large one's piece", |index| {
        let piece = index.rows[large].piece;
        index.rows[large + 1].piece = piece;
    });
}

#[test]
fn lies_about_sizes_and_digests_are_refused() {
    let truth = Truth::new();
    for path in [LARGE, SMALL] {
        let row = truth.at(path);
        let RawKind::File(size, digest) = truth.index.rows[row].kind else {
            panic!("{path} is no file");
        };
        for other in [0, 1, size - 1, size + 1, size + 512, size * 2, 65_536] {
            truth.refuses(&format!("{path}: {other} bytes"), |index| {
                index.rows[row].kind = RawKind::File(other, digest);
            });
        }
        truth.refuses(&format!("{path}: digest"), |index| {
            let mut other = digest;
            other[31] ^= 1;
            index.rows[row].kind = RawKind::File(size, other);
        });
    }
    truth.refuses("the archive's digest", |index| index.archive[0] ^= 1);
    truth.refuses("size", |index| index.size += 1);
    truth.refuses("expanded", |index| index.expanded += 1);
    truth.refuses("count", |index| index.count += 1);
    truth.refuses("fewer", |index| index.count -= 1);
    truth.refuses("endless count", |index| index.count = u64::from(u32::MAX));
    for (head, tail) in [(0, 0), (1, 0), (0, 1), (1, 1), (2, 2), (3, 2)] {
        if (head, tail) != (truth.index.head, truth.index.tail) {
            truth.refuses(&format!("{head} and {tail}"), |index| {
                (index.head, index.tail) = (head, tail);
            });
        }
    }
}

#[test]
fn lies_about_pieces_are_refused() {
    let truth = Truth::new();
    let body = truth.index.body();
    for piece in [0, body.start, body.start + 1, body.end - 1, body.end] {
        let refuses = |what: &str, change: &dyn Fn(&mut RawIndex)| {
            truth.refuses(&format!("piece {piece}: {what}"), change);
        };
        refuses("length", &|index| index.pieces[piece].length += 1);
        refuses("length, and the next fits", &|index| {
            index.pieces[piece].length += 1;
            index.pieces[piece + 1].length -= 1;
        });
        refuses("expanded", &|index| index.pieces[piece].expanded -= 512);
        refuses("expanded, and the next fits", &|index| {
            index.pieces[piece].expanded += 512;
            index.pieces[piece + 1].expanded -= 512;
        });
        refuses("checksum", &|index| index.pieces[piece].crc[0] ^= 1);
        refuses("digest", &|index| index.pieces[piece].digest[0] ^= 1);
        refuses("members", &|index| index.pieces[piece].members += 1);
        refuses("members, and the next fits", &|index| {
            index.pieces[piece].members += 1;
            let next = &mut index.pieces[piece + 1].members;
            *next = next.wrapping_sub(1) & 0xffff_ffff;
        });
        refuses("left out", &|index| {
            let gone = index.pieces.remove(piece);
            index.size -= gone.length;
            index.expanded -= gone.expanded;
        });
        refuses("twice", &|index| {
            let again = index.pieces[piece].clone();
            index.size += again.length;
            index.expanded += again.expanded;
            index.pieces.insert(piece, again);
        });
        refuses("in another place", &|index| {
            index.pieces.swap(piece, 1 + piece)
        });
        refuses("endless", &|index| {
            let more = u64::from(u32::MAX) - index.pieces[piece].length;
            index.pieces[piece].length += more;
            index.size += more;
        });
        refuses("endless when expanded", &|index| {
            let more = u64::from(u32::MAX) - index.pieces[piece].expanded;
            index.pieces[piece].expanded += more;
            index.expanded += more;
        });
    }
}

/// Every bit of every second byte, the digest made to fit.
#[test]
fn a_turned_bit_that_nobody_notices_is_noticed_where_it_matters() {
    let truth = Truth::new();
    let whole = truth.index.bytes();
    let content = &whole[..whole.len() - 32];
    // The engine only says what pieces are carried over from.
    let engine = {
        let at = content.windows(truth.index.engine.len());
        let at = at.into_iter().position(|part| part == truth.index.engine);
        at.unwrap()..at.unwrap() + truth.index.engine.len()
    };
    let (mut refused, mut tried) = (0, 0);
    let mut dice = Dice(5);
    for at in (0..content.len()).filter(|at| !engine.contains(at)) {
        if dice.roll(content.len()) > 250 {
            continue;
        }
        let bit = dice.roll(8);
        let mut bytes = content.to_vec();
        bytes[at] ^= 1 << bit;
        tried += 1;
        match truth.judge(&sealed(bytes)) {
            Err(_) => refused += 1,
            Ok(()) => panic!("bit {bit} of byte {at} of {} is believed", content.len()),
        }
    }
    assert!(refused > 150, "{refused} of {tried}");
    coverage("incremental-bits", &[("turned bits of an index", tried)]);
}

/// Whatever the bytes, they are read to the end or refused, and never with a panic.
#[test]
fn bytes_at_random_are_no_index() {
    let truth = Truth::new();
    let whole = truth.index.bytes();
    let content = &whole[..whole.len() - 32];
    for end in (0..content.len()).step_by(3) {
        assert!(Index::parse(&whole[..end]).is_err(), "cut at {end}");
        assert!(
            Index::parse(&sealed(content[..end].to_vec())).is_err(),
            "{end}"
        );
    }
    let (mut dice, mut opened) = (Dice(0x00c0_ffee), 0);
    for round in 0..2_500 {
        let mut bytes = content.to_vec();
        for _ in 0..=dice.roll(4) {
            let at = 17 + dice.roll(bytes.len() - 17);
            match dice.roll(6) {
                0 => bytes[at] = 0xff,
                1 => drop(bytes.splice(at..at, [0xff; 9])),
                2 => drop(bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0x0f])),
                3 => drop(bytes.drain(at..(at + dice.roll(40)).min(bytes.len()))),
                4 => bytes.truncate(at.max(40)),
                _ => bytes[at] ^= 1 << dice.roll(8),
            }
            if bytes.len() < 60 {
                bytes = content.to_vec();
            }
        }
        if round % 4 == 0 {
            let length = dice.roll(300);
            bytes.truncate(17);
            bytes.extend(dice.bytes(length));
        }
        let bytes = sealed(bytes);
        if let Ok(index) = Index::parse(&bytes) {
            // Rows are only looked at when somebody asks.
            let rows = index.rows().take(1_000_000).filter(Result::is_ok).count();
            assert!(rows <= index.len() as usize);
            opened += usize::from(truth.open(&bytes, &GlobList::none()).is_ok());
        }
    }
    assert!(opened < 1_200, "{opened} of them are good");
}
