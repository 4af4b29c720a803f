//! Questions on a real terminal: only a typed yes is one.

use crate::support::TestEnv;
use rexpect::session::{PtySession, spawn_command};
use std::fs;
use std::process::Stdio;

const PATIENCE_MS: u64 = 120_000;

/// The restore, started on a terminal by what `prefix` says.
pub(crate) fn started(env: &TestEnv, prefix: &[&str]) -> PtySession {
    let vault = env.vault();
    let args = [
        "--vault",
        vault.to_str().unwrap(),
        "--color",
        "never",
        "restore",
        "claude",
    ];
    let mut command = env.command(prefix, &args);
    command
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit());
    spawn_command(command, Some(PATIENCE_MS)).unwrap()
}

/// A home whose backup differs from what is there, and the restore waiting for its answer.
pub(crate) fn asked(env: &TestEnv) -> PtySession {
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let mut session = started(env, &[]);
    session
        .exp_string("replace       ~/.claude/CLAUDE.md")
        .unwrap();
    session.exp_string("Restore these files? [y/N]").unwrap();
    session
}

fn text(env: &TestEnv) -> String {
    fs::read_to_string(env.home().join(".claude/CLAUDE.md")).unwrap()
}

#[test]
fn a_typed_yes_restores() {
    let env = TestEnv::small();
    let mut session = asked(&env);
    session.send_line("y").unwrap();
    session.exp_string("Restored claude: 1 replaced").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(text(&env), "Be brief.\n");
}

#[test]
fn anything_else_is_a_no() {
    for answer in ["", "n", "yess", "Y E S"] {
        let env = TestEnv::small();
        let mut session = asked(&env);
        session.send_line(answer).unwrap();
        session
            .exp_string("cancelled; nothing was changed")
            .unwrap();
        session.exp_eof().unwrap();
        assert_eq!(text(&env), "changed", "{answer:?}");
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    // The shell takes the first line; the second waits before the program has begun.
    let mut session = started(&env, &["sh", "-c", "read -r first; exec \"$@\"", "sh"]);
    session.send("first\ny\n").unwrap();
    session.flush().unwrap();
    session.exp_string("Restore these files? [y/N]").unwrap();
    session.send_line("n").unwrap();
    session
        .exp_string("cancelled; nothing was changed")
        .unwrap();
    session.exp_eof().unwrap();
    assert_eq!(text(&env), "changed");
}

#[test]
fn the_end_of_input_is_a_no() {
    let env = TestEnv::small();
    let mut session = asked(&env);
    session.send_control('d').unwrap();
    session
        .exp_string("cancelled; nothing was changed")
        .unwrap();
    session.exp_eof().unwrap();
    assert_eq!(text(&env), "changed");
}
