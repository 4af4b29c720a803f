//! The schemas of `docs/schemas`: sound, complete, and true of what every command prints.
//! What a document must look like is also checked wherever any other test reads one.

mod runs;
mod validator;

use crate::support::TestEnv;
use crate::support::schemas::{complaints, folder, schema};
use runs::{Runs, every_run};
use serde_json::Value;
use std::collections::BTreeSet;
use validator::{hold_against_the_validator, validate};

/// Every command, with the types of the documents that it may print with `--json`. `error` goes
/// without saying.
const COMMANDS: &[(&str, &[&str])] = &[
    ("adapter add", &["adapter-add"]),
    ("adapter check", &["adapter-check"]),
    ("adapter list", &["adapter-list"]),
    ("adapter new", &["adapter-new"]),
    ("adapter pack", &["adapter-pack"]),
    ("adapter push", &["adapter-push"]),
    ("adapter remove", &["adapter-remove"]),
    ("adapter show", &["adapter-show"]),
    ("adapter update", &["adapter-update"]),
    ("backup", &["backup", "list"]),
    ("cleanup", &["cleanup"]),
    ("config edit", &["config-edit"]),
    ("config path", &["config"]),
    ("config set", &["config-change"]),
    ("config show", &["config"]),
    ("config unset", &["config-change"]),
    ("diff", &["diff"]),
    ("doctor", &["doctor"]),
    ("export", &["export"]),
    ("guard", &["guard"]),
    ("guard install", &["guard-install"]),
    ("guard uninstall", &["guard-install"]),
    ("history", &["history"]),
    ("import", &["import"]),
    ("init", &["init"]),
    ("list", &["list"]),
    ("log", &["log"]),
    ("note", &["note"]),
    ("pin", &["pin"]),
    ("recover", &["recover"]),
    ("remove", &["remove"]),
    ("repair", &["repair"]),
    ("report", &["report"]),
    ("restore", &["restore"]),
    ("schedule install", &["schedule-install"]),
    ("schedule remove", &["schedule-remove"]),
    ("schedule status", &["schedule-status"]),
    ("secrets", &["secrets"]),
    ("show", &["show"]),
    ("status", &["status"]),
    ("trash empty", &["trash-empty"]),
    ("trash list", &["trash"]),
    ("trash restore", &["trash-restore"]),
    ("undo", &["undo", "operations"]),
    ("unpin", &["unpin"]),
    ("vault stats", &["vault-stats"]),
    ("verify", &["verify"]),
];

/// Commands that have no document, and why. With `--json` they are refused.
const WITHOUT: &[(&str, &str)] = &[
    ("browse", "it has the terminal to itself"),
    ("completions", "a shell reads what it prints"),
    ("man", "man reads what it prints"),
];

/// Commands whose documents need more than a home: who holds them against their schema.
const ELSEWHERE: &[(&str, &str)] = &[("adapter push", "trust/registry.rs, with a registry")];

/// What to do when a command is missing in the table above.
const WAY_OUT: &str = "add a row to COMMANDS in tests/it/schemas.rs with the types of its \
     documents, a schema for each in docs/schemas, a run to `every_run` in \
     tests/it/schemas/runs.rs, and a row to docs/json.md";

/// The help of a command.
fn help(env: &TestEnv, command: &[&str]) -> String {
    let mut args = command.to_vec();
    args.push("--help");
    env.run_bare(&args).exits(0).stdout
}

/// The commands below one, by its own help.
fn below(help: &str) -> Vec<String> {
    let listed = help.split_once("\nCommands:\n").map(|(_, rest)| rest);
    let lines = listed.unwrap_or_default().lines();
    let lines = lines.take_while(|line| !line.trim().is_empty());
    // Descriptions go on in lines that are indented further.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command that can be typed.
fn typed(env: &TestEnv) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for name in below(&help(env, &[])) {
        let help = help(env, &[&name]);
        let inner = below(&help);
        all.extend(inner.iter().map(|inner| format!("{name} {inner}")));
        // One that only holds others wants one of them; others do something by themselves.
        let usage = help.lines().find(|line| line.starts_with("Usage: "));
        if !usage.is_some_and(|line| line.ends_with("<COMMAND>")) {
            all.insert(name);
        }
    }
    all
}

