//! After an undo there is no difference at all to what there was before the restore.

use super::{home, operation, settle, undo};
use crate::support::{TestEnv, TreeSnapshot, odd};
use rusqlite::Connection;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

/// A home in which a restore of the older of two snapshots does everything that a restore
/// can do: files are created in new directories and in old ones, replaced, given another
/// mode and removed, links are created and replaced.
fn lived_in() -> TestEnv {
    let env = TestEnv::small();
    let hook = env.write(".claude/hooks/run.sh", "#!/bin/sh\n");
    fs::set_permissions(&hook, Permissions::from_mode(0o750)).unwrap();
    env.write(".claude.json", r#"{"numStartups":1}"#);
    env.write(".claude/agents/a.md", "agent");
    env.write(".claude/agents/linked.md", "was a file");
    env.skill("gone/deep");
    env.write(".claude/skills/gone/notes.md", "notes");
    let skills = env.home().join(".claude/skills");
    symlink("SKILL.md", skills.join("one/link")).unwrap();
    symlink("deep/SKILL.md", skills.join("gone/link")).unwrap();
    let closed = skills.join("gone/deep");
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    odd::set_times(&env.home(), &mut 0);
    env.backup(0, &["claude"]);

    fs::set_permissions(&hook, Permissions::from_mode(0o700)).unwrap();
    env.write(".claude.json", r#"{"numStartups":2}"#);
    env.write(".claude/CLAUDE.md", "Be long.\n");
    env.write(".claude/agents/b.md", "another agent");
    env.write("notes.md", "shared");
    let linked = env.home().join(".claude/agents/linked.md");
    fs::remove_file(&linked).unwrap();
    symlink("../../notes.md", &linked).unwrap();
    fs::remove_dir_all(skills.join("gone")).unwrap();
    fs::remove_file(skills.join("one/link")).unwrap();
    symlink("nothing-yet", skills.join("one/link")).unwrap();
    env.write(".claude/skills/one/extra/only-here.md", "extra");
    fs::set_permissions(skills.join("one"), Permissions::from_mode(0o711)).unwrap();
    settle(&env);
    odd::set_times(&env.home().join(".claude"), &mut 3);
    env
}

const OLDER: [&str; 5] = ["--exact", "--replace-links", "--json", "restore", "claude"];

/// Restores, takes that back, takes the taking back back, and once more, and compares
/// everything each time.
#[track_caller]
fn there_and_back(env: &TestEnv, restore: &[&str]) {
    let before = home(env);
    let restore = env.run(restore).exits(0);
    let restored = home(env);
    let changed = before.diff(&restored);
    assert!(!changed.is_empty(), "the restore changed nothing");
    let mut last = operation(&restore);
    for round in 0..3 {
        last = undo(env, &[&last]);
        before.assert_same(&home(env), &format!("after undo {round}"));
        last = undo(env, &[&last]);
        restored.assert_same(&home(env), &format!("after undoing undo {round}"));
    }
}

#[test]
fn a_restore_of_everything_is_taken_back_exactly() {
    let env = lived_in();
    env.backup(3, &["claude"]);
    let restore = [&OLDER[2..], &["--from", "latest~1", "--yes"], &OLDER[..2]].concat();
    there_and_back(&env, &restore);
    let restored = home(&env);
    for path in [
        ".claude/skills/gone/deep/SKILL.md",
        ".claude/skills/gone/link",
    ] {
        assert!(
            restored.0.contains_key(std::path::Path::new(path)),
            "{path}"
        );
    }
}

#[test]
fn what_was_in_no_backup_comes_back_too() {
    let env = lived_in();
    let args = [&OLDER[2..], &["--yes"], &OLDER[..2]].concat();
    let before = home(&env);
    env.run(&args).exits(4).says("newer here");
    before.assert_same(&home(&env), "what a refusal changed");
    there_and_back(&env, &[&OLDER[2..], &["--force"], &OLDER[..2]].concat());
}

#[test]
fn without_a_safety_snapshot_and_without_a_vault() {
    let env = lived_in();
    let before = home(&env);
    let args = [
        &OLDER[2..],
        &["--force", "--no-backup-existing"],
        &OLDER[..2],
    ]
    .concat();
    let restored = operation(&env.run(&args).exits(0));
    fs::remove_dir_all(env.vault()).unwrap();
    let redo = undo(&env, &[&restored]);
    before.assert_same(&home(&env), "the home");
    undo(&env, &[&redo]);
    assert!(!env.vault().exists());
}

#[test]
fn from_another_file_system() {
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let mut env = lived_in();
    let device = |path: &std::path::Path| fs::metadata(path).unwrap().dev();
    assert_ne!(
        device(elsewhere.path()),
        device(env.root()),
        "this test needs two file systems"
    );
    env.set("XDG_STATE_HOME", elsewhere.path());
    there_and_back(&env, &[&OLDER[2..], &["--force"], &OLDER[..2]].concat());
}

#[test]
fn a_whole_home_of_new_directories_goes_again() {
    for state in [None, Some(tempfile::tempdir_in("/dev/shm").unwrap())] {
        let mut env = lived_in();
        if let Some(state) = &state {
            env.set("XDG_STATE_HOME", state.path());
        }
        fs::remove_dir_all(env.home().join(".claude")).unwrap();
        fs::remove_file(env.home().join(".claude.json")).unwrap();
        settle(&env);
        odd::set_times(&env.home(), &mut 1);
        there_and_back(&env, &["--json", "restore", "claude", "--yes"]);
    }
}

#[test]
fn a_database_comes_back_with_its_log() {
    let env = TestEnv::small();
    let path = env.write(".claude/__store.db", "");
    let sides = [".claude/__store.db-wal", ".claude/__store.db-shm"];
    let db = Connection::open(&path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x);
         INSERT INTO t VALUES ('old');",
    )
    .unwrap();
    env.backup(0, &["claude"]);
    db.execute_batch("UPDATE t SET x = 'new'").unwrap();
    // A process that died: the files stay as they are, and nobody holds them.
    let files = [".claude/__store.db", sides[0], sides[1]];
    let contents = files.map(|file| fs::read(env.home().join(file)).unwrap());
    drop(db);
    for (file, content) in files.iter().zip(&contents) {
        env.write(file, content);
    }
    settle(&env);
    odd::set_times(&env.home().join(".claude"), &mut 0);
    env.backup(0, &["claude"]);
    let restore = ["--json", "restore", "claude", "--from", "latest~1", "--yes"];
    let before = home(&env);
    there_and_back(&env, &restore);
    assert!(!env.home().join(sides[0]).exists());
    assert!(!env.home().join(sides[1]).exists());
    // From the restored state: nobody may have the database open, or it is not touched.
    env.run(&["undo", "--yes"]).exits(0);
    before.assert_same(&home(&env), "the home");
    let db = Connection::open(&path).unwrap();
    let sql = "SELECT x FROM t";
    let value: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(value, "new");
}

#[test]
fn a_merge_of_another_homes_settings_is_taken_back() {
    let there = TestEnv::small();
    let settings = r#"{"userID":"theirs","mcpServers":{"a":{"command":"x"}}}"#;
    there.write(".claude.json", settings);
    let report = there.backup(0, &["claude"]);
    let archive = report["targets"][0]["archive"].as_str().unwrap();
    let env = TestEnv::new();
    env.write(".claude.json", r#"{"userID":"mine"}"#);
    env.run(&["restore", "claude", "--from", archive, "--dry-run"])
        .exits(0);
    odd::set_times(&env.home(), &mut 1);
    there_and_back(
        &env,
        &["--json", "restore", "claude", "--from", archive, "--force"],
    );
    let merged = super::text(&env, ".claude.json");
    assert!(
        merged.contains("mcpServers") && merged.contains("mine"),
        "{merged}"
    );
}

#[test]
fn names_and_times_that_need_care_go_there_and_back() {
    let env = TestEnv::small();
    odd::odd_tree(&env, false);
    env.backup(0, &["claude"]);
    let odd = env.home().join(".claude/skills/odd");
    for entry in fs::read_dir(&odd).unwrap() {
        let path = entry.unwrap().path();
        // Every second one is gone, every other one changed.
        if path
            .metadata()
            .is_ok_and(|meta| meta.is_file() && meta.ino() % 2 == 0)
        {
            fs::remove_file(path).unwrap();
        } else if path.is_file() && !path.is_symlink() {
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            fs::write(&path, "changed").unwrap();
        }
    }
    settle(&env);
    odd::set_times(&env.home().join(".claude"), &mut 0);
    there_and_back(&env, &["--json", "restore", "claude", "--force"]);
}

#[test]
fn a_dry_run_changes_nothing_and_says_what_it_would_do() {
    let env = super::two_snapshots();
    super::restore_first(&env);
    let whole = || TreeSnapshot::of(&env.home());
    let before = whole();
    let output = env.run(&["undo", "-n"]).exits(0);
    before.assert_same(&whole(), "the home, with takeback's own directories");
    for line in [
        "put back      ~/.claude/CLAUDE.md",
        "remove        ~/.claude/skills/gone/SKILL.md",
        "remove        ~/.claude/skills/gone/",
    ] {
        assert!(output.stdout.contains(line), "{line}: {output}");
    }
    let last = output.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("Would take back the restore of claude from "),
        "{last}"
    );
    assert!(last.ends_with(": 1 replaced, 1 removed"), "{last}");
    let document = env.run(&["--json", "undo", "--dry-run"]).exits(0).json();
    before.assert_same(&whole(), "the home, after a dry run with JSON");
    assert_eq!(
        (&document["dry_run"], &document["changed"]),
        (&true.into(), &false.into())
    );
    assert_eq!(document["actions"].as_array().unwrap().len(), 3);
    assert_eq!(document["operation"], serde_json::Value::Null);
}
