//! A validator of the world, for what our own quick reader of schemas is held against.

use crate::support::authored::tools;
use crate::support::schemas::{complaints, schema};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

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

/// What the validator says of each document.
pub(super) fn validate(pairs: &[(Value, Value)]) -> Vec<Vec<String>> {
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

/// All that was printed is right, and all that is spoiled is wrong, for the validator and for what
/// the other tests use.
pub(super) fn hold_against_the_validator(documents: &[Value]) {
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
