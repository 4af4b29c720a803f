//! What operations are kept in: for how long, by whom they are trusted, and what becomes
//! of journals that cannot be read.

use super::{home, listed, operation, operations, restore_first, text, two_snapshots, undo};
use crate::support::TestEnv;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

const DAY: i64 = 24 * 60 * 60;

fn journal(env: &TestEnv, id: &str) -> PathBuf {
    operations(env).join(id).join("journal")
}

/// Changes the first line of an operation's journal.
fn edit(env: &TestEnv, id: &str, change: impl FnOnce(&mut serde_json::Value)) {
    let path = journal(env, id);
    let text = fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let mut first: serde_json::Value = serde_json::from_str(first).unwrap();
    change(&mut first["begin"]);
    fs::write(path, format!("{first}\n{rest}")).unwrap();
}

/// Lets an operation have begun so many seconds ago.
fn make_older(env: &TestEnv, id: &str, seconds: i64) {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(seconds);
    edit(env, id, |begin| begin["at"] = at.to_string().into());
}

fn ids(env: &TestEnv) -> Vec<String> {
    let id = |one: &serde_json::Value| one["id"].as_str().unwrap().to_owned();
    listed(env).iter().map(id).collect()
}

/// Another restore, of the snapshot that is not there now.
fn restore_other(env: &TestEnv) -> String {
    let from = match text(env, ".claude/CLAUDE.md").as_str() {
        "first" => "latest",
        _ => "latest~1",
    };
    let args = ["--json", "restore", "claude", "--from", from, "--yes"];
    let id = operation(&env.run(&args).exits(0));
    // The next command notes that it is durable.
    env.run(&["list"]).exits(0);
    id
}

#[test]
fn operations_older_than_configured_go_at_the_next_restore() {
    let env = two_snapshots();
    env.write(".config/takeback/config.toml", "undo_days = 1\n");
    let (old, young) = (restore_first(&env), restore_other(&env));
    make_older(&env, &old, DAY + 60);
    make_older(&env, &young, DAY - 600);
    assert_eq!(
        ids(&env),
        [young.clone(), old.clone()],
        "listing removes nothing"
    );
    let newest = restore_other(&env);
    assert_eq!(ids(&env), [newest.clone(), young.clone()]);
    assert!(!operations(&env).join(&old).exists());
    env.run(&["undo", &old, "--yes"]).exits(10);
    for _ in [newest, young] {
        undo(&env, &[]);
    }
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "first");
}

#[test]
fn what_a_younger_undo_needs_is_kept() {
    let env = two_snapshots();
    env.write(".config/takeback/config.toml", "undo_days = 1\n");
    let old = restore_first(&env);
    let there = home(&env);
    let undone = undo(&env, &[]);
    make_older(&env, &old, 3 * DAY);
    let args = [
        "restore",
        "claude",
        "--from",
        "latest~1",
        "--path",
        ".claude/CLAUDE.md",
    ];
    env.run(&[&args[..], &["--yes"]].concat()).exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    assert!(ids(&env).contains(&old));
    undo(&env, &[&undone]);
    there.assert_same(&home(&env), "the home");
}

#[test]
fn without_a_setting_operations_are_kept_for_thirty_days() {
    let env = two_snapshots();
    let (old, young) = (restore_first(&env), restore_other(&env));
    make_older(&env, &old, 30 * DAY + 60);
    make_older(&env, &young, 30 * DAY - 600);
    let newest = restore_other(&env);
    assert_eq!(ids(&env), [newest, young]);
}

#[test]
fn what_is_listed_can_be_taken_back_however_old_it_is() {
    let env = two_snapshots();
    let before = home(&env);
    let old = restore_first(&env);
    make_older(&env, &old, 1000 * DAY);
    assert_eq!(ids(&env), [old]);
    undo(&env, &[]);
    before.assert_same(&home(&env), "the home");
}

#[test]
fn a_journal_of_a_newer_version_is_refused_by_name() {
    let env = two_snapshots();
    let older = restore_first(&env);
    let newer = restore_other(&env);
    edit(&env, &newer, |begin| {
        begin["format"] = 2.into();
        begin["program"] = "takeback 9.1.0".into();
    });
    let before = home(&env);
    for args in [&["undo", "--yes"][..], &["undo", &newer, "--yes"]] {
        env.run(args)
            .exits(8)
            .says(&newer)
            .says("takeback 9.1.0, which is newer");
        before.assert_same(&home(&env), "the home");
    }
    // An older operation is still taken back when it is named.
    env.run(&["undo", &older, "--yes"]).exits(3);
    env.run(&["list"]).exits(0);
    restore_other(&env);
}

#[test]
fn a_newer_version_may_have_been_interrupted_too() {
    let env = two_snapshots();
    let id = restore_first(&env);
    interrupt(&env, &id);
    edit(&env, &id, |begin| begin["format"] = 2.into());
    refused(&env, &id, "newer than this program");
}

