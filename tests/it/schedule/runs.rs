//! The backup that a timer runs: nothing where the vault is not, nothing where nothing
//! changed, and how it ended is kept.

use super::sealed;
use crate::support::TestEnv;
use serde_json::Value;
use std::fs;

const RUN: [&str; 5] = [
    "backup",
    "--automatic",
    "--cleanup",
    "--if-vault-present",
    "--if-changed",
];

fn last_run(env: &TestEnv) -> Value {
    let done = env.run(&["--json", "schedule", "status"]).exits(10).json();
    done["last_run"].clone()
}

#[test]
fn an_unplugged_disk_is_no_failure_and_is_not_filled_in_its_absence() {
    let env = sealed();
    let done = env.run(&RUN).exits(10);
    assert!(done.stderr.contains("There is no vault at"), "{done}");
    assert!(!env.vault().exists());
    // A mount point without its disk is a directory.
    fs::create_dir(env.vault()).unwrap();
    let mut quiet = RUN.to_vec();
    quiet.push("--quiet");
    let done = env.run(&quiet).exits(10);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
    assert_eq!(fs::read_dir(env.vault()).unwrap().count(), 0);
    let run = last_run(&env);
    assert_eq!((&run["code"], &run["failures"]), (&10.into(), &2.into()));
    assert_eq!(run["error"], "the vault is not there");
    let shown = env.run(&["schedule", "status"]).exits(10);
    assert!(
        shown
            .stdout
            .contains("2 runs since it last went well, never"),
        "{shown}"
    );
    let mut json = vec!["--json"];
    json.extend(RUN);
    let done = env.run(&json).exits(10).json();
    assert_eq!(done["nothing_done"], "the vault is not there");
}

#[test]
fn what_has_not_changed_makes_no_snapshot() {
    let env = sealed();
    env.backup(0, &["claude"]);
    let before = env.snapshots();
    let mut json = vec!["--json"];
    json.extend(RUN);
    let done = env.run(&json).exits(0).json();
    assert_eq!(
        done["nothing_done"],
        "nothing has changed since the last snapshot"
    );
    assert_eq!(done["snapshot"], Value::Null);
    assert_eq!(env.snapshots(), before, "and no draft stays behind");
    env.run(&RUN).exits(0).says("No new snapshot in");
    env.skill("two");
    env.run(&RUN).exits(0).says("Backed up to");
    assert_eq!(env.snapshots().len(), 2);
    let run = last_run(&env);
    assert_eq!((&run["code"], &run["failures"]), (&0.into(), &0.into()));
    assert_eq!(run["time"], run["last_good"]);
}

#[test]
fn a_failure_is_kept_until_a_run_ends_well() {
    let env = sealed();
    env.backup(0, &[]);
    env.run(&RUN).exits(0);
    let good = last_run(&env)["last_good"].clone();
    fs::write(env.vault().join("backups/x"), "").unwrap();
    let mut wrong = RUN.to_vec();
    wrong.push("nonsense");
    env.run(&wrong).exits(10);
    let run = last_run(&env);
    assert_eq!(run["last_good"], good);
    assert_eq!(run["failures"], 1);
    assert!(run["error"].as_str().unwrap().contains("nonsense"), "{run}");
    env.run(&RUN).exits(0);
    assert_eq!(last_run(&env)["failures"], 0);
    // One by hand is none of a timer's.
    let before = last_run(&env);
    env.run(&["backup", "nonsense"]).exits(10);
    assert_eq!(last_run(&env), before);
    // What is not understood there is as good as nothing.
    let file = env.home().join(".local/state/takeback/last-automatic.toml");
    fs::write(&file, "time = \u{7f}").unwrap();
    assert_eq!(last_run(&env), Value::Null);
}
