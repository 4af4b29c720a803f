//! Rows 84 to 88, 96 and 97: what surrounds the members: gzip, the tar's end, the file.
//! A cut or altered backup that restores "fine" is silent loss.

use super::bench::{Bench, manners};
use super::case::{Case, nothing_else, refused, restored};
use crate::support::tarball::{Archive, BLOCK, Gzip, Member, Stream, tar};
use crate::support::tools;
use serde_json::json;
use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::rc::Rc;
use takeback::archive::{ArchiveError, OpenArchive, ReadLimits, VerifiedArchive};

pub(super) fn cases() -> Vec<Case> {
    [damaged(), cut(), followed(), members(), foreign()]
        .into_iter()
        .flatten()
        .collect()
}

fn gzip_of(archive: &Archive) -> Gzip {
    Gzip::of(&archive.tar())
}

fn damaged() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for part in 1..12 {
        cases.push(refused(
            84,
            &format!("cut at {part}/12"),
            "",
            move |archive| {
                let bytes = archive.bytes();
                bytes[..bytes.len() * part / 12].to_vec()
            },
        ));
        cases.push(refused(
            84,
            &format!("a byte changed at {part}/12"),
            "",
            move |archive| {
                let mut bytes = archive.bytes();
                let at = bytes.len() * part / 12;
                bytes[at] ^= 0x55;
                bytes
            },
        ));
    }
    for missing in [1, 4, 8, 9] {
        cases.push(refused(
            84,
            &format!("{missing} bytes missing"),
            "",
            move |archive| {
                let bytes = archive.bytes();
                bytes[..bytes.len() - missing].to_vec()
            },
        ));
    }
    let with = |name: &str, change: fn(&mut Gzip)| {
        refused(84, name, "", move |archive| {
            let mut gzip = gzip_of(&archive);
            change(&mut gzip);
            gzip.bytes()
        })
    };
    cases.extend([
        with("bad CRC", |gzip| gzip.crc ^= 1),
        with("CRC of 0", |gzip| gzip.crc = 0),
        with("bad size", |gzip| gzip.size += 1),
        with("size of 0", |gzip| gzip.size = 0),
        with("another method", |gzip| gzip.header[2] = 7),
        with("no last block", |gzip| {
            gzip.deflated.truncate(gzip.deflated.len() - 2)
        }),
        with("a block of a reserved type", |gzip| gzip.deflated[0] = 0x07),
    ]);
    cases
}

/// Each cut leaves a whole gzip file; only the lists inside can notice.
fn cut() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in 1..=7 {
        for blocks in [0, 2] {
            let name = format!("after {count} members, {blocks} blocks of zeros");
            cases.push(refused(85, &name, "", move |archive| {
                Gzip::of(&tar(&archive.sealed()[..count], blocks)).bytes()
            }));
        }
    }
    cases.push(refused(85, "inside a body", "", |archive| {
        let all = archive.tar().to_vec();
        Gzip::of(&all[..all.len() - 4 * BLOCK - 100].into()).bytes()
    }));
    cases
}

fn followed() -> Vec<Case> {
    let file = |name: &str, more: Vec<u8>| {
        refused(86, name, "", move |archive| {
            [archive.bytes(), more.clone()].concat()
        })
    };
    let ending = |name: &str, blocks| {
        refused(86, name, "", move |archive| {
            Gzip::of(&tar(&archive.sealed(), blocks)).bytes()
        })
    };
    let inside = |name: &str, more: fn(&Archive) -> Stream| {
        refused(86, name, "", move |archive| {
            let mut all = archive.tar();
            all.push(&more(&archive).to_vec());
            Gzip::of(&all).bytes()
        })
    };
    let empty = Gzip::of(&Stream::default()).bytes();
    vec![
        file("a letter behind it", b"x".to_vec()),
        file("zeros behind it", vec![0; 512]),
        file("an empty gzip member behind it", empty),
        refused(86, "itself behind it", "", |archive| {
            [archive.bytes(), archive.bytes()].concat()
        }),
        inside("itself behind the end marker", Archive::tar),
        inside("one member behind the end marker", |archive| {
            tar(&archive.members[1..2], 0)
        }),
        inside("a letter behind the end marker", |_| b"x".as_slice().into()),
        ending("no end marker", 0),
        ending("one block of zeros", 1),
        refused(86, "a lone block of zeros inside", "", |archive| {
            let all = archive.sealed();
            let (front, back) = all.split_at(3);
            let stream = [tar(front, 1).to_vec(), tar(back, 2).to_vec()].concat();
            Gzip::of(&stream.as_slice().into()).bytes()
        }),
    ]
}

fn members() -> Vec<Case> {
    let split = |name: &str, at: fn(usize) -> usize| {
        refused(87, name, "compressed", move |archive| {
            let all = archive.tar().to_vec();
            let (front, back) = all.split_at(at(all.len()));
            [
                Gzip::of(&front.into()).bytes(),
                Gzip::of(&back.into()).bytes(),
            ]
            .concat()
        })
    };
    let padded = |blocks: usize| {
        let name = format!("{blocks} blocks of zeros at the end");
        restored(87, &name, vec![nothing_else()], move |archive| {
            Gzip::of(&tar(&archive.sealed(), blocks)).bytes()
        })
    };
    vec![
        split("two gzip members, parted at a block", |length| {
            length / 2 / BLOCK * BLOCK
        }),
        split("two gzip members, parted anywhere", |length| length / 2 + 7),
        split("two gzip members, the zeros in the second", |length| {
            length - 2 * BLOCK
        }),
        padded(3),
        padded(20),
    ]
}

