//! A life of a home in which every command runs at least once.

use crate::support::schemas::complaints;
use crate::support::{Output, TestEnv};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
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
    every_setting(runs);
    every_timer(runs);
    every_guard(runs);
    runs.run("report", 0, &[]);
    every_import(runs);
    runs.run("list", 0, &[]);
}

fn every_setting(runs: &mut Runs) {
    runs.run("config show", 0, &[]);
    runs.run("config path", 0, &[]);
    runs.run("config set", 0, &["keep.automatic.daily", "30"]);
    runs.run("config set", 0, &["keep.target.claude.max_size", "2GB"]);
    runs.run("config show", 0, &[]);
    runs.run("config unset", 0, &["keep.automatic.daily"]);
    runs.env.set("VISUAL", "true");
    runs.run("config edit", 0, &[]);
}

/// Nothing of this machine's own timers is seen or touched: its tools are the test's.
fn every_timer(runs: &mut Runs) {
    let bin = runs.env.root().join("bin");
    fs::create_dir(&bin).unwrap();
    for tool in ["systemctl", "crontab"] {
        let tool = bin.join(tool);
        fs::write(&tool, "#!/bin/sh\necho 'no crontab for ada' >&2\nexit 1\n").unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", bin.display());
    runs.env.set("PATH", path);
    runs.run("schedule status", 10, &[]);
    let systemd = ["--with", "systemd", "--yes"];
    runs.run("schedule install", 0, &["--with", "windows", "--dry-run"]);
    // The tool refuses, so it is written and not switched on.
    runs.run("schedule install", 3, &systemd);
    runs.run("schedule status", 0, &[]);
    runs.run("doctor", 0, &[]);
    runs.run("schedule remove", 0, &["--dry-run"]);
    runs.run("schedule remove", 3, &["--yes"]);
}

fn every_guard(runs: &mut Runs) {
    runs.env.write(".bashrc", "# mine\n");
    let install = ["skillshare", "--shell", "bash"];
    runs.run("guard install", 0, &[&install[..], &["--dry-run"]].concat());
    runs.run("guard install", 0, &[&install[..], &["--yes"]].concat());
    let uninstall = ["skillshare", "--shell", "bash", "--yes"];
    runs.run("guard uninstall", 0, &uninstall);
    let report = runs.env.root().join("guard.json");
    let to = report.to_str().unwrap();
    let harm = "rm .claude/CLAUDE.md; ln -s x .claude/skills/link; kill -TERM $$";
    let home = runs.env.home();
    let script = format!("cd '{}'; {harm}", home.display());
    let guarded = ["--json", "guard", "--report", to, "--", "sh", "-c", &script];
    runs.env.run(&guarded).exits(143);
    let document: Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    assert_eq!(complaints(&document), [""; 0]);
    assert_eq!(document["signal"], 15);
    assert!(document["files"].as_array().unwrap().len() > 1);
    runs.seen.push(("guard".to_owned(), "guard".to_owned()));
    runs.documents.push(document);
    runs.run("log", 0, &[]);
    runs.run("undo", 0, &["--list"]);
    runs.run("trash list", 0, &[]);
    let file = home.join(".claude/CLAUDE.md");
    runs.run("trash restore", 0, &[file.to_str().unwrap()]);
    // Leading nowhere, it would be a gap in every backup from here on.
    fs::remove_file(home.join(".claude/skills/link")).unwrap();
}

fn every_import(runs: &mut Runs) {
    let old = runs.env.root().join("old");
    fs::create_dir_all(old.join(".claude/skills/two")).unwrap();
    fs::write(old.join(".claude/skills/two/SKILL.md"), "two\n").unwrap();
    // Put together so that no scanner takes it for somebody's.
    let key = format!(
        "{{\"env\": {{\"A\": \"sk-ant-{}\"}}}}\n",
        "api03-x".repeat(14)
    );
    fs::write(old.join(".claude/settings.json"), key).unwrap();
    fs::write(old.join("notes.txt"), "mine\n").unwrap();
    let source = [old.to_str().unwrap()];
    runs.run("import", 0, &[&source[..], &["--dry-run"]].concat());
    runs.run("import", 0, &source);
    runs.run("import", 0, &source);
    let settings = fs::read(old.join(".claude/settings.json")).unwrap();
    runs.env.write(".claude/settings.json", settings);
    let found = runs.run("secrets", 0, &[]);
    let secrets = found["targets"][0]["secrets"].as_array().unwrap();
    assert!(!secrets.is_empty(), "{found}");
    let made = runs.run("backup", 0, &["--if-changed"]);
    let secrets = made["targets"][0]["secrets"].as_array().unwrap();
    assert!(!secrets.is_empty(), "{made}");
    runs.run("backup", 0, &["--if-changed", "--automatic"]);
    runs.run("status", 0, &["--max-age", "1d"]);
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
    let digest = Digest::of(&fs::read(&table).unwrap()).to_string();
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
