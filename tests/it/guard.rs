//! `guard`: what a command changed is reported and taken back exactly, and the command itself
//! notices nothing of it: code, output, input, terminal and signals are its own.

mod child;
mod install;
mod taken_back;
mod trash;

use crate::support::{Output, TestEnv, TreeSnapshot};
use serde_json::Value;
use std::collections::BTreeMap;

/// The home directory without what is takeback's own.
fn home(env: &TestEnv) -> TreeSnapshot {
    TreeSnapshot::of(&env.home()).without(".local/state/takeback")
}

/// Runs a shell script under guard, and gives what was said.
fn guard(env: &TestEnv, script: &str) -> Output {
    let report = env.root().join("report.json");
    let report = report.to_str().unwrap();
    env.run(&["guard", "--report", report, "--", "sh", "-c", script])
}

/// The report of the last one.
#[track_caller]
fn report(env: &TestEnv) -> Value {
    let text = std::fs::read_to_string(env.root().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["message_type"], "guard");
    report
}

/// What became of each file, without directories and times.
fn fates(report: &Value) -> BTreeMap<String, String> {
    let files = report["files"].as_array().unwrap().iter();
    let is_dir = |shape: &Value| shape.is_null() || shape["kind"] == "directory";
    let told = files.filter(|file| {
        let directory = is_dir(&file["before"]) && is_dir(&file["after"]);
        file["change"] == "mode" || (!directory && file["change"] != "time")
    });
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    told.map(|file| (text(&file["label"]), text(&file["change"])))
        .collect()
}

/// Lets takeback make its own directories, so that they are no difference later.
fn settle(env: &TestEnv) {
    env.run(&["guard", "--", "true"]).exits(0);
}
