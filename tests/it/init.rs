//! `takeback init`: which tools it finds, and the configuration file it begins.

use crate::support::fixture::fixtures;
use crate::support::{TestEnv, TreeSnapshot, materialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// The tools with a fake home on this system.
fn tools() -> Vec<String> {
    let index = fs::read(fixtures().join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    let homes = index["homes"].as_array().unwrap().iter();
    let names = homes.map(|home| home["fixture"].as_str().unwrap());
    let tools = names.filter_map(|name| name.strip_suffix("/linux"));
    tools.map(str::to_owned).collect()
}

/// One home with the files of all these tools in it.
fn home_of(tools: &[&str]) -> TestEnv {
    let env = TestEnv::new();
    for tool in tools {
        materialize(&format!("{tool}/linux"), &env.home());
    }
    env
}

fn targets(list: &Value) -> BTreeSet<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["target"].as_str().unwrap()).collect()
}

#[track_caller]
fn finds_exactly(tools: &[&str]) {
    let env = home_of(tools);
    let done = env.run(&["--json", "init", "--dry-run"]).exits(0).json();
    let expected: BTreeSet<&str> = tools.iter().copied().collect();
    assert_eq!(targets(&done["tools"]), expected);
    assert_eq!(done["failed"], Value::Array(Vec::new()));
}

#[test]
fn a_home_with_one_tool_has_this_one() {
    let all = tools();
    assert!(all.len() >= 18, "{all:?}");
    for tool in &all {
        finds_exactly(&[tool]);
    }
}

#[test]
fn a_home_with_six_tools_has_exactly_those_six() {
    finds_exactly(&["claude", "codex", "cursor", "gemini", "goose", "vscode"]);
    finds_exactly(&["aider", "amp", "cline", "opencode", "roo", "zed"]);
    finds_exactly(&[
        "claude-desktop",
        "continue",
        "kiro",
        "qwen",
        "skillshare",
        "windsurf",
    ]);
}

#[test]
fn any_six_tools_are_exactly_those_six() {
    let mut all = tools();
    // It links all of `.cursor/skills`, which is a folder in Cursor's own home.
    all.retain(|tool| tool != "skillshare");
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for first in 0..all.len() {
        let chosen: Vec<&str> = (0..6).map(|n| all[(first + 5 * n) % all.len()]).collect();
        let different: BTreeSet<&str> = chosen.iter().copied().collect();
        assert_eq!(different.len(), 6);
        finds_exactly(&chosen);
    }
}

#[test]
fn an_empty_home_has_no_tool_and_gets_a_configuration_all_the_same() {
    let env = TestEnv::new();
    let done = env.run(&["init"]).exits(0);
    assert!(done.stdout.starts_with("Found 0 tools in ~"), "{done}");
    let config = env.home().join(".config/takeback/config.toml");
    assert!(config.is_file());
    // What it wrote is what every command reads.
    env.run(&["list"]).exits(0);
}

#[test]
fn what_goes_along_with_a_tool_is_named_apart() {
    let env = home_of(&["claude", "skillshare"]);
    // A link into the places of another tool makes no tool of its own.
    let done = env.run(&["--json", "init", "-n"]).exits(0).json();
    let because = |target: &str| {
        let also = done["also"].as_array().unwrap().iter();
        let mut one = also.filter(|one| one["target"] == target);
        one.next()
            .map(|one| one["because"].as_str().unwrap().to_owned())
    };
    assert_eq!(because("plugins").unwrap(), "part of claude");
    assert_eq!(because("cursor").unwrap(), "only links to skillshare");
    assert_eq!(because("agents-skills").unwrap(), "used by several tools");
    let claude = &done["tools"][0];
    assert_eq!(claude["target"], "claude");
    assert!(claude["bytes"].as_u64().unwrap() > 5000, "{claude}");
    assert_eq!(claude["tallies"][0]["noun"], "skill");
    let not_found = done["not_found"].as_array().unwrap();
    assert!(not_found.contains(&"zed".into()), "{not_found:?}");
}

