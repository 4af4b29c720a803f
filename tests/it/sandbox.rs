//! Adapters that nobody trusts, run by the real program: each guest of `tests/guests`
//! misbehaves in its own way and must end in its own clear error, while everything else
//! is still backed up. And the honest ones: they serve, and so do those built in.

mod conformance;
mod files;
mod misbehaving;
mod recorded;
mod serving;
mod tame;
mod told;
mod twins;

use crate::hostile::manners;
use crate::support::{Output, TestEnv};
use takeback_artifacts::{NOT_BUILT, built, guest};

/// Whether there are components to test with; says so where there are none.
#[expect(
    clippy::print_stderr,
    reason = "what could not be tested has to be said"
)]
fn ready() -> bool {
    if !built() {
        eprintln!("NOT TESTED. {NOT_BUILT}");
    }
    built()
}

/// A home with something for Claude Code, and something for a guest.
fn home_for(id: &str) -> TestEnv {
    let env = TestEnv::new();
    // Settings would concern the adapter for plugins too.
    env.write(".claude/CLAUDE.md", "Be brief.\n");
    env.write(".claude/skills/alpha/SKILL.md", "---\nname: alpha\n---\n");
    env.write(&format!(".{id}/settings.json"), "{}\n");
    env
}

/// Runs the program with a guest's component.
fn run_with(env: &TestEnv, name: &str, args: &[&str]) -> Output {
    let mut all = vec!["--adapter", guest(name).to_str().unwrap()];
    all.extend(args);
    let done = env.run(&all);
    let wrong = manners(&done);
    assert!(wrong.is_empty(), "{name}: {wrong:?}");
    done
}

/// The archives in the newest snapshot, by target.
fn archived(env: &TestEnv) -> Vec<String> {
    let Some(newest) = env.snapshots().pop() else {
        return Vec::new();
    };
    let dir = std::fs::read_dir(env.snapshot(&newest)).unwrap();
    let names = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut targets: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".tar.gz")?.to_owned()))
        .collect();
    targets.sort();
    targets
}

/// The one line of a run's messages that names something.
fn line_about<'a>(done: &'a Output, name: &str) -> Result<&'a str, String> {
    let mut lines = done.stderr.lines().filter(|line| line.contains(name));
    match (lines.next(), lines.next()) {
        (Some(line), None) => Ok(line),
        (None, _) => Err(format!("no line names {name}\n{done}")),
        (Some(_), Some(_)) => Err(format!("several lines name {name}\n{done}")),
    }
}
