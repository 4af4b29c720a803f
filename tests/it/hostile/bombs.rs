//! Rows 59 to 72: small files that want to become large. The program runs with little
//! memory and may write no large file, so a limit that is checked too late shows.

use super::bench::{Bench, manners};
use super::case::{Case, at, holds, refused, refused_with, restored_with};
use crate::support::tarball::{Archive, BLOCK, Gzip, Member, binary, record, tar};

const MIB: u64 = 1 << 20;

pub(super) fn cases() -> Vec<Case> {
    [
        sizes(),
        counts(),
        sparse(),
        extensions(),
        compressed(),
        false_sizes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn zeros(name: &str, count: u64) -> Member {
    Member::file(at(name), "").of_zeros(count)
}

fn sizes() -> Vec<Case> {
    let many = (0..45).map(|n| zeros(&format!("z{n}"), 2 * MIB)).collect();
    let eight = vec![0; 8 << 20];
    vec![
        refused_with(
            59,
            "a file of 513 MiB",
            "--max-file-size",
            vec![zeros("z", 513 * MIB)],
        ),
        refused_with(
            59,
            "a file of 3 GiB",
            "--max-file-size",
            vec![zeros("z", 3072 * MIB)],
        ),
        refused_with(
            59,
            "a file of 100 MiB from 100 KiB",
            "--max-expanded-size",
            vec![zeros("z", 100 * MIB)],
        ),
        refused_with(60, "45 files of 2 MiB", "--max-expanded-size", many),
        refused(
            60,
            "2 GiB of zeros behind the end",
            "--max-expanded-size",
            |archive| {
                let mut all = archive.tar();
                all.zeros(2048 * MIB);
                Gzip::of(&all).bytes()
            },
        ),
        restored_with(72, "8 MiB of zeros", vec![holds("z", &eight)], {
            vec![Member::file(at("z"), &eight)]
        }),
    ]
}

fn counts() -> Vec<Case> {
    let empty = |n: usize| Member {
        listed: None,
        ..Member::file(at(&format!("{n}")), "")
    };
    vec![
        refused(61, "100,001 files", "--max-entries", move |archive| {
            archive.plus((0..100_001).map(empty)).bytes()
        }),
        refused(
            61,
            "the same directory 100,001 times",
            "--max-entries",
            |archive| {
                archive
                    .plus((0..100_001).map(|_| Member::dir(at(""))))
                    .bytes()
            },
        ),
        refused(
            61,
            "100,001 files outside the trees",
            "--max-entries",
            |archive| {
                let outside = |n| Member {
                    listed: None,
                    ..Member::file(format!("elsewhere/{n}"), "")
                };
                archive.plus((0..100_001).map(outside)).bytes()
            },
        ),
    ]
}

/// A sparse file in GNU tar's old form: a map in the header, more maps behind it.
fn old_sparse(real_size: i128, more_maps: usize) -> Member {
    let extended = u8::from(more_maps > 0);
    let map = [binary(real_size - 1, 12), binary(1, 12)].concat();
    let mut maps = vec![0; more_maps * BLOCK];
    for block in maps.chunks_mut(BLOCK).rev().skip(1) {
        block[504] = 1;
    }
    Member {
        magic: *b"ustar  \0",
        extra: vec![
            (386, map),
            (482, vec![extended]),
            (483, binary(real_size, 12)),
        ],
        size: Some(b"00000000001\0".to_vec()),
        body: maps.as_slice().into(),
        ..Member::of(b'S', at("s"))
    }
}

fn sparse() -> Vec<Case> {
    let by_pax = |real_size: &str| {
        let records = [
            record("GNU.sparse.major", "1"),
            record("GNU.sparse.minor", "0"),
            record("GNU.sparse.name", at("s")),
            record("GNU.sparse.realsize", real_size),
        ];
        let map = format!("1\n{real_size}\n0\n");
        vec![Member::pax(records.concat()), Member::file(at("s"), map)]
    };
    vec![
        refused_with(62, "8 EiB", "sparse", vec![old_sparse((1 << 63) - 1, 0)]),
        refused_with(62, "1 TiB", "sparse", vec![old_sparse(1 << 40, 0)]),
        refused_with(63, "8 EiB by PAX", "sparse", by_pax("9223372036854775807")),
        refused_with(63, "1 TiB by PAX", "sparse", by_pax("1099511627776")),
        refused_with(
            67,
            "200,000 blocks of maps",
            "sparse",
            vec![old_sparse(1 << 40, 200_000)],
        ),
    ]
}

fn extensions() -> Vec<Case> {
    let large = |row, name: &str, flag, size| {
        let head = Member::of(flag, "@").of_zeros(size);
        refused_with(row, name, "", vec![head, Member::file(at("x"), "x")])
    };
    let global = || Member {
        body: record("comment", "x").as_slice().into(),
        ..Member::of(b'g', "g")
    };
    vec![
        large(64, "1 GiB of PAX", b'x', 1024 * MIB),
        large(64, "2 MiB of PAX", b'x', 2 * MIB),
        large(65, "1 GiB of a long name", b'L', 1024 * MIB),
        large(65, "1 GiB of a long target", b'K', 1024 * MIB),
        large(66, "512 MiB of global header", b'g', 512 * MIB),
        refused_with(66, "65 records before one file", "", {
            let records = (0..65)
                .flat_map(|n| record(&format!("SCHILY.x{n}"), "x"))
                .collect::<Vec<u8>>();
            vec![Member::pax(records), Member::file(at("x"), "x")]
        }),
        refused_with(
            68,
            "20,000 global headers",
            "",
            (0..20_000).map(|_| global()).collect(),
        ),
    ]
}

fn compressed() -> Vec<Case> {
    let empty = || Gzip::of(&b"".as_slice().into()).bytes();
    let endless = |flag: u8, name: &'static str| {
        refused(70, name, "", move |archive| {
            let mut gzip = Gzip::of(&archive.tar());
            gzip.header[3] = flag;
            gzip.header.resize(16 << 20, b'a');
            gzip.bytes()
        })
    };
    vec![
        refused(
            69,
            "200,000 empty gzip members behind it",
            "",
            move |archive| {
                let more: Vec<u8> = std::iter::repeat_with(empty)
                    .take(200_000)
                    .flatten()
                    .collect();
                [archive.bytes(), more].concat()
            },
        ),
        refused(
            69,
            "200,000 empty gzip members before it",
            "",
            move |archive| {
                let more: Vec<u8> = std::iter::repeat_with(empty)
                    .take(200_000)
                    .flatten()
                    .collect();
                [more, archive.bytes()].concat()
            },
        ),
        endless(0x08, "a file name of 16 MiB in the gzip header"),
        endless(0x10, "a comment of 16 MiB in the gzip header"),
    ]
}

fn false_sizes() -> Vec<Case> {
    let claims = |name: &str, size: Vec<u8>| {
        let member = Member {
            size: Some(size),
            ..Member::file(at("x"), "x")
        };
        refused_with(71, name, "", vec![member])
    };
    let last = |archive: Archive| {
        let member = Member {
            size: Some(b"00000100000\0".to_vec()),
            ..Member::file(at("x"), "x")
        };
        Gzip::of(&tar(&archive.plus([member]).members, 2)).bytes()
    };
    vec![
        claims("2^63 - 1", binary((1 << 63) - 1, 12)),
        claims("2^63", binary(1 << 63, 12)),
        claims("2^64 - 1", binary((1 << 64) - 1, 12)),
        claims("8 GiB", b"77777777777\0".to_vec()),
        claims("12 digits", b"777777777777".to_vec()),
        claims("beyond the stream", b"00000100000\0".to_vec()),
        refused(71, "beyond the stream, last member", "", last),
    ]
}

/// A limit that stops an honest archive is named with its flag, and the flag moves it.
pub(super) fn check_flags(bench: &mut Bench) {
    let small = bench.put("small", &bench.archive().bytes());
    let lower = [
        ("--max-entries", "3"),
        ("--max-file-size", "10"),
        ("--max-expanded-size", "2000"),
        ("--max-archive-size", "100"),
    ];
    for (flag, value) in lower {
        let done = bench.restore(&small, &[flag, value]);
        let wrong = [
            manners(&done),
            bench.look_refused(&done, 6, &["small", flag]),
        ]
        .concat();
        wrong
            .into_iter()
            .for_each(|what| bench.fails(format!("{flag} {value}: {what}")));
        bench.reset();
    }
    let large = zeros("z", 80 * MIB).listed_as(at("z"));
    let large = bench.put("large", &bench.archive().plus([large]).bytes());
    let done = bench.restore(&large, &[]);
    let wrong = bench.look_refused(&done, 6, &["large", "--max-expanded-size"]);
    wrong
        .into_iter()
        .for_each(|what| bench.fails(format!("80 MiB: {what}")));
    bench
        .restore(&large, &["--max-expanded-size", "200000000"])
        .exits(0);
    let size = bench
        .env
        .home()
        .join(".claude/skills/alpha/z")
        .metadata()
        .unwrap()
        .len();
    assert_eq!(size, 80 * MIB);
    bench.finish();
}
