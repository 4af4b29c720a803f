//! Guests whose words are the weapon: nothing they say steers a terminal, imitates a
//! question, or becomes a file outside the vault.

use super::{archived, home_for, ready, run_with};
use crate::support::{Output, TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs;

/// Backs a guest's files up, removes them and restores them with it.
fn restored(name: &str, flags: &[&str]) -> (TestEnv, Output) {
    let env = home_for(name);
    run_with(&env, name, &["backup"]).exits(0);
    assert_eq!(archived(&env), ["claude", name]);
    let dir = env.home().join(format!(".{name}"));
    let before = TreeSnapshot::of(&dir);
    fs::remove_dir_all(&dir).unwrap();
    let mut args = flags.to_vec();
    args.extend(["restore", name, "--yes"]);
    let done = run_with(&env, name, &args);
    before.assert_same(&TreeSnapshot::of(&dir), "the restore does not stand");
    (env, done)
}

/// Hints that failed are something left out, and it is the asked-for adapter that failed.
#[track_caller]
fn tells_that_hints_are_missing(name: &str, done: &Output) {
    let line = done
        .stderr
        .lines()
        .find(|line| line.contains(name) && line.contains("failed"));
    assert!(
        line.is_some(),
        "it does not say that hints are missing\n{done}"
    );
    assert!(
        [3, 7].contains(&done.code),
        "exit code {} hides it\n{done}",
        done.code
    );
}

#[test]
fn escape_codes_reach_no_terminal() {
    if !ready() {
        return;
    }
    let name = "escape-codes";
    let commands: [&[&str]; 9] = [
        &["backup", "--dry-run"],
        &["--verbose", "backup"],
        &["--json", "backup"],
        &["list"],
        &["--json", "list"],
        &["show"],
        &["--verbose", "adapter", "list"],
        &["--json", "adapter", "list"],
        &["verify"],
    ];
    let env = home_for(name);
    // Each run is checked for what steers a terminal.
    for args in commands {
        let done = run_with(&env, name, args).exits(0);
        if args[0] == "--json" {
            done.json();
        }
    }
    for flags in [&[][..], &["--json"]] {
        restored(name, flags);
    }
}

#[test]
fn a_false_question_is_marked_as_the_adapters_words_and_cut() {
    if !ready() {
        return;
    }
    let (_, done) = restored("fake-prompt", &[]);
    let shown = format!("{}\n{}", done.stdout, done.stderr);
    let lines: Vec<&str> = shown.lines().collect();
    let of_flood = lines
        .iter()
        .filter(|line| line.contains("overwrite everything?"))
        .count();
    assert!(
        (1..=20).contains(&of_flood),
        "{of_flood} lines of one hint\n{done}"
    );
    let bare = |line: &&&str| {
        ["Proceed?", "takeback:"]
            .iter()
            .any(|words| line.starts_with(words))
    };
    assert_eq!(lines.iter().find(bare), None, "{done}");
    let prompt = lines.iter().find(|line| line.contains("Proceed?"));
    let framed = prompt.is_some_and(|line| line.trim_start().starts_with("fake-prompt"));
    assert!(framed, "not marked as the adapter's words\n{done}");
    done.exits(0);
}

#[test]
fn a_flood_of_words_is_whole_in_json() {
    if !ready() {
        return;
    }
    let (_, done) = restored("fake-prompt", &["--json"]);
    let hints = done.json()["hints"].clone();
    let steps = hints[0]["steps"].as_array().map(Vec::len);
    assert_eq!(
        (steps, &hints[0]["adapter"]),
        (Some(10_000), &Value::from("fake-prompt"))
    );
}

#[test]
fn what_an_adapter_wants_saved_lands_nowhere_else() {
    if !ready() {
        return;
    }
    let (env, done) = restored("save-elsewhere", &[]);
    let everything = TreeSnapshot::of(env.root()).paths();
    let strays: Vec<&String> = everything
        .iter()
        .filter(|path| {
            ["bashrc", "evil", "con.txt"]
                .iter()
                .any(|part| path.contains(part))
        })
        .collect();
    assert!(strays.is_empty(), "{strays:?}\n{done}");
    assert!(!std::path::Path::new("/tmp/evil.txt").exists());
    tells_that_hints_are_missing("save-elsewhere", &done);
}

#[test]
fn a_restore_stands_though_its_hints_do_not_come() {
    if !ready() {
        return;
    }
    let (_, done) = restored("hints-trap", &[]);
    tells_that_hints_are_missing("hints-trap", &done);
}

#[test]
fn a_restore_of_something_else_is_not_stopped_by_an_adapter_that_fails() {
    if !ready() {
        return;
    }
    // Only one that cannot even be loaded is named: the others are not asked, for nothing
    // that is restored lies in their scope.
    for (name, named) in [
        ("traps", false),
        ("ssh-keys", false),
        ("foreign-import", true),
        ("reads-environment", false),
    ] {
        let env = home_for(name);
        env.backup(0, &[]);
        let file = env.home().join(".claude/CLAUDE.md");
        fs::remove_file(&file).unwrap();
        let done = run_with(&env, name, &["restore", "claude", "--yes"]);
        assert!(file.is_file(), "{name} stopped it\n{done}");
        assert!([0, 3].contains(&done.code), "{done}");
        assert_eq!(done.stderr.contains(name), named, "{name}\n{done}");
    }
}
