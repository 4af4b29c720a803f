//! What a restore does not do: write through links, past obstacles, into another home's
//! state, or start something unseen.

use crate::support::{TestEnv, TreeSnapshot, materialize};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

#[test]
fn a_live_link_is_never_written_through() {
    let env = TestEnv::small();
    env.skill("two");
    env.backup(0, &[]);
    let outside = env.root().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("SKILL.md"), "somebody else's").unwrap();
    let skill = env.home().join(".claude/skills/one");
    fs::remove_dir_all(&skill).unwrap();
    symlink(&outside, &skill).unwrap();
    let file = env.home().join(".claude/CLAUDE.md");
    fs::remove_file(&file).unwrap();
    symlink("/nowhere/at/all", &file).unwrap();
    let output = env.run(&["restore", "claude", "--yes"]);
    output.exits(3);
    assert_eq!(
        fs::read_to_string(outside.join("SKILL.md")).unwrap(),
        "somebody else's"
    );
    assert_eq!(fs::read_link(&skill).unwrap(), outside);
    assert_eq!(fs::read_link(&file).unwrap(), Path::new("/nowhere/at/all"));
    // Asked for, the link itself is replaced; what it led to stays.
    env.run(&[
        "restore",
        "claude",
        "--replace-links",
        "--path",
        ".claude/CLAUDE.md",
        "--yes",
    ])
    .exits(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "Be brief.\n");
}

#[test]
fn a_link_that_leads_to_the_same_keeps_nothing_out() {
    let env = TestEnv::small();
    let shared = env.write(".agents/skills/shared/SKILL.md", "shared");
    symlink(
        shared.parent().unwrap(),
        env.home().join(".claude/skills/shared"),
    )
    .unwrap();
    env.backup(0, &["claude"]);
    let document = env
        .run(&["--json", "restore", "claude", "--yes"])
        .exits(0)
        .json();
    assert_eq!(document["changed"], false);
    fs::write(&shared, "newer").unwrap();
    env.run(&["restore", "claude", "--yes"]).exits(3);
    assert_eq!(fs::read_to_string(&shared).unwrap(), "newer");
}

#[test]
fn a_root_that_a_dotfile_manager_links_is_written_where_it_really_is() {
    let env = TestEnv::small();
    fs::create_dir(env.home().join("dotfiles")).unwrap();
    fs::rename(
        env.home().join(".claude"),
        env.home().join("dotfiles/claude"),
    )
    .unwrap();
    symlink("dotfiles/claude", env.home().join(".claude")).unwrap();
    env.backup(0, &["claude"]);
    let real = env.home().join("dotfiles/claude/CLAUDE.md");
    fs::write(&real, "changed").unwrap();
    let output = env.run(&["restore", "claude", "--force"]).exits(0);
    assert!(output.stdout.contains("dotfiles/claude"), "{output:?}");
    assert_eq!(fs::read_to_string(&real).unwrap(), "Be brief.\n");
    assert!(env.home().join(".claude").is_symlink());
}

#[test]
fn what_stands_in_the_way_is_named_and_nothing_is_touched() {
    let env = TestEnv::small();
    env.skill("two");
    env.backup(0, &[]);
    fs::remove_dir_all(env.home().join(".claude")).unwrap();
    env.write(".claude/skills/one", "a file where a directory belongs");
    fs::create_dir_all(env.home().join(".claude/CLAUDE.md")).unwrap();
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    let output = env.run(&["restore", "claude", "--yes"]).exits(4);
    for part in [".claude/CLAUDE.md", ".claude/skills/one"] {
        assert!(output.stderr.contains(part), "{output:?}");
    }
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the home");
    env.run(&["restore", "claude", "--dry-run"]).exits(4);
}

#[test]
fn modes_and_privileges_of_what_was_there_do_not_leak_into_what_is_restored() {
    let env = TestEnv::small();
    let script = env.write(".claude/hooks/run.sh", "#!/bin/sh\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o750)).unwrap();
    env.backup(0, &[]);
    fs::write(&script, "changed").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o4777)).unwrap();
    let twin = env.root().join("twin");
    fs::hard_link(&script, &twin).unwrap();
    env.run(&["restore", "claude", "--force"]).exits(0);
    let mode = fs::metadata(&script).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o750);
    assert_eq!(
        fs::read_to_string(twin).unwrap(),
        "changed",
        "the other name keeps its content"
    );
}

