//! Looking through live files for secrets, without a backup.

use super::plan::TargetPlan;
use crate::model::{ClassSelection, EntryKind, RuleSet};
use crate::scan::ScannedEntry;
use crate::secrets::{Finding, Watch};
use std::io::{self, Read};

/// What is known of the secrets in a target's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretsFound {
    /// What was found.
    pub findings: Vec<Finding>,
    /// How many files were looked through.
    pub files: u64,
    /// Files that could not be read, as archives name them.
    pub unread: Vec<String>,
}

/// Looks through the files of a plan that are of these classes.
#[must_use]
pub fn look_for_secrets(plan: &TargetPlan, classes: ClassSelection) -> SecretsFound {
    let rules = RuleSet::new(&plan.declaration.rules);
    let mut found = SecretsFound::default();
    for entry in &plan.inventory.entries {
        let rule = rules.rule_for(&entry.path);
        let Some(rule) = rule.filter(|rule| classes.takes(rule.class)) else {
            continue;
        };
        if !matches!(entry.kind, EntryKind::File { .. }) {
            continue;
        }
        let mut watch = Watch::of(rule);
        match read(entry, &mut watch) {
            Ok(()) => {
                found.files += 1;
                found.findings.extend(watch.findings(&entry.path));
            }
            Err(_) => found.unread.push(entry.path.to_string()),
        }
    }
    found
}

/// Reads as much as there was when the file was opened: a log may grow for ever.
fn read(entry: &ScannedEntry, watch: &mut Watch<'_>) -> io::Result<()> {
    let (file, stat) = entry
        .place
        .anchor
        .file(&entry.place.rel)
        .map_err(|e| e.source)?;
    let mut content = watch.over(file.take(stat.size));
    let mut buffer = vec![0; 256 << 10];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
