//! Holds rules against what a fixture says of each file.

use super::{Entry, Home, Outcomes, matches, text};
use serde_json::Value;
use std::collections::BTreeSet;
use takeback_adapter::*;

impl Home {
    /// Asserts that each file is treated as the fixture says, and that what must
    /// not leave the machine is named. Returns the number of files.
    pub(crate) fn check(&self, rules: &[Rule]) -> Outcomes<usize> {
        let mut files = 0;
        for entry in self.entries() {
            files += 1;
            let (path, default) = (entry.path, entry.default);
            let Some((rule, _)) = self.rule(rules, path) else {
                let out = default.starts_with("exclude-") || self.is_behind_a_link(path);
                assert!(out, "{path}: {default}, but no rule");
                continue;
            };
            let id = &rule.id;
            let allowed: &[&str] = match rule.class {
                Class::History => &["optin-history"],
                Class::Credentials | Class::Env => &["optin-secret"],
                Class::Cache | Class::CodeCache => &["exclude-cache"],
                Class::Machine => &["exclude-machine"],
                Class::Managed => &["exclude-managed"],
                _ => &["include", "redact", "reference"],
            };
            assert!(allowed.contains(&default), "{path}: {default}, but {id}");
            let bound = rule
                .options
                .contains(&RuleOption::Placement(Placement::SameHome));
            if allowed.len() > 1 {
                assert_eq!(bound, default == "reference", "{path}: {default}, but {id}");
            }
            if default == "redact" {
                self.check_secrets(&entry, rule)?;
            }
        }
        Ok(files)
    }

    /// Whether a link leads here: then it is kept in the link's place.
    fn is_behind_a_link(&self, path: &str) -> bool {
        let all = self.doc["entries"].as_array().into_iter().flatten();
        let mut links = all.filter(|value| text(value, "kind") == "symlink");
        links.any(|value| path.starts_with(text(value, "target").trim_start_matches("../")))
    }

    /// Every secret and every id of the machine has a pointer that covers it.
    fn check_secrets(&self, entry: &Entry<'_>, rule: &Rule) -> Outcomes<()> {
        let fields = entry.value["secret_fields"]
            .as_array()
            .into_iter()
            .flatten();
        let mut pointers: BTreeSet<String> = fields
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        // JSON with comments is not looked into: the fixture's list has to do.
        if let Ok(json) = serde_json::from_slice::<Value>(&self.content(entry)?) {
            find(&json, "", &mut pointers);
        }
        for pointer in pointers {
            let covered = rule.options.iter().any(
                |option| matches!(option, RuleOption::Secret(glob) if matches(glob, &pointer)),
            );
            assert!(
                covered,
                "{}: {pointer} is not a secret of {}",
                entry.path, rule.id
            );
        }
        Ok(())
    }
}

/// Pointers of all strings that hold a secret or an id of the machine.
fn find(json: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    match json {
        Value::String(text) if text.contains("FAKE_SECRET_") || text.contains("MACHINE_ID_") => {
            found.insert(pointer.to_owned());
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                find(value, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                find(
                    value,
                    &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        _ => {}
    }
}
