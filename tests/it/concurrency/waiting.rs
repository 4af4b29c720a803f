//! Who holds a lock, and what those do who wait for it.

use super::{FIRST, Running, hold, listed, operations, state, text, two_snapshots};
use crate::support::{TestEnv, TreeSnapshot};
use crate::terminal::{asked, started};
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn the_second_is_told_who_changes_files() {
    let env = two_snapshots();
    env.run(&FIRST).exits(0);
    let lock = hold(
        &state(&env).join("lock"),
        "`takeback restore` (process 7)\n",
    );
    let before = TreeSnapshot::of(&env.home());
    for args in [
        &["restore", "claude", "--yes"][..],
        &["undo", "--yes"],
        &["recover"],
        &["undo", "--yes", "--wait", "0"],
        &["backup", "claude"],
    ] {
        let output = env.run(args).exits(11);
        let expected = "`takeback restore` (process 7) is changing files";
        assert!(output.stderr.contains(expected), "{output}");
    }
    let document = env.run(&["--json", "undo", "--yes"]).exits(11).json();
    assert_eq!(document["code"], 11);
    // Whoever only looks waits for nobody.
    for args in [
        &["list"][..],
        &["undo", "--list"],
        &["undo", "--dry-run"],
        &["restore", "claude", "--dry-run"],
    ] {
        env.run(args).exits(0);
    }
    let own = |tree: TreeSnapshot| tree.without(".local/state/takeback");
    own(before).assert_same(&own(TreeSnapshot::of(&env.home())), "the home");
    drop(lock);
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(text(&env), "second");
}

#[test]
fn a_backup_and_a_restore_wait_for_each_other_at_the_vault() {
    let env = two_snapshots();
    env.run(&FIRST).exits(0);
    let lock = hold(&env.vault().join("lock"), "`takeback backup` (process 7)\n");
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    for args in [&["restore", "claude", "--yes"][..], &["backup"]] {
        let output = env.run(args).exits(11);
        assert!(
            output.stderr.contains("`takeback backup` (process 7)"),
            "{output}"
        );
    }
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the home");
    assert_eq!(operations(&env).len(), 1, "only the one that was done");
    // An undo needs no vault.
    env.run(&["undo", "--yes"]).exits(0);
    let mut waiting = Running::start(&env, &[&FIRST[..], &["--wait", "600"]].concat());
    waiting.until("1 to replace");
    assert_eq!(text(&env), "second");
    assert!(
        waiting.child.try_wait().unwrap().is_none(),
        "it does not wait"
    );
    drop(lock);
    assert_eq!(waiting.code(), Some(0));
    assert_eq!(text(&env), "first");
}

#[test]
fn one_that_waits_goes_on_when_the_other_is_done() {
    let env = two_snapshots();
    let lock = hold(&state(&env).join("lock"), "somebody");
    let mut waiting = Running::start(&env, &[&FIRST[..], &["--wait", "600"]].concat());
    waiting.until("1 to replace");
    assert!(
        waiting.child.try_wait().unwrap().is_none(),
        "it does not wait"
    );
    drop(lock);
    assert_eq!(waiting.code(), Some(0));
    assert_eq!(text(&env), "first");
}

#[test]
fn two_undos_at_once_undo_once() {
    let env = two_snapshots();
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    env.run(&FIRST).exits(0);
    let lock = hold(&state(&env).join("lock"), "somebody");
    let mut both = [(); 2].map(|()| Running::start(&env, &["undo", "--yes", "--wait", "600"]));
    both.iter_mut().for_each(|one| one.until("put back"));
    drop(lock);
    let mut codes = both.map(Running::code);
    codes.sort();
    assert_eq!(text(&env), "second");
    assert_eq!(codes, [Some(0), Some(10)]);
    assert_eq!(listed(&env).len(), 2);
    let output = env.run(&["undo", "--yes"]).exits(10);
    assert!(!output.stderr.contains("warning"), "{output}");
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the home");
}

