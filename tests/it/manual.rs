//! `docs/adapters.md` as a person would follow it: from an empty directory and home, every
//! command of it, in each language.

use crate::support::authored::{Language, path_with_tools, require, tools};
use crate::support::coverage::coverage;
use crate::support::{Output, TestEnv};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The words behind the fence of a block whose lines are for one language only.
const LANGUAGES: [&str; 4] = ["rust", "js", "python", "toml"];

/// The commands of the document for a language, in order.
fn commands(language: &str) -> String {
    let document = takeback_artifacts::repository().join("docs/adapters.md");
    let document = std::fs::read_to_string(document).unwrap();
    let mut script = String::from("set -euo pipefail\n");
    let mut inside = None;
    for line in document.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = match (inside, fence.split_once(' ')) {
                (Some(_), _) => None,
                (None, Some(("sh", other))) => {
                    assert!(LANGUAGES.contains(&other), "a block for {other}");
                    Some(other == language)
                }
                (None, _) => Some(fence == "sh"),
            };
        } else if inside == Some(true) {
            script += line;
            script.push('\n');
        }
    }
    script
}

/// A shell in an empty directory of an empty home. Package tools take what `tests/run`
/// fetched: the test needs no network.
fn shell(env: &TestEnv, script: &str) -> Command {
    let directory = env.root().join("empty");
    std::fs::create_dir(&directory).unwrap();
    let mut command = env.command(&[], &[]);
    let program = PathBuf::from(command.get_program());
    let sealed: Vec<_> = command
        .get_envs()
        .map(|(k, v)| (k.to_owned(), v.map(Into::into)))
        .collect();
    command = Command::new("bash");
    command
        .args(["-c", script])
        .current_dir(directory)
        .env_clear();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in sealed {
        let value: Option<std::ffi::OsString> = value;
        command.envs(value.map(|value| (name, value)));
    }
    let path = path_with_tools();
    let own = program.parent().unwrap().to_owned();
    let path = std::env::join_paths([own].into_iter().chain(std::env::split_paths(&path)));
    command.env("PATH", path.unwrap());
    // What is not the person's but the machine's, and would be found by way of the home.
    let outer = std::env::home_dir().unwrap_or_default();
    let kept = |name: &str, below: &str| {
        std::env::var_os(name).unwrap_or_else(|| outer.join(below).into())
    };
    command.env("CARGO_HOME", kept("CARGO_HOME", ".cargo"));
    command.env("RUSTUP_HOME", kept("RUSTUP_HOME", ".rustup"));
    command.env(
        "npm_config_userconfig",
        kept("npm_config_userconfig", ".npmrc"),
    );
    for name in ["RUSTUP_TOOLCHAIN", "PYENV_ROOT", "PYENV_VERSION"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manual-build");
    command
        .env("CARGO_BUILD_BUILD_DIR", build)
        .env("CARGO_NET_OFFLINE", "true");
    command
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", tools().join("wheels"));
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    command.env("npm_config_cache", tools().join("npm-cache"));
    command
        .env("npm_config_offline", "true")
        .env("npm_config_audit", "false");
    command
}

/// Follows the document, and looks for what it promises.
#[track_caller]
fn follow(language: &str) {
    let env = TestEnv::new();
    let script = commands(language);
    let began = Instant::now();
    // In the order in which things were said, as on a terminal.
    let done = Output::of(shell(&env, &format!("exec 2>&1\n{script}")));
    let seconds = began.elapsed().as_secs().try_into().unwrap();
    let what = format!("seconds for the manual of adapters, in {language}");
    coverage(&format!("manual-{language}"), &[(&what, seconds)]);
    let done = done.exits(0);
    let promises = [
        "home/.notepad9/snippets/closing.txt",
        "would be accepted",
        "1 snippet",
        "Recorded notepad9",
        "Restored notepad9: 2 created",
        "notepad9 --install-extension vi-mode",
        "now also reads and writes  config/notepad9",
        "not taken, exit code 5",
        "Updated notepad9 to 0.2.0",
        "config/notepad9, home/.notepad9, var/NOTEPAD9_HOME",
        "Forgot notepad9",
    ];
    let mut rest = done.stdout.as_str();
    for promise in promises {
        let at = rest.find(promise);
        let at = at.unwrap_or_else(|| panic!("{promise:?} is not said, or too early\n{done}"));
        rest = &rest[at + promise.len()..];
    }
    let kept = env.home().join(".notepad9/snippets/closing.txt");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "Kind regards\n");
}

#[test]
fn the_manual_works_in_rust() {
    assert!(
        takeback_artifacts::built(),
        "{}",
        takeback_artifacts::NOT_BUILT
    );
    follow("rust");
}

#[test]
fn the_manual_works_in_javascript() {
    require(Language::JavaScript);
    follow("js");
}

#[test]
fn the_manual_works_in_python() {
    require(Language::Python);
    follow("python");
}

#[test]
fn the_manual_works_in_toml() {
    follow("toml");
}

/// Every language has lines of its own, and all share most of the document.
#[test]
fn every_command_of_the_manual_is_for_somebody() {
    let all: Vec<String> = LANGUAGES
        .iter()
        .map(|language| commands(language))
        .collect();
    for (language, script) in LANGUAGES.iter().zip(&all) {
        let new = format!("takeback adapter new --lang {language} notepad9");
        assert_eq!(script.matches("adapter new").count(), 1, "{language}");
        assert!(script.contains(&new), "{language}");
        for word in ["check", "add", "update", "show", "remove"] {
            assert!(
                script.contains(&format!("takeback adapter {word}")),
                "{word}"
            );
        }
    }
}
