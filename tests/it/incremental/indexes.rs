//! An index that is missing or damaged is only missed by who would be faster with it.

use super::{
    archive, assert_as_from_scratch, assert_holds, backup, index, listed, open, record, tree, vault,
};
use crate::support::coverage::coverage;
use crate::support::{TestEnv, TreeSnapshot};
use std::fs;
use takeback::archive::Opened;
use takeback::model::GlobList;

/// Bits that are turned.
const BITS: usize = 400;

/// Two archives of which the second was made from the first, and the trees they hold.
fn two() -> (TestEnv, [(String, TreeSnapshot); 2]) {
    let env = TestEnv::new();
    for number in 0..80 {
        let text = format!("file {number}\n").repeat(60);
        env.write(&format!(".claude/skills/file-{number}"), text);
    }
    env.write(".claude/skills/large", vec![7; 600_000]);
    let first = (backup(&env, &[]), tree(&env));
    env.write(".claude/skills/file-3", "another\n");
    let second = (backup(&env, &[]), tree(&env));
    (env, [first, second])
}

/// Reads an archive that has no index any more.
#[track_caller]
fn assert_reads_without(env: &TestEnv, id: &str, tree: &TreeSnapshot, what: &str) {
    let archive = open(&vault(env), id);
    assert!(
        matches!(archive, Opened::Whole(_)),
        "{what}: the index is used"
    );
    tree.assert_same(&listed(&archive), what);
    archive.check().unwrap();
}

#[test]
fn a_missing_or_damaged_index_is_not_used_and_not_needed() {
    let (env, [(first, old), (second, new)]) = two();
    let path = index(&env, &second);
    let whole = fs::read(&path).unwrap();
    let other = fs::read(index(&env, &first)).unwrap();
    let cut = |length: usize| whole[..length].to_vec();
    let cases = [
        ("of another archive", other),
        ("empty", Vec::new()),
        ("cut", cut(whole.len() / 2)),
        ("cut by one", cut(whole.len() - 1)),
        ("longer", [&whole[..], b"x"].concat()),
        ("twice", [&whole[..], &whole].concat()),
    ];
    for (what, bytes) in cases {
        fs::write(&path, bytes).unwrap();
        assert_reads_without(&env, &second, &new, what);
        env.run(&["verify"]).exits(0);
    }
    fs::remove_file(&path).unwrap();
    assert_reads_without(&env, &second, &new, "missing");
    env.run(&["verify"]).exits(0);
    fs::create_dir(&path).unwrap();
    assert_reads_without(&env, &second, &new, "a directory");
    env.run(&["verify"]).exits(0);
    // The next archive is made from nothing, has an index again, and is right.
    env.write(".claude/skills/file-9", "changed too\n");
    let third = backup(&env, &[]);
    assert_holds(&env, &third, &tree(&env));
    assert_as_from_scratch(&env, &third, "after the index was lost");
    assert_holds(&env, &first, &old);
    // What is wrong with the archive still shows.
    let path = archive(&env, &second);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
    env.run(&["verify"]).exits(6).says(&second);
}

#[test]
fn a_backup_that_finds_no_index_and_nothing_changed_is_right() {
    let (env, [_, (second, new)]) = two();
    fs::remove_file(index(&env, &second)).unwrap();
    let third = backup(&env, &[]);
    assert_holds(&env, &third, &new);
    assert_as_from_scratch(&env, &third, "without an index");
}

#[test]
fn a_turned_bit_anywhere_in_an_index_is_noticed() {
    let (env, [_, (second, new)]) = two();
    let path = index(&env, &second);
    let whole = fs::read(&path).unwrap();
    let vault = vault(&env);
    let (id, target) = record(&vault, &second);
    for turn in 0..BITS {
        let at = turn * whole.len() / BITS;
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (turn % 8);
        fs::write(&path, bytes).unwrap();
        let indexed = vault.indexed(&id, &target, &GlobList::none());
        assert!(indexed.is_none(), "bit {} of byte {at} is used", turn % 8);
        if turn % 20 == 0 {
            assert_reads_without(&env, &second, &new, "a turned bit");
            assert!(vault.base(&id, &target).is_none());
        }
    }
    fs::write(&path, &whole).unwrap();
    assert_holds(&env, &second, &new);
    coverage(
        "incremental-index-bits",
        &[("turned bits of an index", BITS)],
    );
}

/// A record whose index is of another archive.
#[test]
fn an_index_of_another_archive_that_the_record_names_is_not_used() {
    let (env, [(first, _), (second, new)]) = two();
    let record_path = env.snapshot(&second).join("snapshot.toml");
    let text = fs::read_to_string(&record_path).unwrap();
    let digest = |id: &str| {
        let bytes = fs::read(index(&env, id)).unwrap();
        takeback::model::Digest::of(&bytes).to_string()
    };
    let (own, other) = (digest(&second), digest(&first));
    assert!(text.contains(&own), "{text}");
    // A record's first line is a digest of the others.
    let rest = text.split_once('\n').unwrap().1.replace(&own, &other);
    let seal = takeback::model::Digest::of(rest.as_bytes());
    fs::write(
        &record_path,
        format!("# sha256 of the rest: {seal}\n{rest}"),
    )
    .unwrap();
    fs::copy(index(&env, &first), index(&env, &second)).unwrap();
    assert_reads_without(&env, &second, &new, "the first's index");
    env.run(&["verify"]).exits(0);
}
