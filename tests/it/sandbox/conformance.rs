//! The built-in adapters, components and TOML files, run as they ship, for three operating
//! systems: what they declare is admitted, and treats every file of the fake homes as the
//! home says.

use crate::support::fixture::fixtures;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use takeback::adapters::{Adapter, Registry, Runtime};
use takeback::model::{
    ArchivePath, Base, CheckedDeclaration, Class, HostFacts, Location, Os, OwnPlaces, Placement,
    RelPath, Rule, RuleSet,
};

/// Homes whose files belong to another adapter than the one they are named after, in whole
/// or in part.
const ALSO: [(&str, &[&str]); 5] = [
    ("claude/project", &["project"]),
    ("cursor/project", &["project"]),
    ("codex/project", &["codex", "project"]),
    ("aider/linux", &["aider", "project"]),
    ("skillshare/linux", &["skillshare"]),
];

/// Keys of other programs are here too: no adapter gets there, whatever a fixture wants.
const OFF_LIMITS: &str = ".aws/";

/// Every fake home, and the adapters its files belong to.
pub(super) fn homes() -> Vec<(String, Vec<String>)> {
    let index = fs::read(fixtures().join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    let homes = index["homes"].as_array().unwrap().iter();
    let names = homes.map(|home| text(home, "fixture").to_owned());
    let of_tools = names.filter(|name| !name.starts_with("skills/"));
    let adapters = |name: &str| match ALSO.iter().find(|(also, _)| *also == name) {
        Some((_, adapters)) => adapters.iter().map(|&id| id.to_owned()).collect(),
        None => vec![name.split('/').next().unwrap().to_owned()],
    };
    of_tools
        .map(|name| (name.clone(), adapters(&name)))
        .collect()
}

/// All built-in adapters, compiled once more: what ships is what is tested.
pub(super) fn built_in() -> BTreeMap<String, Adapter> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-cache");
    fs::create_dir_all(&cache).unwrap();
    let runtime = Runtime::new(Some(&cache)).unwrap();
    let loaded = Registry::built_in().load(&runtime, |_| true);
    let adapters = loaded
        .into_iter()
        .map(|(name, _, adapter)| (name, adapter.unwrap()));
    adapters.collect()
}

pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// A fake home as the host would see it.
pub(super) struct Home {
    pub(super) doc: Value,
    pub(super) facts: HostFacts,
}

impl Home {
    pub(super) fn load(name: &str, any: Os) -> Self {
        let file = fixtures().join(name).join("fixture.json");
        let doc: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let os = match text(&doc, "os") {
            "linux" => Os::Linux,
            "macos" => Os::Macos,
            "windows" => Os::Windows,
            _ => any,
        };
        let facts = facts(os, &doc);
        Self { doc, facts }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Value> {
        self.doc["entries"].as_array().into_iter().flatten()
    }

    /// The probes of an adapter that exist here.
    fn existing(&self, adapter: &Adapter) -> Vec<Location> {
        let exists = |place: &&Location| {
            let Some(real) = self.facts.resolve(place) else {
                return false;
            };
            self.entries()
                .any(|entry| self.facts.home.join(text(entry, "path")).starts_with(&real))
        };
        adapter
            .identity()
            .probes
            .iter()
            .filter(exists)
            .cloned()
            .collect()
    }

    pub(super) fn declare(&self, adapter: &Adapter) -> CheckedDeclaration {
        let declared = adapter.declare(&self.facts, &self.existing(adapter));
        declared.unwrap_or_else(|e| panic!("{} on {}: {e}", adapter.identity().id, self.facts.os))
    }

    /// Every file, by each base it may be named with.
    pub(super) fn files(&self) -> Vec<ArchivePath> {
        let files = self.entries().filter(|entry| text(entry, "kind") != "dir");
        files
            .flat_map(|entry| self.named(text(entry, "path")))
            .collect()
    }

    /// The first rule that takes a file, by whichever base it may be named.
    pub(super) fn rule<'r>(&self, rules: &'r [Rule], path: &str) -> Option<&'r Rule> {
        let set = RuleSet::new(rules);
        let named = self.named(path).into_iter();
        let found: Vec<&Rule> = named.filter_map(|path| set.rule_for(&path)).collect();
        rules
            .iter()
            .find(|rule| found.iter().any(|one| one.id == rule.id))
    }

    fn named(&self, path: &str) -> Vec<ArchivePath> {
        let real = self.facts.home.join(path);
        let bases = [
            Base::Home,
            Base::Config,
            Base::Data,
            Base::State,
            Base::Project,
        ];
        let variables = self
            .facts
            .environment
            .keys()
            .map(|name| Base::variable(name).unwrap());
        let named = bases.into_iter().chain(variables).filter_map(|base| {
            let below = real.strip_prefix(self.facts.base_dir(&base)?).ok()?;
            Some(ArchivePath::new(base, RelPath::new(below.to_str()?).ok()?))
        });
        named.collect()
    }

    /// Whether a link leads here: then the file is kept in the link's place.
    fn is_behind_a_link(&self, path: &str) -> bool {
        let links = self
            .entries()
            .filter(|entry| text(entry, "kind") == "symlink");
        let mut targets = links.map(|entry| text(entry, "target").trim_start_matches("../"));
        targets.any(|target| path.starts_with(target))
    }
}

