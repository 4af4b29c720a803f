//! Work that is in no backup: a file that was changed after the backup is only replaced
//! when somebody insists.

use super::{FORCE, RESTORE, make_old, text};
use crate::support::env::archive_of;
use crate::support::{TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs;

/// The small home, backed up and then worked on.
fn worked_on() -> TestEnv {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "a week of work");
    env
}

/// The paths that a plan calls newer, and its refusals.
fn newer(document: &Value) -> (Vec<String>, Vec<String>) {
    let plan = &document["plans"][0];
    let actions = plan["actions"].as_array().unwrap().iter();
    let newer = actions.filter(|action| action["newer_here"] == true);
    let path = |action: &Value| action["path"].as_str().unwrap().to_owned();
    let refusals = plan["soft_refusals"].as_array().unwrap().iter();
    let text = |refusal: &Value| refusal.as_str().unwrap().to_owned();
    (newer.map(path).collect(), refusals.map(text).collect())
}

fn plan(env: &TestEnv, more: &[&str]) -> (Vec<String>, Vec<String>) {
    let args = [&["--json", "restore", "claude", "--dry-run"], more].concat();
    newer(&env.run(&args).exits(0).json())
}

const NEWER: &str = ".claude/CLAUDE.md is newer here than in the backup, and in no later one";

#[test]
fn work_since_the_backup_is_named_and_only_force_replaces_it() {
    let env = worked_on();
    let expected = (
        vec!["home/.claude/CLAUDE.md".to_owned()],
        vec![NEWER.to_owned()],
    );
    assert_eq!(plan(&env, &[]), expected);
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    let output = env.run(&RESTORE).exits(4);
    assert!(output.stderr.contains(NEWER), "{output}");
    assert!(output.stderr.contains("--force"), "{output}");
    let shown = "replace       ~/.claude/CLAUDE.md    10 B, newer here than in the backup";
    assert!(output.stdout.contains(shown), "{output}");
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the home");
    assert_eq!(env.snapshots().len(), 1, "no safety snapshot was made");
    // What is not chosen is not in the way.
    env.run(&[&RESTORE[..], &["--only", "skills"]].concat())
        .exits(0);
    env.run(&FORCE).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "Be brief.\n");
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "a week of work");
}

#[test]
fn work_that_a_later_snapshot_holds_is_no_reason_to_stop() {
    let env = worked_on();
    let nothing = (Vec::new(), Vec::new());
    env.backup(0, &["claude"]);
    assert_eq!(plan(&env, &["--from", "latest~1"]), nothing);
    env.run(&[&RESTORE[..], &["--from", "latest~1"]].concat())
        .exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "Be brief.\n");
    env.run(&["undo", "--yes"]).exits(0);
    // As it is now: a later snapshot with something else in it helps nobody.
    env.write(".claude/CLAUDE.md", "and another day");
    assert_eq!(plan(&env, &["--from", "latest~1"]).1, [NEWER]);
    env.run(&[&RESTORE[..], &["--from", "latest~1"]].concat())
        .exits(4);
}

#[test]
fn a_safety_snapshot_holds_work_as_well_as_any_other() {
    let env = worked_on();
    env.run(&FORCE).exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "a week of work");
    env.run(&RESTORE).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "Be brief.\n");
}

#[test]
fn a_later_snapshot_that_cannot_be_read_saves_nothing() {
    let env = worked_on();
    let later = env.backup(0, &["claude"]);
    fs::write(archive_of(&env, &later, "claude"), "damaged").unwrap();
    assert_eq!(plan(&env, &["--from", "latest~1"]).1, [NEWER]);
    env.run(&[&RESTORE[..], &["--from", "latest~1"]].concat())
        .exits(4);
    fs::remove_dir_all(env.snapshot(later["snapshot"].as_str().unwrap())).unwrap();
    assert_eq!(plan(&env, &[]).1, [NEWER]);
}

#[test]
fn what_is_older_or_missing_or_the_same_is_no_work() {
    let env = worked_on();
    make_old(&env.home().join(".claude/CLAUDE.md"));
    // The same content with a newer time, and a file that is gone.
    let skill = env.home().join(".claude/skills/one/SKILL.md");
    let content = fs::read(&skill).unwrap();
    fs::write(&skill, content).unwrap();
    assert_eq!(plan(&env, &[]), (Vec::new(), Vec::new()));
    fs::remove_file(&skill).unwrap();
    assert_eq!(plan(&env, &[]), (Vec::new(), Vec::new()));
    env.run(&RESTORE).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "Be brief.\n");
}

#[test]
fn many_newer_files_are_counted() {
    let env = TestEnv::small();
    for n in 0..5 {
        env.write(&format!(".claude/agents/{n}.md"), "agent");
    }
    env.backup(0, &["claude"]);
    for n in 0..5 {
        env.write(&format!(".claude/agents/{n}.md"), "better agent");
    }
    let (paths, refusals) = plan(&env, &[]);
    assert_eq!(paths.len(), 5);
    let expected = ".claude/agents/0.md, .claude/agents/1.md, .claude/agents/2.md and 2 more are \
                    newer here than in the backup";
    assert_eq!(refusals, [expected]);
    env.run(&RESTORE).exits(4).says(expected);
}

#[test]
fn an_archive_from_outside_is_compared_with_every_snapshot() {
    let env = worked_on();
    let report = env.backup(0, &["claude"]);
    let first = env.snapshots()[0].clone();
    let outside = env.root().join("claude.tar.gz");
    fs::copy(env.snapshot(&first).join("claude.tar.gz"), &outside).unwrap();
    let from = ["--from", outside.to_str().unwrap()];
    assert_eq!(plan(&env, &from), (Vec::new(), Vec::new()));
    fs::remove_dir_all(env.snapshot(report["snapshot"].as_str().unwrap())).unwrap();
    assert_eq!(plan(&env, &from).1, [NEWER]);
}
