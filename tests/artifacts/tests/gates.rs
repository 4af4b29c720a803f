//! The gates see every way in which sources, lock and components can drift apart,
//! and nothing else. Each test works on a copy of what the gates read.
#![expect(
    clippy::print_stderr,
    reason = "what could not be tested has to be said"
)]
#![expect(clippy::unwrap_used, reason = "a test is where to find out")]

use std::{
    fs,
    path::{Path, PathBuf},
};
use takeback_artifacts::{NOT_BUILT, adapters, built, dist, gate1, gate2, guest, repository};

/// A repository with fresh components; nothing where there are none to be had.
fn copy(name: &str) -> Option<PathBuf> {
    if !built() {
        eprintln!("NOT TESTED. {NOT_BUILT}");
        return None;
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    fs::create_dir_all(&root).unwrap();
    for part in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(repository().join(part), root.join(part)).unwrap();
    }
    for part in ["wit", "adapters"] {
        copy_folder(&repository().join(part), &root.join(part));
    }
    dist(&root).unwrap();
    Some(root)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            // What is committed there is not what these tests are about.
            if entry.file_name() != "dist" {
                copy_folder(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn edit(path: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "nothing to change in {path:?}");
    fs::write(path, changed).unwrap();
}

/// Gate 1 must name exactly these, each with something in the line.
fn fails_with(root: &Path, words: &[&str]) {
    let report = gate1(root).unwrap();
    assert_eq!(report.failed.len(), words.len(), "{report}");
    for (line, word) in report.failed.iter().zip(words) {
        assert!(line.contains(word), "{word:?} is not in: {line}");
    }
}

#[test]
fn fresh_components_pass_both_gates() {
    let Some(root) = copy("fresh") else { return };
    for report in [gate1(&root).unwrap(), gate2(&root).unwrap()] {
        assert!(report.ok() && report.not_run.is_empty(), "{report}");
        assert!(report.passed.len() >= adapters().count());
    }
}

#[test]
fn a_changed_source_is_seen_in_its_adapter_alone() {
    let Some(root) = copy("source") else { return };
    edit(&root.join("adapters/claude/src/lib.rs"), |text| {
        format!("{text}\n")
    });
    fails_with(&root, &["claude: the committed component is older"]);
    let report = gate2(&root).unwrap();
    assert_eq!(
        report.failed,
        ["claude: sources changed since the build; build again"]
    );
    assert!(dist(&root).is_err(), "a stale build must not be committed");
}

#[test]
fn what_all_adapters_share_is_seen_in_all() {
    let shared: [(&str, &str, &str); 5] = [
        ("adapters/sdk/src/lib.rs", "//!", "//! "),
        ("wit/adapter.wit", "///", "/// "),
        (
            "Cargo.lock",
            "name = \"dlmalloc\"\nversion = \"",
            "name = \"dlmalloc\"\nversion = \"9",
        ),
        (
            "Cargo.toml",
            "[profile.adapter]\n",
            "[profile.adapter]\nincremental = true\n",
        ),
        (
            "Cargo.toml",
            "wit-bindgen = { version = \"",
            "wit-bindgen = { version = \"=",
        ),
    ];
    for (number, (file, from, to)) in shared.into_iter().enumerate() {
        let Some(root) = copy(&format!("shared-{number}")) else {
            return;
        };
        edit(&root.join(file), |text| text.replacen(from, to, 1));
        fails_with(&root, &vec!["older than its sources"; adapters().count()]);
    }
}

#[test]
fn what_only_the_program_uses_is_not_seen() {
    let Some(root) = copy("unrelated") else {
        return;
    };
    edit(&root.join("Cargo.lock"), |text| {
        text.replacen(
            "name = \"wasmtime\"\nversion = \"",
            "name = \"wasmtime\"\nversion = \"9",
            1,
        )
    });
    edit(&root.join("Cargo.toml"), |text| {
        text.replacen(
            "[profile.dev]",
            "# A remark.\n[profile.dev]\nopt-level = 1",
            1,
        )
    });
    fails_with(&root, &[]);
}

#[test]
fn other_bytes_are_seen() {
    let Some(root) = copy("bytes") else { return };
    let path = root.join("adapters/dist/project.wasm");
    let mut bytes = fs::read(&path).unwrap();
    // Inside the last custom section, so that it stays a whole component.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    fails_with(&root, &["project.wasm is not the locked component"]);
}

#[test]
fn imports_are_seen() {
    let Some(root) = copy("imports") else { return };
    fs::copy(guest("std-wasi"), root.join("adapters/dist/project.wasm")).unwrap();
    fails_with(
        &root,
        &["not the locked component", "project: imports wasi:"],
    );
}

#[test]
fn strays_and_gaps_are_seen() {
    let Some(root) = copy("strays") else { return };
    let folder = root.join("adapters/dist");
    fs::rename(folder.join("cursor.wasm"), folder.join("stray.wasm")).unwrap();
    fails_with(
        &root,
        &[
            "there is no readable adapters/dist/cursor.wasm",
            "stray.wasm",
        ],
    );
    fs::remove_file(folder.join("adapters.lock.toml")).unwrap();
    fails_with(&root, &["adapters.lock.toml"]);
}

#[test]
fn adapters_without_lock_and_locks_without_adapter_are_seen() {
    let Some(root) = copy("renamed") else { return };
    fs::rename(root.join("adapters/project"), root.join("adapters/renamed")).unwrap();
    fails_with(
        &root,
        &["renamed: not in the lock", "project: in the lock, but not"],
    );
}

#[test]
fn another_toolchain_is_said_loudly_and_not_held_against_anybody() {
    let Some(root) = copy("toolchain") else {
        return;
    };
    edit(&root.join("adapters/dist/adapters.lock.toml"), |text| {
        text.replacen("rustc 1.", "rustc 9.", 1)
    });
    let report = gate2(&root).unwrap();
    assert!(report.ok(), "{report}");
    assert!(
        report
            .not_run
            .concat()
            .contains("BYTES OF THE COMPONENTS WERE NOT COMPARED")
    );
}
