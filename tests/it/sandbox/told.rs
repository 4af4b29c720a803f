//! What people are told of the fake homes of every system: how many skills there are, and
//! what is left to do after a restore.

use super::conformance::{Home, built_in, homes, text};
use crate::support::{TestEnv, materialize};
use serde_json::Value;
use std::fs;
use takeback::adapters::{Adapter, AfterRestore, ReadBackFile, RuleOutcome};
use takeback::model::{
    ArchivePath, CheckedDeclaration, Class, Hint, Os, Placement, RelPath, TallyCount,
};

/// Homes of which the number of skills is told as the tool would count: it looks into the
/// files, or at a list of exceptions. The second number is what is counted here.
const COUNTED_OTHERWISE: [(&str, u64); 8] = [
    ("agents-skills/linux", 2),
    ("gemini/linux", 2),
    ("opencode/linux", 2),
    ("opencode/windows", 2),
    ("roo/linux", 3),
    ("skillshare/linux", 6),
    ("skillshare/macos", 6),
    ("skillshare/windows", 6),
];

/// Homes of tools that are described in TOML; the others are told of by tests beside their
/// components.
fn tables() -> Vec<(String, Vec<String>)> {
    let mut all = homes();
    all.retain(|(name, _)| !name.starts_with("claude/") && !name.starts_with("cursor/"));
    all
}

fn expected_skills(name: &str, home: &Home) -> u64 {
    if let Some((_, count)) = COUNTED_OTHERWISE.iter().find(|(other, _)| *other == name) {
        return *count;
    }
    let told = home.doc["expect"]["skills"].as_object();
    let counts = told.into_iter().flatten().map(|(_, count)| count.as_u64());
    counts.map(Option::unwrap).sum()
}

#[test]
fn skills_are_counted_in_the_homes_of_every_system() {
    let adapters = built_in();
    let mut homes_with_skills = 0;
    for (name, ids) in tables() {
        let home = Home::load(&name, Os::Linux);
        let mut counts = Vec::new();
        for id in &ids {
            let declaration = home.declare(&adapters[id]);
            let files = home.files();
            let files: Vec<&ArchivePath> = files.iter().collect();
            let tallies = declaration.tallies.iter();
            counts.extend(tallies.map(|tally| TallyCount::of(tally, &files)));
        }
        let merged = TallyCount::merge(counts);
        let skills = merged.iter().find(|count| count.noun == "skill");
        let expected = expected_skills(&name, &home);
        assert_eq!(skills.map_or(0, |count| count.count), expected, "{name}");
        homes_with_skills += usize::from(expected > 0);
    }
    assert!(homes_with_skills > 20, "only {homes_with_skills} homes");
}

/// What an adapter says after a restore of everything that a default backup of a home
/// holds, on another machine or on the same one.
fn said_after(home: &Home, folder: &str, adapter: &Adapter, elsewhere: bool) -> Vec<Hint> {
    let declaration: CheckedDeclaration = home.declare(adapter);
    let (mut outcomes, mut files) = (Vec::new(), Vec::new());
    for entry in home.entries() {
        let path = text(entry, "path");
        let Some(rule) = home.rule(&declaration.rules, path) else {
            continue;
        };
        let never = [
            Class::Credentials,
            Class::Env,
            Class::Cache,
            Class::CodeCache,
            Class::Machine,
            Class::Managed,
        ];
        if text(entry, "kind") == "dir" || never.contains(&rule.class) {
            continue;
        }
        let withheld = elsewhere && rule.placement == Placement::SameHome;
        let count = |fate: bool| u32::from(fate);
        outcomes.push(RuleOutcome {
            rule: rule.id.clone(),
            created: count(elsewhere && !withheld),
            replaced: 0,
            same: count(!elsewhere),
            withheld: count(withheld),
            skipped: 0,
        });
        if rule.read_back {
            let stored = super::conformance::content(folder, entry);
            files.push(ReadBackFile {
                rule: rule.id.clone(),
                path: RelPath::root(),
                fate: if elsewhere { "created" } else { "same" },
                content: stored,
            });
        }
    }
    let outcome = AfterRestore::new(&outcomes, files).moved(elsewhere, elsewhere);
    adapter.after_restore(&home.facts, &[], &outcome).unwrap()
}

