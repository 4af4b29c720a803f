//! How adapters come to be trusted, and that nothing else is run: installing from a file,
//! from a web server and from a registry, updates, and the scope that was granted.

mod install;
mod registry;
mod scope;
mod servers;
mod update;
mod web;

use crate::hostile::manners;
use crate::support::{Output, TestEnv};
use std::fs;
use std::path::{Path, PathBuf};
use takeback::model::Digest;
use takeback_artifacts::guest;

/// The digest of a file, as it is typed.
fn sha256(path: &Path) -> String {
    Digest::of(&fs::read(path).unwrap()).to_string()
}

/// Runs `adapter` with these words; it must mind its manners.
fn adapter(env: &TestEnv, args: &[&str]) -> Output {
    let all = [&["adapter"], args].concat();
    let done = env.run(&all);
    assert_eq!(manners(&done), Vec::<String>::new(), "{done}");
    done
}

/// Records a guest as somebody does who knows its digest.
fn add(env: &TestEnv, name: &str) {
    let path = guest(name);
    let digest = sha256(path);
    let args = ["add", path.to_str().unwrap(), "--yes", "--sha256", &digest];
    adapter(env, &args).exits(0);
}

/// The record of what is trusted; empty where there is none.
fn record(env: &TestEnv) -> String {
    fs::read_to_string(lock(env)).unwrap_or_default()
}

fn lock(env: &TestEnv) -> PathBuf {
    env.home().join(".config/takeback/adapters.lock.toml")
}

/// The names of the files that are stored for what is trusted.
fn stored(env: &TestEnv) -> Vec<String> {
    let dir = env.home().join(".config/takeback/adapters");
    let Ok(dir) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let names = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// A copy of a component with a section more, which no code of it sees.
fn stamped(env: &TestEnv, name: &str, section: &str, text: &str) -> PathBuf {
    let mut bytes = fs::read(guest(name)).unwrap();
    let content = [
        &[u8::try_from(section.len()).unwrap()],
        section.as_bytes(),
        text.as_bytes(),
    ];
    let content = content.concat();
    bytes.push(0);
    bytes.push(u8::try_from(content.len()).unwrap());
    bytes.extend(content);
    let path = env.root().join(format!("{name}-{section}.wasm"));
    fs::write(&path, bytes).unwrap();
    path
}

/// Nothing was recorded, and nothing is left of the attempt.
#[track_caller]
fn nothing_was_recorded(env: &TestEnv, done: &Output) {
    assert_eq!(
        (record(env), stored(env)),
        (String::new(), Vec::new()),
        "{done}"
    );
}
