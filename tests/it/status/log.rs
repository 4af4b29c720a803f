//! The log: a line for each command that changes something, and nothing secret in it.

use crate::support::TestEnv;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

fn path(env: &TestEnv) -> PathBuf {
    env.home().join(".local/state/takeback/log.jsonl")
}

fn entries(env: &TestEnv, args: &[&str]) -> Vec<Value> {
    let all = [&["--json", "log"], args].concat();
    let document = env.run(&all).exits(0).json();
    document["entries"].as_array().unwrap().clone()
}

fn commands(env: &TestEnv) -> Vec<(String, u64)> {
    let entries = entries(env, &["-n", "1000"]);
    let pair = |one: &Value| {
        let command = one["command"].as_str().unwrap().to_owned();
        (command, one["code"].as_u64().unwrap())
    };
    entries.iter().map(pair).collect()
}

#[test]
fn every_command_that_changes_something_is_written_down() {
    let env = TestEnv::small();
    let id = env.backup(0, &["claude", "--note", "hush-hush"])["snapshot"].clone();
    let id = id.as_str().unwrap();
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    env.run(&["restore", "claude", "--force"]).exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    env.run(&["pin", id]).exits(0);
    env.run(&["unpin", id]).exits(0);
    env.run(&["note", id, "hush-hush"]).exits(0);
    env.backup(0, &["claude", "--automatic"]);
    env.run(&["remove", id, "--yes"]).exits(0);
    env.run(&["trash", "restore", id]).exits(0);
    let written = [
        "backup",
        "restore",
        "undo",
        "pin",
        "unpin",
        "note",
        "backup",
        "remove",
        "trash restore",
    ];
    let expected: Vec<(String, u64)> = written.map(|word| (word.to_owned(), 0)).into();
    assert_eq!(commands(&env), expected);
    let all = entries(&env, &["-n", "1000"]);
    assert_eq!(all[0]["targets"], serde_json::json!(["claude"]));
    assert_eq!(all[0]["snapshots"], serde_json::json!([id]));
    assert_eq!(all[0]["counts"]["files"], 2);
    assert_eq!(
        (&all[0]["automatic"], &all[6]["automatic"]),
        (&false.into(), &true.into())
    );
    assert!(all[1]["operation"].is_string());
    assert_eq!(all[1]["counts"]["replaced"], 1);
    assert_eq!(entries(&env, &["-n", "2"]).len(), 2);
    let text = fs::read_to_string(path(&env)).unwrap();
    assert!(!text.contains("hush-hush"), "{text}");
    let mode = fs::metadata(path(&env)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    env.run(&["log"]).exits(0).says("trash restore").says(id);
}

/// The newest line.
fn last(env: &TestEnv) -> Value {
    entries(env, &["-n", "1"]).remove(0)
}

#[test]
fn a_guarded_command_is_written_down_with_what_takes_it_back() {
    let env = TestEnv::small();
    let home = env.home();
    let script = format!("cd '{}'; rm .claude/CLAUDE.md; exit 3", home.display());
    env.run(&["guard", "--", "sh", "-c", &script]).exits(3);
    let entry = last(&env);
    assert_eq!(
        (&entry["command"], &entry["code"]),
        (&"guard".into(), &3.into())
    );
    assert_eq!(entry["targets"], serde_json::json!(["claude"]));
    assert_eq!(entry["snapshots"], serde_json::json!(env.snapshots()));
    assert_eq!(entry["counts"]["removed"], 1, "{entry}");
    // What was typed can hold what nobody else may see.
    let text = fs::read_to_string(path(&env)).unwrap();
    assert!(!text.contains("CLAUDE.md"), "{text}");
    env.run(&["log"]).exits(0).says("exit code 3");
    let operation = entry["operation"].as_str().unwrap();
    env.run(&["undo", operation, "--yes"]).exits(0);
    assert!(home.join(".claude/CLAUDE.md").exists());
    // One that is not run, for there is no backup, says why.
    symlink("nowhere", home.join(".claude/skills/gone")).unwrap();
    env.run(&["guard", "--", "true"]).exits(125);
    let entry = last(&env);
    assert_eq!(
        (&entry["code"], &entry["counts"]["gaps"]),
        (&125.into(), &1.into())
    );
    assert!(
        entry["error"].as_str().unwrap().contains("not complete"),
        "{entry}"
    );
}

#[test]
fn what_guard_install_writes_is_written_down_once() {
    let env = TestEnv::small();
    env.write(".bashrc", "# mine\n");
    let install = ["guard", "install", "skillshare", "--shell", "bash", "--yes"];
    env.run(&install).exits(0);
    let entry = last(&env);
    assert_eq!(entry["command"], "guard install");
    assert_eq!(entry["counts"]["files"], 1);
    assert!(entry["operation"].is_string(), "{entry}");
    env.run(&install).exits(0);
    assert_eq!(entries(&env, &[]).len(), 1, "there was nothing to do");
}

#[test]
fn an_import_is_written_down_with_its_snapshots() {
    let env = TestEnv::new();
    let old = env.root().join("old");
    fs::create_dir_all(old.join(".claude/skills/two")).unwrap();
    fs::write(old.join(".claude/skills/two/SKILL.md"), "two\n").unwrap();
    let old = old.to_str().unwrap();
    env.run(&["import", old, "--dry-run"]).exits(0);
    assert!(!path(&env).exists());
    env.run(&["import", old]).exits(0);
    let entry = last(&env);
    assert_eq!(entry["command"], "import");
    assert_eq!(entry["targets"], serde_json::json!(["claude"]));
    assert_eq!(entry["snapshots"], serde_json::json!(env.snapshots()));
    assert_eq!(
        (&entry["counts"]["files"], &entry["counts"]["bytes"]),
        (&1.into(), &4.into())
    );
    env.run(&["import", old]).exits(0).says("Nothing new");
    assert_eq!(entries(&env, &[]).len(), 1, "there was nothing to do");
    // What another program had is no backup of this home.
    env.run(&["status"]).exits(10).says("no backup");
}

#[test]
fn what_only_looks_or_was_mistyped_is_not_written_down() {
    let env = TestEnv::small();
    env.backup(0, &["claude", "--dry-run"]);
    env.run(&["backup", "no-such-target"]).exits(10);
    env.run(&["list"]).exits(0);
    env.run(&["recover"]).exits(0);
    env.run(&["cleanup", "--yes"]);
    env.run(&["log"]).exits(0).says("nothing to show");
    assert!(!path(&env).exists());
}

#[test]
fn a_failed_backup_is_the_last_failure_until_one_goes_well() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    let lock = fs::File::options()
        .write(true)
        .open(env.vault().join("lock"))
        .unwrap();
    lock.lock().unwrap();
    env.run(&["backup", "claude", "--automatic"]).exits(11);
    drop(lock);
    let said = env.run(&["--json", "status"]).exits(0).json();
    let failed = &said["last_failure"];
    assert_eq!(
        (&failed["code"], &failed["settled"]),
        (&11.into(), &false.into())
    );
    assert_eq!(failed["targets"], serde_json::json!(["claude"]));
    env.run(&["status"]).exits(0).says("The last backup failed");
    env.run(&["status", "--line"])
        .exits(0)
        .says(", last backup failed ");
    env.run(&["log", "--failed"]).exits(0).says("locked");
    env.run(&["doctor"]).exits(9).says("the last backup failed");
    env.backup(0, &["claude"]);
    let said = env.run(&["--json", "status"]).exits(0).json();
    assert_eq!(said["last_failure"]["settled"], true);
    let line = env.run(&["status", "--line"]).exits(0);
    assert_eq!(
        line.stdout,
        "backed up 0s ago\n".replace("0s", line.stdout.split(' ').nth(2).unwrap())
    );
    assert_eq!(entries(&env, &["--failed"]).len(), 1);
}

#[test]
fn a_log_that_cannot_be_written_is_told_and_fails_nothing() {
    let env = TestEnv::small();
    fs::create_dir_all(path(&env)).unwrap();
    let output = env.run(&["backup", "claude"]).exits(0);
    assert!(
        output.stderr.contains("not written down in the log"),
        "{output}"
    );
    assert_eq!(env.snapshots().len(), 1);
}

#[test]
fn lines_from_elsewhere_steer_no_terminal() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    let mut text = fs::read_to_string(path(&env)).unwrap();
    let mut forged: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    forged["command"] = "\u{1b}[2Jbackup".into();
    forged["error"] = "\u{1b}]0;title\u{7} \u{202e}".into();
    forged["targets"] = serde_json::json!(["\u{9b}31m"]);
    text += &format!("{forged}\nno line of ours\n{{\"torn");
    fs::write(path(&env), text).unwrap();
    let output = env.run(&["log"]).exits(0);
    let control = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!output.stdout.contains(control), "{output}");
    assert!(
        output.stderr.contains("1 line of the log cannot be read"),
        "{output}"
    );
    env.backup(0, &["claude"]);
    assert_eq!(entries(&env, &[]).len(), 3);
}
