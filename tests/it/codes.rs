//! The table of exit codes: each is produced by the real program, and the table in the
//! documentation, in the help and here are one.

use crate::support::{Output, TestEnv};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::time::Duration;

/// What produces a code, and in words that the output must hold why.
type Case = (i32, fn() -> Output, &'static str);

/// Every code that the program ends with, and one way to it.
const CODES: &[Case] = &[
    (0, done, ""),
    (1, failed, "not a directory"),
    (2, usage, "--no-such-flag"),
    (3, partial, "dangling"),
    (4, refused, "vault"),
    (5, cancelled, "cancelled"),
    (6, damaged, "damaged"),
    (7, adapter, "not accepted"),
    (8, needs_recovery, "takeback recover"),
    (9, different, "changed"),
    (10, not_found, "there is no snapshot"),
    (11, locked, "somebody"),
    (129, || stopped(Signal::HUP), ""),
    (130, || stopped(Signal::INT), ""),
    (143, || stopped(Signal::TERM), ""),
];

fn backed_up() -> TestEnv {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env
}

fn done() -> Output {
    backed_up().run(&["list"])
}

fn failed() -> Output {
    let env = TestEnv::small();
    let file = env.write("a-file", "x");
    env.run_bare(&["--vault", file.to_str().unwrap(), "list"])
}

fn usage() -> Output {
    TestEnv::new().run(&["list", "--no-such-flag"])
}

fn partial() -> Output {
    let env = TestEnv::small();
    symlink("nowhere", env.home().join(".claude/skills/gone")).unwrap();
    env.run(&["backup", "claude"])
}

fn refused() -> Output {
    let env = TestEnv::small();
    let inside = env.home().join(".claude/skills/vault");
    env.run_bare(&["--vault", inside.to_str().unwrap(), "backup", "claude"])
}

fn cancelled() -> Output {
    let env = backed_up();
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    env.run(&["restore", "claude", "--force", "--dry-run"])
        .exits(0);
    env.run(&["restore", "claude"])
}

fn damaged() -> Output {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    fs::write(env.snapshot(&id).join("claude.tar.gz"), "cut").unwrap();
    env.run(&["verify"])
}

fn adapter() -> Output {
    let env = TestEnv::new();
    let file = env.write("odd.wasm", b"\0asm\x0d\0\x01\0");
    env.run(&["adapter", "add", file.to_str().unwrap(), "--yes"])
}

/// An operation whose journal says neither that it is over nor what it is.
fn needs_recovery() -> Output {
    let env = backed_up();
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    env.run(&["restore", "claude", "--force"]).exits(0);
    let operations = env.home().join(".local/state/takeback/operations");
    let one = fs::read_dir(&operations).unwrap().next().unwrap().unwrap();
    let journal = one.path().join("journal");
    let text = fs::read_to_string(&journal).unwrap();
    let end = |line: &&str| line.starts_with("{\"done\":") || line.starts_with("{\"made\":");
    let lines: Vec<&str> = text.lines().filter(|line| !end(line)).collect();
    let begin = lines[0].replace("\"format\":1", "\"format\":2");
    assert_ne!(begin, lines[0]);
    fs::write(
        &journal,
        [&[begin.as_str()], &lines[1..]].concat().join("\n") + "\n",
    )
    .unwrap();
    env.run(&["backup", "claude"])
}

fn different() -> Output {
    let env = backed_up();
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    env.run(&["diff", "claude", "--exit-code"])
}

fn not_found() -> Output {
    TestEnv::new().run(&["show", "latest"])
}

fn locked() -> Output {
    let env = backed_up();
    let path = env.vault().join("lock");
    let lock = File::options().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    fs::write(&path, "somebody\n").unwrap();
    let output = env.run(&["backup", "claude"]);
    drop(lock);
    output
}

/// A backup that is stopped while it is at work; larger each time, for it may be done before.
fn stopped(signal: Signal) -> Output {
    let env = TestEnv::small();
    for megabytes in [16, 64, 256] {
        let bytes: Vec<u8> = (0..megabytes << 17)
            .flat_map(|n: u64| n.pow(3).to_le_bytes())
            .collect();
        env.write(".claude/skills/large/data", bytes);
        let command = env.on_vault(&[], &["backup", "claude"]);
        let text = format!("{command:?}");
        let mut command = command;
        let mut child = command.spawn().unwrap();
        let at_work = || {
            env.snapshots()
                .iter()
                .any(|name| name.starts_with(".draft-"))
        };
        while !at_work() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = kill_process(Pid::from_child(&child), signal);
        let output = Output::from_done(text, child.wait_with_output().unwrap());
        if output.code != 0 {
            return output;
        }
    }
    panic!("every backup was done before it could be stopped");
}

#[test]
fn every_exit_code_of_the_table_is_produced() {
    for (code, produce, says) in CODES {
        produce().exits(*code).says(says);
    }
}

/// The rows of the table of exit codes: code, and what it means.
fn documented() -> BTreeMap<i32, String> {
    let page = takeback_artifacts::repository().join("docs/json.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        Some((code.parse().ok()?, rest.trim_end_matches(" |").to_owned()))
    });
    rows.collect()
}

#[test]
fn the_table_in_the_documentation_is_this_one() {
    let here: Vec<i32> = CODES.iter().map(|(code, ..)| *code).collect();
    let documented: Vec<i32> = documented().into_keys().collect();
    assert_eq!(documented, here);
}

#[test]
fn the_help_names_every_code() {
    let help = TestEnv::new().run_bare(&["--help"]).exits(0).stdout;
    let (_, codes) = help.split_once("Exit codes:").unwrap();
    let words: Vec<&str> = codes.split(|c: char| !c.is_ascii_digit()).collect();
    for (code, ..) in CODES {
        assert!(
            words.contains(&code.to_string().as_str()),
            "{code} is not in the help: {codes}"
        );
    }
}

/// The same codes with a document for each, so that scripts need no text.
#[test]
fn every_error_is_a_document_too() {
    let env = TestEnv::new();
    for (code, args) in [
        (2, &["list", "--no-such-flag"][..]),
        (10, &["show", "latest"]),
        (10, &["backup", "no-such-target"]),
        (10, &["trash", "restore", "2026-01-01_00-00-00"]),
    ] {
        let all = [&["--json"], args].concat();
        let document = env.run(&all).exits(code).json();
        assert_eq!(document["message_type"], "error", "{document:#}");
        assert_eq!(document["code"], code);
    }
}
