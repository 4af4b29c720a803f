//! The same adapter in three languages, each built from source from the contract and the
//! language's own toolchain: takeback cannot tell them apart.

use crate::support::TestEnv;
use crate::support::authored::{Language, component};
use std::fs;
use std::path::{Path, PathBuf};
use takeback::model::Digest;

/// A home with notepad9 in it.
fn home() -> TestEnv {
    let env = TestEnv::new();
    env.write(
        ".notepad9/settings.json",
        "{\"shortcuts\": {\"save\": \"C-s\"}}\n",
    );
    env.write(".notepad9/snippets/closing.txt", "Kind regards\n");
    env.write(".notepad9/skills/sum/SKILL.md", "---\nname: sum\n---\n");
    env.write(".notepad9/history.jsonl", "{\"typed\": \"hello\"}\n");
    env.write(".notepad9/cache/pages", "again and again");
    // The last two are no names that may be pasted into a shell.
    let names = r#"["spell", "vi-mode", "x;reboot", "-rf"]"#;
    env.write(".notepad9/extensions.json", names);
    env
}

/// An adapter is added, used for a backup and a restore with hints, and forgotten.
fn lives(component: &Path) {
    let env = home();
    let path = component.to_str().unwrap();
    let digest = Digest::of(&fs::read(component).unwrap()).to_string();
    env.run(&["adapter", "add", path, "--yes", "--sha256", &digest])
        .exits(0)
        .says("home/.notepad9, var/NOTEPAD9_HOME");
    let report = env.backup(0, &["notepad9"]);
    assert_eq!(report["targets"][0]["files"], 5, "{report:#}");
    fs::remove_dir_all(env.home().join(".notepad9")).unwrap();
    let restored = env.run(&["restore", "notepad9", "--yes"]).exits(0);
    for line in [
        "notepad9 --install-extension spell",
        "notepad9 --install-extension vi-mode",
        "Unsaved drafts live in memory only",
    ] {
        assert!(restored.stderr.contains(line), "{line}: {restored}");
    }
    assert!(!restored.stderr.contains("reboot") && !restored.stderr.contains("-rf"));
    let closing = env.home().join(".notepad9/snippets/closing.txt");
    assert_eq!(fs::read_to_string(closing).unwrap(), "Kind regards\n");
    env.run(&["adapter", "remove", "notepad9"]).exits(0);
    env.run(&["backup", "notepad9"]).exits(10);
}

#[test]
fn an_adapter_in_rust_lives_its_life() {
    lives(takeback_artifacts::example_rust());
}

#[test]
fn an_adapter_in_javascript_lives_its_life() {
    lives(&component(Language::JavaScript));
}

#[test]
fn an_adapter_in_python_lives_its_life() {
    lives(&component(Language::Python));
}

/// The example's component in each language.
fn all() -> [PathBuf; 3] {
    [
        takeback_artifacts::example_rust().to_owned(),
        component(Language::JavaScript),
        component(Language::Python),
    ]
}

#[test]
fn a_backup_is_the_same_whatever_the_adapter_is_written_in() {
    let reports = all().map(|component| {
        let env = home();
        let dry = [
            "--adapter",
            component.to_str().unwrap(),
            "notepad9",
            "--dry-run",
        ];
        let mut report = env.backup(0, &dry);
        // The machine-dependent rest of two runs in two homes.
        report["host"].take();
        report.to_string()
    });
    assert!(reports[0].contains("\"files\":5"), "{}", reports[0]);
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
}

#[test]
fn no_example_imports_anything() {
    for component in all() {
        let env = TestEnv::new();
        let path = component.to_str().unwrap();
        let said = env.run(&["--adapter", path, "adapter", "list"]).exits(0);
        assert!(said.stdout.contains("notepad9 0.1.0 (given)"), "{said}");
        let imports = takeback_artifacts::imports(&fs::read(&component).unwrap()).unwrap();
        assert!(imports.is_empty(), "{imports:?}");
    }
}