fn foreign() -> Vec<Case> {
    let file =
        |name: &str, bytes: Vec<u8>| refused(88, name, "takeback archive", move |_| bytes.clone());
    let noise = (0..4096_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0] | 1)
        .collect();
    vec![
        file("empty", Vec::new()),
        file("one byte", b"\x1f".to_vec()),
        file("bz2", b"BZh91AY&SY\x9d\x8f\xa6\x1a\0\0\x01\xd1".to_vec()),
        file("xz", b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46".to_vec()),
        file("zstd", b"\x28\xb5\x2f\xfd\x04\x00".to_vec()),
        file("zip", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec()),
        file("random", noise),
        refused(88, "a plain tar", "takeback archive", |archive| {
            archive.tar().to_vec()
        }),
        refused(88, "nothing compressed", "", |_| {
            Gzip::of(&Stream::default()).bytes()
        }),
        refused(88, "text compressed", "", |_| {
            Gzip::of(&b"hello\n".as_slice().into()).bytes()
        }),
        refused(88, "no manifest and the sums", "manifest", |archive| {
            let mut members = archive.members[1..].to_vec();
            members.push(Member::file("SHA256SUMS", ""));
            Gzip::of(&tar(&members, 2)).bytes()
        }),
    ]
}

/// A file that somebody rewrites while it is read.
#[derive(Clone)]
struct Shared {
    bytes: Rc<RefCell<Vec<u8>>>,
    at: usize,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.bytes.borrow();
        let got = (&bytes[self.at.min(bytes.len())..]).read(buffer)?;
        self.at += got;
        Ok(got)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.bytes.borrow().len();
        self.at = match to {
            SeekFrom::Start(at) => usize::try_from(at).unwrap(),
            SeekFrom::End(by) => length.checked_add_signed(by.try_into().unwrap()).unwrap(),
            SeekFrom::Current(by) => self.at.checked_add_signed(by.try_into().unwrap()).unwrap(),
        };
        Ok(self.at as u64)
    }
}

/// Row 96, below the program: no test can rely on being faster than the second reading.
pub(super) fn check_change_between_passes() {
    let bench = Bench::new();
    let first = bench.archive();
    let changes: [(&str, Vec<u8>); 4] = [
        ("another content", {
            let mut other = first.clone();
            other.member("home/.claude/settings.json").body = b"{}".as_slice().into();
            other.bytes()
        }),
        (
            "another manifest",
            first
                .clone()
                .edit(|m| m["host"] = json!("elsewhere"))
                .bytes(),
        ),
        ("cut", first.bytes()[..200].to_vec()),
        ("nothing", Vec::new()),
    ];
    for (name, changed) in changes {
        let bytes = Rc::new(RefCell::new(first.bytes()));
        let file = Shared {
            bytes: bytes.clone(),
            at: 0,
        };
        let limits = ReadLimits::foreign(bytes.borrow().len() as u64);
        let archive = VerifiedArchive::read(file, limits, i64::MAX / 2).unwrap();
        let all: Vec<_> = archive.listing().entries.values().collect();
        let read = || archive.extract::<ArchiveError>(&all, &|_, _| Ok(()));
        assert!(read().is_ok(), "unchanged");
        *bytes.borrow_mut() = changed;
        assert!(read().is_err(), "{name}: the change was not noticed");
    }
}

/// Row 88: a tar without any sign of an archive of ours may be another program's backup. One of
/// nothing that is known is none, and nothing is done.
pub(super) fn check_unknown_tars(bench: &Bench) {
    let photos = [Member::dir("photos/"), Member::file("photos/a.jpg", "a")];
    for members in [&photos[..], &[]] {
        let path = bench.put("case.tar.gz", &Gzip::of(&tar(members, 2)).bytes());
        let done = bench.restore(&path, &[]);
        let wrong = bench.look_refused(&done, 10, &["case.tar.gz", "looks like a home"]);
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

/// Row 97: refused at once, whatever would happen on reading them.
pub(super) fn check_special_files(bench: &Bench) {
    let place = bench.env.root().join("in");
    tools::run(&place, "mkfifo", &["fifo"]);
    let fifo = place.join("fifo");
    let socket = place.join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let device = Path::new("/dev/zero").to_owned();
    for path in [fifo, place.clone(), socket, device, place.join("missing")] {
        let done = bench.restore(&path, &[]);
        let wrong = manners(&done);
        assert!(wrong.is_empty(), "{wrong:?}");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(done.stderr.contains(name), "it is not named\n{done}");
        let expected: &[i32] = match name {
            "missing" => &[1, 10],
            // A directory may be a home, and in this one is none.
            "in" => &[10],
            _ => &[6],
        };
        assert!(
            expected.contains(&done.code),
            "not one of {expected:?}\n{done}"
        );
        assert!(!bench.env.home().join(".claude").exists(), "{name}");
    }
}
