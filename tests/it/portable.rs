//! Archives that are made to leave the machine. What is in them is held against every fake home
//! by `canaries`; here is what becomes of them.

use crate::support::{TestEnv, tools};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// A home with secrets in several places.
fn home() -> TestEnv {
    let env = TestEnv::small();
    let settings = "{\n  \"model\": \"opus\",\n  \"env\": { \"TOKEN\": \"s3cret-1\" }\n}\n";
    env.write(".claude/settings.json", settings);
    env.write(".claude/.credentials.json", "{\"token\": \"s3cret-2\"}");
    env.write(
        ".claude/projects/-p/one.jsonl",
        "{\"text\": \"s3cret-3\"}\n",
    );
    env
}

fn export(env: &TestEnv, code: i32) -> (PathBuf, Value) {
    let file = env.root().join("portable.tar.gz");
    let to = file.to_str().unwrap();
    let options = ["--profile", "portable", "--force", "-o", to];
    let run = env.run(&[&["--json", "export", "latest", "claude"][..], &options].concat());
    (file, run.exits(code).json())
}

fn unpacked(file: &std::path::Path) -> tempfile::TempDir {
    let into = tempfile::tempdir().unwrap();
    tools::extract(file, into.path());
    into
}

#[test]
fn a_portable_archive_is_restored_elsewhere_and_says_what_is_blank() {
    let env = home();
    env.backup(0, &["claude", "--include-credentials"]);
    let (file, told) = export(&env, 0);
    let blanked = json!([{"path": "home/.claude/settings.json", "pointer": "/env/TOKEN"}]);
    assert_eq!(told["blanked"], blanked);
    let left: Vec<&str> = told["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["class"].as_str())
        .collect();
    assert!(
        left.contains(&"history") && left.contains(&"credentials"),
        "{left:?}"
    );
    let bytes = fs::read(&file).unwrap();
    assert_eq!(told["size"], bytes.len() as u64);
    assert_eq!(told["sha256"], crate::thin::hex(&bytes));
    let whole = unpacked(&file);
    assert!(!whole.path().join("home/.claude/projects").exists());
    assert!(!whole.path().join("home/.claude/.credentials.json").exists());

    let other = TestEnv::new();
    let from = file.to_str().unwrap();
    let args = ["restore", "claude", "--from", from, "--yes", "--force"];
    let plan = other
        .run(&[&["--json"][..], &args, &["--dry-run"]].concat())
        .exits(0)
        .json();
    assert_eq!(plan["plans"][0]["blanked"], blanked, "{plan}");
    other
        .run(&args)
        .exits(0)
        .says("settings.json: /env/TOKEN is blank in this archive");
    let restored = fs::read_to_string(other.home().join(".claude/settings.json")).unwrap();
    assert_eq!(
        restored,
        "{\n  \"model\": \"opus\",\n  \"env\": { \"TOKEN\": \"\" }\n}\n"
    );
}

#[test]
fn a_file_whose_secrets_cannot_be_found_stays() {
    let env = home();
    env.write(
        ".claude/settings.json",
        "{ \"env\": { \"TOKEN\": \"s3cret-1\" ",
    );
    env.backup(0, &["claude"]);
    let (file, told) = export(&env, 3);
    assert_eq!(told["troubles"][0]["kind"], "not-blanked");
    assert_eq!(told["troubles"][0]["path"], "home/.claude/settings.json");
    let whole = unpacked(&file);
    assert!(!whole.path().join("home/.claude/settings.json").exists());
    let manifest = fs::read_to_string(whole.path().join("manifest.json")).unwrap();
    assert!(manifest.contains("not-blanked") && !manifest.contains("s3cret"));
    // It is an archive like any other: it can be verified, and restored.
    let other = TestEnv::new();
    let from = file.to_str().unwrap();
    other
        .run(&["restore", "claude", "--from", from, "--yes", "--force"])
        .exits(0);
}

#[test]
fn what_is_only_history_has_nothing_that_leaves() {
    let env = TestEnv::new();
    env.write(".claude/projects/-p/one.jsonl", "{}\n");
    env.backup(0, &["claude"]);
    let file = env.root().join("none.tar.gz");
    let to = file.to_str().unwrap();
    env.run(&[
        "export",
        "latest",
        "claude",
        "--profile",
        "portable",
        "-o",
        to,
    ])
    .exits(10)
    .says("nothing in this archive is made to leave");
    assert!(!file.exists());
    let left: Vec<_> = fs::read_dir(env.root())
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains("export")),
        "{left:?}"
    );
}
