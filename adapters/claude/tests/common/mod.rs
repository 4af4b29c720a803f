//! Holds a built-in adapter against the fake homes in `tests/fixtures/tools`.
//! The tests of the `cursor` and `project` adapters include this file too.

use globset::GlobBuilder;
use serde_json::Value;
use std::{error::Error, fs, path::PathBuf};
use takeback_adapter::*;

mod check;
mod form;
mod skills;

pub(crate) use form::check_form;

pub(crate) type Outcomes<T> = Result<T, Box<dyn Error>>;

/// One fake home.
pub(crate) struct Home {
    folder: PathBuf,
    doc: Value,
    pub(crate) facts: Facts,
}

/// One entry that is a file, with its path below the home directory.
struct Entry<'a> {
    path: &'a str,
    default: &'a str,
    value: &'a Value,
}

fn matches(glob: &str, path: &str) -> bool {
    let built = GlobBuilder::new(glob).literal_separator(true).build();
    built.is_ok_and(|glob| glob.compile_matcher().is_match(path))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

impl Home {
    /// Reads `<tool>/<name>`, for an operating system where the fixture names none.
    pub(crate) fn load(name: &str, any: OperatingSystem) -> Outcomes<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures/tools")
            .join(name);
        let doc: Value = serde_json::from_slice(&fs::read(folder.join("fixture.json"))?)?;
        let os = match text(&doc, "os") {
            "linux" => OperatingSystem::Linux,
            "macos" => OperatingSystem::Macos,
            "windows" => OperatingSystem::Windows,
            _ => any,
        };
        let variables = doc["env"].as_object().into_iter().flatten();
        let variables = variables
            .map(|(name, value)| Variable {
                name: name.clone(),
                value: value.as_str().unwrap_or_default().into(),
            })
            .collect();
        let home = text(&doc, "home").to_owned();
        let project = doc["project"]
            .as_str()
            .map(|below| format!("{home}/{below}"));
        let facts = Facts {
            os,
            home,
            project,
            variables,
            existing: vec![],
        };
        Ok(Self { folder, doc, facts })
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let all = self.doc["entries"].as_array().into_iter().flatten();
        let files = all.filter(|value| matches!(text(value, "kind"), "file" | "fill" | "sqlite"));
        files.map(|value| Entry {
            path: text(value, "path"),
            default: text(value, "default"),
            value,
        })
    }

    fn content(&self, entry: &Entry<'_>) -> Outcomes<Vec<u8>> {
        Ok(
            match (entry.value["text"].as_str(), entry.value["stored"].as_str()) {
                (Some(text), _) => text.into(),
                (None, Some(stored)) => fs::read(self.folder.join(stored))?,
                (None, None) => Vec::new(),
            },
        )
    }

    /// A location's path below the home directory.
    fn path(&self, location: &Location) -> String {
        let windows = self.facts.os == OperatingSystem::Windows;
        let below_home = |path: &str| {
            path.strip_prefix(&self.facts.home)
                .unwrap_or(path)
                .trim_start_matches('/')
                .to_owned()
        };
        let base = match &location.base {
            Base::Home => String::new(),
            Base::Config if windows => "AppData/Roaming".into(),
            Base::Config => ".config".into(),
            Base::Data | Base::State if windows => "AppData/Local".into(),
            Base::Data => ".local/share".into(),
            Base::State => ".local/state".into(),
            Base::Project => below_home(self.facts.project.as_deref().unwrap_or("no project")),
            Base::Variable(name) => {
                let named = self
                    .facts
                    .variables
                    .iter()
                    .find(|variable| variable.name == *name);
                named.map_or_else(|| "not set".into(), |variable| below_home(&variable.value))
            }
        };
        [base.as_str(), location.path.as_str()]
            .join("/")
            .trim_matches('/')
            .to_owned()
    }

    /// The first rule that takes a path, and the path below the rule's location.
    fn rule<'r>(&self, rules: &'r [Rule], path: &str) -> Option<(&'r Rule, String)> {
        rules.iter().find_map(|rule| {
            let below = path.strip_prefix(&self.path(&rule.at))?;
            if rule.shape == Shape::File {
                return below.is_empty().then(|| (rule, String::new()));
            }
            let below = below.strip_prefix('/')?;
            let mut folders = below.match_indices('/').map(|(end, _)| &below[..end]);
            let left = |path: &str| rule.leave.iter().any(|glob| matches(glob, path));
            let taken = rule.take.is_empty() || rule.take.iter().any(|glob| matches(glob, below));
            (taken && !left(below) && !folders.any(left)).then(|| (rule, below.to_owned()))
        })
    }

    /// The class that a path gets, if any rule takes it.
    pub(crate) fn class(&self, rules: &[Rule], path: &str) -> Option<Class> {
        self.rule(rules, path).map(|(rule, _)| rule.class)
    }

    /// What a restore of everything that a default backup holds would report.
    pub(crate) fn outcome(&self, rules: &[Rule], elsewhere: bool) -> Outcomes<Outcome> {
        let kept = ["include", "redact", "reference", "optin-history"];
        let mut outcome = Outcome {
            rules: vec![],
            files: vec![],
            home_changed: elsewhere,
            machine_changed: elsewhere,
        };
        for entry in self.entries().filter(|entry| kept.contains(&entry.default)) {
            let Some((rule, path)) = self.rule(rules, entry.path) else {
                continue;
            };
            let bound = rule
                .options
                .contains(&RuleOption::Placement(Placement::SameHome));
            let disposition = match (elsewhere, bound) {
                (true, true) => Disposition::Withheld,
                (true, false) => Disposition::Created,
                (false, _) => Disposition::Replaced,
            };
            let count = |fate| u32::from(fate == disposition);
            outcome.rules.push(RuleOutcome {
                rule: rule.id.clone(),
                created: count(Disposition::Created),
                replaced: count(Disposition::Replaced),
                same: 0,
                withheld: count(Disposition::Withheld),
                skipped: 0,
            });
            if rule.options.contains(&RuleOption::ReadBack) {
                let (rule, content) = (rule.id.clone(), self.content(&entry)?);
                outcome.files.push(ReadBackFile {
                    rule,
                    path,
                    disposition,
                    content,
                });
            }
        }
        Ok(outcome)
    }

    /// The texts that hints must or must not have in them.
    pub(crate) fn expected(&self, list: &str) -> Vec<&str> {
        let texts = self.doc["expect"][list].as_array().into_iter().flatten();
        texts.filter_map(Value::as_str).collect()
    }
}

/// Everything in hints that a person gets to read.
pub(crate) fn said(hints: &[Hint]) -> String {
    let mut said = String::new();
    for hint in hints {
        let lines = hint.commands.iter().flat_map(|block| &block.lines);
        let saved = hint.save.iter().map(|file| &file.text);
        for text in [&hint.summary]
            .into_iter()
            .chain(&hint.steps)
            .chain(lines)
            .chain(saved)
        {
            said.push_str(text);
            said.push('\n');
        }
    }
    said
}
