//! What leaves the machine: the same homes, exported with the profile `portable`.

use super::{Case, Kept, OFF_LIMITS, find_tokens, read_all, tokens_of};
use crate::support::fixture::Entry;
use crate::support::{Fixture, TestEnv, tools};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Whether an entry leaves the machine, as the fixtures' README says.
fn leaves(entry: Entry<'_>) -> bool {
    let wanted = matches!(entry.text("default"), "include" | "redact" | "reference");
    wanted && !entry.path().starts_with(OFF_LIMITS)
}

/// What GNU tar finds in the portable exports of a backup.
fn exported(env: &TestEnv, report: &Value) -> BTreeMap<String, Kept> {
    let mut all = BTreeMap::new();
    for target in report["targets"].as_array().unwrap() {
        let name = target["target"].as_str().unwrap();
        let file = env.home().join(format!("../{name}.portable.tar.gz"));
        let file = file.to_str().unwrap();
        let options = ["--profile", "portable", "--force", "-o", file];
        let run = env.run(&[&["--json", "export", "latest", name][..], &options].concat());
        if run.code == 10 {
            // Nothing of it is made to leave.
            continue;
        }
        let told = run.exits(0).json();
        let into = tempfile::tempdir().unwrap();
        tools::extract(file.as_ref(), into.path());
        let mut kept = Kept::new();
        read_all(into.path(), into.path(), &mut kept);
        check_report(&told, &kept);
        all.insert(name.to_owned(), kept);
    }
    all
}

/// The manifest names what was blanked, and so does the report.
fn check_report(told: &Value, kept: &Kept) {
    let manifest: Value = serde_json::from_slice(&kept["manifest.json"]).unwrap();
    let blanked = manifest.get("blanked").cloned();
    assert_eq!(
        told["blanked"],
        blanked.unwrap_or_else(|| serde_json::json!([]))
    );
    for one in told["blanked"].as_array().unwrap() {
        assert!(kept.contains_key(one["path"].as_str().unwrap()), "{one}");
    }
}

pub(super) fn check(case: &Case, env: &TestEnv, fixture: &Fixture) {
    let everything = ["--full", "--include-credentials", "--include-env"];
    let report = env.backup(case.code, &everything);
    let mut kept = exported(env, &report);
    for target in report["targets"].as_array().unwrap() {
        case.leave_what_others_keep(target, &mut kept);
    }
    let found = find_tokens(&kept);
    let mut wrong = Vec::new();
    for entry in fixture.entries() {
        let (path, default) = (entry.path(), entry.text("default"));
        for token in tokens_of(entry, &env.home()) {
            // Secrets and names of machines stay, whatever else a file holds.
            let wanted = leaves(entry) && token.starts_with("KEEP_ME_");
            if found.contains_key(&token) != wanted {
                wrong.push(format!(
                    "{token} of {path} ({default}): {:?}",
                    found.get(&token)
                ));
            }
        }
        wrong.extend(wrong_file(case, entry, env, &kept));
    }
    assert!(
        wrong.is_empty(),
        "{} portable:\n  {}",
        case.name,
        wrong.join("\n  ")
    );
}

/// What is wrong with a file that has nothing to hide: it leaves byte for byte.
fn wrong_file(
    case: &Case,
    entry: Entry<'_>,
    env: &TestEnv,
    kept: &BTreeMap<String, Kept>,
) -> Option<String> {
    let path = entry.path();
    let plain = matches!(entry.text("kind"), "file" | "fill") && entry.text("default") == "include";
    let elsewhere = path.starts_with(".agents/") && !case.targets.contains(&"agents-skills");
    if !plain || elsewhere || !leaves(entry) {
        return None;
    }
    let at = case.archive_path(path);
    let mut archives = case.targets.iter().filter_map(|target| kept.get(*target));
    match archives.find_map(|kept| kept.get(&at)) {
        None => Some(format!("{path} does not leave as {at}")),
        Some(bytes) => {
            let same = *bytes == fs::read(env.home().join(path)).unwrap();
            (!same).then(|| format!("{path} leaves with other bytes"))
        }
    }
}
