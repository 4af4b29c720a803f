//! Undo: what a restore did is taken back to the last nanosecond, what was done since is
//! kept or can be had back, and what cannot be taken back is said.

mod changed;
mod history;
mod journals;
mod whole;

use crate::support::{Output, TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The home directory without what is takeback's own.
fn home(env: &TestEnv) -> TreeSnapshot {
    TreeSnapshot::of(&env.home()).without(".local/state/takeback")
}

/// Lets takeback make its own directories, so that they are no difference later.
fn settle(env: &TestEnv) {
    env.run(&["restore", "claude", "--dry-run"]);
}

/// The small home with two snapshots: the first with `CLAUDE.md` saying "first", the
/// second with what is there now.
fn two_snapshots() -> TestEnv {
    let env = TestEnv::small();
    env.write(".claude/CLAUDE.md", "first");
    env.skill("gone");
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "second");
    fs::remove_dir_all(env.home().join(".claude/skills/gone")).unwrap();
    env.backup(0, &["claude"]);
    settle(&env);
    env
}

/// Restores the first snapshot, and gives the operation's name.
#[track_caller]
fn restore_first(env: &TestEnv) -> String {
    let args = ["--json", "restore", "claude", "--from", "latest~1", "--yes"];
    let id = operation(&env.run(&args).exits(0));
    // The next command notes that it is durable.
    env.run(&["list"]).exits(0);
    id
}

/// The name of the operation that a document is about.
#[track_caller]
fn operation(output: &Output) -> String {
    let document = output.json();
    let name = document["operation"].as_str();
    name.unwrap_or_else(|| panic!("no operation: {document:#}"))
        .to_owned()
}

/// Undoes with these arguments and gives the name of the undo.
#[track_caller]
fn undo(env: &TestEnv, args: &[&str]) -> String {
    let args = [&["--json", "undo", "--yes"], args].concat();
    operation(&env.run(&args).exits(0))
}

/// The operations that are listed, newest first.
fn listed(env: &TestEnv) -> Vec<Value> {
    let document = env.run(&["--json", "undo", "--list"]).exits(0).json();
    assert_eq!(document["message_type"], "operations");
    document["operations"].as_array().unwrap().clone()
}

/// Where operations are kept.
fn operations(env: &TestEnv) -> PathBuf {
    env.home().join(".local/state/takeback/operations")
}

/// The paths that a document of `undo` keeps, each with why.
fn kept(document: &Value) -> Vec<(String, String)> {
    let kept = document["kept"].as_array().unwrap().iter();
    let text = |kept: &Value, field: &str| kept[field].as_str().unwrap().to_owned();
    kept.map(|kept| (text(kept, "path"), text(kept, "why")))
        .collect()
}

/// The text of a file below the home directory.
#[track_caller]
fn text(env: &TestEnv, path: &str) -> String {
    fs::read_to_string(env.home().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}
