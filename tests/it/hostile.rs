//! Archives that lie, climb, loop, explode or break off, each put before the real
//! program. Every case is a correct archive with one change, and the correct one is
//! restored first, so what is refused is that change and nothing else. The numbers are
//! those of the attack catalogue in `docs/safety.md`.

mod bench;
mod bombs;
mod case;
mod content;
mod headers;
mod links;
mod manifests;
mod metadata;
mod names;
mod paths;
mod seeds;
mod streams;
mod terminal;

pub(crate) use bench::manners;

use crate::support::tarball::{Member, octal};
use bench::Bench;
use case::Case;
use std::collections::BTreeSet;

/// Rows of the catalogue that are about archives.
const ROWS: [std::ops::RangeInclusive<u8>; 2] = [1..=32, 47..=97];
/// Rows that no archive shows: they have tests of their own.
const BY_THEMSELVES: [u8; 3] = [95, 96, 97];

fn all_cases() -> Vec<Case> {
    let tables = [
        paths::cases,
        links::cases,
        metadata::cases,
        names::cases,
        bombs::cases,
        headers::cases,
        streams::cases,
        content::cases,
        manifests::cases,
    ];
    tables.iter().flat_map(|table| table()).collect()
}

#[test]
fn every_row_of_the_catalogue_has_a_case() {
    let have: BTreeSet<u8> = all_cases()
        .iter()
        .map(|case| case.row)
        .chain(BY_THEMSELVES)
        .collect();
    let want: BTreeSet<u8> = ROWS.into_iter().flatten().collect();
    let missing: Vec<&u8> = want.difference(&have).collect();
    assert!(missing.is_empty(), "no case for the rows {missing:?}");
}

#[test]
fn a_change_of_anything_around_is_noticed() {
    Bench::new().check_that_changes_show();
}

/// Tries a table twice: by whoever runs the tests, and by somebody whom file permissions
/// bind. Memory and the size of files are limited for both.
macro_rules! attacks {
    ($($test:ident = $table:ident)*) => {
        mod whoever {
            use super::*;
            $(#[test]
            fn $test() {
                Bench::new().check(concat!("hostile-", stringify!($table)), $table::cases());
            })*
        }
        mod nobody {
            use super::*;
            $(#[test]
            fn $test() {
                let name = concat!("hostile-nobody-", stringify!($table));
                Bench::for_nobody().check(name, $table::cases());
            })*
        }
    };
}

attacks! {
    paths_that_could_leave_their_place = paths
    links_that_lead_elsewhere_or_cannot_be_judged = links
    types_modes_owners_and_times_that_give_or_take_power = metadata
    names_that_collide = names
    bombs_go_off_nowhere = bombs
    headers_that_two_readers_understand_differently = headers
    streams_that_are_cut_damaged_or_followed_by_something = streams
    content_that_is_not_what_the_lists_say = content
    manifests_that_are_missing_broken_or_ask_for_too_much = manifests
}

#[test]
fn nothing_in_an_archive_steers_the_terminal() {
    terminal::check(&mut Bench::new());
}

#[test]
fn a_limit_names_the_flag_that_raises_it() {
    bombs::check_flags(&mut Bench::new().unlimited());
}

#[test]
fn an_archive_of_an_adapter_that_is_not_installed_is_named_and_left() {
    manifests::check_unknown_target(&mut Bench::new());
}

#[test]
fn an_archive_that_changes_between_two_readings_is_refused() {
    streams::check_change_between_passes();
}

#[test]
fn a_tar_of_nothing_that_is_known_is_no_backup() {
    streams::check_unknown_tars(&Bench::new());
}

#[test]
fn what_is_no_regular_file_is_no_archive() {
    streams::check_special_files(&Bench::new());
}

#[test]
fn strictness_refuses_what_is_passed_over_otherwise() {
    let mut bench = Bench::new();
    let archive = bench
        .archive()
        .plus(vec![Member::dir("elsewhere/")])
        .bytes();
    let archive = bench.put("case.tar.gz", &archive);
    let done = bench.restore(&archive, &["--strict"]);
    let wrong = bench.look_refused(&done, 6, &["case.tar.gz", "elsewhere"]);
    assert!(wrong.is_empty(), "{wrong:?}");
    bench.restore(&archive, &[]).exits(3);
    bench.reset();
}

#[test]
fn modes_that_are_made_harmless_are_counted() {
    let bench = Bench::new();
    let powerful = Member {
        mode: octal(0o4777, 8),
        ..Member::file("home/.claude/skills/alpha/x", "x")
    };
    let archive = bench.put("case.tar.gz", &bench.archive().plus([powerful]).bytes());
    bench
        .restore(&archive, &["--dry-run"])
        .says("1 mode is made harmless");
}
