//! Rows 73 to 83: headers that are malformed, or that two readers understand
//! differently. What `tar -t` shows must be what a restore would write.

use super::case::{ALPHA, Case, at, holds, refused, refused_with, restored_with};
use crate::support::tarball::{Checksum, Gzip, Member, binary, record, tar};

pub(super) fn cases() -> Vec<Case> {
    [
        sizes(),
        twice(),
        texts(),
        records(),
        globals(),
        alone(),
        sparse(),
        fields(),
        old(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How the program names the first member that a correct archive does not have.
const EIGHTH: &str = "member 8";

fn file() -> Member {
    Member::file(at("x"), "hello")
}

/// A correct archive and a file behind an extension header of these bytes.
fn pax(row: u8, name: &str, records: impl AsRef<[u8]>) -> Case {
    refused_with(row, name, EIGHTH, vec![Member::pax(records), file()])
}

fn sizes() -> Vec<Case> {
    let no_size = Member {
        size: Some(b"00000000000\0".to_vec()),
        ..file()
    };
    vec![
        pax(73, "PAX says more", record("size", "600")),
        pax(73, "PAX says less", record("size", "1")),
        pax(73, "PAX says nothing is there", record("size", "0")),
        pax(73, "a negative size", record("size", "-5")),
        pax(73, "a size in words", record("size", "five")),
        refused_with(73, "the header says nothing is there", EIGHTH, {
            vec![Member::pax(record("size", "5")), no_size]
        }),
        // Some readers take it for the size of the name.
        refused_with(73, "a size, then a long name", EIGHTH, {
            vec![
                Member::pax(record("size", "5")),
                Member::gnu(b'L', at("x")),
                file(),
            ]
        }),
    ]
}

fn twice() -> Vec<Case> {
    let path = || record("path", at("x"));
    let two = |a: Vec<u8>, b: Vec<u8>| [a, b].concat();
    vec![
        pax(74, "path twice", two(path(), record("path", at("y")))),
        pax(74, "the same path twice", two(path(), path())),
        pax(
            74,
            "size twice",
            two(record("size", "5"), record("size", "6")),
        ),
        pax(
            74,
            "mtime twice",
            two(record("mtime", "1"), record("mtime", "2")),
        ),
        pax(
            74,
            "comment twice",
            two(record("comment", "a"), record("comment", "b")),
        ),
        refused_with(74, "L and path", EIGHTH, {
            vec![Member::gnu(b'L', at("y")), Member::pax(path()), file()]
        }),
        refused_with(74, "path and L", EIGHTH, {
            vec![Member::pax(path()), Member::gnu(b'L', at("y")), file()]
        }),
        refused(74, "K and linkpath", EIGHTH, |archive| {
            let heads = [
                Member::gnu(b'K', "notes.md"),
                Member::pax(record("linkpath", "SKILL.md")),
            ];
            let link = Member::link(at("l"), "notes.md");
            archive
                .listing_link(&at("l"), "notes.md")
                .plus(heads)
                .plus([link])
                .bytes()
        }),
    ]
}

fn texts() -> Vec<Case> {
    // A reader that splits at line breaks finds a second record in the value.
    let hidden = [b"x\n".to_vec(), record("path", "home/.claude/skills/evil")].concat();
    let in_path = format!("{ALPHA}/a\nb");
    vec![
        pax(75, "a record inside a comment", record("comment", &hidden)),
        pax(
            75,
            "a record inside an unknown value",
            record("SCHILY.note", &hidden),
        ),
        refused_with(75, "a line break in a path", "", {
            vec![
                Member::pax(record("path", &in_path)),
                file().listed_as(&in_path),
            ]
        }),
        refused_with(
            75,
            "a line break in a name",
            "",
            vec![Member::file(&in_path, "x")],
        ),
        pax(76, "NUL in a path", record("path", at("x\0/../../evil"))),
        refused_with(76, "NUL in a link's path", EIGHTH, {
            vec![
                Member::pax(record("linkpath", "a\0b")),
                Member::link(at("l"), "a"),
            ]
        }),
        refused_with(
            76,
            "NUL in a long name",
            EIGHTH,
            vec![Member::gnu(b'L', at("x\0y")), file()],
        ),
        refused_with(
            76,
            "NUL in a name",
            EIGHTH,
            vec![Member::file(at("x\0y"), "x")],
        ),
        pax(78, "an empty path", record("path", "")),
        pax(
            78,
            "a path that is no text",
            record("path", b"home/.claude/skills/\xff"),
        ),
        pax(78, "another character set", record("hdrcharset", "BINARY")),
        pax(78, "an unknown key", record("takeback.root", "/")),
    ]
}

fn records() -> Vec<Case> {
    let good = String::from_utf8(record("path", at("x"))).unwrap();
    let length = good.split(' ').next().unwrap().to_owned();
    let rest = good[length.len()..].to_owned();
    let with_length = |length: &str| format!("{length}{rest}");
    let bad = [
        ("letters for a length", with_length("xx")),
        (
            "a length that begins with 0",
            with_length(&format!("0{length}")),
        ),
        ("a length beyond the end", with_length("999")),
        ("a length that is too short", with_length("9")),
        ("a length of 0", with_length("0")),
        ("a negative length", with_length("-36")),
        ("a signed length", with_length("+36")),
        ("a hexadecimal length", with_length("0x24")),
        (
            "a length of twenty digits",
            with_length("99999999999999999999"),
        ),
        ("a space before the length", format!(" {good}")),
        ("no length", rest.clone()),
        ("no line break", good.trim_end().to_owned()),
        ("no equals sign", "7 path\n".to_owned()),
        ("no key", "5 =a\n".to_owned()),
        ("only a line break", "\n".to_owned()),
        ("zeros behind it", format!("{good}\0\0\0")),
        ("letters behind it", format!("{good}garbage")),
    ];
    bad.map(|(name, bytes)| pax(77, name, bytes)).into()
}

fn globals() -> Vec<Case> {
    let global = |key: &str, value: &str| {
        let head = Member {
            body: record(key, value).as_slice().into(),
            ..Member::of(b'g', "g")
        };
        refused_with(
            79,
            &format!("global {key}"),
            "global header",
            vec![head, file()],
        )
    };
    vec![
        global("path", "home/.claude/skills/evil"),
        global("linkpath", "/etc"),
        global("size", "1"),
        global("comment", "0123456789012345678901234567890123456789"),
    ]
}

fn alone() -> Vec<Case> {
    let path = || Member::pax(record("path", at("x")));
    let last = |name: &str, head: Member| {
        refused(80, name, "", move |archive| {
            Gzip::of(&tar(&[archive.sealed(), vec![head.clone()]].concat(), 2)).bytes()
        })
    };
    let pair =
        |name: &str, a: Member, b: Member| refused_with(80, name, EIGHTH, vec![a, b, file()]);
    let empty = Member {
        body: b"".as_slice().into(),
        ..Member::gnu(b'L', "")
    };
    vec![
        last("x at the end", path()),
        last("L at the end", Member::gnu(b'L', at("x"))),
        last("K at the end", Member::gnu(b'K', at("x"))),
        pair("two x", path(), Member::pax(record("mtime", "1"))),
        pair(
            "two L",
            Member::gnu(b'L', at("y")),
            Member::gnu(b'L', at("x")),
        ),
        pair("two K", Member::gnu(b'K', "a"), Member::gnu(b'K', "b")),
        refused_with(80, "empty L", EIGHTH, vec![empty, file()]),
        refused_with(
            80,
            "L of one NUL",
            EIGHTH,
            vec![Member::gnu(b'L', ""), file()],
        ),
    ]
}

fn sparse() -> Vec<Case> {
    let keys = [
        "major",
        "minor",
        "name",
        "realsize",
        "size",
        "numblocks",
        "map",
        "offset",
        "numbytes",
    ];
    let case = |key: &str| pax(81, key, record(&format!("GNU.sparse.{key}"), "1"));
    keys.map(case).into()
}

fn fields() -> Vec<Case> {
    let size = |name: &str, size: &[u8]| {
        let member = Member {
            size: Some(size.to_vec()),
            ..file()
        };
        refused_with(82, name, EIGHTH, vec![member])
    };
    let sum = |row, name: &str, member: Member| refused_with(row, name, EIGHTH, vec![member]);
    let blank = |name: &str, text: &str| {
        let text = text.to_owned();
        refused(82, name, "member 1", move |archive| {
            let mut bytes = archive.tar().to_vec();
            bytes[148..156].copy_from_slice(text.as_bytes());
            Gzip::of(&bytes.as_slice().into()).bytes()
        })
    };
    vec![
        size("a negative size", b"-0000000005\0"),
        size("a negative binary size", &binary(-5, 12)),
        size("a size in letters", b"five\0"),
        size("a size with letters behind", b"00000000005x"),
        size("a size with two numbers", b"00005 00005\0"),
        size("no size", b"            "),
        size("a decimal size", b"00000000009\0"),
        sum(
            82,
            "a wrong checksum",
            Member {
                checksum: Checksum::Wrong,
                ..file()
            },
        ),
        blank("no checksum", "        "),
        blank("a checksum in letters", "checksum"),
        refused_with(
            82,
            "no padding",
            "",
            vec![Member {
                padding: None,
                ..file()
            }],
        ),
        restored_with(
            82,
            "padding that is not zero is no content",
            vec![holds("x", "hello")],
            {
                vec![Member {
                    padding: Some(b'p'),
                    ..file()
                }]
            },
        ),
    ]
}

/// Old forms that every reader understands alike.
fn old() -> Vec<Case> {
    let case = |name: &str, member: Member| {
        restored_with(83, name, vec![holds("x", "hello")], vec![member])
    };
    let accented = Member {
        checksum: Checksum::Signed,
        ..Member::file(at("\u{e9}"), "hello")
    };
    // To some readers these are files.
    let unclear = |head: Member| {
        let name = format!("extension {} of no known format", head.flag as char);
        let magic = *b"ustar:00";
        let members = vec![Member { magic, ..head }, file()];
        refused_with(83, &name, "not in a known tar format", members)
    };
    vec![
        case(
            "v7 header",
            Member {
                magic: [0; 8],
                ..file()
            },
        ),
        case(
            "GNU magic",
            Member {
                magic: *b"ustar  \0",
                ..file()
            },
        ),
        case(
            "odd magic",
            Member {
                magic: *b"ustar\0\0\0",
                ..file()
            },
        ),
        unclear(Member::pax(record("comment", "x"))),
        unclear(Member::gnu(b'L', at("x"))),
        restored_with(
            83,
            "signed checksum",
            vec![holds("\u{e9}", "hello")],
            vec![accented],
        ),
    ]
}
