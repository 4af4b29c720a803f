//! Which snapshots stay: the rules, pins and notes, through the program.

mod cleanup;
mod needed;
mod remarks;

use crate::support::TestEnv;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;

/// The ids of all snapshots that are listed, the oldest first.
pub(crate) fn listed(env: &TestEnv) -> Vec<String> {
    let list = env.run(&["--json", "list"]).exits(0).json();
    let ids = list["snapshots"].as_array().unwrap().iter().rev();
    ids.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Rewrites a record as the program would have written it, with its seal.
pub(crate) fn rewrite(env: &TestEnv, id: &str, change: impl FnOnce(String) -> String) {
    let path = env.snapshot(id).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    let rest = change(rest.to_owned());
    let seal = crate::support::tree::hex(&Sha256::digest(rest.as_bytes()));
    fs::write(path, format!("# sha256 of the rest: {seal}\n{rest}")).unwrap();
}

/// Makes a snapshot one of another day: its name, its record, and what names it.
pub(crate) fn moved(env: &TestEnv, id: &str, day: &str) -> String {
    let new = format!("{day}_12-00-00");
    let time = format!("{day}T12:00:00Z");
    rewrite(env, id, |text| {
        let lines = text.lines().map(|line| match line.split_once(" = ") {
            Some(("time", _)) => format!("time = \"{time}\"\n"),
            Some(("id", _)) => format!("id = \"{new}\"\n"),
            _ => format!("{line}\n"),
        });
        lines.collect()
    });
    fs::rename(env.snapshot(id), env.snapshot(&new)).unwrap();
    new
}

/// Snapshots of claude, automatic ones, each changed, one for each of these days.
pub(crate) fn days(env: &TestEnv, days: &[&str]) -> Vec<String> {
    env.write(".config/takeback/config.toml", "plain = \"all\"\n");
    let made: Vec<String> = days
        .iter()
        .map(|day| {
            env.write(".claude/CLAUDE.md", format!("As of {day}.\n"));
            let report = env.backup(0, &["claude", "--automatic"]);
            moved(env, report["snapshot"].as_str().unwrap(), day)
        })
        .collect();
    env.write(".config/takeback/config.toml", "");
    made
}

/// The verdicts of a clean-up: snapshot, word, reasons; the newest first.
pub(crate) fn verdicts(report: &Value) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for series in report["series"].as_array().unwrap() {
        for one in series["archives"].as_array().unwrap() {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            let reasons = one["reasons"].as_array().unwrap().iter();
            let reasons: Vec<&str> = reasons.map(|reason| reason.as_str().unwrap()).collect();
            all.push((text("snapshot"), text("verdict"), reasons.join(", ")));
        }
    }
    all
}