#[test]
fn files_bound_to_their_home_are_only_merged_or_withheld_elsewhere() {
    let env = TestEnv::new();
    let there = r#"{"userID":"theirs","mcpServers":{"a":{"command":"x"}},"projects":{"/p":{}}}"#;
    env.write(".claude.json", there);
    env.write(".claude/CLAUDE.md", "Be brief.\n");
    env.write(
        ".claude/plugins/installed_plugins.json",
        r#"{"version":2,"plugins":{}}"#,
    );
    let archive = env.backup(0, &["claude"])["targets"][0]["archive"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut other = TestEnv::new();
    other.go_to(other.home());
    other.write(".claude.json", r#"{"userID":"mine","numStartups":3}"#);
    let from = ["restore", "claude", "--from", &archive];
    let plain = [&from[..], &["--yes"]].concat();
    other.run(&plain).exits(4).says("--force");
    assert!(!other.home().join(".claude").exists());
    other.run(&[&from[..], &["--force"]].concat()).exits(0);
    let merged: serde_json::Value =
        serde_json::from_slice(&fs::read(other.home().join(".claude.json")).unwrap()).unwrap();
    let expected = serde_json::json!({
        "userID": "mine", "numStartups": 3, "mcpServers": {"a": {"command": "x"}}
    });
    assert_eq!(merged, expected);
    assert!(other.home().join(".claude/CLAUDE.md").exists());
    assert!(
        !other
            .home()
            .join(".claude/plugins/installed_plugins.json")
            .exists()
    );
}

#[test]
fn what_would_run_is_named_before_the_question() {
    let env = TestEnv::small();
    let settings =
        r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"evil \u001b[2J"}]}]}}"#;
    env.write(".claude/settings.json", settings);
    env.backup(0, &[]);
    env.write(".claude/settings.json", "{}");
    let output = env.run(&["restore", "claude", "--dry-run"]).exits(0);
    assert!(
        output.stdout.contains(r#"will run      "evil \x1b[2J""#),
        "{output:?}"
    );
    let document = env
        .run(&["--json", "restore", "claude", "--dry-run"])
        .exits(0)
        .json();
    assert_eq!(
        document["plans"][0]["will_run"][0]["command"],
        "evil \u{1b}[2J"
    );
}

#[test]
fn two_targets_that_hold_the_same_file_are_restored_together() {
    let env = TestEnv::new();
    materialize("claude/linux", &env.home());
    env.backup(3, &[]);
    fs::remove_dir_all(env.home().join(".claude")).unwrap();
    let output = env.run(&["restore", "claude", "plugins", "--yes"]).exits(0);
    assert!(
        output.stderr.contains("/plugin install fmt-kit@acme-tools"),
        "{output:?}"
    );
    let saved = fs::read_to_string(env.vault().join("restore-plugins.txt")).unwrap();
    assert!(saved.contains("/plugin marketplace add acme-example/claude-plugins"));
    assert!(
        env.home()
            .join(".claude/plugins/installed_plugins.json")
            .exists()
    );
}

#[test]
fn a_safety_snapshot_cannot_say_what_else_there_was() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let document = env
        .run(&["--json", "restore", "claude", "--force"])
        .exits(0)
        .json();
    let safety = document["safety_snapshot"].as_str().unwrap();
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    let args = ["restore", "claude", "--from", safety, "--exact", "--yes"];
    env.run(&args).exits(4).says("--exact");
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the home");
}

#[test]
fn what_a_backup_could_not_keep_is_no_leftover() {
    let env = TestEnv::without_privileges();
    let closed = env.write(".claude/skills/one/closed.md", "mine");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    env.backup(3, &[]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o600)).unwrap();
    env.write(".claude/skills/one/extra.md", "extra");
    let args = ["--json", "restore", "claude", "--exact", "--yes"];
    let document = env.run(&args).exits(0).json();
    let removed = document["plans"][0]["actions"].as_array().unwrap().iter();
    let removed: Vec<_> = removed
        .filter(|action| action["action"] == "remove")
        .map(|action| action["path"].as_str().unwrap())
        .collect();
    assert_eq!(removed, ["home/.claude/skills/one/extra.md"]);
    assert!(closed.exists());
}

#[test]
fn a_replaced_link_is_noted_before_it_goes() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    let file = env.home().join(".claude/CLAUDE.md");
    fs::remove_file(&file).unwrap();
    symlink("../dotfiles/CLAUDE.md", &file).unwrap();
    let args = ["--json", "restore", "claude", "--replace-links", "--yes"];
    let document = env.run(&args).exits(0).json();
    let safety = document["safety_snapshot"].as_str().unwrap();
    let archive = env.snapshot(safety).join("claude.tar.gz");
    let into = env.root().join("out");
    crate::support::tools::extract(&archive, &into);
    let manifest = fs::read_to_string(into.join("manifest.json")).unwrap();
    assert!(manifest.contains("../dotfiles/CLAUDE.md"), "{manifest}");
}

