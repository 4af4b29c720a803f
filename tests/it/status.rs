//! `status`, `doctor` and the log: what they say of a home, a vault and what was done, and that
//! none of them changes anything.

mod doctor;
mod log;

use crate::support::{TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs;
use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 3600;

fn backed_up() -> TestEnv {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env
}

#[track_caller]
fn status(env: &TestEnv, code: i32, args: &[&str]) -> Value {
    let all = [&["--json", "status"], args].concat();
    env.run(&all).exits(code).json()
}

/// Makes a snapshot some days older, as its record tells.
fn make_older(env: &TestEnv, id: &str, days: u64) {
    let path = env.snapshot(id).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("time = "))
        .unwrap();
    let then = jiff_days_ago(days);
    fs::write(&path, text.replace(line, &format!("time = \"{then}\""))).unwrap();
}

/// So many days before now, as records write it.
fn jiff_days_ago(days: u64) -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let seconds = now.as_secs() - days * DAY;
    let done = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .unwrap();
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Makes a file look as if it was last written so many days and half a day ago.
fn make_old(env: &TestEnv, path: &str, days: u64) {
    let file = fs::File::options()
        .write(true)
        .open(env.home().join(path))
        .unwrap();
    let then = SystemTime::now() - Duration::from_secs(days * DAY + DAY / 2);
    file.set_modified(then).unwrap();
}

#[test]
fn a_home_without_a_backup_says_so() {
    let env = TestEnv::small();
    let said = status(&env, 10, &[]);
    assert_eq!(said["targets"], serde_json::json!([]));
    assert_eq!(said["last_failure"], Value::Null);
    env.run(&["status"]).exits(10).says("takeback backup");
    let line = env.run(&["status", "--line"]).exits(10);
    assert_eq!(line.stdout, "no backup\n");
    assert!(!env.vault().exists());
}

#[test]
fn what_changed_since_is_told_by_looks_alone() {
    let env = TestEnv::small();
    env.skill("two");
    env.skill("three");
    let id = env.backup(0, &["claude"])["snapshot"].clone();
    let said = status(&env, 0, &[]);
    let one = &said["targets"][0];
    assert_eq!(one["target"], "claude");
    assert_eq!(one["last_good"]["snapshot"], id);
    for what in ["added", "changed", "removed", "unreadable"] {
        assert_eq!(one["drift"][what], 0, "{said:#}");
    }
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    env.skill("four");
    env.skill("five");
    fs::remove_dir_all(env.home().join(".claude/skills/two")).unwrap();
    let said = status(&env, 0, &["claude"]);
    let drift = &said["targets"][0]["drift"];
    assert_eq!(
        (&drift["changed"], &drift["added"], &drift["removed"]),
        (&1.into(), &2.into(), &1.into())
    );
    env.run(&["status"])
        .exits(0)
        .says("1 changed, 2 new, 1 gone since");
    // Nobody looks where nobody wants to know.
    assert_eq!(
        status(&env, 0, &["--no-drift"])["targets"][0]["drift"],
        Value::Null
    );
}

#[test]
fn the_age_of_the_last_complete_backup_decides() {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    assert_eq!(status(&env, 0, &["--max-age", "2d"])["overdue"], false);
    make_older(&env, &id, 3);
    let said = status(&env, 9, &["--max-age", "2d"]);
    assert_eq!(said["overdue"], true);
    let age = said["targets"][0]["last_good"]["age_seconds"]
        .as_u64()
        .unwrap();
    assert!((3 * DAY..3 * DAY + 3600).contains(&age), "{age}");
    status(&env, 0, &["--max-age", "4d"]);
    status(&env, 0, &[]);
    let line = env.run(&["status", "--line", "--max-age", "2d"]).exits(9);
    assert_eq!(line.stdout, "backup too old: claude 3d\n");
    let line = env.run(&["status", "--line"]).exits(0);
    assert_eq!(line.stdout, "backed up 3d ago\n");
    // One with gaps makes nothing younger.
    std::os::unix::fs::symlink("nowhere", env.home().join(".claude/skills/gone")).unwrap();
    env.backup(3, &["claude"]);
    let said = status(&env, 9, &["--max-age", "2d"]);
    assert_eq!(said["targets"][0]["last_good"]["snapshot"], id.as_str());
    assert_eq!(said["targets"][0]["last"]["gaps"], 1);
    env.run(&["status"]).exits(0).says("has 1 gap");
    env.run(&["status", "--max-age", "soon"]).exits(2);
}

