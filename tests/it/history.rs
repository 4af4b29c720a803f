//! Every version of one file or directory across snapshots, and the way back to each.

use crate::support::TestEnv;
use serde_json::Value;
use std::fs;

const SKILL: &str = ".claude/skills/review/SKILL.md";

/// Six snapshots of a skill: one, one again, changed, removed, back, and with another file.
fn six() -> (TestEnv, Vec<String>) {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills/review");
    let mut ids = Vec::new();
    for number in 0..6 {
        match number {
            0 => drop(env.write(SKILL, "one\n")),
            // Another file changes, so that there is another archive.
            1 => drop(env.write(".claude/CLAUDE.md", "Be long.\n")),
            2 => drop(env.write(SKILL, "two\n")),
            3 => fs::remove_dir_all(&dir).unwrap(),
            4 => drop(env.write(SKILL, "two\n")),
            _ => drop(env.write(".claude/skills/review/more.md", "more\n")),
        }
        let report = env.backup(0, &["claude"]);
        ids.push(report["snapshot"].as_str().unwrap().to_owned());
    }
    (env, ids)
}

fn history(env: &TestEnv, args: &[&str]) -> Value {
    let words = [&["--json", "history"], args].concat();
    env.run(&words).exits(0).json()
}

/// For each version whether it is there, and whether it is the same as above.
fn shape(document: &Value) -> Vec<(bool, bool)> {
    let versions = document["versions"].as_array().unwrap().iter();
    let flag = |one: &Value, name: &str| one[name].as_bool().unwrap();
    versions
        .map(|one| (flag(one, "present"), flag(one, "same_as_above")))
        .collect()
}

#[test]
fn a_file_is_followed_through_all_snapshots() {
    let (env, ids) = six();
    let document = history(&env, &[&format!("~/{SKILL}")]);
    assert_eq!(document["message_type"], "history");
    assert_eq!(document["target"], "claude");
    assert_eq!(document["path"], format!("home/{SKILL}"));
    assert_eq!(document["live"]["present"], true);
    assert_eq!(document["live"]["size"], 4);
    assert_eq!(
        shape(&document),
        [
            (true, true),
            (true, true),
            (false, false),
            (true, false),
            (true, false),
            (true, true)
        ]
    );
    let versions = document["versions"].as_array().unwrap();
    let names: Vec<&str> = versions
        .iter()
        .map(|one| one["snapshot"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ids.iter().rev().map(String::as_str).collect::<Vec<_>>()
    );
    assert_eq!(versions[0]["sha256"], crate::thin::hex(b"two\n"));
    assert_eq!(versions[5]["sha256"], crate::thin::hex(b"one\n"));
    assert!(versions[2].get("sha256").is_none() && versions[2].get("restore").is_none());
}

#[test]
fn a_directory_is_one_thing() {
    let (env, ids) = six();
    let document = history(&env, &["~/.claude/skills/review/"]);
    assert_eq!(document["path"], "home/.claude/skills/review");
    assert_eq!(
        shape(&document),
        [
            (true, true),
            (true, false),
            (false, false),
            (true, false),
            (true, false),
            (true, true)
        ]
    );
    let versions = document["versions"].as_array().unwrap();
    assert_eq!(
        (&versions[0]["kind"], &versions[0]["files"]),
        (&"directory".into(), &2.into())
    );
    // The same skill before it was removed and when it was back.
    assert_eq!(versions[1]["sha256"], versions[3]["sha256"]);
    let done = env.run(&["history", "~/.claude/skills/review"]).exits(0);
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[0], "claude: ~/.claude/skills/review");
    for (line, parts) in lines[1..].iter().zip([
        ["now", "2 files, 9 B"],
        [ids[5].as_str(), "same as above"],
        [&ids[4], "1 file, 4 B"],
        [&ids[3], "not there"],
        [&ids[2], "1 file, 4 B"],
        [&ids[1], &format!("and 1 before, back to {}", ids[0])],
    ]) {
        assert!(
            parts.iter().all(|part| line.contains(part)),
            "{parts:?}\n{done}"
        );
    }
    assert_eq!(lines.len(), 7, "{done}");
}

