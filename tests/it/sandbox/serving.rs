//! Honest adapters of strangers: they serve without being part of the program.

use super::{archived, home_for, ready, run_with};
use crate::support::env::target;
use crate::support::{TestEnv, TreeSnapshot};
use std::fs;
use takeback::adapters::Admission;
use takeback_artifacts::{example_rust, imports, repository};

/// A home where the tool `echo-tool` was used.
fn echo_home() -> TestEnv {
    let env = home_for("echo-tool");
    env.write(
        ".echo-tool/settings.json",
        "{\"shortcuts\": {}, \"token\": \"t\"}\n",
    );
    env.write(".echo-tool/skills/one/SKILL.md", "---\nname: one\n---\n");
    env.write(".echo-tool/skills/two/SKILL.md", "---\nname: two\n---\n");
    env.write(".echo-tool/history/today.jsonl", "{\"n\": 1}\n");
    env.write(".echo-tool/cache/big", "not declared\n");
    env
}

#[test]
fn a_strangers_adapter_is_backed_up_listed_and_restored_with_its_hint() {
    if !ready() {
        return;
    }
    let env = echo_home();
    let done = run_with(&env, "well-behaved", &["--json", "backup"]).exits(0);
    let report = done.json();
    let of_guest = target(&report, "echo-tool");
    assert_eq!(of_guest["files"], 4, "{report:#}");
    assert_eq!(of_guest["tallies"][0]["count"], 2, "{report:#}");
    // The list needs no adapter.
    env.run(&["list"]).exits(0).says("echo-tool    2 skills");
    let dir = env.home().join(".echo-tool");
    fs::remove_file(dir.join("cache/big")).unwrap();
    fs::remove_dir(dir.join("cache")).unwrap();
    let settings = fs::metadata(dir.join("settings.json")).unwrap().len();
    let before = TreeSnapshot::of(&dir);
    fs::remove_dir_all(&dir).unwrap();
    let done = run_with(&env, "well-behaved", &["restore", "echo-tool", "--yes"]).exits(0);
    // The directory's own time is that of the backup, when there was a cache in it.
    let inside = |mut tree: TreeSnapshot| {
        tree.0.remove(std::path::Path::new(""));
        tree
    };
    inside(before).assert_same(&inside(TreeSnapshot::of(&dir)), "not as it was");
    let hint = format!("echo-tool has 4 restored files and settings of {settings} bytes.");
    done.says(&hint)
        .says("Start echo-tool again.")
        .says("Recordings stay on the machine");
}

#[test]
fn an_archive_of_the_vault_is_restored_without_its_adapter() {
    if !ready() {
        return;
    }
    let env = echo_home();
    run_with(&env, "well-behaved", &["backup"]).exits(0);
    let dir = env.home().join(".echo-tool");
    fs::remove_dir_all(&dir).unwrap();
    env.run(&["restore", "echo-tool", "--yes"]).exits(0);
    assert!(dir.join("skills/two/SKILL.md").is_file());
}

#[test]
fn one_built_with_the_standard_library_serves() {
    if !ready() {
        return;
    }
    let env = home_for("std-wasi");
    run_with(&env, "std-wasi", &["backup"]).exits(0);
    assert_eq!(archived(&env), ["claude", "std-wasi"]);
    fs::remove_dir_all(env.home().join(".std-wasi")).unwrap();
    run_with(&env, "std-wasi", &["restore", "std-wasi", "--yes"]).exits(0);
    assert!(env.home().join(".std-wasi/settings.json").is_file());
}

#[test]
fn what_ships_imports_nothing_but_the_contracts_types() {
    let dist = repository().join("adapters/dist");
    let mut found = 0;
    let components = fs::read_dir(&dist)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let components = components.filter(|path| path.extension().is_some_and(|e| e == "wasm"));
    let example = ready().then(|| example_rust().to_owned());
    for path in components.chain(example) {
        let bytes = fs::read(&path).unwrap();
        assert_eq!(
            Admission::check(&bytes).unwrap().wasi,
            Vec::<String>::new(),
            "{path:?}"
        );
        assert_eq!(imports(&bytes).unwrap(), Vec::<String>::new(), "{path:?}");
        found += 1;
    }
    assert!(found >= 4, "{found} components in {}", dist.display());
}