/// Takes the end of an operation's journal away: it looks interrupted.
fn interrupt(env: &TestEnv, id: &str) {
    let path = journal(env, id);
    let text = fs::read_to_string(&path).unwrap();
    let end = |line: &&str| line.starts_with("{\"done\":") || line.starts_with("{\"made\":");
    let lines: Vec<&str> = text.lines().filter(|line| !end(line)).collect();
    assert!(lines.len() < text.lines().count(), "{text}");
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Nothing is changed as long as an operation can be neither finished nor rolled back.
#[track_caller]
fn refused(env: &TestEnv, id: &str, why: &str) {
    let before = home(env);
    for args in [
        &["restore", "claude", "--yes"][..],
        &["restore", "claude", "--dry-run"],
        &["undo", "--yes"],
        &["backup"],
    ] {
        let output = env.run(args).exits(8).says(id).says(why);
        assert!(output.stderr.contains("takeback recover"), "{output}");
    }
    env.run(&["recover"]).exits(8).says(id).says(why);
    for args in [&["list"][..], &["undo", "--list"], &["show"], &["verify"]] {
        let output = env.run(args).exits(0);
        assert!(output.stderr.contains("warning"), "{output}");
        assert!(output.stderr.contains(id), "{output}");
    }
    before.assert_same(&home(env), "the home");
}

#[test]
fn a_damaged_journal_of_something_interrupted_stops_what_changes_files() {
    let env = two_snapshots();
    let id = restore_first(&env);
    interrupt(&env, &id);
    let path = journal(&env, &id);
    let whole = fs::read_to_string(&path).unwrap();
    let second = whole.find('\n').unwrap() + 1;
    for (at, what) in [(0, "its first line"), (second, "after byte")] {
        let mut damaged = whole.clone();
        damaged.insert_str(at, "}{ no JSON at all\n");
        fs::write(&path, damaged).unwrap();
        refused(&env, &id, what);
    }
    fs::write(&path, whole).unwrap();
    env.run(&["recover"]).exits(0).says("was finished");
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
}

#[test]
fn a_damaged_journal_of_something_that_is_over_is_named_when_it_is_needed() {
    let env = two_snapshots();
    let id = restore_first(&env);
    let path = journal(&env, &id);
    let whole = fs::read_to_string(&path).unwrap();
    let second = whole.find('\n').unwrap() + 1;
    let before = home(&env);
    for at in [0, second] {
        let mut damaged = whole.clone();
        damaged.insert_str(at, "}{ no JSON at all\n");
        fs::write(&path, damaged).unwrap();
        for args in [&["undo", "--yes"][..], &["undo", &id, "--yes"]] {
            env.run(args).exits(8).says(&id).says("is damaged");
        }
        env.run(&["list"]).exits(0);
        before.assert_same(&home(&env), "the home");
    }
}

#[test]
fn a_cut_last_line_does_not_count() {
    let env = two_snapshots();
    let id = restore_first(&env);
    interrupt(&env, &id);
    let path = journal(&env, &id);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"done\":\"2026-")).unwrap();
    env.run(&["list"]).exits(0).says("was finished");
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
}

#[test]
fn a_state_directory_that_is_open_to_others_is_not_trusted() {
    let env = two_snapshots();
    restore_first(&env);
    let before = home(&env);
    let state = operations(&env).parent().unwrap().to_owned();
    for (open, mode) in [
        (operations(&env), 0o770),
        (operations(&env), 0o705),
        (state, 0o777),
    ] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        for args in [
            &["restore", "claude", "--yes"][..],
            &["undo", "--yes"],
            &["undo", "--list"],
            &["recover"],
        ] {
            let output = env.run(args).exits(1);
            let path = format!("~/{}", open.strip_prefix(env.home()).unwrap().display());
            let shown =
                output.stderr.contains(&path) || output.stderr.contains(open.to_str().unwrap());
            assert!(shown, "{output}");
            assert!(output.stderr.contains("open to others"), "{output}");
        }
        before.assert_same(&home(&env), "the home");
        fs::set_permissions(&open, Permissions::from_mode(0o700)).unwrap();
    }
    undo(&env, &[]);
}

#[test]
fn a_home_whose_real_path_is_no_text() {
    let mut env = TestEnv::small();
    let real = env
        .root()
        .join(std::ffi::OsString::from_vec(b"h\xff me".to_vec()));
    fs::rename(env.home(), &real).unwrap();
    symlink(&real, env.home()).unwrap();
    env.go_to(env.home());
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "second");
    fs::remove_dir_all(env.home().join(".claude/skills")).unwrap();
    super::settle(&env);
    let there = || crate::support::TreeSnapshot::of(&real).without(".local/state/takeback");
    let before = there();
    let restored = operation(
        &env.run(&["--json", "restore", "claude", "--force"])
            .exits(0),
    );
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "Be brief.\n");
    interrupt(&env, &restored);
    env.run(&["recover"]).exits(0).says("was finished");
    undo(&env, &[]);
    before.assert_same(&there(), "the home");
}
