//! Adapters that somebody trusted: exactly those bytes run, with exactly that scope.

use super::{archived, home_for, line_about, ready};
use crate::hostile::manners;
use crate::support::tree::hex;
use crate::support::{Output, TestEnv};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use takeback_artifacts::guest;

fn digest(name: &str) -> String {
    hex(&Sha256::digest(fs::read(guest(name)).unwrap()))
}

fn add(env: &TestEnv, name: &str, more: &[&str]) -> Output {
    let mut args = vec!["adapter", "add", guest(name).to_str().unwrap()];
    args.extend(more);
    let done = env.run(&args);
    assert_eq!(manners(&done), Vec::<String>::new());
    done
}

/// A home in which the stranger's adapter was recorded.
fn recorded() -> TestEnv {
    let env = home_for("echo-tool");
    add(
        &env,
        "well-behaved",
        &["--yes", "--sha256", &digest("well-behaved")],
    )
    .exits(0);
    env
}

/// The component as it was stored when it was recorded.
fn stored(env: &TestEnv) -> PathBuf {
    let dir = env.home().join(".config/takeback/adapters");
    let mut files = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

#[test]
fn a_recorded_adapter_serves_without_being_named() {
    if !ready() {
        return;
    }
    let env = recorded();
    env.run(&["backup"]).exits(0);
    assert_eq!(archived(&env), ["claude", "echo-tool"]);
    let lock = fs::read_to_string(env.home().join(".config/takeback/adapters.lock.toml")).unwrap();
    for part in ["echo-tool", &digest("well-behaved"), "home/.echo-tool"] {
        assert!(lock.contains(part), "{part} is not in the record:\n{lock}");
    }
}

#[test]
fn one_changed_byte_and_a_recorded_adapter_is_not_run() {
    if !ready() {
        return;
    }
    let env = recorded();
    let file = stored(&env);
    let mut bytes = fs::read(&file).unwrap();
    // In the middle of a name or of code: it stays a component that could run.
    let at = bytes
        .windows(9)
        .position(|part| part == b"echo-tool")
        .unwrap();
    bytes[at] = b'f';
    fs::write(&file, &bytes).unwrap();
    let done = env.run(&["backup"]).exits(3);
    let line = line_about(&done, "echo-tool").unwrap();
    assert!(line.contains("not the ones recorded"), "{done}");
    assert_eq!(archived(&env), ["claude"]);
    env.run(&["backup", "echo-tool"]).exits(7);
    assert_eq!(env.snapshots().len(), 1, "a snapshot was made");
}

#[test]
fn a_recorded_adapter_whose_file_is_gone_fails_alone() {
    if !ready() {
        return;
    }
    let env = recorded();
    fs::remove_file(stored(&env)).unwrap();
    let done = env.run(&["backup"]).exits(3);
    line_about(&done, "echo-tool").unwrap();
    assert_eq!(archived(&env), ["claude"]);
}

#[test]
fn nobody_trusts_an_adapter_by_accident() {
    if !ready() {
        return;
    }
    let wrong = "0".repeat(64);
    let tries: [(i32, &[&str]); 3] = [
        (5, &[]),
        (5, &["--yes"]),
        (7, &["--yes", "--sha256", &wrong]),
    ];
    for (code, flags) in tries {
        let env = home_for("echo-tool");
        add(&env, "well-behaved", flags).exits(code);
        env.run(&["backup"]).exits(0);
        assert_eq!(archived(&env), ["claude"], "{flags:?}");
    }
}

#[test]
fn what_would_be_refused_is_not_recorded() {
    if !ready() {
        return;
    }
    for name in [
        "ssh-keys",
        "outside-scope",
        "bad-id",
        "newer-contract",
        "traps",
    ] {
        let env = home_for("nothing");
        let done = add(&env, name, &["--yes", "--sha256", &digest(name)]).exits(7);
        assert!(
            !env.home()
                .join(".config/takeback/adapters.lock.toml")
                .exists(),
            "{done}"
        );
    }
}
