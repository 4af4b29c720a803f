//! Several operations: which one is taken back, in what order, and what the list says.

use super::{home, kept, listed, operation, restore_first, text, two_snapshots, undo};
use crate::support::TestEnv;

/// The home of [`two_snapshots`] with a third one, and two restores after each other:
/// of the first snapshot, then of the third. Gives the operations.
fn two_restores() -> (TestEnv, String, String) {
    let env = two_snapshots();
    env.write(".claude/CLAUDE.md", "third");
    env.skill("three");
    env.backup(0, &["claude"]);
    let from = |id: &str| {
        let args = [
            "--json", "restore", "claude", "--from", id, "--exact", "--yes",
        ];
        operation(&env.run(&args).exits(0))
    };
    let older = from("latest~2");
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "first");
    let newer = from("latest~1");
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
    (env, older, newer)
}

#[test]
fn undo_goes_back_restore_by_restore() {
    let env = two_snapshots();
    let started = home(&env);
    let older = restore_first(&env);
    let between = home(&env);
    let args = ["--json", "restore", "claude", "--exact", "--yes"];
    let newer = operation(&env.run(&args).exits(0));
    undo(&env, &[]);
    between.assert_same(&home(&env), "after one undo");
    undo(&env, &[]);
    started.assert_same(&home(&env), "after two");
    env.run(&["undo", "--yes"])
        .exits(10)
        .says("nothing to take back")
        .says("--list");
    started.assert_same(&home(&env), "after a third");
    let undone = |id: &str| {
        listed(&env)
            .iter()
            .any(|one| one["id"] == id && !one["undone_by"].is_null())
    };
    assert!(undone(&older) && undone(&newer));
}

#[test]
fn a_plain_undo_passes_over_undos_and_takes_redos_back() {
    let env = two_snapshots();
    let started = home(&env);
    let restored = restore_first(&env);
    let there = home(&env);
    let first_undo = undo(&env, &[]);
    let redo = undo(&env, &[&first_undo]);
    there.assert_same(&home(&env), "after the redo");
    // The restore stands again, by the redo: that is what a plain undo takes back.
    let document = env.run(&["--json", "undo", "--yes"]).exits(0).json();
    assert_eq!(document["of"], redo.as_str());
    started.assert_same(&home(&env), "after the redo was taken back");
    env.run(&["undo", "--yes"]).exits(10);
    let by: Vec<_> = listed(&env)
        .iter()
        .map(|one| (one["kind"].clone(), one["of"].clone()))
        .collect();
    let expected = [
        ("undo".into(), redo.as_str().into()),
        ("undo".into(), first_undo.as_str().into()),
        ("undo".into(), restored.as_str().into()),
        ("restore".into(), serde_json::Value::Null),
    ];
    assert_eq!(by, expected);
}

#[test]
fn an_older_restore_is_taken_back_but_for_what_a_newer_one_changed() {
    let (env, older, newer) = two_restores();
    env.write(".claude/agents/a.md", "made since");
    let before = home(&env);
    // `gone` was made by the older and removed by the newer one; `three` is the newer's.
    let document = env
        .run(&["--json", "undo", &older, "--dry-run"])
        .exits(3)
        .json();
    before.assert_same(&home(&env), "a dry run");
    let changed = env.home().join(".claude/CLAUDE.md");
    let expected = (
        changed.to_str().unwrap().to_owned(),
        "it was changed since".to_owned(),
    );
    assert!(kept(&document).contains(&expected), "{document:#}");
    env.run(&["undo", &older, "--yes"])
        .exits(3)
        .says("~/.claude/CLAUDE.md    it was changed since");
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
    assert_eq!(
        text(&env, ".claude/skills/three/SKILL.md"),
        "---\nname: three\n---\n"
    );
    let forced = undo(&env, &[&older, "--force"]);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "third");
    undo(&env, &[&forced]);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
    let newest = listed(&env);
    let newest = newest
        .iter()
        .find(|one| one["id"] == newer.as_str())
        .unwrap();
    assert!(newest["undone_by"].is_null(), "{newest:#}");
}

