//! Whatever a command does, the undo leaves every byte, mode, time and link as it was, and the
//! undo of the undo everything as the command left it.

use super::{fates, guard, home, report, settle};
use crate::support::TestEnv;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// A home with ten skills, links, an empty directory and a file of odd mode.
fn rich() -> TestEnv {
    let env = TestEnv::small();
    for number in 0..10 {
        env.skill(&format!("skill-{number}"));
        env.write(
            &format!(".claude/skills/skill-{number}/bin/run"),
            "#!/bin/sh\n",
        );
    }
    let skills = env.home().join(".claude/skills");
    fs::create_dir(skills.join("empty")).unwrap();
    symlink("skill-1", skills.join("inside")).unwrap();
    symlink("/nowhere/at/all", skills.join("dangling")).unwrap();
    env.write("shared/skills/common/SKILL.md", "shared\n");
    symlink(
        env.home().join("shared/skills/common"),
        skills.join("common"),
    )
    .unwrap();
    env
}

/// Runs a script under guard, undoes it, and undoes the undo; each must be exact.
#[track_caller]
fn there_and_back(env: &TestEnv, script: &str) {
    settle_any(env);
    let before = home(env);
    guard_any(env, script);
    let changed = home(env);
    assert!(!changed.diff(&before).is_empty(), "{script}");
    env.run(&["undo", "--yes"]).exits(0);
    home(env).assert_same(&before, script);
    let document = env.run(&["--json", "undo", "--list"]).exits(0).json();
    let undo = document["operations"][0]["id"].as_str().unwrap().to_owned();
    env.run(&["undo", &undo, "--yes"]).exits(0);
    home(env).assert_same(&changed, script);
    env.run(&["undo", "--yes"]).exits(0);
    home(env).assert_same(&before, script);
}

/// The dangling link of the rich home is a gap.
fn guard_any(env: &TestEnv, script: &str) {
    let report = env.root().join("report.json");
    let report = report.to_str().unwrap();
    let args = ["guard", "--best-effort", "--report", report, "--"];
    env.run(&[&args[..], &["sh", "-c", script]].concat())
        .exits(0);
}

fn settle_any(env: &TestEnv) {
    env.run(&["guard", "--best-effort", "--", "true"]).exits(0);
}