#[test]
fn a_path_can_be_written_in_every_way() {
    let (mut env, _) = six();
    let expected = history(&env, &[&format!("home/{SKILL}")]);
    let absolute = env.home().join(SKILL);
    let link = env.root().join("elsewhere");
    std::os::unix::fs::symlink(env.home(), &link).unwrap();
    for path in [
        format!("~/{SKILL}"),
        SKILL.to_owned(),
        absolute.display().to_string(),
        link.join(SKILL).display().to_string(),
        ".claude/agents/../skills/review/SKILL.md".to_owned(),
    ] {
        assert_eq!(history(&env, &[&path]), expected, "{path}");
    }
    env.go_to(env.home().join(".claude/skills"));
    assert_eq!(history(&env, &["review/SKILL.md"]), expected);
    env.run(&["history", "~/.claude/nothing"])
        .exits(10)
        .says("is in no snapshot");
    env.run(&["history", "/etc/passwd"]).exits(2);
    env.run(&["history", "~/.claude/CLAUDE.md", "--target", "cursor"])
        .exits(10);
}

/// Runs the command that a person is shown, as their shell would.
fn run_printed(env: &TestEnv, stderr: &str) {
    let line = stderr
        .lines()
        .find(|line| line.starts_with("To have one back: "));
    let line = line.unwrap_or_else(|| panic!("no command: {stderr}"));
    let words = line.strip_prefix("To have one back: takeback ").unwrap();
    let program = env!("CARGO_BIN_EXE_takeback");
    let text = format!("exec {program} {words} --yes --force");
    let mut command = env.command(&[], &[]);
    let variables: Vec<_> = command
        .get_envs()
        .map(|(name, value)| (name.to_owned(), value.unwrap().to_owned()))
        .collect();
    command = std::process::Command::new("bash");
    command
        .args(["-c", &text])
        .env_clear()
        .envs(variables)
        .current_dir(env.home());
    crate::support::Output::of(command).exits(0);
}

#[test]
fn the_command_that_is_shown_brings_the_version_back() {
    let (env, _) = six();
    env.write(SKILL, "broken\n");
    env.write(".claude/CLAUDE.md", "Something else.\n");
    let done = env.run(&["history", "~/.claude/skills/review"]).exits(0);
    run_printed(&env, &done.stderr);
    let read = |path: &str| fs::read_to_string(env.home().join(path)).unwrap();
    assert_eq!(read(SKILL), "two\n");
    assert_eq!(
        read(".claude/CLAUDE.md"),
        "Something else.\n",
        "only what was asked for"
    );
}

#[test]
fn the_command_is_right_for_odd_names_too() {
    let env = TestEnv::small();
    let names = ["a b*[1]{x}?", "it's $HOME", "o\u{202e}dd\u{e9}"];
    let path = |name: &str| format!(".claude/skills/one/{name}.md");
    for name in names {
        env.write(&path(name), "good\n");
        env.write(&path("a bXX1x?"), "good\n");
    }
    env.backup(0, &["claude"]);
    for name in names {
        env.write(&path(name), "bad\n");
        env.write(&path("a bXX1x?"), "bad\n");
        let done = env.run(&["history", &format!("~/{}", path(name))]).exits(0);
        run_printed(&env, &done.stderr);
        let read = |name: &str| fs::read_to_string(env.home().join(path(name))).unwrap();
        assert_eq!(read(name), "good\n", "{done}");
        assert_eq!(read("a bXX1x?"), "bad\n", "{done}");
    }
}

