//! Mount points: another file system inside what a rule keeps is not the tool's to write
//! to, while a rule's own place may be one.
#![expect(
    clippy::print_stderr,
    reason = "where nobody may mount anything, that is said"
)]

use crate::support::env::Output;
use crate::support::{TestEnv, TreeSnapshot, tools};
use std::fs;
use std::path::Path;
use std::process::Command;

/// How a mount that only the program sees can be made here: with privileges, or as root of
/// a user namespace. `None`, said aloud, where neither is permitted.
fn unshare() -> Option<Vec<&'static str>> {
    if cfg!(target_os = "linux") {
        tools::require("unshare");
        tools::require("mount");
    }
    let ways = [vec!["unshare", "-m"], vec!["unshare", "-rm"]];
    let works = |way: &Vec<&str>| {
        let temp = tempfile::tempdir().unwrap();
        let mut command = Command::new(way[0]);
        command
            .args(&way[1..])
            .args(["mount", "-t", "tmpfs", "none"]);
        command.arg(temp.path());
        command.output().is_ok_and(|output| output.status.success())
    };
    let way = ways.into_iter().find(works);
    if way.is_none() {
        eprintln!("NOT TESTED with a mount: nobody here may make one");
    }
    way
}

/// Runs the program where `mount` has been run before, with `$1` for the place.
fn run_where(env: &TestEnv, mount: &str, place: &Path, args: &[&str]) -> Option<Output> {
    let script = format!("{mount} && shift && exec \"$@\"");
    let mut prefix = unshare()?;
    prefix.extend(["sh", "-c", &script, "sh", place.to_str().unwrap()]);
    Some(Output::of(env.on_vault(&prefix, args)))
}

const TMPFS: &str = "mount -t tmpfs none \"$1\"";

#[test]
fn another_file_system_inside_a_rules_place_is_not_written_to() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    let skill = env.home().join(".claude/skills/one");
    fs::remove_file(skill.join("SKILL.md")).unwrap();
    let place = env.home().join(".claude");
    let before = TreeSnapshot::of(&place);
    // A part of the same file system is a mount, too, with the same device.
    for mount in [TMPFS, "mount --bind \"$1\" \"$1\""] {
        for args in [
            &["restore", "claude", "--yes"][..],
            &["restore", "claude", "--dry-run"],
        ] {
            let Some(output) = run_where(&env, mount, &skill, args) else {
                continue;
            };
            let output = output.exits(4);
            let said = format!("{}{}", output.stdout, output.stderr);
            let why = "skills/one: another file system is mounted there";
            assert!(said.contains(why), "{output:?}");
        }
        before.assert_same(&TreeSnapshot::of(&place), mount);
    }
    env.run(&["restore", "claude", "--yes"]).exits(0);
    assert!(skill.join("SKILL.md").is_file());
}

#[test]
fn a_rules_own_place_may_be_a_mount_point() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    let place = env.home().join(".claude");
    let before = TreeSnapshot::of(&place);
    // What lies under the mount stays; what lies in it is compared before it is gone.
    let seen = env.root().join("seen");
    let script = format!(
        "{TMPFS} && dir=$1 && shift && \"$@\" && cp -R \"$dir\" {} && exit 0; exit 99",
        seen.display()
    );
    let Some(way) = unshare() else {
        env.run(&["restore", "claude", "--yes"]).exits(0);
        return;
    };
    let mut prefix = way;
    prefix.extend(["sh", "-c", &script, "sh", place.to_str().unwrap()]);
    Output::of(env.on_vault(&prefix, &["restore", "claude", "--yes"])).exits(0);
    assert_eq!(
        fs::read_to_string(seen.join("CLAUDE.md")).unwrap(),
        "Be brief.\n"
    );
    assert!(seen.join("skills/one/SKILL.md").is_file());
    before.assert_same(&TreeSnapshot::of(&place), "what lies under the mount");
}