fn words(hints: &[Hint]) -> String {
    let mut all = String::new();
    for hint in hints {
        let lines = hint.commands.iter().flat_map(|block| &block.lines);
        let saved = hint.save.iter().map(|file| &file.text);
        let parts = [&hint.summary].into_iter().chain(&hint.steps);
        for part in parts.chain(lines).chain(saved) {
            all.push_str(part);
            all.push('\n');
        }
    }
    all
}

#[test]
fn a_restore_elsewhere_is_followed_by_what_is_left_to_do() {
    let adapters = built_in();
    let mut demanded = 0;
    for (name, ids) in tables() {
        let home = Home::load(&name, Os::Linux);
        let hints = ids
            .iter()
            .flat_map(|id| said_after(&home, &name, &adapters[id], true));
        let hints: Vec<Hint> = hints.collect();
        let said = words(&hints).to_lowercase();
        let list = |field: &str| -> Vec<String> {
            let texts = home.doc["expect"][field].as_array().into_iter().flatten();
            texts
                .map(|text: &Value| text.as_str().unwrap().to_lowercase())
                .collect()
        };
        for part in list("hints_must_mention") {
            demanded += 1;
            assert!(
                said.contains(&part),
                "{name} does not say {part:?}:\n{said}"
            );
        }
        for part in list("hints_must_not_mention") {
            assert!(!said.contains(&part), "{name} says {part:?}:\n{said}");
        }
        // Tools that are only files in a folder have nothing left to do.
        let of_project = home.doc["project"].is_string();
        assert!(of_project || !hints.is_empty(), "{name} says nothing");
    }
    assert!(demanded >= 20, "only {demanded} texts were demanded");
}

#[test]
fn a_restore_of_what_is_there_already_is_followed_by_nothing() {
    let adapters = built_in();
    for (name, ids) in tables() {
        let home = Home::load(&name, Os::Linux);
        for id in &ids {
            let hints = said_after(&home, &name, &adapters[id], false);
            assert_eq!(words(&hints), "", "{name}");
        }
    }
}

#[test]
fn the_program_says_what_is_left_to_do_in_another_home() {
    let here = TestEnv::new();
    materialize("codex/linux", &here.home());
    materialize("vscode/linux", &here.home());
    let report = here.backup(0, &["codex", "vscode"]);
    let snapshot = here.snapshot(report["snapshot"].as_str().unwrap());
    let there = TestEnv::new();
    for (target, says) in [
        ("codex", "codex plugin add fmt-kit@acme"),
        ("vscode", "code --install-extension rust-lang.rust-analyzer"),
    ] {
        let archive = snapshot.join(format!("{target}.tar.gz"));
        let from = archive.to_str().unwrap();
        let done = there.run(&["--json", "restore", target, "--from", from, "--force"]);
        let hints = done.exits(0).json()["hints"].to_string();
        assert!(hints.contains(says), "{hints}");
        assert!(!hints.contains("rm -rf"), "{hints}");
    }
}

#[test]
fn every_tool_in_toml_names_its_sources_and_the_day_they_were_checked() {
    let folder = super::conformance::repository().join("adapters/tools");
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let listed =
        fs::read_to_string(super::conformance::repository().join("docs/tools.md")).unwrap();
    let readme = fs::read_to_string(super::conformance::repository().join("README.md")).unwrap();
    let (known, mut seen) = (built_in(), 0);
    for file in files {
        let file = file.path();
        let text = fs::read_to_string(&file).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let id = file.file_stem().unwrap().to_str().unwrap();
        assert_eq!(table["id"].as_str(), Some(id));
        let sources = table["source"].as_array().unwrap();
        assert!(!sources.is_empty(), "{id} has no source");
        for source in sources {
            assert!(source["url"].as_str().unwrap().starts_with("https://"));
            let url = source["url"].as_str().unwrap();
            let day = source["checked"].as_str().unwrap();
            assert!(day.parse::<jiff::civil::Date>().is_ok(), "{id}: {day}");
            let line = format!("| <{url}> | {day} |");
            assert!(listed.contains(&line), "docs/tools.md lacks {line}");
        }
        assert!(known.contains_key(id), "{id} is not embedded");
        assert!(
            readme.contains(&format!("| `{id}` |")),
            "README.md lacks {id}"
        );
        seen += 1;
    }
    assert!(seen >= 17, "only {seen} files");
}
