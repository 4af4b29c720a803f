//! A life of a home in which every command runs at least once.

use crate::support::{Output, TestEnv};
use serde_json::Value;
use takeback::model::Digest;

/// Runs commands one after the other, each with `--json`, and remembers what they printed.
pub(super) struct Runs {
    pub(super) env: TestEnv,
    pub(super) seen: Vec<(String, String)>,
    pub(super) documents: Vec<Value>,
}

impl Runs {
    fn run(&mut self, command: &str, code: i32, args: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(command.split(' '));
        all.extend(args);
        let output: Output = self.env.run(&all).exits(code);
        let document = output.json();
        let message_type = document["message_type"].as_str().unwrap().to_owned();
        self.seen.push((command.to_owned(), message_type));
        self.documents.push(document.clone());
        document
    }

    fn snapshot(&mut self, args: &[&str]) -> String {
        let made = self.run("backup", 0, args);
        made["snapshot"].as_str().unwrap().to_owned()
    }
}

/// Every command at least once, in a life of a home.
pub(super) fn every_run(runs: &mut Runs) {
    runs.run("init", 0, &["--dry-run"]);
    runs.run("init", 0, &[]);
    runs.run("backup", 0, &["--dry-run"]);
    let first = runs.snapshot(&["--note", "first"]);
    runs.env.write(".claude/CLAUDE.md", "Be briefer.\n");
    runs.env.write(
        ".claude/settings.json",
        "{\"model\": \"a\", \"env\": {\"API_KEY\": \"sk-1\"}}\n",
    );
    let second = runs.snapshot(&["--automatic", "--cleanup"]);
    runs.env.write(
        ".claude/settings.json",
        "{\"model\": \"b\", \"env\": {\"API_KEY\": \"sk-2\"}}\n",
    );
    runs.env.write(".claude/projects/p/s.jsonl", "{\"a\": 1}\n");
    runs.run("backup", 0, &["--list"]);
    runs.run("list", 0, &[]);
    runs.run("show", 0, &[]);
    runs.run("diff", 0, &["claude"]);
    runs.run("diff", 0, &["claude", &first, &second]);
    let file = runs.env.home().join(".claude/CLAUDE.md");
    runs.run("history", 0, &[file.to_str().unwrap()]);
    runs.run("verify", 0, &[]);
    runs.run("status", 0, &[]);
    runs.run("doctor", 0, &[]);
    runs.run("vault stats", 0, &[]);
    let out = runs.env.root().join("out.tar.gz");
    let portable = [
        "latest",
        "claude",
        "--profile",
        "portable",
        "-o",
        out.to_str().unwrap(),
    ];
    runs.run("export", 0, &portable);
    runs.run("pin", 0, &[&first, "--note", "a"]);
    runs.run("unpin", 0, &[&first]);
    runs.run("note", 0, &[&first, ""]);
    runs.run("restore", 0, &["claude", "--dry-run", "--diff"]);
    runs.run("restore", 5, &["claude"]);
    runs.run("restore", 0, &["claude", "--from", &first, "--force"]);
    runs.run("undo", 0, &["--list"]);
    runs.run("undo", 0, &["--dry-run"]);
    runs.run("undo", 0, &["--yes"]);
    runs.run("recover", 0, &[]);
    runs.run("repair", 0, &[]);
    runs.run("log", 0, &[]);
    every_removal(runs, &second);
    every_adapter_run(runs);
}

fn every_removal(runs: &mut Runs, second: &str) {
    runs.snapshot(&[]);
    runs.run("cleanup", 0, &["--dry-run"]);
    runs.run("cleanup", 0, &["--yes"]);
    runs.run("remove", 0, &[second, "--yes"]);
    runs.run("trash list", 0, &[]);
    runs.run("trash restore", 0, &[second]);
    runs.run("remove", 0, &[second, "--yes"]);
    runs.run("trash empty", 0, &["--yes"]);
}

fn every_adapter_run(runs: &mut Runs) {
    runs.run("adapter list", 0, &[]);
    runs.run("adapter show", 0, &["claude"]);
    let dir = runs.env.root().join("notepad9");
    let dir = dir.to_str().unwrap();
    runs.run(
        "adapter new",
        0,
        &["--lang", "toml", "notepad9", "--dir", dir],
    );
    let table = format!("{dir}/notepad9.toml");
    runs.run("adapter check", 0, &[&table]);
    let digest = Digest::of(&std::fs::read(&table).unwrap()).to_string();
    runs.run("adapter add", 0, &[&table, "--yes", "--sha256", &digest]);
    runs.run("adapter update", 0, &[]);
    runs.run("adapter remove", 0, &["notepad9"]);
    let component = takeback_artifacts::repository().join("adapters/dist/claude.wasm");
    let packed = format!("{dir}/packed.wasm");
    runs.run(
        "adapter pack",
        0,
        &[component.to_str().unwrap(), "-o", &packed],
    );
}
