//! `takeback schedule`: what is written, checked by the system's own tools; what is taken away;
//! and the backup that a timer runs.

mod crontab;
mod runs;
mod units;

use crate::support::TestEnv;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Makes a program of the test's own the only one on the path beside the system's, and gives
/// the file into which it writes how it was called.
fn tool(env: &mut TestEnv, name: &str, script: &str) -> PathBuf {
    let dir = env.root().join("bin");
    fs::create_dir_all(&dir).unwrap();
    let (file, calls) = (dir.join(name), env.root().join(format!("{name}.calls")));
    let text = format!("#!/bin/sh\necho \"$@\" >>'{}'\n{script}\n", calls.display());
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    env.set("PATH", format!("{}:/usr/bin:/bin", dir.display()));
    calls
}

/// A small home in which nothing of this machine's own timers is seen or touched.
fn sealed() -> TestEnv {
    let mut env = TestEnv::small();
    tool(&mut env, "systemctl", "");
    tool(&mut env, "crontab", "echo 'no crontab for ada' >&2; exit 1");
    env
}

/// The text that would be written, by the file's name.
fn text(env: &TestEnv, args: &[&str], name: &str) -> String {
    let mut all = vec!["--json", "schedule", "install", "-n"];
    all.extend(args);
    let shown: Value = env.run(&all).exits(0).json();
    let files = shown["files"].as_array().unwrap();
    let file = files
        .iter()
        .find(|file| file["path"].as_str().unwrap().ends_with(name));
    file.unwrap()["text"].as_str().unwrap().to_owned()
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
