//! `doctor`: it finds what is wrong, says what to do, and changes nothing.

use super::{backed_up, make_older};
use crate::support::{TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// What `doctor` says, after looking that it changed nothing.
#[track_caller]
fn doctor(env: &TestEnv, code: i32) -> Value {
    let before = TreeSnapshot::of(env.root());
    let said = env.run(&["--json", "doctor"]).exits(code).json();
    before.assert_same(&TreeSnapshot::of(env.root()), "doctor changed something");
    said
}

/// The state of a check, with what it says and advises.
#[track_caller]
fn check(said: &Value, name: &str) -> (String, String) {
    let checks = said["checks"].as_array().unwrap();
    let found = checks.iter().find(|one| one["check"] == name);
    let found = found.unwrap_or_else(|| panic!("no check {name}: {said:#}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (
        text("state"),
        format!("{} {}", text("says"), text("advice")),
    )
}

#[track_caller]
fn finds(env: &TestEnv, code: i32, name: &str, state: &str, part: &str) {
    let said = doctor(env, code);
    let (found, text) = check(&said, name);
    assert_eq!(found, state, "{name}: {text}\n{said:#}");
    assert!(text.contains(part), "{name}: {text}");
    if state != "ok" {
        env.run(&["doctor"]).exits(code).says(part);
    }
}

fn set_mode(path: impl AsRef<std::path::Path>, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_sound_home_has_no_problems() {
    let said = doctor(&backed_up(), 0);
    assert_eq!(
        (&said["problems"], &said["unknown"]),
        (&0.into(), &0.into()),
        "{said:#}"
    );
    for name in [
        "vault",
        "vault-writable",
        "vault-private",
        "archives",
        "adapters",
        "sqlite",
        "clock",
    ] {
        assert_eq!(check(&said, name).0, "ok", "{said:#}");
    }
}

#[test]
fn a_home_without_a_vault_is_told_how_to_begin() {
    let env = TestEnv::small();
    finds(&env, 0, "vault", "warning", "takeback backup");
}

#[test]
fn what_others_can_read_is_named_with_the_command_that_closes_it() {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    set_mode(env.snapshot(&id).join("claude.tar.gz"), 0o644);
    finds(&env, 9, "archives-private", "problem", "chmod -R go=");
    set_mode(env.snapshot(&id).join("claude.tar.gz"), 0o600);
    set_mode(env.vault(), 0o755);
    finds(&env, 9, "vault-private", "problem", "chmod 700");
}

#[test]
fn damage_is_found_by_its_looks() {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    let archive = env.snapshot(&id).join("claude.tar.gz");
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, &whole[1..]).unwrap();
    finds(&env, 9, "archives", "problem", "not as long as recorded");
    fs::remove_file(&archive).unwrap();
    finds(&env, 9, "archives", "problem", "takeback repair");
    fs::write(&archive, whole).unwrap();
    set_mode(&archive, 0o600);
    make_older(&env, &id, 1);
    finds(&env, 0, "snapshots", "warning", "changed since");
    fs::write(env.snapshot(&id).join("snapshot.toml"), "odd").unwrap();
    finds(&env, 9, "snapshots", "problem", "takeback verify");
}

#[test]
fn a_configuration_that_cannot_be_read_does_not_stop_the_doctor() {
    let env = backed_up();
    env.write(".config/takeback/config.toml", "undo_dayz = 3\n");
    finds(&env, 9, "config", "problem", "line 1");
    env.run(&["list"]).exits(2);
    let file = env.write(".config/takeback/config.toml", "undo_days = 3\n");
    set_mode(&file, 0o666);
    finds(&env, 9, "config", "problem", "chmod 600");
    set_mode(&file, 0o600);
    finds(&env, 0, "config", "ok", "config.toml");
}

#[test]
fn snapshots_from_the_future_and_backup_gaps_are_named() {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    let path = env.snapshot(&id).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("time = "))
        .unwrap();
    fs::write(&path, text.replace(line, "time = \"2999-01-01T00:00:00Z\"")).unwrap();
    finds(&env, 0, "clock", "warning", "in the future");
    std::os::unix::fs::symlink("nowhere", env.home().join(".claude/skills/gone")).unwrap();
    env.backup(3, &["claude"]);
    finds(&env, 0, "complete", "warning", "claude");
}

#[test]
fn what_was_interrupted_is_named_and_left_as_it_is() {
    let env = backed_up();
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    env.run(&["restore", "claude", "--force"]).exits(0);
    finds(&env, 0, "interrupted", "ok", "nothing was interrupted");
    let operations = env.home().join(".local/state/takeback/operations");
    let one = fs::read_dir(&operations).unwrap().next().unwrap().unwrap();
    let journal = one.path().join("journal");
    let text = fs::read_to_string(&journal).unwrap();
    let end = |line: &&str| line.starts_with("{\"done\":") || line.starts_with("{\"made\":");
    let lines: Vec<&str> = text.lines().filter(|line| !end(line)).collect();
    fs::write(&journal, lines.join("\n") + "\n").unwrap();
    finds(&env, 9, "interrupted", "problem", "takeback recover");
    fs::create_dir(env.vault().join("backups/.draft-1")).unwrap();
    finds(&env, 9, "vault-lock", "warning", "unfinished backup");
    // A command that only looks, but puts in order what it finds, writes that down.
    env.run(&["list"]).exits(0);
    env.run(&["log"]).exits(0).says("recover");
    finds(&env, 0, "interrupted", "ok", "nothing was interrupted");
}

#[test]
fn a_changed_adapter_and_an_unsaved_tool_are_named() {
    let env = backed_up();
    env.write(".codex/config.toml", "model = \"a\"\n");
    finds(&env, 0, "never-backed-up", "warning", "codex");
    let table = takeback_artifacts::repository().join("examples/adapter-toml/notepad9.toml");
    let digest = takeback::model::Digest::of(&fs::read(&table).unwrap()).to_string();
    let table = table.to_str().unwrap();
    env.run(&["adapter", "add", table, "--yes", "--sha256", &digest])
        .exits(0);
    finds(&env, 0, "adapters", "ok", "adapters answer");
    let dir = env.home().join(".config/takeback/adapters");
    let file = fs::read_dir(dir).unwrap().next().unwrap().unwrap().path();
    fs::write(file, "id = \"notepad9\"\n").unwrap();
    finds(&env, 9, "adapters", "problem", "notepad9");
}

#[test]
fn somebody_at_work_is_not_taken_for_leftovers() {
    let env = backed_up();
    fs::create_dir(env.vault().join("backups/.draft-1")).unwrap();
    let path = env.vault().join("lock");
    let lock = fs::File::options().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    fs::write(&path, "`takeback backup` on here (process 7)\n").unwrap();
    finds(&env, 0, "vault-lock", "ok", "process 7");
    drop(lock);
    finds(&env, 0, "vault-lock", "warning", "next `takeback backup`");
}

/// Programs that stand for the system's own: none of this machine's timers is seen or touched.
fn with_tools(env: &mut TestEnv, systemctl: Option<&str>) {
    let dir = env.root().join("bin");
    fs::create_dir_all(&dir).unwrap();
    let tools = [("crontab", Some("exit 1")), ("systemctl", systemctl)];
    for (name, script) in tools {
        let _ = fs::remove_file(dir.join(name));
        if let Some(script) = script {
            fs::write(dir.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
            set_mode(dir.join(name), 0o755);
        }
    }
    // The shell that runs them is named by its path.
    env.set("PATH", &dir);
}

#[test]
fn a_timer_is_found_with_what_the_system_says_of_it() {
    let mut env = backed_up();
    with_tools(&mut env, Some("echo ActiveState=active"));
    finds(&env, 0, "schedule", "ok", "no timer is installed");
    let install = ["schedule", "install", "--with", "systemd", "--yes"];
    env.run(&install).exits(0);
    finds(&env, 0, "schedule", "ok", "every day at 13:00");
    with_tools(&mut env, Some("echo ActiveState=inactive"));
    finds(&env, 9, "schedule", "problem", "not switched on");
    // Where there is no such tool, nobody can say.
    with_tools(&mut env, None);
    finds(&env, 0, "schedule", "ok", "there is no `systemctl`");
    let unit = env.home().join(".config/systemd/user/takeback.timer");
    let text = fs::read_to_string(&unit).unwrap();
    fs::write(&unit, text.replace("13:00", "14:00")).unwrap();
    finds(
        &env,
        0,
        "schedule",
        "warning",
        "changed since it was written",
    );
}

#[test]
fn how_the_last_automatic_backup_ended_is_told() {
    let mut env = backed_up();
    with_tools(&mut env, None);
    env.run(&["backup", "--automatic"]).exits(0);
    finds(&env, 0, "automatic", "ok", "done");
    let mut options = fs::File::options();
    let lock = options.write(true).open(env.vault().join("lock")).unwrap();
    lock.lock().unwrap();
    env.run(&["backup", "--automatic"]).exits(11);
    drop(lock);
    finds(
        &env,
        9,
        "automatic",
        "problem",
        "1 run since one last went well",
    );
    env.run(&["backup", "--automatic"]).exits(0);
    finds(&env, 0, "automatic", "ok", "done");
    let away = env.root().join("away");
    fs::rename(env.vault(), &away).unwrap();
    env.run(&["backup", "--automatic", "--if-vault-present"])
        .exits(10);
    fs::rename(&away, env.vault()).unwrap();
    finds(&env, 0, "automatic", "warning", "the vault is not there");
}
