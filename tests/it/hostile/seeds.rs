//! The seeds of the fuzz targets `header` and `manifest`: a case of each row of the
//! catalogue, as small as it gets. They are committed, so that fuzzing needs no tests, and
//! compared here with what the cases make.

use super::all_cases;
use super::case::Case;
use crate::support::tarball::{Archive, BLOCK, Stream};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Larger ones are left out: a fuzzer makes better use of its time.
const LARGEST: usize = 4 << 10;
/// Manifests of one row.
const OF_A_ROW: usize = 9;
/// Rows that are about nothing but size.
const OF_SIZE: [u8; 10] = [59, 60, 61, 64, 65, 67, 68, 69, 70, 72];
/// Set to anything to write the seeds anew.
const BLESS: &str = "TAKEBACK_BLESS";

/// A manifest as a backup would write it, of no real machine.
fn origin() -> Value {
    json!({
        "format": 1, "program": "takeback 0.1.0", "snapshot": "2026-01-20_15-30-00",
        "target": "claude", "time": "2026-01-20T14:30:00Z", "zone": "UTC", "host": "h",
        "user": "ada", "os": "linux", "home": "/home/ada",
        "adapter": {"name": "A", "version": "1.0.0", "sha256": "00".repeat(32), "scope": []},
        "classes": ["settings"],
    })
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/seeds")
}

/// The members of a tar that an untouched archive has not; `None` where it is not a tar
/// of whole members, or has none of its own.
fn own_members(file: &[u8], untouched: &BTreeSet<Vec<u8>>) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    GzDecoder::new(file).read_to_end(&mut tar).ok()?;
    let mut own = Vec::new();
    let mut rest = tar.as_slice();
    while rest.len() >= BLOCK && rest[..BLOCK].iter().any(|b| *b != 0) {
        let size = std::str::from_utf8(&rest[124..135]).ok()?;
        let size = usize::from_str_radix(size, 8).ok()?;
        let whole = BLOCK + size.next_multiple_of(BLOCK);
        let (member, after) = rest.split_at_checked(whole)?;
        let ours = member.starts_with(b"manifest.json") || member.starts_with(b"SHA256SUMS");
        if !ours && !untouched.contains(member) {
            own.extend(member);
        }
        rest = after;
    }
    (!own.is_empty()).then_some(own)
}

fn members_of(stream: &Stream) -> BTreeSet<Vec<u8>> {
    let mut members = BTreeSet::new();
    let tar = stream.to_vec();
    let mut rest = tar.as_slice();
    while rest.len() >= BLOCK && rest[..BLOCK].iter().any(|b| *b != 0) {
        let size = std::str::from_utf8(&rest[124..135]).unwrap();
        let whole = BLOCK
            + usize::from_str_radix(size, 8)
                .unwrap()
                .next_multiple_of(BLOCK);
        let (member, after) = rest.split_at(whole);
        members.insert(member.to_vec());
        rest = after;
    }
    members
}

/// What a case is as a seed: its own members alone, or the whole file.
fn header_seed(case: &Case, untouched: &BTreeSet<Vec<u8>>) -> Option<(&'static str, Vec<u8>)> {
    let file = (case.build)(Archive::valid(&origin()));
    let (kind, seed) = match own_members(&file, untouched) {
        Some(own) => ("tar", own),
        None => ("gz", file),
    };
    (seed.len() <= LARGEST).then_some((kind, seed))
}

/// Names of seeds and their bytes.
type Seeds = BTreeMap<String, Vec<u8>>;

fn header_seeds() -> Seeds {
    let untouched = members_of(&Archive::valid(&origin()).tar());
    let mut seeds = Seeds::new();
    let mut done = BTreeSet::from(OF_SIZE);
    for case in all_cases() {
        if done.contains(&case.row) {
            continue;
        }
        if let Some((kind, seed)) = header_seed(&case, &untouched) {
            done.insert(case.row);
            seeds.insert(format!("row-{:02}.{kind}", case.row), seed);
        }
    }
    let valid = Archive::valid(&origin());
    seeds.insert("valid.gz".to_owned(), valid.bytes());
    seeds.insert("valid.tar".to_owned(), valid.tar().to_vec());
    seeds
}

/// The manifests of the cases that are about manifests.
fn manifest_seeds() -> Seeds {
    let valid = Archive::valid(&origin()).members[0].body.to_vec();
    let mut seeds = Seeds::from([("valid.json".to_owned(), valid.clone())]);
    let mut of_row: BTreeMap<u8, usize> = BTreeMap::new();
    for case in all_cases().iter().filter(|case| case.row >= 89) {
        let count = of_row.entry(case.row).or_default();
        if *count == OF_A_ROW {
            continue;
        }
        let file = (case.build)(Archive::valid(&origin()));
        let mut tar = tar::Archive::new(GzDecoder::new(file.as_slice()));
        let Some(Ok(mut first)) = tar.entries().unwrap().next() else {
            continue;
        };
        let mut seed = Vec::new();
        let read = first.read_to_end(&mut seed).is_ok();
        let known = seeds.values().any(|known| *known == seed);
        if read && !known && seed.len() <= LARGEST {
            *count += 1;
            seeds.insert(format!("row-{:02}-{count}.json", case.row), seed);
        }
    }
    seeds
}

fn check(target: &str, seeds: Seeds) {
    let bless = std::env::var_os(BLESS).is_some();
    let dir = directory().join(target);
    for (name, seed) in seeds {
        let path = dir.join(&name);
        if bless {
            fs::create_dir_all(&dir).unwrap();
            fs::write(&path, &seed).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_default();
        assert!(
            kept == seed,
            "{name} is stale: run this test with {BLESS}=1"
        );
    }
}

#[test]
fn the_seeds_for_fuzzing_are_what_the_cases_make() {
    check("header", header_seeds());
    check("manifest", manifest_seeds());
}
