//! What is shown of the inside of files: in each language, without secrets, without what could
//! steer a terminal, and of large ones only the size.

use super::{diff, file};
use crate::support::TestEnv;
use rusqlite::Connection;

const BEFORE: &str = "FAKE_SECRET_0badc0de";
const AFTER: &str = "FAKE_SECRET_deadbeef";

/// Runs every way of showing differences; none may say a secret.
fn never_says_a_secret(env: &TestEnv, targets: &[&str]) {
    for target in targets {
        for words in [
            &["diff", target, "--full"][..],
            &["--json", "diff", target, "--full"],
            &["diff", target, "latest~1", "latest"],
            &[
                "restore", target, "-n", "--diff", "--from", "latest~1", "-v",
            ],
            &[
                "--json", "restore", target, "-n", "--diff", "--from", "latest~1",
            ],
        ] {
            let done = env.run(words);
            let said = format!("{}{}", done.stdout, done.stderr);
            assert!(!said.contains("FAKE_SECRET_"), "{done}");
        }
    }
}

/// Settings of three tools in three languages, and credentials.
fn settings(env: &TestEnv, secret: &str, model: &str) {
    env.write(
        ".claude/settings.json",
        format!(r#"{{"model": "{model}", "env": {{"TOKEN": "{secret}"}}}}"#),
    );
    env.write(
        ".codex/config.toml",
        format!("model = \"{model}\"\n[mcp_servers.x.env]\nTOKEN = \"{secret}\"\n"),
    );
    env.write(
        ".codex/auth.json",
        format!("{{\"OPENAI_API_KEY\": \"{secret}\"}}"),
    );
    env.write(".codex/.env", format!("TOKEN={secret}\n"));
    env.write(
        ".aider.conf.yml",
        format!("model: {model}\n# was: {secret}\nopenai-api-key: {secret}\n"),
    );
}

#[test]
fn no_secret_is_said_in_any_language() {
    let env = TestEnv::small();
    let take = [
        "claude",
        "codex",
        "aider",
        "--include-credentials",
        "--include-env",
    ];
    settings(&env, BEFORE, "old");
    env.backup(0, &take);
    settings(&env, AFTER, "new");
    env.backup(0, &take);
    settings(&env, BEFORE, "newest");
    never_says_a_secret(&env, &["claude", "codex", "aider"]);
    env.run(&["diff", "claude"])
        .says("~ /model \"new\" -> \"newest\"")
        .says("~ /env/TOKEN (secret changed)");
    let codex = env.run(&["diff", "codex"]);
    for line in [
        "~ /model \"new\" -> \"newest\"",
        "~ /mcp_servers/x/env/TOKEN (secret changed)",
        "~/.codex/.env\n  not compared: it holds credentials",
        "~/.codex/auth.json\n  not compared: it holds credentials",
    ] {
        assert!(codex.stdout.contains(line), "{line}\n{codex}");
    }
    env.run(&["diff", "aider"])
        .says("~ /model new -> newest")
        .says("~ /openai-api-key (secret changed)");
}

#[test]
fn a_file_whose_secrets_cannot_be_found_is_not_shown() {
    let env = TestEnv::small();
    settings(&env, BEFORE, "old");
    env.backup(0, &["claude", "codex", "aider"]);
    env.backup(0, &["claude", "codex", "aider"]);
    env.write(
        ".claude/settings.json",
        format!("{{\"env\": {{\"TOKEN\": \"{AFTER}\""),
    );
    env.write(".codex/config.toml", format!("TOKEN = {AFTER}\n"));
    env.write(".aider.conf.yml", format!("a: &x {AFTER}\nb: *x\n"));
    never_says_a_secret(&env, &["claude", "codex", "aider"]);
    env.run(&["diff", "claude"])
        .exits(0)
        .says("not compared: it is not valid JSON, so its secrets cannot be found");
}

#[test]
fn records_of_a_session_are_counted_and_named() {
    let env = TestEnv::small();
    let path = ".claude/projects/p/s.jsonl";
    let record = |name: &str, text: &str| {
        format!("{{\"uuid\":\"{name}\",\"type\":\"user\",\"text\":\"{text}\"}}\n")
    };
    env.write(
        path,
        record("a", "1") + &record("b", "1") + &record("c", "1"),
    );
    env.backup(0, &["claude"]);
    env.write(
        path,
        record("a", "1") + &record("c", "2") + &record("d", "1"),
    );
    let done = env.run(&["diff", "claude"]).exits(0);
    for line in [
        "  - record b (user) at line 2\n",
        "  ~ record c (user) at line 2\n      ~ /text \"1\" -> \"2\"\n",
        "  + 1 record appended, 37 B\n",
    ] {
        assert!(done.stdout.contains(line), "{line}\n{done}");
    }
    let document = diff(&env, &["claude"]);
    let difference = &file(&document, &format!("home/{path}"))["difference"];
    assert_eq!(difference["kind"], "records");
    assert_eq!(
        (&difference["same"], &difference["appended"]),
        (&1.into(), &1.into())
    );
    assert_eq!(difference["added"][0]["name"], "d");
}

#[test]
fn what_is_no_text_only_differs() {
    let env = TestEnv::small();
    env.write(".claude/skills/one/a.bin", b"a\0");
    let database = |value: i64| {
        let path = env.home().join(".claude/skills/one/a.db");
        let _ = std::fs::remove_file(&path);
        let db = Connection::open(path).unwrap();
        db.execute_batch(&format!(
            "CREATE TABLE t (v); INSERT INTO t VALUES ({value})"
        ))
        .unwrap();
    };
    database(1);
    env.backup(0, &["claude"]);
    env.run(&["diff", "claude", "--exit-code"]).exits(0);
    env.write(".claude/skills/one/a.bin", b"b\0");
    database(2);
    let done = env.run(&["diff", "claude"]).exits(0);
    assert!(
        done.stdout.contains("a.bin\n  binary files differ\n"),
        "{done}"
    );
    assert!(done.stdout.contains("a.db\n  databases differ"), "{done}");
    let document = diff(&env, &["claude"]);
    let at = "home/.claude/skills/one/a.db";
    assert_eq!(file(&document, at)["difference"]["kind"], "database");
}

#[test]
fn large_files_are_told_by_size_and_digest_only() {
    let env = TestEnv::small();
    let large = "a line of text that is there again and again\n".repeat(200_000);
    env.write(".claude/skills/one/large.md", &large);
    env.backup(0, &["claude"]);
    env.write(".claude/skills/one/large.md", large.clone() + "the last\n");
    let done = env.run(&["diff", "claude"]).exits(0);
    assert!(done.stdout.contains("9.0 MB -> 9.0 MB"), "{done}");
    assert!(
        done.stdout
            .contains("not compared: it is large; --full compares it"),
        "{done}"
    );
    let document = diff(&env, &["claude"]);
    let found = file(&document, "home/.claude/skills/one/large.md");
    assert_eq!(found["difference"]["kind"], "unseen");
    assert_ne!(found["before"]["sha256"], found["after"]["sha256"]);
    let done = env.run(&["diff", "claude", "--full"]).exits(0);
    assert!(done.stdout.contains("  +the last\n"), "{done}");
}

#[test]
fn names_and_contents_cannot_steer_a_terminal() {
    let env = TestEnv::small();
    let odd = "\u{1b}]0;x\u{7}\u{202e}\u{9b}31m";
    let (name, link) = (".claude/skills/one/o\u{202e}dd.md", ".claude/skills/one/l");
    env.write(name, format!("{odd}1\n"));
    env.write(".claude/skills/one/a.json", "{}");
    env.write(".claude/projects/p/s.jsonl", "{}\n");
    env.backup(0, &["claude"]);
    env.write(name, format!("{odd}2\r\n"));
    let json = serde_json::json!({ odd: odd }).to_string();
    env.write(".claude/skills/one/a.json", json);
    let record = serde_json::json!({"uuid": odd, "type": odd}).to_string();
    env.write(".claude/projects/p/s.jsonl", format!("{record}\n{{}}\n"));
    std::os::unix::fs::symlink("o\u{202e}dd.md", env.home().join(link)).unwrap();
    for words in [
        &["diff", "claude"][..],
        &["--json", "diff", "claude"],
        &["diff", "claude", "--color", "never", "--full"],
        &["restore", "claude", "-n", "--diff"],
        &["history", &format!("~/{name}")],
        &["--json", "history", &format!("~/{name}")],
    ] {
        let done = env.run(words).exits(0);
        let said = format!("{}{}", done.stdout, done.stderr);
        let steers = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{9b}');
        assert!(!said.contains(steers), "{said:?}");
    }
    env.run(&["diff", "claude"])
        .says("o\\u{202e}dd.md")
        .says("+\\x1b]0;x\\x07\\u{202e}\\u{9b}31m2\\r");
}

#[test]
fn long_values_show_where_they_part_and_long_differences_are_cut() {
    let env = TestEnv::small();
    let long = "x".repeat(500);
    env.write(".claude/skills/one/a.json", format!("[\"{long}1\"]"));
    env.write(".claude/CLAUDE.md", "");
    env.backup(0, &["claude"]);
    env.write(".claude/skills/one/a.json", format!("[\"{long}2\"]"));
    let lines: String = (0..1000).map(|n| format!("line {n}\n")).collect();
    env.write(".claude/CLAUDE.md", lines);
    let done = env.run(&["diff", "claude"]).exits(0);
    assert!(done.stdout.contains("x1\" -> …x"), "{done}");
    assert!(
        done.stdout
            .contains("lines more; `takeback diff --full` shows them"),
        "{done}"
    );
    let full = env.run(&["diff", "claude", "--full"]).exits(0);
    assert!(full.stdout.contains("+line 999\n"), "{full}");
    let document = diff(&env, &["claude"]);
    let hunks = &file(&document, "home/.claude/CLAUDE.md")["difference"]["hunks"];
    assert_eq!(hunks[0]["lines"].as_array().unwrap().len(), 1000);
}
