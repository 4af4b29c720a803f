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

#[test]
fn paths_that_could_leave_their_place() {
    Bench::new().check(paths::cases());
}

#[test]
fn links_that_lead_elsewhere_or_cannot_be_judged() {
    Bench::new().check(links::cases());
}

#[test]
fn types_modes_owners_and_times_that_give_or_take_power() {
    Bench::new().check(metadata::cases());
}

#[test]
fn names_that_collide() {
    Bench::new().check(names::cases());
}

#[test]
fn bombs_go_off_nowhere() {
    Bench::limited().check(bombs::cases());
}

#[test]
fn headers_that_two_readers_understand_differently() {
    Bench::new().check(headers::cases());
}

#[test]
fn streams_that_are_cut_damaged_or_followed_by_something() {
    Bench::new().check(streams::cases());
}

#[test]
fn content_that_is_not_what_the_lists_say() {
    Bench::new().check(content::cases());
}

#[test]
fn manifests_that_are_missing_broken_or_ask_for_too_much() {
    Bench::new().check(manifests::cases());
}

#[test]
fn nothing_in_an_archive_steers_the_terminal() {
    terminal::check(&mut Bench::new());
}

#[test]
fn a_limit_names_the_flag_that_raises_it() {
    bombs::check_flags(&mut Bench::new());
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
fn what_is_no_regular_file_is_no_archive() {
    streams::check_special_files(&Bench::new());
}