#[test]
fn half_of_the_skills() {
    let env = TestEnv::small();
    for number in 0..10 {
        env.skill(&format!("skill-{number}"));
    }
    settle(&env);
    let before = home(&env);
    let output = guard(&env, "rm -r .claude/skills/skill-[0-4]; exit 3").exits(3);
    let said = output.says("sh: 5 removed");
    for number in 0..5 {
        let path = format!("~/.claude/skills/skill-{number}/SKILL.md");
        assert!(
            said.stderr.contains(&format!("  removed   {path}")),
            "{said}"
        );
    }
    assert_eq!(said.stdout, "");
    let fates = fates(&report(&env));
    assert_eq!(fates.len(), 5);
    assert!(fates.values().all(|fate| fate == "removed"));
    let operation = report(&env)["operation"].as_str().unwrap().to_owned();
    said.says(&format!("takeback undo {operation}"));
    env.run(&["undo", "--yes"])
        .exits(0)
        .says("Took back the changes of sh to claude");
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn everything_a_script_can_do() {
    let scripts = [
        "rm -r .claude/skills/skill-[0-4]",
        "rm -r .claude",
        "echo more >> .claude/CLAUDE.md",
        "mkdir -p .claude/skills/new/deep/empty; echo n > .claude/skills/new/deep/f",
        "chmod 4711 .claude/skills/skill-1/bin/run; chmod 700 .claude/skills/skill-2",
        "chmod 700 .claude/skills/skill-2",
        "touch .claude/CLAUDE.md; echo x >> .claude/skills/skill-2/SKILL.md",
        "rm -r .claude/skills/skill-3; ln -s ../../shared/skills/common .claude/skills/skill-3",
        "rm .claude/CLAUDE.md; mkdir .claude/CLAUDE.md; echo x > .claude/CLAUDE.md/x",
        "rmdir .claude/skills/empty; rm .claude/skills/dangling",
        "rm .claude/skills/inside; mkdir .claude/skills/inside; echo x > .claude/skills/inside/SKILL.md",
        "ln -sfn skill-2 .claude/skills/inside",
        "rm .claude/skills/common; cp -r shared/skills/common .claude/skills/common",
        "echo changed >> .claude/skills/common/SKILL.md",
        "mv .claude/skills/skill-1 .claude/skills/renamed",
        "mv .claude/skills/skill-1 .claude/skills/skill-2/bin/",
        "for s in .claude/skills/skill-*; do mv $s t; mv t $s; echo x >> $s/SKILL.md; done",
    ];
    let env = rich();
    for script in scripts {
        there_and_back(&env, script);
    }
}

#[test]
fn with_the_state_on_another_file_system() {
    let scripts = [
        "rm -r .claude",
        "echo more >> .claude/CLAUDE.md; rm -r .claude/skills/skill-[0-4]",
        "mkdir -p .claude/skills/new/deep/empty; echo n > .claude/skills/new/deep/f",
        "rm -r .claude/skills/skill-3; ln -s ../../shared/skills/common .claude/skills/skill-3",
        "rm .claude/CLAUDE.md; mkdir .claude/CLAUDE.md; echo x > .claude/CLAUDE.md/x",
        "rmdir .claude/skills/empty; ln -sfn skill-2 .claude/skills/inside",
    ];
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let mut env = rich();
    env.set("XDG_STATE_HOME", elsewhere.path().join("state"));
    for script in scripts {
        there_and_back(&env, script);
    }
    // What is in the trash comes back from there as well.
    guard_any(&env, "rm -r .claude/skills/skill-5");
    env.run(&["trash", "restore", "~/.claude/skills/skill-5"])
        .exits(0);
    let run = env.home().join(".claude/skills/skill-5/bin/run");
    assert_eq!(fs::read_to_string(run).unwrap(), "#!/bin/sh\n");
}

#[test]
fn what_a_new_link_leads_to_is_not_taken_for_new() {
    let env = rich();
    env.write("shared/skills/old/SKILL.md", "always here\n");
    settle_any(&env);
    let before = home(&env);
    guard_any(&env, "ln -s ../../shared/skills/old .claude/skills/old");
    let fates = fates(&report(&env));
    let all: Vec<_> = fates.into_iter().collect();
    assert_eq!(
        all,
        [("home/.claude/skills/old".to_owned(), "created".to_owned())]
    );
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn what_only_the_way_to_has_gone_is_not_taken_for_removed() {
    let env = rich();
    settle_any(&env);
    guard_any(&env, "rm .claude/skills/common");
    let fates = fates(&report(&env));
    let all: Vec<_> = fates.into_iter().collect();
    let link = "home/.claude/skills/common".to_owned();
    assert_eq!(all, [(link, "removed".to_owned())]);
}

#[test]
fn what_no_snapshot_holds_is_named() {
    let env = TestEnv::small();
    env.write(".claude/.credentials.json", "{}");
    let output = guard(&env, "rm .claude/.credentials.json").exits(0);
    output
        .says("lost      ~/.claude/.credentials.json")
        .says("cannot be taken back");
    let report = report(&env);
    assert_eq!(report["files"][0]["can_be_taken_back"], false);
    assert!(report["operation"].is_null());
}

#[test]
fn with_credentials_they_come_back() {
    let env = TestEnv::small();
    env.write(".claude/.credentials.json", "{}");
    settle(&env);
    let before = home(&env);
    let script = ["--", "rm", ".claude/.credentials.json"];
    env.run(&[&["guard", "--include-credentials"], &script[..]].concat())
        .exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn what_was_changed_since_is_kept() {
    let env = TestEnv::small();
    settle(&env);
    guard(
        &env,
        "echo theirs > .claude/CLAUDE.md; rm -r .claude/skills/one",
    )
    .exits(0);
    env.write(".claude/CLAUDE.md", "mine\n");
    env.run(&["undo", "--yes"])
        .exits(3)
        .says("it was changed since");
    let text = fs::read_to_string(env.home().join(".claude/CLAUDE.md")).unwrap();
    assert_eq!(text, "mine\n");
    assert!(env.home().join(".claude/skills/one/SKILL.md").exists());
}

#[test]
fn a_directory_that_became_a_link_stays_when_somebody_uses_it() {
    let env = TestEnv::small();
    settle(&env);
    guard(&env, "rm .claude/CLAUDE.md; mkdir .claude/CLAUDE.md").exits(0);
    env.write(".claude/CLAUDE.md/mine", "mine\n");
    env.run(&["undo", "--yes"]).exits(4);
    assert!(env.home().join(".claude/CLAUDE.md/mine").exists());
}

#[test]
fn nothing_changed_costs_nothing() {
    let env = TestEnv::small();
    settle(&env);
    guard(&env, "true")
        .exits(0)
        .says("changed nothing that is backed up");
    let report = report(&env);
    assert_eq!(report["changed"], false);
    let snapshots = env.snapshots();
    let archives = |id: &String| {
        let archive = env.snapshot(id).join("claude.tar.gz");
        fs::metadata(archive).map(|meta| std::os::unix::fs::MetadataExt::ino(&meta))
    };
    let inodes: Vec<u64> = snapshots.iter().map(|id| archives(id).unwrap()).collect();
    assert!(inodes.iter().all(|inode| *inode == inodes[0]), "{inodes:?}");
    env.run(&["undo", "--list"])
        .exits(0)
        .says("Nothing was restored yet");
}

#[test]
fn a_guard_in_a_guard_and_a_restore_in_a_guard() {
    let env = TestEnv::small();
    settle(&env);
    let before = home(&env);
    let program = env!("CARGO_BIN_EXE_takeback");
    let vault = env.vault();
    let vault = vault.to_str().unwrap();
    let script = format!(
        "T='{program} --vault {vault}'; rm -r .claude/skills/one; \
         $T guard -- sh -c 'echo inner > .claude/CLAUDE.md' || exit 9; \
         $T restore claude --from latest --force || exit 8"
    );
    guard(&env, &script).exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn a_file_in_a_place_of_its_own() {
    let env = TestEnv::new();
    env.write(
        ".claude.json",
        "{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}\n",
    );
    env.write(".claude/CLAUDE.md", "x");
    settle(&env);
    let before = home(&env);
    guard(&env, "rm .claude.json; rm -r .claude").exits(0);
    assert!(!Path::new(&env.home().join(".claude.json")).exists());
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn a_database_and_its_log() {
    let env = TestEnv::new();
    let path = env.write(".claude/__store.db", "");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch("pragma journal_mode=wal; create table t(x); insert into t values(1);")
        .unwrap();
    drop(database);
    settle(&env);
    let count = || -> i64 {
        let database = rusqlite::Connection::open(&path).unwrap();
        database
            .query_row("select count(*) from t", [], |row| row.get(0))
            .unwrap()
    };
    let script = format!(
        "python3 -c \"import sqlite3; d = sqlite3.connect('{}'); d.execute('delete from t'); d.commit()\"",
        path.display()
    );
    guard(&env, &script).exits(0);
    assert_eq!(count(), 0);
    env.run(&["undo", "--yes", "--force"]).exits(0);
    assert_eq!(count(), 1);
}
