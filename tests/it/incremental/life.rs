//! Thirty rounds of work and backups, in two lives. After each, every archive there is holds what was
//! there at its time, and the newest is what one made from nothing would be.

use super::world::World;
use super::{Dice, assert_as_from_scratch, assert_holds, backup, record, tree, vault};
use crate::support::copy::copy_tree;
use crate::support::coverage::coverage;
use crate::support::index::RawIndex;
use crate::support::{Output, TestEnv, TreeSnapshot};
use std::fs;
use std::time::Duration;
use takeback::archive::{ReadLimits, VerifiedArchive};
use takeback::model::Digest;

const ROUNDS: usize = 15;
/// Longer than a change must lie back to be relied on.
const SETTLE: Duration = Duration::from_millis(4_200);

/// Restores a snapshot into a home where there is nothing.
#[track_caller]
fn assert_restores(env: &TestEnv, id: &str, wanted: &TreeSnapshot, what: &str) {
    let home = env.root().join("fresh");
    let vault = env.root().join("fresh-vault");
    for place in [&home, &vault] {
        let _ = fs::remove_dir_all(place);
    }
    fs::create_dir(&home).unwrap();
    // A vault of its own, so that nothing is added to the one that is looked at.
    copy_tree(&env.vault(), &vault);
    let words = ["--vault", vault.to_str().unwrap(), "--no-input", "restore"];
    let rest = ["claude", "--from", id, "--force"];
    let mut command = env.command(&[], &[&words[..], &rest].concat());
    command.env("HOME", &home).current_dir(&home);
    Output::of(command).exits(0);
    let got = TreeSnapshot::of(&home.join(".claude"));
    wanted.assert_same(&got, &format!("{what}: {id} restored"));
}

/// Reads an archive as a stranger's reader would: from its first byte to its last.
#[track_caller]
fn assert_reads_whole(env: &TestEnv, id: &str, wanted: &TreeSnapshot) {
    let vault = vault(env);
    let (name, target) = record(&vault, id);
    let file = vault.archive(&name, &target).unwrap();
    let limits = ReadLimits::recorded(target.size, target.expanded, target.entries);
    let whole = VerifiedArchive::read(file, limits, 4_000_000_000);
    let whole = whole.unwrap_or_else(|e| panic!("{id}: {e}"));
    wanted.assert_same(&super::listed(&whole), id);
}

/// Reads every archive there is; each must be the file that it was when it was made. Gives the
/// digest of the newest.
#[track_caller]
fn assert_all_as_recorded(
    env: &TestEnv,
    kept: &[(String, TreeSnapshot)],
    digests: &[Digest],
) -> Digest {
    let vault = vault(env);
    let mut newest = None;
    for (number, (id, _)) in kept.iter().enumerate() {
        let (name, target) = record(&vault, id);
        let digest = vault.archive(&name, &target).unwrap().digest().unwrap();
        assert_eq!(digest, target.digest, "{id}");
        assert!(digests.get(number).is_none_or(|was| *was == digest), "{id}");
        newest = Some(digest);
    }
    newest.unwrap()
}

/// How many pieces of an archive stand in the one before it too.
fn shared(env: &TestEnv, old: &str, new: &str) -> (usize, usize) {
    let [old, new] = [old, new].map(|id| RawIndex::read(&super::index(env, id)));
    let body = new.pieces[new.body()].iter();
    let found = body.clone().filter(|piece| old.pieces.contains(piece));
    (found.count(), body.count())
}

fn live_through(seed: u64) {
    let mut world = World::new(seed);
    let mut kept: Vec<(String, TreeSnapshot)> = Vec::new();
    let mut digests = Vec::new();
    let (mut copied, mut unchanged) = (0, 0);
    std::thread::sleep(SETTLE);
    let mut choose = Dice(seed ^ 0x5555);
    for round in 0..ROUNDS {
        world.log.push(format!("round {round}"));
        if round % 6 != 5 {
            world.work();
        }
        let id = backup(&world.env, &[]);
        kept.push((id.clone(), tree(&world.env)));
        let what = format!("seed {seed:x}\n  {}", world.log.join("\n  "));
        assert_as_from_scratch(&world.env, &id, &what);
        digests.push(assert_all_as_recorded(&world.env, &kept, &digests));
        let older = choose.roll(kept.len());
        for (id, tree) in [&kept[round], &kept[older]] {
            assert_holds(&world.env, id, tree);
            assert_reads_whole(&world.env, id, tree);
            assert_restores(&world.env, id, tree, &what);
        }
        if round > 0 {
            let (same, all) = shared(&world.env, &kept[round - 1].0, &id);
            copied += same;
            unchanged += usize::from(same == all);
            let none = round % 6 == 5;
            assert!(!none || same == all, "nothing changed\n{what}");
        }
    }
    // Otherwise all this would say nothing about archives that are made from others.
    assert!(copied > ROUNDS * 8 && unchanged >= ROUNDS / 6, "{copied}");
    for (id, tree) in &kept {
        assert_holds(&world.env, id, tree);
    }
    let counts = [("incremental rounds", ROUNDS), ("pieces in two", copied)];
    coverage(&format!("incremental-{seed:x}"), &counts);
}

#[test]
fn fifteen_rounds_of_work_1() {
    live_through(0x9e37_79b9_7f4a_7c15);
}

#[test]
fn fifteen_rounds_of_work_2() {
    live_through(0xd1b5_4a32_d192_ed03);
}
