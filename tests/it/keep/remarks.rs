//! Pins and notes.

use super::{days, listed};
use crate::support::{TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs;

fn one(env: &TestEnv, id: &str) -> Value {
    let list = env.run(&["--json", "list"]).exits(0).json();
    let mut all = list["snapshots"].as_array().unwrap().iter();
    all.find(|one| one["id"] == id).unwrap().clone()
}

#[test]
fn a_pin_is_told_and_keeps_a_snapshot() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01", "2026-01-02", "2026-01-03"]);
    let words = ["pin", &made[0], "--note", "before the big clean-up"];
    env.run(&words)
        .exits(0)
        .says("pinned: before the big clean-up");
    env.run(&["list"])
        .exits(0)
        .says("    automatic, pinned: before the big clean-up");
    env.run(&["show", &made[0]])
        .exits(0)
        .says("  pinned: before the big clean-up");
    let listed_one = one(&env, &made[0]);
    assert_eq!(listed_one["pinned"], true);
    assert_eq!(listed_one["note"], "before the big clean-up");
    let shown = env.run(&["--json", "show", &made[0]]).exits(0).json();
    assert_eq!(shown["snapshot"]["pinned"], true);
    env.run(&["remove", &made[0], "--yes"])
        .exits(4)
        .says("unpin");
    let strict = ["cleanup", "--keep-last", "1", "--min-keep", "0", "--yes"];
    env.run(&strict).exits(0).says("automatic: pinned");
    assert_eq!(listed(&env), [made[0].as_str(), &made[2]]);
    let said = env.run(&["--json", "unpin", &made[0]]).exits(0).json();
    assert_eq!(
        (&said["message_type"], &said["pinned"]),
        (&"unpin".into(), &false.into())
    );
    assert_eq!(said["note"], "before the big clean-up");
    env.run(&strict).exits(0);
    assert_eq!(listed(&env), [made[2].as_str()]);
}

#[test]
fn what_is_said_of_a_snapshot_is_under_its_seal() {
    let env = TestEnv::small();
    env.backup(0, &["claude", "--note", "first"]);
    env.run(&["pin", "latest"]).exits(0).says("pinned: first");
    env.run(&["note", "latest", "second"]).exits(0);
    env.run(&["verify"]).exits(0).says("0 damaged");
    let id = &listed(&env)[0];
    assert_eq!(fs::read_dir(env.snapshot(id)).unwrap().count(), 3);
    let path = env.snapshot(id).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("second", "sekond")).unwrap();
    env.run(&["verify"]).exits(6).says(id);
}

#[test]
fn a_note_is_written_changed_and_removed() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01"]);
    let id = made[0].as_str();
    env.run(&["note", "latest", "first\u{1b}[31m"]).exits(0);
    assert_eq!(one(&env, id)["note"], "first\u{1b}[31m");
    let list = env.run(&["list"]).exits(0);
    assert!(
        list.stdout.contains("first") && !list.stdout.contains('\u{1b}'),
        "{list}"
    );
    env.run(&["show"]).exits(0).says("note: first");
    env.run(&["note", id, "second"]).exits(0).says("second");
    // Pinning leaves it, and the same again changes nothing.
    env.run(&["pin", id]).exits(0).says("pinned: second");
    let before = TreeSnapshot::of(&env.snapshot(id));
    env.run(&["pin", id]).exits(0);
    env.run(&["note", id, "second"]).exits(0);
    before.assert_same(&TreeSnapshot::of(&env.snapshot(id)), "a second pin");
    env.run(&["note", id, ""]).exits(0);
    assert_eq!(one(&env, id)["note"], Value::Null);
    let long = "x".repeat(5_000);
    env.run(&["note", id, &long]).exits(2).says("4096");
    env.run(&["backup", "--note", &long]).exits(2).says("4096");
}

#[test]
fn a_record_that_is_not_as_it_was_written_is_not_written_anew() {
    let env = TestEnv::small();
    env.run(&["pin", "latest"]).exits(10).says("no vault");
    let made = days(&env, &["2026-01-01", "2026-01-02"]);
    env.run(&["pin", "2020-01-01"]).exits(10);
    env.run(&["note", "2026", "x"]).exits(2).says(&made[1]);
    let path = env.snapshot(&made[0]).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let changed = text.replace("user = ", "user= ");
    fs::write(&path, &changed).unwrap();
    env.run(&["pin", &made[0]]).exits(6).says("changed since");
    assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    // What a newer program wrote there is not lost either.
    fs::write(&path, &text).unwrap();
    super::rewrite(&env, &made[0], |text| format!("mood = \"good\"\n{text}"));
    let newer = fs::read_to_string(&path).unwrap();
    env.run(&["note", &made[0], "x"])
        .exits(1)
        .says("newer version");
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}
