//! Rows 47 to 54: devices and odd types are refused; modes, owners, attributes and
//! times that give or take power are made harmless.

use super::case::{Case, Look, at, has_mode, has_time, holds, refused_with, restored_with};
use crate::support::tarball::{Member, TIME, binary, octal, record};

pub(super) fn cases() -> Vec<Case> {
    [types(), modes(), owners(), attributes(), times()]
        .into_iter()
        .flatten()
        .collect()
}

fn types() -> Vec<Case> {
    let device = |flag| Member {
        extra: vec![(329, octal(1, 8)), (337, octal(3, 8))],
        ..Member::of(flag, at("d"))
    };
    let mut cases: Vec<Case> = [
        (b'3', "character device"),
        (b'4', "block device"),
        (b'6', "pipe"),
    ]
    .map(|(flag, what)| refused_with(47, what, what, vec![device(flag)]))
    .into();
    for flag in *b"7ADMNSVXZhz\x01\xff" {
        let name = format!("type {:?}", char::from(flag));
        let odd = Member {
            body: b"body".as_slice().into(),
            ..Member::of(flag, at("d"))
        };
        cases.push(refused_with(48, &name, &at("d"), vec![odd]));
    }
    // Old programs wrote directories so; a reader that cares for the type sees a file.
    for flag in [b'0', 0] {
        let name = format!(
            "type {:?} with a name that ends in a slash",
            char::from(flag)
        );
        cases.push(refused_with(
            48,
            &name,
            &at("d/"),
            vec![Member::of(flag, at("d/"))],
        ));
    }
    let nul = Member {
        flag: 0,
        ..Member::file(at("f"), "plain")
    };
    cases.push(restored_with(
        48,
        "type NUL is a file",
        vec![holds("f", "plain")],
        vec![nul],
    ));
    cases
}

fn with_mode(mode: &str, member: Member) -> Member {
    Member {
        mode: format!("{mode:0>7}\0").into_bytes(),
        ..member
    }
}

fn modes() -> Vec<Case> {
    let file = |row, mode: &str, kept| {
        let member = with_mode(mode, Member::file(at("f"), "f"));
        restored_with(
            row,
            &format!("file {mode}"),
            vec![has_mode("f", kept)],
            vec![member],
        )
    };
    let dir = |row, mode: &str, kept| {
        let members = vec![
            with_mode(mode, Member::dir(at("d/"))),
            Member::file(at("d/f"), "f"),
        ];
        let looks: Vec<Look> = vec![has_mode("d", kept), holds("d/f", "f")];
        restored_with(row, &format!("directory {mode}"), looks, members)
    };
    vec![
        file(49, "4755", 0o755),
        file(49, "2755", 0o755),
        file(49, "6711", 0o711),
        file(49, "1644", 0o644),
        dir(49, "2755", 0o755),
        dir(49, "1777", 0o755),
        dir(49, "7777", 0o755),
        file(50, "777", 0o755),
        file(50, "666", 0o644),
        file(50, "655", 0o644),
        file(50, "600", 0o600),
        file(50, "700", 0o700),
        file(50, "640", 0o640),
        dir(50, "777", 0o755),
        dir(50, "700", 0o700),
        file(51, "0", 0o600),
        file(51, "400", 0o600),
        dir(51, "0", 0o700),
        dir(51, "500", 0o700),
    ]
}

fn owners() -> Vec<Case> {
    let plain = || Member::file(at("f"), "f");
    let mode = |text: &[u8]| Member {
        mode: text.to_vec(),
        ..plain()
    };
    let owned = |uid: Vec<u8>| Member {
        gid: uid.clone(),
        uid,
        uname: b"root".to_vec(),
        ..plain()
    };
    let case = |name: &str, member: Member| {
        let looks = vec![has_mode("f", 0o644), holds("f", "f")];
        restored_with(52, name, looks, vec![member])
    };
    vec![
        case("mode in letters", mode(b"rw-r--r-")),
        case("no mode", mode(b"")),
        case("mode 8888888", mode(b"8888888\0")),
        case("owner -1", owned(binary(-1, 8))),
        case("owner 2^55", owned(binary(1 << 55, 8))),
        case("owner in letters", owned(b"nobody\0".to_vec())),
        case("owner 12345", owned(octal(12345, 8))),
        case(
            "owner name with an escape code",
            Member {
                uname: b"\x1b[2J".to_vec(),
                ..plain()
            },
        ),
    ]
}

fn attributes() -> Vec<Case> {
    let case = |key: &str, value: &[u8]| {
        let members = vec![Member::pax(record(key, value)), Member::file(at("f"), "f")];
        restored_with(
            53,
            key,
            vec![holds("f", "f"), has_mode("f", 0o644)],
            members,
        )
    };
    vec![
        case("SCHILY.xattr.user.note", b"x"),
        case("LIBARCHIVE.xattr.user.note", b"eA=="),
        case(
            "SCHILY.acl.access",
            b"user::rwx,user:root:rwx,group::rwx,mask::rwx,other::rwx",
        ),
        case("SCHILY.fflags", b"immutable"),
        // As tar stores a real capability: bytes that are no text.
        case(
            "SCHILY.xattr.security.capability",
            b"\x01\0\0\x02\xff\xe0\0\0\0\0\0\0",
        ),
        case(
            "SCHILY.xattr.security.selinux",
            b"unconfined_u:object_r:tmp_t:s0\0",
        ),
    ]
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

/// No time before 1970 or after tomorrow.
fn sane(seconds: i64, _: i64) -> bool {
    (0..=now() + 24 * 3600).contains(&seconds)
}

fn times() -> Vec<Case> {
    let time = i64::try_from(TIME).unwrap();
    let by_pax = |value: &str, test: fn(i64, i64) -> bool| {
        let members = vec![
            Member::pax(record("mtime", value)),
            Member::file(at("f"), "f"),
        ];
        restored_with(
            54,
            &format!("PAX {value}"),
            vec![has_time("f", test)],
            members,
        )
    };
    let by_header = |name: &str, mtime: Vec<u8>| {
        let member = Member {
            mtime,
            ..Member::file(at("f"), "f")
        };
        restored_with(54, name, vec![has_time("f", sane)], vec![member])
    };
    let exact = restored_with(
        54,
        "an ordinary one is kept",
        vec![has_time("f", move |seconds, nanos| {
            (seconds, nanos) == (time, 0)
        })],
        vec![Member::file(at("f"), "f")],
    );
    vec![
        exact,
        by_pax("1767225600.25", |s, n| {
            (s, n) == (1_767_225_600, 250_000_000)
        }),
        by_pax("1767225600.123456789123", |s, n| {
            (s, n) == (1_767_225_600, 123_456_789)
        }),
        by_pax("-1", sane),
        by_pax("-1.5", sane),
        by_pax("99999999999", sane),
        by_pax("9223372036854775807", sane),
        by_pax("99999999999999999999999", sane),
        by_pax("nan", sane),
        by_pax("inf", sane),
        by_pax("1e9", sane),
        by_header("2242", octal(0o77_777_777_777, 12)),
        by_header("before 1970", binary(-1, 12)),
        by_header("the end of time", binary(i128::from(i64::MAX), 12)),
        by_header("in letters", b"yesterday\0".to_vec()),
    ]
}