/// The bytes of an entry.
pub(super) fn content(home: &str, entry: &Value) -> Vec<u8> {
    match (entry["text"].as_str(), entry["stored"].as_str()) {
        (Some(text), _) => text.into(),
        (None, Some(stored)) => fs::read(fixtures().join(home).join(stored)).unwrap(),
        (None, None) => Vec::new(),
    }
}

/// The repository.
pub(super) fn repository() -> &'static Path {
    takeback_artifacts::repository()
}

fn facts(os: Os, doc: &Value) -> HostFacts {
    // On this system a home with a drive letter would be no absolute path.
    let written = text(doc, "home");
    let home = PathBuf::from(if written.starts_with('/') {
        written
    } else {
        "/Users/Ada"
    });
    let (config, data, state) = match os {
        Os::Windows => ("AppData/Roaming", "AppData/Local", "AppData/Local"),
        _ => (".config", ".local/share", ".local/state"),
    };
    let environment = doc["env"].as_object().into_iter().flatten();
    let own = OwnPlaces(vec![
        home.join(config).join("takeback"),
        home.join(state).join("takeback"),
    ]);
    HostFacts {
        os,
        host: "fixture".to_owned(),
        user: "ada".to_owned(),
        config: home.join(config),
        data: home.join(data),
        state: home.join(state),
        project: doc["project"].as_str().map(|below| home.join(below)),
        environment: environment
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        own,
        home,
    }
}

/// The treatments that fit a rule's class.
fn treatments(rule: &Rule) -> &'static [&'static str] {
    match rule.class {
        Class::History => &["optin-history"],
        Class::Credentials | Class::Env => &["optin-secret"],
        Class::Cache | Class::CodeCache => &["exclude-cache"],
        Class::Machine => &["exclude-machine"],
        Class::Managed => &["exclude-managed"],
        _ if rule.placement == Placement::SameHome => &["reference"],
        _ => &["include", "redact"],
    }
}

/// What is wrong with how one file is treated.
fn judge(home: &Home, rules: &[&[Rule]], entry: &Value) -> Option<String> {
    let (path, default) = (text(entry, "path"), text(entry, "default"));
    let of_adapters = rules.iter().filter_map(|rules| home.rule(rules, path));
    let all: Vec<&Rule> = of_adapters.collect();
    if path.starts_with(OFF_LIMITS) {
        return all.first().map(|rule| format!("{path}: rule {}", rule.id));
    }
    for rule in &all {
        if !treatments(rule).contains(&default) {
            return Some(format!(
                "{path}: {default}, but rule {} says {}",
                rule.id, rule.class
            ));
        }
    }
    let out = default.starts_with("exclude-") || home.is_behind_a_link(path);
    (all.is_empty() && !out).then(|| format!("{path}: {default}, but no rule takes it"))
}