#[test]
fn a_target_that_was_never_whole_is_named_in_the_line() {
    let env = TestEnv::small();
    env.write(".codex/AGENTS.md", "Be brief.\n");
    std::os::unix::fs::symlink("nowhere", env.home().join(".claude/skills/gone")).unwrap();
    env.backup(3, &["claude", "codex"]);
    let line = env.run(&["status", "--line"]).exits(0);
    assert!(
        line.stdout
            .ends_with(" ago, no complete backup of claude\n"),
        "{line}"
    );
}

/// What a timer runs.
const TIMER: [&str; 4] = [
    "backup",
    "--automatic",
    "--if-changed",
    "--if-vault-present",
];

#[test]
fn a_timer_that_found_nothing_changed_makes_no_backup_too_old() {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    let looked = |env: &TestEnv| status(env, 0, &[])["targets"][0]["looked"].clone();
    make_older(&env, &id, 3);
    status(&env, 9, &["--max-age", "2d"]);
    assert_eq!(looked(&env), Value::Null);
    env.run(&TIMER).exits(0);
    assert_eq!(env.snapshots().len(), 1);
    let said = status(&env, 0, &["--max-age", "2d"]);
    let one = &said["targets"][0];
    assert_eq!(
        (&said["overdue"], &one["overdue"]),
        (&false.into(), &false.into())
    );
    assert!(
        one["looked"]["age_seconds"].as_u64().unwrap() < 3600,
        "{one}"
    );
    // The backup itself is as old as it is.
    assert!(one["last_good"]["age_seconds"].as_u64().unwrap() >= 3 * DAY);
    env.run(&["status", "--max-age", "2d"])
        .exits(0)
        .says("3 days ago")
        .says(", and nothing had changed");
    let line = env.run(&["status", "--line", "--max-age", "2d"]).exits(0);
    assert!(line.stdout.starts_with("backed up "), "{line}");
    // A run that fails takes nothing away from that.
    let wrong = [&TIMER[..], &["nonsense"]].concat();
    env.run(&wrong).exits(10);
    assert_ne!(looked(&env), Value::Null);
    // What was looked at long ago, or is still to come, does not count.
    let file = env.home().join(".local/state/takeback/last-automatic.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (head, of_look) = text.split_once("[looked]").unwrap();
    let time = of_look
        .lines()
        .find(|line| line.starts_with("time"))
        .unwrap();
    for (then, kept) in [
        (jiff_days_ago(2), true),
        ("2999-01-01T00:00:00Z".to_owned(), false),
    ] {
        let other = of_look.replace(time, &format!("time = \"{then}\""));
        fs::write(&file, format!("{head}[looked]{other}")).unwrap();
        status(&env, 9, &["--max-age", "1d"]);
        assert_eq!(looked(&env) != Value::Null, kept);
    }
    // Nor does a look that was at another archive than the last good one.
    fs::write(&file, &text).unwrap();
    env.skill("two");
    let newer = env.backup(0, &["claude"])["snapshot"].clone();
    make_older(&env, newer.as_str().unwrap(), 2);
    assert_eq!(looked(&env), Value::Null);
    status(&env, 9, &["--max-age", "1d"]);
}

#[test]
fn a_tool_that_is_gone_is_not_overdue_for_who_looks() {
    let env = backed_up();
    make_older(&env, &env.snapshots().remove(0), 30);
    fs::remove_dir_all(env.home().join(".claude")).unwrap();
    let said = status(&env, 0, &["--max-age", "2d"]);
    assert_eq!(said["targets"][0]["drift"]["gone"], true);
    env.run(&["status"])
        .exits(0)
        .says("nothing of it is here any more");
    status(&env, 9, &["--max-age", "2d", "--no-drift"]);
}

#[test]
fn a_target_that_nobody_knows_is_named() {
    let env = backed_up();
    let error = status(&env, 10, &["cluade"]);
    assert_eq!(error["message_type"], "error");
    env.run(&["status", "cluade"])
        .exits(10)
        .says("did you mean claude");
}

#[test]
fn other_machines_and_homes_do_not_count() {
    let env = backed_up();
    let path = env.snapshot(&env.snapshots()[0]).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("host = "))
        .unwrap();
    fs::write(&path, text.replace(line, "host = \"another\"")).unwrap();
    let said = status(&env, 10, &[]);
    assert_eq!(
        (&said["snapshots"], &said["targets"]),
        (&1.into(), &serde_json::json!([]))
    );
}

