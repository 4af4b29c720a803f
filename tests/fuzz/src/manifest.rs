//! Bytes put before the readers of `manifest.json` and `snapshot.toml`. What is accepted
//! is written, and must be read again as the same.

use super::paths::{check_location, check_path};
use serde_json::Value;
use takeback::archive::Manifest;
use takeback::archive::fuzz_hooks::{parse_manifest, write_manifest};
use takeback::model::{ArchivePath, Declaration, RuleSet, RunningCheck, Shape, SnapshotId};
use takeback::vault::SnapshotRecord;
use takeback::vault::fuzz_hooks::{parse_record, write_record};

/// The snapshot that every record is read as the record of.
pub(crate) const SNAPSHOT: &str = "2026-01-20_15-30-00";

/// Reads a manifest, or a record when it does not begin like JSON; says whether it was
/// accepted.
pub fn manifest(data: &[u8]) -> bool {
    if data.trim_ascii_start().first() != Some(&b'{') {
        return record(data);
    }
    let Ok(manifest) = parse_manifest(data) else {
        return false;
    };
    check_manifest(&manifest);
    let written = write_manifest(&manifest).expect("what was read can be written");
    check_json(data, &written);
    let again = parse_manifest(&written).expect("what was written can be read");
    let rewritten = write_manifest(&again).expect("and written once more");
    assert!(
        written == rewritten,
        "a manifest changes when it is written"
    );
    true
}

fn check_manifest(manifest: &Manifest) {
    manifest.scope.iter().for_each(check_location);
    check_declaration(&manifest.declaration);
    let links = manifest.links.iter().chain(&manifest.replaced_links);
    for path in links
        .map(|(path, _)| path)
        .chain(manifest.followed.iter().map(|f| &f.path))
    {
        check_path(path);
    }
    for left in &manifest.left_out {
        assert!(!manifest.classes.takes(left.class));
    }
}

/// Every place is a plain one, and rules can be asked about any path.
pub(crate) fn check_declaration(declaration: &Declaration) {
    let tallies = declaration.tallies.iter().map(|tally| &tally.at);
    let rules = declaration.rules.iter().map(|rule| &rule.at);
    tallies.chain(rules).for_each(check_location);
    for check in &declaration.running {
        if let RunningCheck::LockFile(place) = check {
            check_location(place);
        }
    }
    let set = RuleSet::new(&declaration.rules);
    for rule in &declaration.rules {
        let own = ArchivePath::new(rule.at.base.clone(), rule.at.path.clone());
        let found = set.rule_for(&own);
        if rule.shape == Shape::File {
            assert!(found.is_some(), "the file {own} falls under no rule");
        }
        if let Ok(below) = ArchivePath::parse(&format!("{own}/a/b.md")) {
            let found = set.rule_for(&below);
            assert!(found.is_none_or(|rule| below.rel().below(&rule.at.path).is_some()));
        }
    }
}

/// What was written says what was read, as far as both say it.
fn check_json(read: &[u8], written: &[u8]) {
    // Half a surrogate in a field that is passed over does not bother the program.
    let Ok(read) = serde_json::from_slice::<Value>(read) else {
        return;
    };
    let written: Value = serde_json::from_slice(written).expect("good JSON");
    for pointer in [
        "/format",
        "/program",
        "/snapshot",
        "/target",
        "/time",
        "/zone",
        "/host",
        "/user",
        "/os",
        "/home",
        "/adapter/name",
        "/adapter/version",
        "/adapter/scope",
        "/declaration/notes",
    ] {
        if let Some(value) = read.pointer(pointer) {
            assert_eq!(Some(value), written.pointer(pointer), "{pointer}");
        }
    }
    let rules = |value: &Value| {
        value
            .pointer("/declaration/rules")
            .and_then(Value::as_array)
            .cloned()
    };
    let (read, written) = (
        rules(&read).unwrap_or_default(),
        rules(&written).unwrap_or_default(),
    );
    assert_eq!(read.len(), written.len());
    for (read, written) in read.iter().zip(&written) {
        for key in ["id", "at", "shape", "class"] {
            assert_eq!(read[key], written[key], "{key}");
        }
    }
}

fn record(data: &[u8]) -> bool {
    let (Ok(text), Ok(id)) = (std::str::from_utf8(data), SnapshotId::new(SNAPSHOT)) else {
        return false;
    };
    let Ok(record) = parse_record(&id, text) else {
        return false;
    };
    check_record(&record);
    let written = write_record(&record).expect("what was read can be written");
    let again = parse_record(&id, &written).expect("what was written can be read");
    assert_eq!(record, again);
    true
}

fn check_record(record: &SnapshotRecord) {
    for target in &record.targets {
        // The one thing in a record that becomes part of a path.
        let name = target.file_name();
        assert!(
            !name.contains(['/', '\\', '\0']) && !name.starts_with('.'),
            "{name:?}"
        );
        assert_eq!(
            record.target(&target.target).map(|t| &t.target),
            Some(&target.target)
        );
    }
    let whole = record.targets.iter().all(|target| target.troubles == 0);
    assert_eq!(record.is_complete(), whole);
}
