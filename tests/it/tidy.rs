//! The house rules that no compiler checks, each as data with its reason: who may
//! import whom, what only one module may do, and how large things may grow.

mod doings;
mod imports;
mod source;

use source::{files, read, repository, tests_at};
use std::path::{Path, PathBuf};

/// Lines of one file, its tests not counted.
const FILE_LINES: usize = 400;

#[test]
fn no_file_is_longer_than_one_can_read() {
    let long = |path: &PathBuf| {
        let text = read(path);
        let lines = text[..tests_at(&text)].lines().count();
        (lines > FILE_LINES).then(|| format!("{}: {lines} lines", path.display()))
    };
    let sources = files(&["host", "adapters", "tests", "examples"], "rs");
    assert!(
        sources.len() > 80,
        "only {} files were found",
        sources.len()
    );
    let long: Vec<String> = sources.iter().filter_map(long).collect();
    assert!(
        long.is_empty(),
        "more than {FILE_LINES} lines:\n{}",
        long.join("\n")
    );
}

#[test]
fn the_contract_has_no_copies() {
    let found = files(&["."], "wit");
    let elsewhere = |path: &&PathBuf| {
        !["wit", "tests/guests", "tests/contract"]
            .map(|own| path.starts_with(own))
            .contains(&true)
    };
    let elsewhere: Vec<&PathBuf> = found.iter().filter(elsewhere).collect();
    assert!(found.contains(&PathBuf::from("wit/adapter.wit")));
    assert!(
        elsewhere.is_empty(),
        "copies of the contract: {elsewhere:?}"
    );
}

/// What the tests serve beside the contract is the contract with something more in it.
#[test]
fn the_contract_of_the_tests_only_adds() {
    let lines = |path: &str| -> Vec<String> {
        let text = read(Path::new(path)).replace("adapter@0.2.0", "adapter@0.1.0");
        text.lines().map(str::to_owned).collect()
    };
    let (published, next) = (
        lines("wit/adapter.wit"),
        lines("tests/contract/0.2/adapter.wit"),
    );
    let mut more = next.iter();
    let missing = published.iter().find(|line| !more.any(|one| one == *line));
    assert_eq!(missing, None);
    assert!(next.len() > published.len() + 3);
}

#[test]
fn no_test_is_switched_off() {
    let mark = concat!("#[", "ignore");
    let off = files(&["host", "adapters", "tests", "examples"], "rs");
    let off: Vec<PathBuf> = off
        .into_iter()
        .filter(|path| read(path).contains(mark))
        .collect();
    assert!(off.is_empty(), "tests that never run: {off:?}");
}

#[test]
fn every_file_of_tests_is_part_of_a_test() {
    // A file that no `mod` names is silently not compiled.
    for file in files(&["tests/it"], "rs") {
        let (dir, stem) = (
            file.parent().unwrap(),
            file.file_stem().unwrap().to_str().unwrap(),
        );
        if file == Path::new("tests/it/main.rs") {
            continue;
        }
        let (dir, name) = match stem {
            "mod" => (
                dir.parent().unwrap(),
                dir.file_name().unwrap().to_str().unwrap(),
            ),
            stem => (dir, stem),
        };
        let above = ["main.rs", "mod.rs"].map(|root| dir.join(root));
        let beside = dir.with_extension("rs");
        let parent = above
            .into_iter()
            .chain([beside])
            .find(|p| repository().join(p).is_file());
        let declared =
            read(&parent.unwrap_or_else(|| panic!("nothing is above {}", file.display())));
        let declares = |line: &str| {
            line.trim()
                .strip_suffix(';')
                .is_some_and(|line| line.split("mod ").nth(1) == Some(name))
        };
        assert!(
            declared.lines().any(declares),
            "{} is in no test",
            file.display()
        );
    }
}