#[test]
fn damaged_records_count_and_are_in_the_line() {
    let env = backed_up();
    env.backup(0, &["claude"]);
    let newest = env.snapshots().pop().unwrap();
    fs::write(env.snapshot(&newest).join("snapshot.toml"), "odd\n").unwrap();
    assert_eq!(status(&env, 6, &[])["damaged"].as_array().unwrap().len(), 1);
    let line = env.run(&["status", "--line"]).exits(6);
    assert!(line.stdout.ends_with(", 1 damaged\n"), "{line}");
    assert!(line.stderr.is_empty(), "{line}");
}

#[test]
fn the_line_is_one_line_and_needs_no_archive() {
    let env = backed_up();
    let id = env.snapshots().remove(0);
    fs::remove_file(env.snapshot(&id).join("claude.tar.gz")).unwrap();
    let line = env.run(&["status", "--line"]).exits(0);
    assert_eq!(line.stdout.lines().count(), 1, "{line}");
    assert!(line.stdout.starts_with("backed up "), "{line}");
    // Who wants to know what changed is told why that is not known.
    let said = status(&env, 0, &[]);
    let why = said["targets"][0]["drift_unknown"].as_str().unwrap();
    assert!(why.contains("index"), "{why}");
}

#[test]
fn what_the_tool_deletes_by_itself_is_said_before_it_goes() {
    let env = TestEnv::small();
    let old = ".claude/projects/p/old.jsonl";
    let new = ".claude/projects/p/new.jsonl";
    env.write(old, "{\"a\":1}\n");
    make_old(&env, old, 29);
    env.backup(0, &["claude"]);
    let said = status(&env, 0, &[]);
    let sweep = &said["targets"][0]["sweeps"][0];
    assert_eq!(
        (&sweep["what"], &sweep["days"], &sweep["set"]),
        (&"transcripts".into(), &30.into(), &false.into())
    );
    assert_eq!((&sweep["files"], &sweep["unsaved"]), (&1.into(), &0.into()));
    env.write(new, "{\"a\":1}\n");
    make_old(&env, new, 20);
    env.run(&["status"]).exits(0).says(
        "not in it: 1 of 2 transcripts, which the tool deletes after 30 days, the first in 9 days",
    );
    // The person's own setting counts, and one that is none does not.
    env.write(".claude/settings.json", "{\"cleanupPeriodDays\": 20}\n");
    let said = status(&env, 0, &[]);
    let sweep = &said["targets"][0]["sweeps"][0];
    assert_eq!(
        (&sweep["days"], &sweep["set"], &sweep["unsaved"]),
        (&20.into(), &true.into(), &1.into())
    );
    assert!(
        sweep["next_unsaved_seconds"].as_i64().unwrap() <= 0,
        "{sweep}"
    );
    env.write(
        ".claude/settings.json",
        "{\"cleanupPeriodDays\": \"many\"}\n",
    );
    assert_eq!(status(&env, 0, &[])["targets"][0]["sweeps"][0]["days"], 30);
    env.write(
        ".claude/settings.json",
        "{\"cleanupPeriodDays\": 18446744073709551615}\n",
    );
    status(&env, 0, &[]);
}

#[test]
fn looking_changes_nothing() {
    let env = backed_up();
    env.write(".claude/CLAUDE.md", "Be briefer.\n");
    let before = TreeSnapshot::of(env.root());
    for args in [
        &["status"][..],
        &["status", "--line"],
        &["doctor"],
        &["log"],
    ] {
        env.run(args).exits(0);
        before.assert_same(&TreeSnapshot::of(env.root()), &args.join(" "));
    }
}
