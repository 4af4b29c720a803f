//! Guests that are refused or stopped, each with its own reason.

use super::{archived, home_for, line_about, ready, run_with};
use std::collections::BTreeSet;
use takeback_artifacts::{Verdict, guests, verdict};

/// A guest, and what the line about it must say.
type Reason = (&'static str, &'static [&'static str]);

/// Refused by what can be read from its bytes.
const UNRUN: [Reason; 3] = [
    ("foreign-import", &["evil:host/api"]),
    ("newer-contract", &["0.9.0", "0.1.0"]),
    ("wrong-world", &["not a takeback adapter", "`describe`"]),
];
/// Refused for what it says of itself.
const IDENTITY: [Reason; 6] = [
    ("bad-id", &["../evil"]),
    ("bad-version", &["version one"]),
    ("home-itself", &["scope"]),
    ("probe-outside", &[".ssh/id_ed25519", "scope"]),
    ("shell-startup", &[".bashrc"]),
    ("ssh-keys", &[".ssh"]),
];
/// Refused for what it declares; the rule is named.
const DECLARATION: [Reason; 9] = [
    ("absolute-path", &["`bad`", "/etc", "absolute"]),
    ("drive-letter", &["`bad`", "C:/x", "drive"]),
    ("duplicate-rules", &["`everything`"]),
    ("newline-path", &["`bad`", "\\n"]),
    (
        "outside-scope",
        &[
            "`bad`",
            "home/.another-tool/settings.json",
            "home/.outside-scope",
        ],
    ),
    ("parent-path", &["`bad`", ".parent-path/../.profile"]),
    ("undeclared-variable", &["`bad`", "SSH_AUTH_SOCK"]),
    ("variable-syntax", &["`bad`", "$HOME/x"]),
    ("wild-glob", &["`bad`", ".wild-glob/*"]),
];
/// Stopped while it runs, quickly.
const STOPPED: [Reason; 6] = [
    ("eats-memory", &["128 MiB", "`declare`"]),
    ("long-string", &["too much", "`describe`"]),
    ("many-rules", &["too much", "`declare`"]),
    ("reads-environment", &["wasi:cli/environment", "`declare`"]),
    ("recurses", &["stack", "`declare`"]),
    ("traps", &["crashed", "`declare`"]),
];
/// Stopped by the clock.
const LOOPS: [Reason; 2] = [
    ("loops-in-declare", &["10 seconds", "`declare`"]),
    ("loops-in-describe", &["10 seconds", "`describe`"]),
];
/// Says no, as it may.
const DECLINES: [Reason; 1] = [("refuses", &["not here"])];

/// What the line about a guest must say.
pub(super) fn words(name: &str) -> &'static [&'static str] {
    let tables: [&'static [Reason]; 3] = [&UNRUN, &IDENTITY, &DECLARATION];
    let known = tables
        .into_iter()
        .flatten()
        .find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("{name} is no guest")).1
}

/// One of many: the others are backed up, the guest is named with its reason.
fn one_of_many(name: &str, words: &[&str]) -> Result<(), String> {
    let env = home_for(name);
    let done = run_with(&env, name, &["backup"]);
    expect_code(&done, 3)?;
    let line = line_about(&done, name)?;
    if let Some(word) = words.iter().find(|word| !line.contains(**word)) {
        return Err(format!("the line about it does not say {word:?}\n{done}"));
    }
    let found = archived(&env);
    if found != ["claude"] {
        Err(format!("{found:?} was archived\n{done}"))
    } else {
        Ok(())
    }
}

/// Asked for, with another: the other is backed up.
fn asked_for(name: &str) -> Result<(), String> {
    let env = home_for(name);
    let done = run_with(&env, name, &["backup", "claude", name]);
    expect_code(&done, 7)?;
    line_about(&done, name)?;
    let found = archived(&env);
    if found != ["claude"] {
        Err(format!("{found:?} was archived\n{done}"))
    } else {
        Ok(())
    }
}

/// Asked for alone: nothing is backed up, and nobody may think so.
fn alone(name: &str) -> Result<(), String> {
    let env = home_for(name);
    let done = run_with(&env, name, &["backup", name]);
    expect_code(&done, 7)?;
    let found = env.snapshots();
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("a snapshot was made: {found:?}\n{done}"))
    }
}

fn expect_code(done: &crate::support::Output, code: i32) -> Result<(), String> {
    if done.code == code {
        Ok(())
    } else {
        Err(format!("exit code {} instead of {code}\n{done}", done.code))
    }
}

#[track_caller]
fn check(reasons: &[Reason]) {
    if !ready() {
        return;
    }
    let mut failures = Vec::new();
    for (name, words) in reasons {
        let outcomes = [one_of_many(name, words), asked_for(name), alone(name)];
        let label = |why| format!("{name}: {why}");
        failures.extend(outcomes.into_iter().filter_map(Result::err).map(label));
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn what_cannot_be_an_adapter_is_refused_before_it_runs() {
    check(&UNRUN);
}

#[test]
fn who_lies_about_itself_is_refused() {
    check(&IDENTITY);
}

#[test]
fn a_declaration_of_forbidden_places_is_refused() {
    check(&DECLARATION);
}

#[test]
fn what_runs_wild_is_stopped() {
    check(&STOPPED);
}

#[test]
fn a_polite_no_is_passed_on() {
    check(&DECLINES);
}

#[test]
fn what_never_answers_describe_is_stopped_by_the_clock() {
    if ready() {
        one_of_many(LOOPS[1].0, LOOPS[1].1).unwrap();
    }
}

#[test]
fn what_never_answers_declare_is_stopped_by_the_clock() {
    if ready() {
        one_of_many(LOOPS[0].0, LOOPS[0].1).unwrap();
    }
}

#[test]
fn what_loops_though_it_was_asked_for_is_the_failure_of_the_run() {
    if ready() {
        asked_for(LOOPS[0].0).unwrap();
    }
}

#[test]
fn what_an_adapter_reads_of_the_environment_is_nothing() {
    if !ready() {
        return;
    }
    let mut env = home_for("reads-environment");
    env.set("AWS_SECRET_ACCESS_KEY", "canary-of-the-environment");
    let done = run_with(&env, "reads-environment", &["--verbose", "backup"]);
    assert!(
        !format!("{done}")
            .replace("AWS_SECRET_ACCESS_KEY=\"canary", "")
            .contains("canary-of"),
        "{done}"
    );
}

#[test]
fn every_guest_that_must_fail_stands_in_a_table() {
    let tables: [&[Reason]; 6] = [&UNRUN, &IDENTITY, &DECLARATION, &STOPPED, &LOOPS, &DECLINES];
    let have: BTreeSet<&str> = tables
        .into_iter()
        .flatten()
        .map(|(name, _)| *name)
        .collect();
    let fails = |name: &&str| {
        !matches!(
            verdict(name),
            Some(Verdict::Serves | Verdict::Tamed | Verdict::StoppedInHints)
        )
    };
    assert_eq!(have, guests().filter(fails).collect());
}
