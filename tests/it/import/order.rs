//! Imported snapshots stand behind all others, and push none of them out.

use super::*;

/// Two archives, one older and one newer than the backup that is made between.
fn two(old: &Elsewhere) -> [PathBuf; 2] {
    ["2026-01-02_03-04-05", "2026-10-11_12-13-14"].map(|stamp| {
        let dir = old.backups.join(stamp);
        Elsewhere::write(&dir.join("claude/one/SKILL.md"), stamp);
        dir
    })
}

#[test]
fn the_newest_of_ones_own_is_the_latest_whenever_something_is_imported() {
    let old = Elsewhere::new();
    old.env.write(".claude/CLAUDE.md", "Mine.\n");
    let [older, newer] = two(&old);
    old.import(0, &[newer.to_str().unwrap()]);
    // With nothing else there, the newest imported one is the latest.
    old.env
        .run(&["show", "latest"])
        .exits(0)
        .says("2026-10-11_12-13-14");
    let own = old.env.backup(0, &["claude"]);
    let own = own["snapshot"].as_str().unwrap();
    old.import(0, &[older.to_str().unwrap()]);
    let list = old.env.run(&["--json", "list"]).exits(0).json();
    let listed = list["snapshots"].as_array().unwrap();
    let listed: Vec<(&str, &str)> = listed
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["kind"].as_str().unwrap()))
        .collect();
    let expected = [
        (own, "manual"),
        ("2026-10-11_12-13-14", "imported"),
        ("2026-01-02_03-04-05", "imported"),
    ];
    assert_eq!(listed, expected);
    old.env.write(".claude/CLAUDE.md", "Changed.\n");
    old.env
        .run(&["restore", "claude", "--yes", "--force"])
        .exits(0);
    let text = fs::read_to_string(old.env.home().join(".claude/CLAUDE.md")).unwrap();
    assert_eq!(text, "Mine.\n");
    assert!(!old.env.home().join(".claude/skills").exists());
}

#[test]
fn a_backup_leans_on_ones_own_and_finds_itself_unchanged() {
    let old = Elsewhere::new();
    old.env.write(".claude/CLAUDE.md", "Mine.\n");
    let first = old.env.backup(0, &["claude"]);
    let [older, newer] = two(&old);
    old.import(0, &[older.to_str().unwrap(), newer.to_str().unwrap()]);
    let second = old.env.backup(0, &["claude"]);
    let since = &second["targets"][0]["unchanged_since"];
    assert_eq!(since, &first["snapshot"], "{second:#}");
    old.env.run(&["verify"]).exits(0);
}

#[test]
fn a_clean_up_counts_no_imported_one_and_removes_none() {
    let old = Elsewhere::new();
    let path = old.env.write(".claude/CLAUDE.md", "0\n");
    let mut own = Vec::new();
    for number in 0..3 {
        fs::write(&path, format!("{number}\n")).unwrap();
        let report = old.env.backup(0, &["claude"]);
        own.push(report["snapshot"].as_str().unwrap().to_owned());
    }
    let [older, newer] = two(&old);
    old.import(0, &[older.to_str().unwrap(), newer.to_str().unwrap()]);
    let args = [
        "--json",
        "cleanup",
        "--keep-last",
        "1",
        "--min-keep",
        "1",
        "--yes",
    ];
    let report = old.env.run(&args).exits(0).json();
    let removed: Vec<&str> = report["removed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    assert_eq!(removed, [own[0].as_str(), own[1].as_str()]);
    let left = old.env.snapshots();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.contains(&own[2]));
    // Nor does a limit of size.
    let args = ["cleanup", "--max-size", "1B", "--min-keep", "1", "--yes"];
    old.env.run(&args).exits(0);
    assert_eq!(old.env.snapshots(), left);
    old.env.run(&["verify"]).exits(0);
    // Somebody who wants one gone says so.
    old.env
        .run(&["remove", "2026-01-02_03-04-05", "--yes"])
        .exits(0);
    assert_eq!(old.env.snapshots().len(), 2);
}

#[test]
fn the_same_source_is_imported_once() {
    let old = Elsewhere::new();
    old.fill();
    let archive = old.claude_code_backup(true, "");
    let archive = archive.to_str().unwrap();
    let first = old.import(0, &[archive]);
    let id = only(&first)["snapshot"].clone();
    let again = old.import(0, &[archive]);
    assert_eq!(only(&again)["outcome"], "already-imported");
    assert_eq!(only(&again)["snapshot"], id);
    old.env
        .run(&["import", archive])
        .exits(0)
        .says("was imported before");
    assert_eq!(old.env.snapshots().len(), 1);
    let third = old.import(0, &[archive, "--again"]);
    assert_eq!(only(&third)["outcome"], "imported");
    assert_eq!(old.env.snapshots().len(), 2);
}

#[test]
fn a_dry_run_writes_nothing() {
    let old = Elsewhere::new();
    old.fill();
    let archive = old.claude_code_backup(true, "");
    let archive = archive.to_str().unwrap();
    let said = old.env.run(&["import", archive, "--dry-run"]).exits(0);
    said.says(LOCAL)
        .says("1 skill")
        .says("Would import 1 snapshot");
    assert!(!old.env.vault().exists());
    let report = old.import(0, &[archive, "--dry-run"]);
    assert_eq!(only(&report)["outcome"], "would-import");
    assert!(!old.env.vault().exists());
}