#[test]
fn what_was_taken_back_is_not_taken_back_again() {
    let env = two_snapshots();
    let restored = restore_first(&env);
    let by = undo(&env, &[]);
    for changed in [None, Some("mine")] {
        if let Some(text) = changed {
            env.write(".claude/CLAUDE.md", text);
        }
        let before = home(&env);
        for force in ["--yes", "--force"] {
            env.run(&["undo", &restored, force])
                .exits(10)
                .says(&format!("was taken back already, by {by}"));
            before.assert_same(&home(&env), force);
        }
    }
    // Nor is what is missing now put back as the restore had left it.
    std::fs::remove_file(env.home().join(".claude/CLAUDE.md")).unwrap();
    env.run(&["undo", &restored, "--yes"]).exits(10);
    assert!(!env.home().join(".claude/CLAUDE.md").exists());
}

#[test]
fn the_list_names_every_operation_newest_first() {
    let env = two_snapshots();
    env.run(&["undo", "--list"])
        .exits(0)
        .says("Nothing was restored yet");
    assert!(listed(&env).is_empty());
    let args = ["--json", "restore", "claude", "--from", "latest~1", "--yes"];
    let document = env.run(&args).exits(0).json();
    let restored = document["operation"].as_str().unwrap();
    let undone = undo(&env, &[]);
    let output = env.run(&["undo", "--list"]).exits(0);
    let snapshots = env.snapshots();
    let lines: Vec<&str> = output.stdout.lines().collect();
    let restore = format!(
        "{restored}  restore of claude from {}: 1 created, 1 replaced    taken back by {undone}",
        snapshots[0]
    );
    let undo = format!("{undone}  undo of {restored} (claude): 1 replaced, 1 removed");
    assert_eq!(lines, [undo, restore]);
    let [newest, oldest] = &listed(&env)[..] else {
        panic!("not two: {:#?}", listed(&env));
    };
    assert_eq!(oldest["id"], restored);
    assert_eq!(oldest["kind"], "restore");
    assert_eq!(oldest["from"], snapshots[0].as_str());
    assert_eq!(oldest["safety_snapshot"], document["safety_snapshot"]);
    assert_eq!(oldest["undone_by"], undone.as_str());
    assert_eq!(oldest["targets"], serde_json::json!(["claude"]));
    assert_eq!(newest["of"], restored);
    assert_eq!(newest["removed"], 1);
    assert_eq!(newest["undone_by"], serde_json::Value::Null);
    assert!(newest["time"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn what_is_named_must_be_there() {
    let env = two_snapshots();
    let nothing = "there is nothing to take back";
    env.run(&["undo", "--yes"]).exits(10).says(nothing);
    TestEnv::small().run(&["undo"]).exits(10).says(nothing);
    restore_first(&env);
    let before = home(&env);
    for (name, code, message) in [
        (
            "2020-01-01_00-00-00",
            10,
            "there is no operation 2020-01-01_00-00-00",
        ),
        ("latest", 2, "an operation is named like"),
        ("../../x", 2, "an operation is named like"),
        ("", 2, "an operation is named like"),
    ] {
        let output = env.run(&["undo", name, "--yes"]).exits(code);
        assert!(output.stderr.contains(message), "{output}");
        assert!(output.stderr.contains("takeback undo --list"), "{output}");
    }
    before.assert_same(&home(&env), "the home");
}

#[test]
fn nobody_to_ask_is_a_no() {
    let env = two_snapshots();
    restore_first(&env);
    let before = home(&env);
    env.run(&["undo"]).exits(5).says("--yes");
    let document = env.run(&["--json", "undo"]).exits(5).json();
    assert_eq!(document["message_type"], "error");
    before.assert_same(&home(&env), "the home");
    assert_eq!(listed(&env).len(), 1);
    env.run(&["undo", "--yes"])
        .exits(0)
        .says("Took back the restore of claude");
}
