//! The command has its own terminal, streams, signals, umask and exit code.

use super::{fates, guard, home, report, settle};
use crate::support::{Output, TestEnv};
use rexpect::session::{PtySession, spawn_command};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

const PATIENCE_MS: u64 = 120_000;

/// A guarded shell script on a terminal.
fn on_terminal(env: &TestEnv, script: &str) -> PtySession {
    let vault = env.vault();
    let report = env.root().join("report.json");
    let args = [
        "--vault",
        vault.to_str().unwrap(),
        "--color",
        "never",
        "guard",
        "--report",
        report.to_str().unwrap(),
        "--",
        "sh",
        "-c",
        script,
    ];
    let mut command = env.command(&[], &args);
    command
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit());
    spawn_command(command, Some(PATIENCE_MS)).unwrap()
}

/// The exit code; nothing else ends the program here.
#[track_caller]
fn exit_code(session: &PtySession) -> i32 {
    let status = format!("{:?}", session.process().wait().unwrap());
    let code = status
        .strip_prefix("Exited(")
        .and_then(|rest| rest.split_once("), "));
    let code = code.and_then(|(_, code)| code.trim_end_matches(')').parse().ok());
    code.unwrap_or_else(|| panic!("{status}"))
}

#[test]
fn codes_and_streams_pass_through() {
    let env = TestEnv::small();
    for code in [0, 1, 3, 42, 125, 255] {
        let script = format!("echo out; echo err >&2; exit {code}");
        let output = guard(&env, &script).exits(code);
        assert_eq!(output.stdout, "out\n");
        assert!(output.stderr.contains("err\n"), "{output}");
        assert_eq!(report(&env)["exit_code"], code);
    }
}

#[test]
fn stdin_is_the_commands() {
    let env = TestEnv::small();
    let mut command = env.on_vault(&[], &["guard", "--", "cat"]);
    command.stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through\n").unwrap();
    let output = Output::from_done("cat".to_owned(), child.wait_with_output().unwrap());
    assert_eq!(output.exits(0).stdout, "through\n");
}

#[test]
fn a_signal_that_ends_it_is_told() {
    let env = TestEnv::small();
    guard(&env, "kill -TERM $$").exits(143);
    assert_eq!(report(&env)["signal"], 15);
    guard(&env, "kill -KILL $$").exits(137);
}

#[test]
fn what_cannot_be_started() {
    let env = TestEnv::small();
    let plain = env.write("plain", "no program");
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    env.run(&["guard", "--", "no-such-command-anywhere"])
        .exits(127)
        .says("there is no such command");
    env.run(&["guard", "--", plain.to_str().unwrap()])
        .exits(126);
    env.run(&["guard"]).exits(2).says("there is no command");
    env.run(&["--json", "guard", "--", "true"])
        .exits(2)
        .says("--report");
}

#[test]
fn files_it_makes_have_the_persons_modes() {
    let env = TestEnv::small();
    guard(&env, "umask 022; exec sh -c 'umask; echo x > made'")
        .exits(0)
        .says("0022");
    let command = env.on_vault(
        &["sh", "-c", "umask 027; exec \"$@\"", "sh"],
        &["guard", "--", "sh", "-c", "umask; echo x > made"],
    );
    Output::of(command).exits(0).says("0027");
}

#[test]
fn a_ctrl_c_reaches_the_command_once_and_is_taken_back() {
    let env = TestEnv::small();
    for number in 0..6 {
        env.skill(&format!("s{number}"));
    }
    settle(&env);
    let before = home(&env);
    let script = "trap 'echo interrupted; n=$((n+1)); [ $n = 1 ] && exit 5' INT; \
        rm -r .claude/skills/s[0-2]; echo ready; while :; do sleep 0.05; done";
    let mut session = on_terminal(&env, script);
    session.exp_string("ready").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("interrupted").unwrap();
    session.exp_string("sh: 3 removed").unwrap();
    session.exp_string("takeback undo").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 5);
    assert_eq!(fates(&report(&env)).len(), 3);
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn a_ctrl_c_that_ends_it_is_its_code() {
    let env = TestEnv::small();
    let mut session = on_terminal(&env, "echo ready; exec sleep 600");
    session.exp_string("ready").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("changed nothing").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 130);
}

#[test]
fn many_ctrl_cs_do_not_end_the_guard() {
    let env = TestEnv::small();
    let script = "trap 'n=$((n+1)); echo got $n' INT; echo ready; \
        while [ \"${n:-0}\" -lt 3 ]; do sleep 0.05; done; echo x > .claude/CLAUDE.md; exit 6";
    let mut session = on_terminal(&env, script);
    session.exp_string("ready").unwrap();
    for number in 1..=3 {
        session.send_control('c').unwrap();
        session.exp_string(&format!("got {number}")).unwrap();
    }
    session.exp_string("sh: 1 changed").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 6);
}

#[test]
fn what_is_sent_to_the_guard_is_passed_on() {
    let env = TestEnv::small();
    // The guard is the parent of the command.
    let script =
        "trap 'echo told; exit 9' TERM; echo \"guard $PPID.\"; while :; do sleep 0.05; done";
    let mut session = on_terminal(&env, script);
    session.exp_string("guard ").unwrap();
    let pid = session.exp_string(".").unwrap().parse().unwrap();
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    session.exp_string("told").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 9);
}

#[test]
fn it_has_the_terminal() {
    let env = TestEnv::small();
    let script = "test -t 0 && test -t 1 && test -t 2 && read -r a < /dev/tty && echo \"said $a\"";
    let mut session = on_terminal(&env, script);
    session.exp_string("Backed up").unwrap();
    session.send_line("word").unwrap();
    session.exp_string("said word").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 0);
}

#[test]
fn an_incomplete_backup_stops_it() {
    let env = TestEnv::small();
    std::os::unix::fs::symlink("/nowhere", env.home().join(".claude/skills/broken")).unwrap();
    guard(&env, "touch ran")
        .exits(125)
        .says("not complete")
        .says("--best-effort");
    assert!(!env.home().join("ran").exists());
    env.run(&["guard", "--best-effort", "--", "touch", "ran"])
        .exits(0);
    assert!(env.home().join("ran").exists());
}

#[test]
fn a_backup_that_fails_stops_it() {
    let env = TestEnv::small();
    fs::write(env.vault(), "in the way").unwrap();
    guard(&env, "touch ran")
        .exits(125)
        .says("the command was not run");
    assert!(!env.home().join("ran").exists());
    let args = ["guard", "--best-effort", "--", "touch", "ran"];
    env.run(&args).exits(0).says("there is no backup");
    assert!(env.home().join("ran").exists());
    env.run(&["guard", "-t", "cluade", "--", "true"])
        .exits(125)
        .says("claude");
}

#[test]
fn without_anything_to_back_up_it_runs() {
    let env = TestEnv::new();
    guard(&env, "exit 4").exits(4);
}
