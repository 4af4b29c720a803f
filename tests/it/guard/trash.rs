//! Files that an operation removed are in the trash, come back from there, and go for good.

use super::{guard, home, settle};
use crate::support::TestEnv;
use serde_json::Value;
use std::fs;

/// The files in the trash.
fn files(env: &TestEnv) -> Vec<Value> {
    let document = env.run(&["--json", "trash", "list"]).exits(0).json();
    assert_eq!(document["message_type"], "trash");
    document["files"].as_array().unwrap().clone()
}

fn labels(env: &TestEnv) -> Vec<String> {
    let label = |file: &Value| file["label"].as_str().unwrap().to_owned();
    files(env).iter().map(label).collect()
}

/// A home from which an exact restore removed a skill of two files.
fn removed() -> TestEnv {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env.skill("extra");
    env.write(".claude/skills/extra/more/notes.md", "notes\n");
    env.run(&["restore", "claude", "--exact", "--yes"]).exits(0);
    assert!(!env.home().join(".claude/skills/extra/SKILL.md").exists());
    env
}

#[test]
fn what_an_exact_restore_removed_comes_back() {
    let env = removed();
    let listed = env.run(&["trash", "list"]).exits(0);
    listed
        .says("removed by the restore of claude")
        .says("~/.claude/skills/extra/SKILL.md");
    assert_eq!(
        labels(&env),
        [
            "home/.claude/skills/extra/SKILL.md",
            "home/.claude/skills/extra/more/notes.md"
        ]
    );
    assert_eq!(files(&env)[0]["by"], "restore");
    let before = home(&env);
    env.run(&["trash", "restore", "~/.claude/skills/extra"])
        .exits(0)
        .says("2 files are back");
    let notes = env.home().join(".claude/skills/extra/more/notes.md");
    assert_eq!(fs::read_to_string(&notes).unwrap(), "notes\n");
    assert!(files(&env).is_empty());
    // It is an operation like any other.
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after the undo");
    assert_eq!(labels(&env).len(), 2);
}

#[test]
fn one_file_by_each_of_its_names() {
    for name in [
        "~/.claude/skills/extra/more/notes.md",
        "./.claude/skills/extra/more/notes.md",
        "home/.claude/skills/extra/more/notes.md",
    ] {
        let env = removed();
        fs::remove_dir_all(env.home().join(".claude/skills/extra")).unwrap_or_default();
        env.run(&["trash", "restore", name])
            .exits(0)
            .says("1 file is back");
        assert!(
            env.home()
                .join(".claude/skills/extra/more/notes.md")
                .exists()
        );
        assert_eq!(labels(&env), ["home/.claude/skills/extra/SKILL.md"]);
    }
}

#[test]
fn what_stands_there_is_not_replaced() {
    let env = removed();
    env.write(".claude/skills/extra/SKILL.md", "mine\n");
    let before = home(&env);
    env.run(&["trash", "restore", "~/.claude/skills/extra/SKILL.md"])
        .exits(4)
        .says("something else stands at");
    home(&env).assert_same(&before, "after a refusal");
    env.run(&["trash", "restore", "~/.claude/nothing"])
        .exits(10);
    env.run(&["trash", "restore", "2020-01-01_00-00-00"])
        .exits(10);
}

#[test]
fn what_an_undo_and_a_guarded_command_removed() {
    let env = TestEnv::small();
    env.skill("two");
    settle(&env);
    guard(
        &env,
        "rm -r .claude/skills/one; echo x > .claude/skills/two/new.md",
    )
    .exits(0);
    assert_eq!(labels(&env), ["home/.claude/skills/one/SKILL.md"]);
    assert_eq!(files(&env)[0]["by"], "guard");
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(labels(&env), ["home/.claude/skills/two/new.md"]);
    assert_eq!(files(&env)[0]["by"], "undo");
    env.run(&["trash", "restore", "~/.claude/skills/two/new.md"])
        .exits(0);
    let text = fs::read_to_string(env.home().join(".claude/skills/two/new.md")).unwrap();
    assert_eq!(text, "x\n");
    assert!(labels(&env).is_empty());
}

#[test]
fn removed_with_its_directories_it_comes_back_with_their_modes() {
    let env = TestEnv::small();
    env.write(".claude/skills/deep/a/b/c.md", "c\n");
    settle(&env);
    let before = home(&env).below(".claude/skills/deep");
    guard(&env, "rm -r .claude/skills/deep").exits(0);
    env.run(&["trash", "restore", "~/.claude/skills/deep"])
        .exits(0);
    home(&env)
        .below(".claude/skills/deep")
        .assert_same(&before, "back from the trash");
}

#[test]
fn emptied_it_is_gone_and_an_undo_says_so() {
    let env = removed();
    env.run(&["trash", "empty"]).exits(5);
    env.run(&["trash", "empty", "--older-than", "1d", "--yes"])
        .exits(0)
        .says("There is nothing of that in the trash");
    assert_eq!(labels(&env).len(), 2);
    env.run(&["trash", "empty", "--snapshots", "--yes"])
        .exits(0);
    assert_eq!(labels(&env).len(), 2);
    env.run(&["trash", "empty", "--yes"])
        .exits(0)
        .says("Removed 2 files for good");
    assert!(labels(&env).is_empty());
    env.run(&["undo", "--yes"])
        .exits(4)
        .says("what it replaced is gone");
    env.run(&["trash", "list"])
        .exits(0)
        .says("The trash is empty");
}

#[test]
fn the_last_removal_counts_unless_another_is_named() {
    let env = TestEnv::small();
    settle(&env);
    for text in ["first\n", "second\n"] {
        env.write(".claude/agents/a.md", text);
        guard(&env, "rm .claude/agents/a.md").exits(0);
    }
    let all = files(&env);
    assert_eq!(all.len(), 2);
    let older = all[1]["operation"].as_str().unwrap();
    let path = env.home().join(".claude/agents/a.md");
    env.run(&["trash", "restore", "~/.claude/agents/a.md"])
        .exits(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "second\n");
    fs::remove_file(&path).unwrap();
    env.run(&["trash", "restore", "~/.claude/agents/a.md", "--from", older])
        .exits(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "first\n");
}
