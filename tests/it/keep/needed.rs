//! What no clean-up takes, and what only a person takes who names it.

use super::{days, listed, verdicts};
use crate::support::TestEnv;
use crate::support::tree::TreeSnapshot;
use rexpect::session::{PtySession, spawn_command};
use std::fs;
use std::process::Stdio;

const STRICT: [&str; 6] = ["cleanup", "--keep-last", "1", "--min-keep", "0", "--yes"];

#[test]
fn an_undo_still_works_after_a_clean_up() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01", "2026-01-02", "2026-01-03"]);
    env.write(
        ".config/takeback/config.toml",
        "[keep.safety]\nwithin = \"1h\"\n",
    );
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    let words = [
        "--json", "restore", "claude", "--from", &made[0], "--yes", "--force",
    ];
    let done = env.run(&words).exits(0).json();
    let safety = done["safety_snapshot"].as_str().unwrap();
    let operation = done["operation"].as_str().unwrap();
    let old = super::moved(&env, safety, "2025-01-01");
    // The operation names the snapshot by the name it had.
    fs::rename(env.snapshot(&old), env.snapshot(safety)).unwrap();
    super::rewrite(&env, safety, |text| text.replace(&old, safety));
    let plan = env
        .run(&[&["--json"], &STRICT[..]].concat())
        .exits(0)
        .json();
    let said = verdicts(&plan);
    let kept = said.iter().find(|(id, _, _)| id == safety).unwrap();
    assert!(
        kept.2.contains(&format!("needed to take back {operation}")),
        "{kept:?}"
    );
    assert_eq!(listed(&env).len(), 2);
    env.run(&["undo", "--yes"]).exits(0);
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the undo");
    // Taken back, it is as old as it is.
    env.run(&STRICT).exits(0);
    assert_eq!(listed(&env), [made[2].clone()]);
}

#[test]
fn no_rule_and_no_flag_takes_the_newest_good_one() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01", "2026-01-02"]);
    for words in [
        &STRICT[..],
        &[
            "cleanup",
            "--keep-last",
            "1",
            "--max-size",
            "0",
            "--min-keep",
            "0",
            "--yes",
        ],
        &["cleanup", "--keep-within", "1h", "--min-keep", "0", "--yes"],
        &[
            "cleanup",
            "claude",
            "--keep-yearly",
            "1",
            "--max-size",
            "1",
            "--yes",
        ],
    ] {
        env.run(words).exits(0);
        assert!(listed(&env).contains(&made[1]), "{words:?}");
    }
    for words in [
        &["remove", &made[1], "--yes"][..],
        &["remove", "latest", "--yes"],
        &["remove", &made[1]],
        &["--json", "remove", &made[1]],
    ] {
        let refused = env.run(words).exits(4).says("newest complete");
        assert!(refused.stderr.contains("whole name"), "{refused}");
    }
    assert!(listed(&env).contains(&made[1]));
}

/// A command on a terminal, with this test's vault.
fn on_a_terminal(env: &TestEnv, words: &[&str]) -> PtySession {
    let vault = env.vault();
    let mut all = vec!["--vault", vault.to_str().unwrap(), "--color", "never"];
    all.extend(words);
    let mut command = env.command(&[], &all);
    command
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit());
    spawn_command(command, Some(120_000)).unwrap()
}

#[test]
fn the_newest_good_one_goes_for_somebody_who_types_its_name_twice() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01", "2026-01-02"]);
    let mut session = on_a_terminal(&env, &["remove", "latest"]);
    session.exp_string("by its whole name").unwrap();
    session.exp_eof().unwrap();
    for answer in ["y", "yes", "", "2026-01-02"] {
        let mut session = on_a_terminal(&env, &["remove", &made[1]]);
        session
            .exp_string("newest complete backup of claude")
            .unwrap();
        session.exp_string("Type its name").unwrap();
        session.send_line(answer).unwrap();
        session.exp_string("nothing was changed").unwrap();
        session.exp_eof().unwrap();
    }
    assert_eq!(listed(&env), made);
    let mut session = on_a_terminal(&env, &["remove", &made[1]]);
    session.exp_string("Type its name").unwrap();
    session.send_line(&made[1]).unwrap();
    session.exp_string("Moved 1 snapshot").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(listed(&env), made[..1]);
    env.run(&["trash", "restore", &made[1]]).exits(0);
    assert_eq!(listed(&env), made);
}

#[test]
fn a_clean_up_asks_on_a_terminal() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01", "2026-01-02"]);
    for (answer, left) in [("n", 2), ("y", 1)] {
        let mut session = on_a_terminal(&env, &STRICT[..5]);
        session.exp_string("beyond every rule").unwrap();
        session
            .exp_string("Move 1 snapshot into the trash? [y/N]")
            .unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(listed(&env), made[2 - left..]);
    }
}

#[test]
fn what_was_saved_on_another_machine_is_its_own_matter() {
    let env = TestEnv::small();
    let made = days(&env, &["2026-01-01", "2026-01-02", "2026-01-03"]);
    super::rewrite(&env, &made[0], |text| {
        let text = text.replace("kind = \"automatic\"", "kind = \"safety\"");
        let host = text.lines().find(|line| line.starts_with("host = "));
        text.replace(host.unwrap(), "host = \"elsewhere\"")
    });
    let plan = env
        .run(&[&["--json"], &STRICT[..]].concat())
        .exits(0)
        .json();
    let said = verdicts(&plan);
    let kept = said.iter().find(|(id, _, _)| *id == made[0]).unwrap();
    assert_eq!(kept.2, "saved by a restore elsewhere, which may need it");
    assert_eq!(listed(&env), [made[0].as_str(), &made[2]]);
}
