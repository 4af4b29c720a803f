//! What can be compared: snapshots in any form with each other and with what is here, archives
//! from outside, and what only one of the sides holds.

use super::{diff, file};
use crate::support::env::archive_of;
use crate::support::tarball::{Archive, Member};
use crate::support::{TestEnv, tools};
use crate::thin::{forms, history, large_home};
use std::fs;

#[test]
fn two_snapshots_are_compared_in_any_form_and_order() {
    let env = large_home();
    let made = history(&env, 5);
    assert_eq!(forms(&env)[0], "thin");
    let (first, last) = (made[0].id.as_str(), made[4].id.as_str());
    let done = env.run(&["diff", "claude", first, last]).exits(0);
    assert!(done.stdout.contains("  -changed 0\n"), "{done}");
    assert!(done.stdout.contains("  +changed 4\n"), "{done}");
    assert!(done.stdout.contains("  1 changed, 32 the same"), "{done}");
    let back = diff(&env, &["claude", last, first]);
    let changed = file(&back, "home/.claude/skills/s3/SKILL.md");
    assert_eq!(
        changed["difference"]["hunks"][0]["lines"][0]["text"],
        "changed 4"
    );
    // Against what is here, and against itself.
    env.write(".claude/skills/s3/SKILL.md", "now");
    env.run(&["diff", "claude", "latest~4"])
        .exits(0)
        .says("  -changed 0")
        .says("  +now");
    env.run(&["diff", "claude", first, first, "--exit-code"])
        .exits(0);
}

#[test]
fn an_index_that_is_gone_changes_nothing_but_the_time_it_takes() {
    let env = TestEnv::small();
    let report = env.backup(0, &["claude"]);
    let id = report["snapshot"].as_str().unwrap().to_owned();
    env.write(".claude/CLAUDE.md", "Be long.\n");
    let before = diff(&env, &["claude"]);
    fs::remove_file(env.snapshot(&id).join("claude.index")).unwrap();
    assert_eq!(diff(&env, &["claude"]), before);
}

#[test]
fn classes_that_only_one_side_holds_are_not_called_gone() {
    let env = TestEnv::small();
    env.write(".claude/projects/p/s.jsonl", "{}\n");
    env.backup(0, &["claude"]);
    env.backup(0, &["claude", "--no-history"]);
    env.run(&["diff", "claude", "latest~1", "latest", "--exit-code"])
        .exits(0)
        .says("Not compared, for only one side holds it: history");
    // Of what is here, as much counts as the snapshot was to hold.
    env.run(&["diff", "claude", "--exit-code"]).exits(0);
    let document = diff(&env, &["claude", "latest~1", "latest"]);
    assert_eq!(document["not_compared"], serde_json::json!(["history"]));
}

#[test]
fn a_safety_snapshot_is_compared_with_what_it_holds_only() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "Be long.\n");
    let done = env
        .run(&["--json", "restore", "claude", "--yes", "--force"])
        .exits(0);
    let safety = done.json()["safety_snapshot"].as_str().unwrap().to_owned();
    let document = diff(&env, &["claude", &safety]);
    assert_eq!(document["totals"]["added"], 0, "{document:#}");
    assert_eq!(document["totals"]["changed"], 1, "{document:#}");
}

#[test]
fn an_archive_from_outside_is_a_side() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    let path = env.root().join("outside.tar.gz");
    let path = path.to_str().unwrap();
    env.run(&["export", "latest", "claude", "-o", path])
        .exits(0);
    env.write(".claude/CLAUDE.md", "Be long.\n");
    env.run(&["diff", "claude", "--from", path])
        .exits(0)
        .says("  -Be brief.")
        .says("outside.tar.gz -> now");
    env.run(&["diff", "claude", "latest", "--from", path, "--exit-code"])
        .exits(0)
        .says("no differences");
    env.run(&["diff", "cursor", "--from", path]).exits(4);
    fs::write(path, "no archive").unwrap();
    env.run(&["diff", "claude", "--from", path]).exits(6);
}

#[test]
fn an_archive_cannot_say_that_a_secret_is_none() {
    let env = TestEnv::small();
    env.write(
        ".claude/settings.json",
        r#"{"env": {"TOKEN": "FAKE_SECRET_1"}}"#,
    );
    let report = env.backup(0, &["claude"]);
    // It declares the file, and no secrets in it.
    let unpacked = env.root().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    tools::extract(&archive_of(&env, &report, "claude"), &unpacked);
    let manifest = fs::read(unpacked.join("manifest.json")).unwrap();
    let mut archive = Archive::valid(&serde_json::from_slice(&manifest).unwrap());
    let text = r#"{"env": {"TOKEN": "FAKE_SECRET_2"}}"#;
    *archive.member("home/.claude/settings.json") =
        Member::file("home/.claude/settings.json", text);
    let path = env.root().join("outside.tar.gz");
    fs::write(&path, archive.bytes()).unwrap();
    let path = path.to_str().unwrap();
    for words in [
        &["diff", "claude", "--from", path][..],
        &["diff", "claude", "latest", "--from", path],
        &["--json", "diff", "claude", "--from", path],
        &["restore", "claude", "--from", path, "-n", "--diff"],
    ] {
        let done = env.run(words);
        let said = format!("{}{}", done.stdout, done.stderr);
        assert!(said.contains("TOKEN"), "{done}");
        assert!(!said.contains("FAKE_SECRET_"), "{done}");
    }
}

#[test]
fn two_snapshots_need_no_adapter_and_what_is_here_does() {
    let env = TestEnv::small();
    let report = env.backup(0, &["claude"]);
    let id = report["snapshot"].as_str().unwrap();
    let dir = env.snapshot(id);
    assert!(dir.join("claude.tar.gz").is_file());
    env.write(".claude/CLAUDE.md", "Be long.\n");
    env.backup(0, &["claude"]);
    let broken = env.root().join("broken.wasm");
    fs::write(&broken, "no component").unwrap();
    let broken = broken.to_str().unwrap();
    env.run(&["--adapter", broken, "diff", "claude", "latest~1", "latest"])
        .exits(0)
        .says("  +Be long.");
}