#[test]
fn a_database_whose_changes_are_only_in_its_log_is_not_the_same() {
    let env = TestEnv::new();
    let path = env.write(".claude/skills/db/notes.db", "");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA journal_mode=wal; CREATE TABLE t(x); INSERT INTO t VALUES ('old');")
        .unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    env.backup(0, &["claude"]);
    db.execute_batch("PRAGMA wal_autocheckpoint=0; UPDATE t SET x = 'new'")
        .unwrap();
    // A process that died: its log stays, and nobody holds the database.
    let log = fs::read(path.with_extension("db-wal")).unwrap();
    assert!(!log.is_empty());
    let main = fs::read(&path).unwrap();
    drop(db);
    fs::write(&path, main).unwrap();
    fs::write(path.with_extension("db-wal"), log).unwrap();
    env.run(&["restore", "claude", "--force"]).exits(0);
    let db = rusqlite::Connection::open(&path).unwrap();
    let value: String = db
        .query_row("SELECT x FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(value, "old");
}

#[test]
fn paths_and_vaults_are_understood_as_people_write_them() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let path = env.home().join(".claude/CLAUDE.md");
    let args = [
        "restore",
        "claude",
        "--path",
        path.to_str().unwrap(),
        "--dry-run",
    ];
    let output = env.run(&args).exits(0);
    assert!(output.stdout.contains("replace       ~/.claude/CLAUDE.md"));
    env.run_bare(&["--vault", "~/other", "backup"]).exits(0);
    assert!(env.home().join("other/backups").is_dir());
    env.write(".config/takeback/config.toml", "vault = \"relative\"\n");
    env.run_bare(&["list"]).exits(2).says("not absolute");
    env.write(".config/takeback/config.toml", "vault = \"~/other\"\n");
    assert!(env.run_bare(&["list"]).exits(0).stdout.contains("claude"));
    env.write(".config/takeback/config.toml", "\nvalut = \"x\"\n");
    env.run_bare(&["list"]).exits(2).says("line 2");
}

#[test]
fn without_a_project_there_is_one_obstacle_not_many() {
    let mut env = TestEnv::small();
    env.write("src/app/CLAUDE.md", "project");
    env.write("src/app/.claude/settings.json", "{}");
    env.go_to(env.home().join("src/app"));
    env.backup(0, &["project"]);
    env.go_to(env.home());
    let output = env.run(&["restore", "project", "--yes"]).exits(4);
    assert!(output.stderr.contains("--project"), "{output:?}");
    assert_eq!(output.stdout.matches("conflict").count(), 1, "{output:?}");
}

#[test]
fn a_restore_of_very_many_files_saves_what_it_overwrites() {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills/many");
    fs::create_dir_all(&dir).unwrap();
    for n in 0..3_000 {
        fs::write(
            dir.join(format!("a-file-with-a-rather-long-name-{n}.md")),
            "x",
        )
        .unwrap();
    }
    env.backup(0, &[]);
    fs::remove_dir_all(&dir).unwrap();
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let document = env
        .run(&["--json", "restore", "claude", "--force"])
        .exits(0)
        .json();
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3_000);
    let safety = document["safety_snapshot"].as_str().unwrap();
    let size = fs::metadata(env.snapshot(safety).join("claude.tar.gz"))
        .unwrap()
        .len();
    assert!(
        size < 10_000,
        "what was created is not listed in it: {size} bytes"
    );
    env.run(&["verify"]).exits(0);
}

#[test]
fn a_cancelled_restore_has_not_happened() {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills/many");
    fs::create_dir_all(&dir).unwrap();
    for n in 0..4_000 {
        fs::write(dir.join(format!("{n}.md")), "x").unwrap();
    }
    env.backup(0, &[]);
    fs::remove_dir_all(&dir).unwrap();
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let claude = env.home().join(".claude");
    let before = TreeSnapshot::of(&claude);
    let mut command = env.on_vault(&[], &["restore", "claude", "--force"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // The first files are there: the restore is in the middle of its work.
    while !dir.join("0.md").exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let id = rustix::process::Pid::from_child(&child);
    let _ = rustix::process::kill_process(id, rustix::process::Signal::INT);
    match child.wait().unwrap().code() {
        Some(130) => {
            let after = TreeSnapshot::of(&claude);
            assert_eq!(after.paths(), before.paths());
            let text = fs::read_to_string(claude.join("CLAUDE.md")).unwrap();
            assert_eq!(text, "changed");
            let operations = env.home().join(".local/state/takeback/operations");
            assert_eq!(fs::read_dir(operations).unwrap().count(), 0);
        }
        // It was faster than the signal: then it must be whole.
        Some(0) => assert_eq!(fs::read_dir(&dir).unwrap().count(), 4_000),
        other => panic!("ended with {other:?}"),
    }
}
