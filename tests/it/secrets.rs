//! Secrets are told of by place and kind, and are shown nowhere.

use crate::support::{Output, TestEnv, TreeSnapshot};
use std::fs;
use std::process::Command;

/// Letters and digits without order, the same each time; no key of anybody.
fn body(length: usize) -> String {
    let letters = b"aZ3kQ9xLm2Vb7TnR5wJc8YpD4sHf6GtK1eUo";
    let letter = |at: usize| char::from(letters[(at * 17 + 5) % letters.len()]);
    (0..length).map(letter).collect()
}

/// Keys of different kinds, each in a file of its own, and one that only its field tells.
fn plant(env: &TestEnv) -> Vec<String> {
    let anthropic = format!("sk-ant-api03-{}", body(80));
    let github = format!("ghp_{}", body(36));
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}", body(64));
    let declared = "correct-horse-battery-staple".to_owned();
    env.write(
        ".claude/CLAUDE.md",
        format!("Use {anthropic} for the API.\n"),
    );
    env.write(".claude/skills/one/SKILL.md", format!("{github}\n"));
    env.write(".claude/skills/one/key.pem", format!("{pem}\n"));
    env.write(
        ".claude/settings.json",
        format!("{{\"env\": {{\"MY_TOKEN\": \"{declared}\"}}}}\n"),
    );
    vec![anthropic, github, body(64), declared]
}

/// None of the keys is in what was said, nor anywhere that a backup writes as it is.
#[track_caller]
fn hidden(said: &Output, keys: &[String]) {
    for key in keys {
        assert!(!said.stdout.contains(key), "{said}");
        assert!(!said.stderr.contains(key), "{said}");
    }
}

#[test]
fn a_backup_names_them_and_shows_none() {
    let env = TestEnv::new();
    let keys = plant(&env);
    let said = env.run(&["backup", "claude", "-v"]).exits(0);
    hidden(&said, &keys);
    let said = said
        .says("~/.claude/CLAUDE.md holds an Anthropic API key")
        .says("~/.claude/skills/one/SKILL.md holds a GitHub token")
        .says("~/.claude/skills/one/key.pem holds a private key")
        .says("claude: holds fields for secrets in ~/.claude/settings.json");
    hidden(&said, &keys);
    // What did not change is not read, and not told of again.
    let again = env.backup(0, &["claude"]);
    assert_eq!(again["targets"][0]["secrets"].as_array().unwrap().len(), 0);
    env.write(".claude/skills/one/SKILL.md", format!("{} \n", keys[1]));
    let third = env.run(&["--json", "backup", "claude"]).exits(0);
    hidden(&third, &keys);
    let third = third.json();
    let secrets = third["targets"][0]["secrets"].as_array().unwrap();
    // Others that were written in this very second are read again, for nobody can tell.
    let changed = secrets
        .iter()
        .find(|one| one["path"] == "home/.claude/skills/one/SKILL.md");
    assert_eq!(changed.unwrap()["kind"], "github-token", "{third:#}");
}

#[test]
fn no_record_manifest_log_or_cache_holds_one() {
    let mut env = TestEnv::new();
    let cache = env.root().join("cache");
    env.set("XDG_CACHE_HOME", &cache);
    let keys = plant(&env);
    let report = env.run(&["--json", "backup", "claude"]).exits(0);
    hidden(&report, &keys);
    env.write(".claude/CLAUDE.md", "changed\n");
    let restore = env
        .run(&["restore", "claude", "--yes", "--force", "-v"])
        .exits(0);
    hidden(&restore, &keys);
    let archive = crate::support::env::archive_of(&env, &report.json(), "claude");
    let mut tar = Command::new("tar");
    tar.args(["-xzOf", archive.to_str().unwrap(), "manifest.json"]);
    hidden(&Output::of(tar).exits(0), &keys);
    let written = [
        env.vault(),
        env.home().join(".local"),
        env.home().join(".config"),
        cache,
    ];
    for dir in written {
        for file in TreeSnapshot::of(&dir).paths() {
            // What was replaced is kept for an undo: those are the files themselves.
            if file.contains("/files/") {
                continue;
            }
            let bytes = fs::read(dir.join(&file)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            for key in &keys {
                assert!(!text.contains(key.as_str()), "{file}");
            }
        }
    }
}

#[test]
fn strict_stops_before_anything_is_written() {
    let env = TestEnv::small();
    env.run(&["backup", "claude", "--strict-secrets", "-n"])
        .exits(0);
    let keys = plant(&env);
    let said = env.run(&["backup", "claude", "--strict-secrets"]).exits(4);
    hidden(&said, &keys);
    said.says("nothing was backed up: 4 files hold what is a secret")
        .says("settings.json holds fields for secrets");
    assert!(!env.vault().exists());
    let said = env
        .run(&["--json", "backup", "claude", "--strict-secrets"])
        .exits(4);
    hidden(&said, &keys);
    assert_eq!(said.json()["code"], 4);
    for path in ["CLAUDE.md", "settings.json", "skills/one/SKILL.md"] {
        fs::remove_file(env.home().join(".claude").join(path)).unwrap();
    }
    fs::remove_file(env.home().join(".claude/skills/one/key.pem")).unwrap();
    env.write(".claude/CLAUDE.md", "No key.\n");
    env.run(&["backup", "claude", "--strict-secrets"]).exits(0);
}

#[test]
fn the_command_looks_at_everything_and_at_history_when_asked() {
    let env = TestEnv::new();
    let keys = plant(&env);
    let line = format!("{{\"text\": \"{}\"}}\n", keys[1]);
    env.write(".claude/projects/-home-ada/1.jsonl", line);
    env.write(".claude/.credentials.json", "{}\n");
    env.backup(0, &["claude"]);
    let said = env.run(&["secrets", "claude"]).exits(0);
    hidden(&said, &keys);
    let said = said
        .says("~/.claude/CLAUDE.md    an Anthropic API key")
        .says("left out credentials (taken with --include-credentials)")
        .says("--history");
    assert!(!said.stdout.contains("1.jsonl"), "{said}");
    let said = env.run(&["--json", "secrets", "claude", "--history"]);
    let said = said.exits(0);
    hidden(&said, &keys);
    let report = said.json();
    let secrets = report["targets"][0]["secrets"].as_array().unwrap();
    let transcript = secrets
        .iter()
        .any(|one| one["path"] == "home/.claude/projects/-home-ada/1.jsonl");
    assert!(transcript, "{report:#}");
    assert_eq!(secrets.len(), 5, "{report:#}");
    TestEnv::new().run(&["secrets"]).exits(10);
}