/// What leaves a machine must be named: secrets and ids inside of files that are kept.
fn unnamed_secrets(home: &Home, rules: &[&[Rule]], entry: &Value) -> Vec<String> {
    let path = text(entry, "path");
    let fields = entry["secret_fields"].as_array().into_iter().flatten();
    if text(entry, "default") != "redact" {
        return Vec::new();
    }
    let Some(rule) = rules.iter().find_map(|rules| home.rule(rules, path)) else {
        return Vec::new();
    };
    // Of YAML and TOML the names are written with dots and brackets.
    let pointer = |field: &str| match field.strip_prefix('/') {
        Some(_) => field.to_owned(),
        None => format!("/{}", field.replace(['.', '['], "/").replace(']', "")),
    };
    let is_named = |field: &str| {
        let names: Vec<&str> = field.split('/').collect();
        rule.secrets.iter().any(|secret| {
            let known: Vec<&str> = secret.split('/').collect();
            let same = |(known, name): (&&str, &&str)| {
                known == name
                    || known
                        .strip_prefix('*')
                        .is_some_and(|end| name.ends_with(end))
            };
            known.len() == names.len() && known.iter().zip(&names).all(same)
        })
    };
    let fields = fields.map(|field| pointer(field.as_str().unwrap()));
    let unnamed = fields.filter(|field| !is_named(field));
    unnamed
        .map(|field| format!("{path}: {field} is no secret of rule {}", rule.id))
        .collect()
}

#[test]
fn every_file_of_every_fake_home_is_treated_as_it_says() {
    let adapters = built_in();
    let (mut failures, mut seen) = (Vec::new(), 0);
    for (name, ids) in homes() {
        let home = Home::load(&name, Os::Linux);
        let declared: Vec<_> = ids.iter().map(|id| home.declare(&adapters[id])).collect();
        let rules: Vec<&[Rule]> = declared.iter().map(|d| d.rules.as_slice()).collect();
        let is_file = |entry: &&Value| matches!(text(entry, "kind"), "file" | "fill" | "sqlite");
        let files: Vec<&Value> = home.entries().filter(is_file).collect();
        let is_taken = |path| rules.iter().any(|rules| home.rule(rules, path).is_some());
        let taken = files.iter().filter(|entry| is_taken(text(entry, "path")));
        assert!(
            taken.count() >= files.len() / 2,
            "{name}: hardly anything falls under a rule"
        );
        seen += files.len();
        for entry in files {
            let mut wrong: Vec<String> = judge(&home, &rules, entry).into_iter().collect();
            wrong.extend(unnamed_secrets(&home, &rules, entry));
            failures.extend(wrong.into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    assert!(seen > 900, "only {seen} files were judged");
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn all_are_admitted_on_all_three_systems() {
    let adapters = built_in();
    let names: Vec<&str> = adapters.keys().map(String::as_str).collect();
    assert!(names.len() >= 20, "{names:?}");
    for fixture in [
        "claude/linux",
        "claude/macos",
        "claude/windows",
        "claude/project",
    ] {
        for os in [Os::Linux, Os::Macos, Os::Windows] {
            let home = Home::load(fixture, os);
            if home.facts.os != os {
                continue;
            }
            for adapter in adapters.values() {
                let declaration = home.declare(adapter);
                let id = &adapter.identity().id;
                let needs_project = id.as_str() == "project" && home.facts.project.is_none();
                assert!(
                    needs_project || !declaration.rules.is_empty(),
                    "{id} on {os}"
                );
            }
        }
    }
}

/// The rules of a system name its own places: what is right on one is no accident of
/// another's being asked.
#[test]
fn the_systems_are_told_apart() {
    let adapters = built_in();
    let bases = |fixture: &str| {
        let home = Home::load(fixture, Os::Linux);
        let declaration = home.declare(&adapters["cursor"]);
        let mut places: Vec<String> = declaration
            .rules
            .iter()
            .map(|rule| rule.at.to_string())
            .collect();
        places.sort();
        places.dedup();
        places
    };
    let (linux, macos, windows) = (
        bases("cursor/linux"),
        bases("cursor/macos"),
        bases("cursor/windows"),
    );
    assert!(linux != macos && macos != windows && linux != windows);
    assert!(
        macos
            .iter()
            .any(|place| place.contains("Library/Application Support")),
        "{macos:?}"
    );
    assert!(
        !windows.iter().any(|place| place.contains("Library/")),
        "{windows:?}"
    );
}
