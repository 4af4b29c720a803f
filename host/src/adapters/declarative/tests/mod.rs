//! What a file may say, and what is said of one that says something else.

mod errors;
mod hints;

use super::super::{AdapterError, wire};
use super::Table;
use crate::model::Digest;

/// A file that says a little of everything.
const WHOLE: &str = r#"contract = "0.1"
id = "pen"
name = "Pen"
version = "1.2.3"
description = "What Pen keeps"
variables = ["PEN_HOME"]
scope = ["home/.pen", "var/PEN_HOME", "config/Pen", "project/.pen"]
detect = ["root"]
notes = ["Ink is not kept."]

[[source]]
url = "https://pen.example"
checked = "2026-11-22"

[place]
root = { variable = "PEN_HOME", else = "home/.pen" }
app = { macos = ["home/.pen/app", "config/Pen"], windows = "config/Pen" }

[[rule]]
id = "settings"
file = "root/settings.json"
class = "settings"
kind = "json"
keys = ["nibs"]
secrets = ["/token"]

[[rule]]
id = "list"
file = "root/list.json"
class = "plugins"
placement = "same-home"
read-back = true

[[rule]]
id = "app"
tree = "app"
take = ["*.txt"]
leave = ["a.txt"]
class = "history"
links = "follow"
os = ["macos", "windows"]

[[rule]]
id = "project"
tree = "project/.pen"
class = "instructions"

[[tally]]
noun = "nib"
plural = "nibs"
at = "root/nibs"
folders-with = "NIB.md"
depth = 2

[running]
processes = ["pen"]
lock-files = ["root/*.lock"]

[[hint]]
after = ["list"]
severity = "action"
summary = "Fetch the nibs again."

[[hint.commands]]
lines = ["pen add {}"]
each = { rule = "list", items = "/nibs/*", value = "/id", where = { "/on" = "true" } }

[[hint]]
when = "home-changed"
severity = "warning"
summary = "Look at the paths."
save = { name = "pen.txt", text = "paths" }
"#;

fn read(text: &str) -> Result<Table, AdapterError> {
    Table::read(text.as_bytes()).map(|(_, table)| table)
}

fn facts(os: wire::OperatingSystem, variable: bool) -> wire::Facts {
    let set = wire::Variable {
        name: "PEN_HOME".into(),
        value: "/pen".into(),
    };
    wire::Facts {
        os,
        home: "/home/ada".into(),
        project: None,
        variables: if variable { vec![set] } else { Vec::new() },
        existing: Vec::new(),
    }
}

fn shown(rule: &wire::Rule) -> String {
    let base = match &rule.at.base {
        wire::Base::Home => "home",
        wire::Base::Config => "config",
        wire::Base::Project => "project",
        wire::Base::Variable(name) => name,
        _ => "other",
    };
    format!("{}={base}/{}", rule.id, rule.at.path)
}

fn rules(os: wire::OperatingSystem, variable: bool) -> Vec<String> {
    let table = read(WHOLE).unwrap();
    let declared = table.declare(&facts(os, variable));
    declared.rules.iter().map(shown).collect()
}

#[test]
fn places_are_found_by_variable_and_system_and_order_is_kept() {
    assert_eq!(
        rules(wire::OperatingSystem::Linux, false),
        [
            "settings=home/.pen/settings.json",
            "list=home/.pen/list.json",
            "project=project/.pen"
        ]
    );
    assert_eq!(
        rules(wire::OperatingSystem::Macos, true),
        [
            "settings=PEN_HOME/settings.json",
            "list=PEN_HOME/list.json",
            "app=home/.pen/app",
            "app-2=config/Pen",
            "project=project/.pen"
        ]
    );
    assert_eq!(
        rules(wire::OperatingSystem::Windows, false)[2],
        "app=config/Pen"
    );
}

#[test]
fn the_rest_of_a_file_is_declared_too() {
    let (identity, table) = Table::read(WHOLE.as_bytes()).unwrap();
    assert_eq!(identity.id.as_str(), "pen");
    assert_eq!(identity.version.to_string(), "1.2.3");
    assert_eq!(identity.digest, Digest::of(WHOLE.as_bytes()));
    let scope: Vec<String> = identity.scope.iter().map(ToString::to_string).collect();
    assert_eq!(
        scope,
        ["home/.pen", "var/PEN_HOME", "config/Pen", "project/.pen"]
    );
    let facts = facts(wire::OperatingSystem::Linux, false);
    let declared = table.declare(&facts);
    assert_eq!(declared.notes, ["Ink is not kept."]);
    assert_eq!(declared.tallies.len(), 1);
    assert_eq!(declared.running.len(), 2);
    let options = format!("{:?}", declared.rules[0].options);
    assert!(
        options.contains("nibs") && options.contains("/token"),
        "{options}"
    );
    assert_eq!(table.signs(&facts)[0].to_string(), "home/.pen");
}

/// The reference of all keys.
const REFERENCE: &str = include_str!("../../../../../docs/adapters-toml.md");

#[test]
fn the_example_of_the_reference_is_accepted() {
    let whole = REFERENCE
        .split("```toml\n")
        .find(|block| block.starts_with("contract"));
    let example = whole.unwrap().split("```").next().unwrap();
    let table = read(example).unwrap_or_else(|e| panic!("{e}"));
    let declared = table.declare(&facts(wire::OperatingSystem::Linux, true));
    assert_eq!(declared.rules.len(), 5);
}

#[test]
fn the_reference_has_every_key() {
    let unknown = "unheard-of = 1\n";
    let places = [
        String::new(),
        "[place.root]\n".to_owned(),
        "[[source]]\n".to_owned(),
        "[[rule]]\n".to_owned(),
        "[[tally]]\n".to_owned(),
        "[running]\n".to_owned(),
        "[[hint]]\n".to_owned(),
        "[[hint]]\n[[hint.commands]]\n".to_owned(),
        "[[hint]]\n[[hint.commands]]\n[hint.commands.each]\n".to_owned(),
    ];
    let mut seen = 0;
    for place in places {
        let refused = toml::from_str::<super::format::Format>(&(place.clone() + unknown));
        let refused = refused.err().unwrap();
        let names = refused.message().split('`').skip(3).step_by(2);
        for name in names {
            let shown = [
                format!("`{name}`"),
                format!("[{name}]"),
                format!("[hint.{name}]"),
                format!("\n{name} = "),
            ];
            let found = shown.iter().any(|shown| REFERENCE.contains(shown.as_str()));
            assert!(found, "{place}: {name} is not in the reference");
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} keys");
}

#[test]
fn what_is_no_text_is_no_table() {
    assert!(!Table::is_text(b""));
    assert!(!Table::is_text(b"\xff\xfe"));
    assert!(Table::is_text(b"contract"));
    let text = read("notes of mine").err().unwrap().to_string();
    assert!(text.contains("not a WebAssembly component"), "{text}");
    assert!(text.contains("line 1, column 7"), "{text}");
}