#[test]
fn what_is_found_is_what_a_backup_takes() {
    let env = home_of(&["claude", "codex", "zed", "skillshare"]);
    let found = env.run(&["--json", "init", "-n"]).exits(0).json();
    let backed_up = env.run(&["--json", "backup", "-n"]).json();
    let mut all = targets(&found["tools"]);
    all.extend(targets(&found["also"]));
    assert_eq!(targets(&backed_up["targets"]), all);
}

#[test]
fn a_dry_run_writes_nothing() {
    let env = home_of(&["zed"]);
    let before = TreeSnapshot::of(&env.home());
    let done = env.run(&["--json", "init", "-n"]).exits(0).json();
    assert_eq!(
        (&done["written"], &done["existed"]),
        (&false.into(), &false.into())
    );
    env.run(&["init", "--dry-run"]).exits(0).says("Would write");
    before.assert_same(&TreeSnapshot::of(&env.home()), "a dry run wrote something");
}

#[test]
fn a_configuration_that_is_there_stays_unless_it_is_said() {
    let env = home_of(&["zed"]);
    let path = ".config/takeback/config.toml";
    let file = env.write(path, "undo_days = 3\n");
    let done = env.run(&["init"]).exits(4).says("--force");
    assert!(done.stdout.contains("zed"), "{done}");
    let told = env.run(&["--json", "init"]).exits(4).json();
    assert_eq!(
        (&told["written"], &told["existed"]),
        (&false.into(), &true.into())
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "undo_days = 3\n");
    env.run(&["init", "-n"]).exits(0);
    env.run(&["init", "--force", "-n"]).exits(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "undo_days = 3\n");
    env.run(&["init", "--force"]).exits(0);
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .contains("# undo_days = 30")
    );
}

#[test]
fn a_link_in_the_place_of_the_configuration_is_not_replaced() {
    let env = TestEnv::new();
    let file = env.write(".config/takeback/x", "");
    let link = file.with_file_name("config.toml");
    std::os::unix::fs::symlink("/nowhere/config.toml", &link).unwrap();
    env.run(&["init"]).exits(1).says("config.toml");
    env.run(&["init", "--force"]).exits(1);
    assert!(link.is_symlink());
}

#[test]
fn the_configuration_can_be_written_elsewhere() {
    let env = home_of(&["zed"]);
    let file = env.root().join("mine.toml");
    let path = file.to_str().unwrap();
    env.run(&["--config", path, "init"]).exits(0);
    assert!(file.is_file());
    assert!(!env.home().join(".config/takeback/config.toml").exists());
    env.run(&["--config", path, "list"]).exits(0);
    let missing = env.root().join("missing/mine.toml");
    env.run(&["--config", missing.to_str().unwrap(), "init"])
        .exits(1);
}

#[test]
fn an_adapter_that_fails_is_named_and_the_others_are_found() {
    let env = home_of(&["zed"]);
    let bad = env.root().join("bad.toml");
    fs::write(&bad, "contract = \"0.1\"\nid = 7\n").unwrap();
    let args = ["--json", "--adapter", bad.to_str().unwrap(), "init", "-n"];
    let done = env.run(&args).exits(3).json();
    assert_eq!(targets(&done["tools"]), BTreeSet::from(["zed"]));
    let error = done["failed"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("line 2, column 6"), "{error}");
}

#[test]
fn files_of_a_project_are_backed_up_and_make_no_tool_installed() {
    let mut env = TestEnv::new();
    env.write("src/app/.clinerules", "Be brief.\n");
    env.write("src/app/.vscode/mcp.json", "{}");
    env.write("src/app/.git/HEAD", "");
    env.go_to(env.home().join("src/app"));
    let backed_up = env.run(&["--json", "backup", "-n"]).exits(0).json();
    let expected = BTreeSet::from(["cline", "vscode"]);
    assert_eq!(targets(&backed_up["targets"]), expected);
    let found = env.run(&["--json", "init", "-n"]).exits(0).json();
    assert_eq!(targets(&found["tools"]), BTreeSet::new());
}