#[test]
fn two_restores_at_once_do_not_mix() {
    let env = two_snapshots();
    env.skill("two");
    env.write(".claude/CLAUDE.md", "third");
    env.backup(0, &["claude"]);
    let lock = hold(&state(&env).join("lock"), "somebody");
    let mut both = ["latest~1", "latest~2"].map(|from| {
        let args = [
            "restore", "claude", "--from", from, "--exact", "--yes", "--wait", "600",
        ];
        Running::start(&env, &args)
    });
    both.iter_mut().for_each(|one| one.until("to remove"));
    drop(lock);
    let codes = both.map(Running::code);
    // The other's plan was made for what was there before.
    let expected = match text(&env).as_str() {
        "second" => [Some(0), Some(4)],
        "first" => [Some(4), Some(0)],
        other => panic!("{other}"),
    };
    assert_eq!(codes, expected);
    assert!(!env.home().join(".claude/skills/two/SKILL.md").exists());
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(text(&env), "third");
    assert!(env.home().join(".claude/skills/two/SKILL.md").exists());
}

#[test]
fn an_undo_and_a_restore_at_once_do_not_mix() {
    let env = two_snapshots();
    env.run(&FIRST).exits(0);
    let lock = hold(&state(&env).join("lock"), "somebody");
    let mut undo = Running::start(&env, &["undo", "--yes", "--wait", "600"]);
    let mut restore = Running::start(&env, &["restore", "claude", "--yes", "--wait", "600"]);
    undo.until("put back");
    restore.until("1 to replace");
    drop(lock);
    let codes = [undo.code(), restore.code()];
    assert!(
        [[Some(0), Some(4)], [Some(4), Some(0)]].contains(&codes),
        "{codes:?}"
    );
    // Both lead to the same text, each by its own way.
    assert_eq!(text(&env), "second");
    let output = env.run(&["list"]).exits(0);
    assert!(output.stderr.is_empty(), "{output}");
    assert_eq!(text(&env), "second");
    let newest = if codes[0] == Some(0) {
        "undo"
    } else {
        "restore"
    };
    assert!(listed(&env)[0].starts_with(newest), "{:?}", listed(&env));
}

#[test]
fn a_draft_of_one_that_waits_for_its_answer_is_nobody_elses_leftover() {
    let env = TestEnv::small();
    let mut session = asked(&env);
    let drafts = operations(&env);
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert!(drafts[0].starts_with(".draft-"), "{drafts:?}");
    env.run(&["recover"])
        .exits(0)
        .says("Nothing was interrupted");
    for args in [
        &["list"][..],
        &["backup"],
        &["restore", "claude", "--dry-run"],
    ] {
        let output = env.run(args).exits(0);
        assert!(!output.stderr.contains("interrupted"), "{output}");
        assert_eq!(operations(&env), drafts, "{args:?}");
    }
    session.send_line("y").unwrap();
    session.exp_string("Restored claude: 1 replaced").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(text(&env), "Be brief.\n");
}

#[test]
fn a_yes_to_a_plan_that_no_longer_fits_changes_nothing() {
    let env = TestEnv::small();
    let mut session = asked(&env);
    env.write(".claude/CLAUDE.md", "worked on while it was asked");
    session.send_line("y").unwrap();
    session
        .exp_string("changed after the plan was made")
        .unwrap();
    session.exp_eof().unwrap();
    assert_eq!(text(&env), "worked on while it was asked");
    assert!(operations(&env).is_empty());
}

#[test]
fn a_draft_whose_process_was_killed_is_swept() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "changed");
    let mut session = started(&env, &["sh", "-c", "echo pid $$; exec \"$@\"", "sh"]);
    let (_, pid) = session.exp_regex("pid [0-9]+").unwrap();
    session.exp_string("Restore these files? [y/N]").unwrap();
    let pid = pid.trim_start_matches("pid ").parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    let _ = session.process().wait();
    assert_eq!(operations(&env).len(), 1);
    env.run(&["list"])
        .exits(0)
        .says("an interrupted operation had changed nothing; what it had prepared is removed");
    assert!(operations(&env).is_empty());
    assert_eq!(text(&env), "changed");
    env.run(&["recover"])
        .exits(0)
        .says("Nothing was interrupted");
}