#[test]
fn every_command_has_a_schema() {
    let env = TestEnv::new();
    let known = COMMANDS.iter().map(|(name, _)| *name);
    let known = known.chain(WITHOUT.iter().map(|(name, _)| *name));
    let known: BTreeSet<String> = known.map(str::to_owned).collect();
    let typed = typed(&env);
    let missing: Vec<&String> = typed.difference(&known).collect();
    assert!(missing.is_empty(), "{missing:?} have no schema: {WAY_OUT}");
    let gone: Vec<&String> = known.difference(&typed).collect();
    assert!(gone.is_empty(), "there are no such commands: {gone:?}");
    for (command, types) in COMMANDS {
        for name in *types {
            assert!(
                schema(name).is_some(),
                "{command}: docs/schemas/{name}.json is missing"
            );
        }
    }
}

#[test]
fn every_schema_is_of_a_command_and_in_the_documentation() {
    let types = COMMANDS.iter().flat_map(|(_, types)| *types);
    let known: BTreeSet<&str> = types.copied().chain(["error"]).collect();
    let page = takeback_artifacts::repository().join("docs/json.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".json").unwrap();
        assert!(
            known.contains(name),
            "docs/schemas/{name}.json is of no command"
        );
        let link = format!("schemas/{name}.json");
        assert!(page.contains(&link), "docs/json.md does not name {link}");
        found += 1;
    }
    assert_eq!(found, known.len());
}

#[test]
fn what_has_no_document_is_refused_with_json() {
    let env = TestEnv::new();
    for (command, why) in WITHOUT {
        let mut args = vec!["--json", command];
        args.extend((*command == "completions").then_some("bash"));
        let refused = env.run_bare(&args).exits(2).json();
        assert_eq!(refused["message_type"], "error", "{command}: {why}");
    }
    // Its document is a file, for stdout is the command's.
    let refused = env.run(&["--json", "guard", "--", "true"]).exits(2).json();
    assert_eq!(refused["code"], 2);
}

/// Every object of a schema that names fields.
fn objects(schema: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                found.push((at.to_owned(), schema.clone()));
            }
            for (name, value) in fields {
                objects(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, at, found)),
        _ => {}
    }
}

#[test]
fn every_schema_is_sound_and_leaves_no_field_undescribed() {
    let mut pairs = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".json").unwrap();
        let schema = schema(name).unwrap();
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        assert_eq!(schema["$schema"], dialect, "{name}");
        assert_eq!(schema["properties"]["message_type"]["const"], name);
        assert!(schema["description"].is_string(), "{name}");
        let mut found = Vec::new();
        objects(&schema, name, &mut found);
        for (at, object) in found {
            assert_eq!(object["additionalProperties"], false, "{at}");
            assert!(object["required"].is_array(), "{at}");
        }
        pairs.push((schema, Value::Null));
    }
    // Nothing is no document, and a schema that is none fails before.
    assert!(validate(&pairs).iter().all(|errors| !errors.is_empty()));
}

#[test]
fn a_field_that_is_not_described_fails_and_so_does_one_that_is_missing() {
    let mut document = serde_json::json!({
        "schema_version": 1,
        "message_type": "remove",
        "removed": ["2026-01-20_15-30-00"],
    });
    assert_eq!(complaints(&document), [""; 0]);
    document["more"] = 1.into();
    assert_eq!(complaints(&document).len(), 1);
    document.as_object_mut().unwrap().remove("more");
    document.as_object_mut().unwrap().remove("removed");
    assert_eq!(complaints(&document).len(), 1);
    document["message_type"] = "nobody-knows".into();
    assert!(complaints(&document)[0].contains("docs/schemas/nobody-knows.json"));
}

#[test]
fn what_every_command_prints_is_as_its_schema_says() {
    let env = TestEnv::small();
    let mut runs = Runs {
        env,
        seen: Vec::new(),
        documents: Vec::new(),
    };
    every_run(&mut runs);
    hold_against_the_validator(&runs.documents);
    let error = |(_, name): &&(String, String)| name != "error";
    for (command, name) in runs.seen.iter().filter(error) {
        let row = COMMANDS.iter().find(|(known, _)| known == command);
        let (_, types) = row.unwrap_or_else(|| panic!("{command}: {WAY_OUT}"));
        assert!(
            types.contains(&name.as_str()),
            "{command} printed a document of type {name}"
        );
    }
    for (command, types) in COMMANDS {
        if ELSEWHERE.iter().any(|(elsewhere, _)| elsewhere == command) {
            continue;
        }
        for name in *types {
            let printed = runs
                .seen
                .iter()
                .any(|(by, seen)| by == command && seen == name);
            assert!(
                printed,
                "no run of `{command}` printed a document of type {name}: {WAY_OUT}"
            );
        }
    }
}
