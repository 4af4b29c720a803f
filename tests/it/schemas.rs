//! The schemas of `docs/schemas`: sound, complete, and true of what every command prints.
//! What a document must look like is also checked wherever any other test reads one.

use crate::support::authored::tools;
use crate::support::schemas::{complaints, folder, schema};
use crate::support::{Output, TestEnv};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use takeback::model::Digest;

/// A validator of the world, in Python: from pairs of schema and document on its input to what is
/// wrong with each. The schemas themselves are held against the dialect they name.
const VALIDATOR: &str = r#"
import json, sys
from jsonschema import Draft202012Validator as Validator
out = []
for schema, document in json.load(sys.stdin):
    Validator.check_schema(schema)
    checker = Validator(schema, format_checker=Validator.FORMAT_CHECKER)
    out.append([f"{list(e.absolute_path)}: {e.message}" for e in checker.iter_errors(document)])
assert "date-time" in Validator.FORMAT_CHECKER.checkers, "rfc3339-validator is missing"
json.dump(out, sys.stdout)
"#;

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
    ("diff", &["diff"]),
    ("doctor", &["doctor"]),
    ("export", &["export"]),
    ("history", &["history"]),
    ("init", &["init"]),
    ("list", &["list"]),
    ("log", &["log"]),
    ("note", &["note"]),
    ("pin", &["pin"]),
    ("recover", &["recover"]),
    ("remove", &["remove"]),
    ("repair", &["repair"]),
    ("restore", &["restore"]),
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

/// Commands whose documents need more than a home: who holds them against their schema.
const ELSEWHERE: &[(&str, &str)] = &[("adapter push", "trust/registry.rs, with a registry")];

/// What to do when a command is missing in the table above.
const WAY_OUT: &str = "add a row to COMMANDS in tests/it/schemas.rs with the types of its \
     documents, a schema for each in docs/schemas, a run to `every_run` there, and a row to \
     docs/json.md";

/// The commands below one, by its own help.
fn below(env: &TestEnv, command: &[&str]) -> Vec<String> {
    let mut args = command.to_vec();
    args.push("--help");
    let help = env.run_bare(&args).exits(0).stdout;
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
    for name in below(env, &[]) {
        let inner = below(env, &[&name]);
        if inner.is_empty() {
            all.insert(name);
            continue;
        }
        all.extend(inner.iter().map(|inner| format!("{name} {inner}")));
    }
    all
}

