//! Indexes that say what the archive does not, with a digest and a record that fit: each is
//! refused, and what is read through one is what the archive holds or nothing at all.

use super::{Dice, archive, backup, index};
use crate::support::TestEnv;
use crate::support::coverage::coverage;
use crate::support::index::{RawIndex, RawKind, sealed};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};
use takeback::archive::{
    ArchiveError, Content, Index, IndexError, IndexedArchive, ListedEntry, OpenArchive, ReadLimits,
};

/// An archive, its index, and every file that is in it.
struct Truth {
    bytes: Arc<Vec<u8>>,
    index: RawIndex,
    files: BTreeMap<String, Vec<u8>>,
}

const LARGE: &str = "home/.claude/skills/large.bin";
const LINK: &str = "home/.claude/skills/link";
const SMALL: &str = "home/.claude/skills/small-7";
const NEXT: &str = "home/.claude/skills/small-8";

impl Truth {
    fn new() -> Self {
        let env = TestEnv::new();
        let mut dice = Dice(77);
        let mut files = BTreeMap::new();
        let mut write = |name: &str, bytes: Vec<u8>| {
            let path = format!(".claude/skills/{name}");
            env.write(&path, &bytes);
            files.insert(format!("home/{path}"), bytes);
        };
        for number in 0..60 {
            let size = dice.roll(4_000);
            write(&format!("small-{number}"), dice.bytes(size));
        }
        write("large.bin", dice.bytes(400_000));
        write("other.bin", dice.bytes(140_000));
        symlink("small-1", env.home().join(".claude/skills/link")).unwrap();
        let id = backup(&env, &[]);
        let truth = Self {
            bytes: Arc::new(fs::read(archive(&env, &id)).unwrap()),
            index: RawIndex::read(&index(&env, &id)),
            files,
        };
        assert!(truth.index.body().len() > 6, "too few pieces");
        truth.judge(&truth.index.bytes()).unwrap();
        truth
    }

    fn open(&self, bytes: &[u8]) -> Result<IndexedArchive, ArchiveError> {
        let refused = |e: IndexError| ArchiveError::Corrupt(e.to_string());
        let index = Index::parse(bytes).map_err(refused)?;
        let entries = u64::from(index.len()) + 2;
        let limits = ReadLimits::recorded(index.size, index.expanded, entries);
        IndexedArchive::open(self.bytes.clone(), index, limits)
    }

    /// Reads everything through an index; fails the test when what it gives is not what the
    /// archive holds. Says whether the index was found to be good.
    fn judge(&self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let opened = self.open(bytes)?;
        let chosen: Vec<&ListedEntry> = opened.listing().entries.values().collect();
        let files = chosen.iter().filter(|entry| entry.digest.is_some()).count();
        let given = Mutex::new(BTreeMap::new());
        let take = |entry: &ListedEntry, content: &mut dyn Content| {
            let mut all = Vec::new();
            loop {
                match content.next()? {
                    [] => break,
                    more => all.extend_from_slice(more),
                }
            }
            given.lock().unwrap().insert(entry.path.to_string(), all);
            Ok::<(), ArchiveError>(())
        };
        let read = opened.extract(&chosen, &take);
        let given = given.into_inner().unwrap();
        if read.is_ok() {
            assert_eq!(given.len(), files, "files were passed over without a word");
            for (path, bytes) in &given {
                assert!(self.files.get(path) == Some(bytes), "{path} is not itself");
            }
        }
        let whole = opened.check();
        assert!(
            read.is_ok() || whole.is_err(),
            "what cannot be read is whole"
        );
        whole
    }

    /// Fails unless an index with this change is refused.
    #[track_caller]
    fn refuses(&self, what: &str, change: impl FnOnce(&mut RawIndex)) {
        let mut index = self.index.clone();
        change(&mut index);
        assert!(index != self.index, "{what}: nothing was changed");
        let verdict = self.judge(&index.bytes());
        assert!(verdict.is_err(), "{what}: it is believed");
    }

    fn at(&self, path: &str) -> usize {
        let row = self.index.row(path).clone();
        self.index.rows.iter().position(|one| *one == row).unwrap()
    }
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
            opened += usize::from(truth.open(&bytes).is_ok());
        }
    }
    assert!(opened < 1_200, "{opened} of them are good");
}