#[test]
fn every_version_of_the_document_can_be_restored() {
    let (env, _) = six();
    let document = history(&env, &[&format!("~/{SKILL}")]);
    for version in document["versions"].as_array().unwrap() {
        let Some(words) = version["restore"].as_array() else {
            continue;
        };
        let mut words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(words.remove(0), "takeback");
        words.extend(["--yes", "--force"]);
        env.run_bare(&words).exits(0);
        let content = fs::read(env.home().join(SKILL)).unwrap();
        assert_eq!(version["sha256"], crate::thin::hex(&content), "{version}");
    }
}

#[test]
fn no_archive_is_read_where_there_are_indexes() {
    let (env, ids) = six();
    let before = history(&env, &["~/.claude/skills/review"]);
    for id in &ids {
        for name in ["claude.tar.gz", "claude.thin"] {
            let path = env.snapshot(id).join(name);
            if path.is_file() {
                fs::write(path, "").unwrap();
            }
        }
    }
    assert_eq!(history(&env, &["~/.claude/skills/review"]), before);
    // Without its index an archive must be read, and this one cannot.
    fs::remove_file(env.snapshot(&ids[2]).join("claude.index")).unwrap();
    let done = env
        .run(&["--json", "history", "~/.claude/skills/review"])
        .exits(3);
    assert!(done.json()["versions"][3]["unread"].is_string(), "{done}");
}

#[test]
fn what_is_behind_a_link_has_the_name_that_is_written() {
    let env = TestEnv::small();
    env.write(".agents/skills/s/SKILL.md", "s\n");
    let link = env.home().join(".claude/skills/s");
    std::os::unix::fs::symlink(env.home().join(".agents/skills/s"), link).unwrap();
    env.backup(0, &["claude", "agents-skills"]);
    let target = |path: &str| history(&env, &[path])["target"].clone();
    assert_eq!(target("~/.claude/skills/s/SKILL.md"), "claude");
    assert_eq!(target("~/.agents/skills/s/SKILL.md"), "agents-skills");
}

#[test]
fn what_several_targets_keep_needs_a_name() {
    let env = TestEnv::small();
    let table = env.root().join("other.toml");
    let text = r#"
contract = "0.1"
id = "other"
name = "Other"
version = "0.1.0"
description = "Keeps the same skills"
scope = ["home/.claude/skills"]
[[rule]]
id = "skills"
tree = "home/.claude/skills"
class = "skills"
"#;
    fs::write(&table, text).unwrap();
    let table = table.to_str().unwrap();
    env.run(&["--adapter", table, "backup", "claude", "other"])
        .exits(0);
    let path = "~/.claude/skills/one/SKILL.md";
    env.run(&["history", path])
        .exits(2)
        .says("is kept by several targets: claude, other")
        .says("--target");
    assert_eq!(
        history(&env, &[path, "--target", "claude"])["target"],
        "claude"
    );
    // The adapter is not here any more: what it kept can be seen all the same.
    let other = history(&env, &[path, "--target", "other"]);
    assert_eq!(other["versions"][0]["present"], true);
    assert_eq!(other["live"]["unread"], "its adapter is not here");
    env.run(&["history", path, "--target", "cursor"]).exits(10);
}

#[test]
fn a_project_has_a_history_of_its_own() {
    let mut env = TestEnv::small();
    for name in ["p", "q"] {
        env.write(&format!("{name}/.git/HEAD"), "ref: x\n");
        env.write(&format!("{name}/CLAUDE.md"), format!("{name}\n"));
        env.go_to(env.home().join(name));
        env.backup(0, &["project"]);
    }
    let document = history(&env, &["CLAUDE.md"]);
    assert_eq!(document["path"], "project/CLAUDE.md");
    assert_eq!(
        document["versions"].as_array().unwrap().len(),
        1,
        "{document:#}"
    );
    env.write("q/CLAUDE.md", "changed\n");
    let done = env.run(&["history", "CLAUDE.md"]).exits(0);
    run_printed(&env, &done.stderr);
    let text = fs::read_to_string(env.home().join("q/CLAUDE.md")).unwrap();
    assert_eq!(text, "q\n");
}
