//! Updates: what changed is shown before anybody agrees to it, and more than was granted
//! is never had with a bare yes.

use super::{adapter, add, record, sha256, stamped, stored};
use crate::support::{Output, TestEnv};
use rexpect::session::spawn_command;
use std::process::Stdio;
use takeback_artifacts::guest;

fn update(env: &TestEnv, from: &str, more: &[&str]) -> Output {
    let from = guest(from).to_str().unwrap();
    let args = [&["update", "echo-tool", "--from", from], more].concat();
    adapter(env, &args)
}

#[test]
fn more_than_was_granted_is_shown_and_never_had_with_a_bare_yes() {
    let env = TestEnv::small();
    add(&env, "well-behaved");
    let before = record(&env);
    for more in [&[][..], &["--yes"]] {
        let done = update(&env, "grown-tool", more).exits(5);
        for part in [
            "0.1.0 -> 0.2.0",
            "home/.echo-more",
            "ECHO_TOOL_HOME",
            "now also",
        ] {
            assert!(done.stdout.contains(part), "{part}: {done}");
        }
        assert!(done.stderr.contains("--sha256"), "{done}");
        assert_eq!(record(&env), before);
    }
    let wrong = "0".repeat(64);
    update(&env, "grown-tool", &["--yes", "--sha256", &wrong]).exits(7);
    assert_eq!(record(&env), before);
    let digest = sha256(guest("grown-tool"));
    update(&env, "grown-tool", &["--yes", "--sha256", &digest]).exits(0);
    assert!(record(&env).contains("home/.echo-more"), "{}", record(&env));
    assert_eq!(stored(&env), [format!("{digest}.wasm")]);
    env.write(".echo-more/settings.json", "{}\n");
    env.backup(0, &["echo-tool"]);
}

#[test]
fn on_a_terminal_a_bare_yes_is_asked_about_all_the_same_when_more_is_wanted() {
    let env = TestEnv::small();
    add(&env, "well-behaved");
    let before = record(&env);
    let from = guest("grown-tool").to_str().unwrap();
    for (answer, taken) in [("n", false), ("y", true)] {
        let args = [
            "--color",
            "never",
            "adapter",
            "update",
            "echo-tool",
            "--yes",
            "--from",
            from,
        ];
        let mut command = env.command(&[], &args);
        command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        let mut session = spawn_command(command, Some(120_000)).unwrap();
        session.exp_string("now also reads and writes").unwrap();
        session.exp_string("[y/N]").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(record(&env) != before, taken);
    }
}

#[test]
fn less_than_was_granted_may_come_with_a_yes_and_an_older_version_is_named() {
    let env = TestEnv::small();
    add(&env, "grown-tool");
    let done = update(&env, "well-behaved", &["--yes"]).exits(0);
    for part in [
        "0.2.0 -> 0.1.0",
        "no longer reads and writes",
        "no longer sees variables",
    ] {
        assert!(done.stdout.contains(part), "{part}: {done}");
    }
    assert!(
        done.stderr.contains("older than the 0.2.0 you have"),
        "{done}"
    );
    assert!(
        !record(&env).contains("home/.echo-more"),
        "{}",
        record(&env)
    );
}

#[test]
fn the_same_bytes_are_no_update() {
    let env = TestEnv::small();
    add(&env, "well-behaved");
    let before = record(&env);
    for args in [
        &["update"][..],
        &["update", "echo-tool"],
        &["update", "--yes"],
    ] {
        adapter(&env, args).exits(0).says("unchanged");
    }
    assert_eq!(record(&env), before);
    let done = env.run(&["--json", "adapter", "update"]).exits(0).json();
    assert_eq!(done["updates"][0]["changed"], false, "{done:#}");
}

#[test]
fn an_update_is_of_the_adapter_that_is_there() {
    let env = TestEnv::small();
    adapter(&env, &["update"]).exits(10);
    add(&env, "well-behaved");
    let before = record(&env);
    let done = update(&env, "std-wasi", &["--yes"]).exits(4);
    assert!(done.stderr.contains("called `std-wasi`"), "{done}");
    adapter(&env, &["update", "std-wasi"]).exits(10);
    adapter(&env, &["update", "claude"])
        .exits(4)
        .says("built in");
    let digest = sha256(guest("grown-tool"));
    adapter(&env, &["update", "--sha256", &digest]).exits(2);
    update(
        &env,
        "ssh-keys",
        &["--yes", "--sha256", &sha256(guest("ssh-keys"))],
    )
    .exits(7);
    assert_eq!(record(&env), before);
}

#[test]
fn of_several_adapters_one_that_fails_does_not_hold_up_the_others() {
    let env = TestEnv::small();
    let gone = stamped(&env, "std-wasi", "note", "here for a while");
    let digest = sha256(&gone);
    let path = gone.to_str().unwrap();
    adapter(&env, &["add", path, "--yes", "--sha256", &digest]).exits(0);
    add(&env, "well-behaved");
    std::fs::remove_file(&gone).unwrap();
    let done = adapter(&env, &["update", "--yes"]).exits(1);
    assert!(done.stderr.contains("std-wasi is as it was"), "{done}");
    assert!(done.stderr.contains("echo-tool is unchanged"), "{done}");
}