#[test]
fn every_command_has_a_schema() {
    let env = TestEnv::new();
    let known: BTreeSet<String> = COMMANDS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
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

/// What the validator says of each document.
fn validate(pairs: &[(Value, Value)]) -> Vec<Vec<String>> {
    let python = tools().join("venv/bin/python3");
    assert!(
        python.exists(),
        "{} is missing; tests/run installs it",
        python.display()
    );
    let mut child = Command::new(python)
        .args(["-c", VALIDATOR])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = serde_json::to_vec(pairs).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let done = child.wait_with_output().unwrap();
    let _ = writer.join();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "tests/run installs what it needs: {said}"
    );
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Documents that are wrong in one place each: a field that nobody described, one that is missing,
/// one of another type; in the document and in its first inner object.
fn spoiled(document: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let inner = document.as_object().unwrap().iter();
    let inner = inner.filter(|(_, value)| value[0].is_object());
    let inner = inner.map(|(name, _)| format!("/{name}/0"));
    for pointer in [String::new()].into_iter().chain(inner) {
        let fields = document.pointer(&pointer).unwrap().as_object().unwrap();
        let names: Vec<&String> = fields.keys().collect();
        let change = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut copy = document.clone();
            change(copy.pointer_mut(&pointer).unwrap().as_object_mut().unwrap());
            copy
        };
        all.push(change(&|fields| {
            fields.insert("not_described".to_owned(), 1.into());
        }));
        for name in names.iter().filter(|name| ***name != "message_type") {
            all.push(change(&|fields| {
                fields.insert((*name).clone(), json!({"odd": []}));
            }));
            all.push(change(&|fields| {
                fields.remove(*name);
            }));
        }
    }
    all
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

/// Runs commands one after the other, each with `--json`, and remembers what they printed.
struct Runs {
    env: TestEnv,
    seen: Vec<(String, String)>,
    documents: Vec<Value>,
}

impl Runs {
    fn run(&mut self, command: &str, code: i32, args: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(command.split(' '));
        all.extend(args);
        let output: Output = self.env.run(&all).exits(code);
        let document = output.json();
        let message_type = document["message_type"].as_str().unwrap().to_owned();
        self.seen.push((command.to_owned(), message_type));
        self.documents.push(document.clone());
        document
    }

    fn snapshot(&mut self, args: &[&str]) -> String {
        let made = self.run("backup", 0, args);
        made["snapshot"].as_str().unwrap().to_owned()
    }
}

/// Every command at least once, in a life of a home.
fn every_run(runs: &mut Runs) {
    runs.run("init", 0, &["--dry-run"]);
    runs.run("init", 0, &[]);
    runs.run("backup", 0, &["--dry-run"]);
    let first = runs.snapshot(&["--note", "first"]);
    runs.env.write(".claude/CLAUDE.md", "Be briefer.\n");
    runs.env.write(
        ".claude/settings.json",
        "{\"model\": \"a\", \"env\": {\"API_KEY\": \"sk-1\"}}\n",
    );
    let second = runs.snapshot(&["--automatic", "--cleanup"]);
    runs.env.write(
        ".claude/settings.json",
        "{\"model\": \"b\", \"env\": {\"API_KEY\": \"sk-2\"}}\n",
    );
    runs.env.write(".claude/projects/p/s.jsonl", "{\"a\": 1}\n");
    runs.run("backup", 0, &["--list"]);
    runs.run("list", 0, &[]);
    runs.run("show", 0, &[]);
    runs.run("diff", 0, &["claude"]);
    runs.run("diff", 0, &["claude", &first, &second]);
    let file = runs.env.home().join(".claude/CLAUDE.md");
    runs.run("history", 0, &[file.to_str().unwrap()]);
    runs.run("verify", 0, &[]);
    runs.run("status", 0, &[]);
    runs.run("doctor", 0, &[]);
    runs.run("vault stats", 0, &[]);
    let out = runs.env.root().join("out.tar.gz");
    let portable = [
        "latest",
        "claude",
        "--profile",
        "portable",
        "-o",
        out.to_str().unwrap(),
    ];
    runs.run("export", 0, &portable);
    runs.run("pin", 0, &[&first, "--note", "a"]);
    runs.run("unpin", 0, &[&first]);
    runs.run("note", 0, &[&first, ""]);
    runs.run("restore", 0, &["claude", "--dry-run", "--diff"]);
    runs.run("restore", 5, &["claude"]);
    runs.run("restore", 0, &["claude", "--from", &first, "--force"]);
    runs.run("undo", 0, &["--list"]);
    runs.run("undo", 0, &["--dry-run"]);
    runs.run("undo", 0, &["--yes"]);
    runs.run("recover", 0, &[]);
    runs.run("repair", 0, &[]);
    runs.run("log", 0, &[]);
    every_removal(runs, &second);
    every_adapter_run(runs);
}

fn every_removal(runs: &mut Runs, second: &str) {
    runs.snapshot(&[]);
    runs.run("cleanup", 0, &["--dry-run"]);
    runs.run("cleanup", 0, &["--yes"]);
    runs.run("remove", 0, &[second, "--yes"]);
    runs.run("trash list", 0, &[]);
    runs.run("trash restore", 0, &[second]);
    runs.run("remove", 0, &[second, "--yes"]);
    runs.run("trash empty", 0, &["--yes"]);
}

fn every_adapter_run(runs: &mut Runs) {
    runs.run("adapter list", 0, &[]);
    runs.run("adapter show", 0, &["claude"]);
    let dir = runs.env.root().join("notepad9");
    let dir = dir.to_str().unwrap();
    runs.run(
        "adapter new",
        0,
        &["--lang", "toml", "notepad9", "--dir", dir],
    );
    let table = format!("{dir}/notepad9.toml");
    runs.run("adapter check", 0, &[&table]);
    let digest = Digest::of(&std::fs::read(&table).unwrap()).to_string();
    runs.run("adapter add", 0, &[&table, "--yes", "--sha256", &digest]);
    runs.run("adapter update", 0, &[]);
    runs.run("adapter remove", 0, &["notepad9"]);
    let component = takeback_artifacts::repository().join("adapters/dist/claude.wasm");
    let packed = format!("{dir}/packed.wasm");
    runs.run(
        "adapter pack",
        0,
        &[component.to_str().unwrap(), "-o", &packed],
    );
}

/// All that was printed is right, and all that is spoiled is wrong, for the validator and for what
/// the other tests use.
fn hold_against_the_validator(documents: &[Value]) {
    let with_schema = |document: &Value| {
        let name = document["message_type"].as_str().unwrap();
        (schema(name).unwrap(), document.clone())
    };
    let right: Vec<(Value, Value)> = documents.iter().map(with_schema).collect();
    for (errors, (_, document)) in validate(&right).iter().zip(&right) {
        assert_eq!(errors, &[""; 0], "{document:#}");
    }
    let spoiled: Vec<Value> = documents.iter().flat_map(spoiled).collect();
    assert!(spoiled.len() > 500, "{}", spoiled.len());
    let wrong: Vec<(Value, Value)> = spoiled.iter().map(with_schema).collect();
    for (errors, (_, document)) in validate(&wrong).iter().zip(&wrong) {
        let ours = complaints(document);
        assert_eq!(
            errors.is_empty(),
            ours.is_empty(),
            "{errors:?} {ours:?} {document:#}"
        );
    }
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
