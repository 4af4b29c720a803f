//! What a file may say, and what is said of one that says something else.

use super::super::{AdapterError, AfterRestore, ReadBackFile, RuleOutcome, wire};
use super::Table;
use crate::model::limits::{ADAPTER_TABLE_BYTES, DECLARED_RULES, HINT_WORDS};
use crate::model::{Digest, RelPath, RuleId};

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

/// The file with one part replaced, which must be in it once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(WHOLE.matches(old).count(), 1, "{old}");
    WHOLE.replace(old, new)
}

#[test]
fn an_error_names_line_and_column_and_what_would_be_right() {
    let cases: &[(&str, &str, usize, usize, &[&str])] = &[
        ("id = \"pen\"", "id = \"pen", 2, 10, &["invalid"]),
        (
            "name = \"Pen\"",
            "nmae = \"Pen\"",
            3,
            1,
            &["`nmae`", "`name`"],
        ),
        ("name = \"Pen\"", "name = 7", 3, 8, &["string"]),
        ("\"0.1\"", "\"first\"", 1, 12, &["first", "\"0.1\""]),
        ("id = \"pen\"", "id = \"../pen\"", 2, 6, &["../pen", "a-z"]),
        (
            "version = \"1.2.3\"",
            "version = \"one\"",
            4,
            11,
            &["version", "one"],
        ),
        (
            "\"home/.pen\", \"var",
            "\"home\", \"var",
            7,
            10,
            &["its scope", "empty"],
        ),
        (
            "\"home/.pen\", \"var",
            "\".pen\", \"var",
            7,
            10,
            &["base", "home, config"],
        ),
        (
            "\"home/.pen\", \"var",
            "\"~/.pen\", \"var",
            7,
            10,
            &["base"],
        ),
        (
            "\"home/.pen\", \"var",
            "\"/home/ada\", \"var",
            7,
            10,
            &["base"],
        ),
        (
            "\"home/.pen\", \"var",
            "\"C:\\\\pen\", \"var",
            7,
            10,
            &["base"],
        ),
        (
            "\"home/.pen\", \"var",
            "\"home/a/../b\", \"var",
            7,
            10,
            &[".."],
        ),
        (
            "detect = [\"root\"]",
            "detect = [\"rot\"]",
            8,
            11,
            &["rot", "root"],
        ),
        (
            "detect = [\"root\"]",
            "detect = [\"home/x\"]",
            8,
            11,
            &["scope"],
        ),
        (
            "else = \"home/.pen\" }",
            "els = \"home/.pen\" }",
            16,
            33,
            &["`els`", "`else`"],
        ),
        (
            "else = \"home/.pen\" }",
            "else = \"nowhere/x\" }",
            16,
            8,
            &["nowhere/x", "base"],
        ),
        ("root = {", "home = {", 16, 8, &["`home` is a base"]),
        (
            "\"root/settings.json\"",
            "\"rot/settings.json\"",
            21,
            8,
            &["rule `settings`", "app, root"],
        ),
        (
            "\"root/settings.json\"",
            "\"home/.pencil\"",
            21,
            8,
            &["rule `settings`", "outside its scope"],
        ),
        (
            "\"root/settings.json\"",
            "\"root/../x\"",
            21,
            8,
            &["rule `settings`", ".."],
        ),
        (
            "\"root/settings.json\"",
            "\"root/$X\"",
            21,
            8,
            &["rule `settings`", "variables and globs"],
        ),
        (
            "\"root/settings.json\"",
            "\"root/a\\u0000b\"",
            21,
            8,
            &["rule `settings`"],
        ),
        (
            "kind = \"json\"",
            "kind = \"jsno\"",
            23,
            8,
            &["`jsno`", "`json`"],
        ),
        (
            "kind = \"json\"",
            "kind = \"plain\"",
            19,
            1,
            &["keys", "json"],
        ),
        (
            "class = \"settings\"",
            "class = \"setings\"",
            22,
            9,
            &["`setings`", "`settings`"],
        ),
        (
            "secrets = [\"/token\"]",
            "secrets = [\"token\"]",
            19,
            1,
            &["JSON pointer"],
        ),
        (
            "id = \"list\"",
            "id = \"settings\"",
            28,
            6,
            &["two rules are called `settings`"],
        ),
        (
            "id = \"list\"",
            "id = \"The List\"",
            27,
            1,
            &["rule \"The List\""],
        ),
        (
            "file = \"root/list.json\"",
            "",
            27,
            1,
            &["`file`", "`tree`"],
        ),
        ("[\"*.txt\"]", "[\"[\"]", 34, 1, &["rule `app`"]),
        ("[\"*.txt\"]", "[\"../*\"]", 34, 1, &["rule `app`"]),
        (
            "[\"macos\", \"windows\"]",
            "[\"mac\"]",
            41,
            7,
            &["`mac`", "`macos`"],
        ),
        ("depth = 2", "", 48, 1, &["folders-with", "depth"]),
        (
            "lock-files = [\"root/*.lock\"]",
            "lock-files = [\"root/*/x\"]",
            57,
            15,
            &["lock file"],
        ),
        (
            "after = [\"list\"]",
            "after = [\"lists\"]",
            59,
            1,
            &["lists"],
        ),
        (
            "each = { rule = \"list\"",
            "each = { rule = \"app\"",
            59,
            1,
            &["read-back"],
        ),
        ("pen add {}", "pen add", 59, 1, &["{}"]),
        ("pen add {}", "pen add {}\\n!", 59, 1, &["printable"]),
        (
            "items = \"/nibs/*\"",
            "items = \"nibs\"",
            59,
            1,
            &["JSON pointer"],
        ),
        (
            "name = \"pen.txt\"",
            "name = \"../pen\"",
            68,
            1,
            &["../pen"],
        ),
    ];
    let mut wrong = Vec::new();
    for (old, new, line, column, says) in cases {
        let error = read(&with_first(old, new)).err().map(|e| e.to_string());
        let error = error.unwrap_or_else(|| "it is accepted".to_owned());
        let place = format!("line {line}, column {column}: ");
        let complete = says.iter().all(|part| error.contains(part));
        if !error.starts_with(&place) || !complete {
            wrong.push(format!("{new}\n    {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The file with the first of such parts replaced.
fn with_first(old: &str, new: &str) -> String {
    assert!(WHOLE.contains(old), "{old}");
    WHOLE.replacen(old, new, 1)
}

#[test]
fn what_is_missing_is_named() {
    for key in ["contract", "id", "name", "version", "description", "scope"] {
        let start = WHOLE.find(&format!("{key} = ")).unwrap();
        let end = start + WHOLE[start..].find('\n').unwrap();
        let error = read(&WHOLE.replace(&WHOLE[start..=end], "")).err().unwrap();
        let text = error.to_string();
        let says = format!("line 1, column 1: missing field `{key}`");
        assert_eq!(text, says);
    }
}

#[test]
fn what_is_foreign_is_escaped_in_errors() {
    let odd = with("name = \"Pen\"", "\"a\\u001b[2J\" = 1");
    let text = read(&odd).err().unwrap().to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

#[test]
fn another_contract_is_named_even_where_the_words_are_unknown() {
    for more in ["", "unheard-of = 1\n"] {
        let later = with("\"0.1\"\n", &format!("\"0.9\"\n{more}"));
        let error = read(&later).err().unwrap();
        assert!(matches!(error, AdapterError::Contract { .. }), "{error}");
    }
}

#[test]
fn size_and_number_are_bounded() {
    let long = format!("{WHOLE}#{}", "x".repeat(ADAPTER_TABLE_BYTES as usize));
    assert!(matches!(
        read(&long).err().unwrap(),
        AdapterError::TableTooLarge
    ));
    let mut many = String::from(
        "contract=\"0.1\"\nid=\"a\"\nname=\"a\"\nversion=\"1.0.0\"\ndescription=\"\"\nscope=[\"home/.a\"]\n",
    );
    for number in 0..=DECLARED_RULES {
        many += &format!("[[rule]]\nid=\"{number}\"\nfile=\"home/.a\"\nclass=\"env\"\n");
    }
    let text = read(&many).err().unwrap().to_string();
    assert!(text.contains("more than 1000 rules"), "{text}");
}

fn outcome(rules: &[(&str, u32)], list: &[u8], home_changed: bool) -> AfterRestore {
    let rule = |(id, created): &(&str, u32)| RuleOutcome {
        rule: RuleId::new(id).unwrap(),
        created: *created,
        replaced: 0,
        same: 0,
        withheld: 1 - created,
        skipped: 0,
    };
    let file = ReadBackFile {
        rule: RuleId::new("list").unwrap(),
        path: RelPath::root(),
        fate: "withheld",
        content: list.to_vec(),
    };
    let rules: Vec<RuleOutcome> = rules.iter().map(rule).collect();
    AfterRestore::new(&rules, vec![file]).moved(home_changed, home_changed)
}

fn hints(told: &AfterRestore) -> Vec<wire::Hint> {
    let facts = facts(wire::OperatingSystem::Linux, false);
    read(WHOLE).unwrap().after_restore(&facts, told.wire())
}

#[test]
fn commands_are_made_of_harmless_words_only() {
    let list = br#"{"nibs":[{"id":"fine.nib","on":true},{"id":"off","on":false},
        {"id":"fine.nib","on":true},{"id":"-rf","on":true},{"id":"a;b","on":true},
        {"id":"$(x)","on":true},{"id":"!x","on":true},{"id":"/x","on":true},
        {"id":"a b","on":true},{"id":"a\nb","on":true},{"id":7,"on":true},{"on":true}]}"#;
    let said = hints(&outcome(&[("list", 0)], list, false));
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].commands[0].lines, ["pen add fine.nib"]);
    assert!(said[0].steps[0].ends_with(": 9."), "{:?}", said[0].steps);
}

#[test]
fn lists_that_are_no_lists_do_no_harm() {
    let deep = "[".repeat(100_000);
    let huge = vec![b' '; (2 << 20) + 1];
    for content in [&b""[..], b"{", b"\xff", deep.as_bytes(), &huge] {
        let said = hints(&outcome(&[("list", 0)], content, false));
        assert!(said[0].steps[0].ends_with(": 1."), "{:?}", said[0].steps);
        assert!(said[0].commands.is_empty());
    }
    let said = hints(&outcome(&[("list", 0)], b"{}", false));
    assert!(said.is_empty(), "nothing is to be fetched");
    let one = |n: usize| format!("{{\"id\":\"n{n}\",\"on\":true}}");
    let many: Vec<String> = (0..HINT_WORDS + 5).map(one).collect();
    let many = format!("{{\"nibs\":[{}]}}", many.join(","));
    let said = hints(&outcome(&[("list", 0)], many.as_bytes(), false));
    assert_eq!(said[0].commands[0].lines.len(), HINT_WORDS);
}

#[test]
fn a_hint_is_said_when_it_is_due() {
    let summaries = |told: &AfterRestore| -> Vec<String> {
        hints(told).into_iter().map(|hint| hint.summary).collect()
    };
    let list = br#"{"nibs":[{"id":"a","on":true}]}"#;
    let (fetch, look) = ("Fetch the nibs again.", "Look at the paths.");
    assert_eq!(summaries(&outcome(&[("list", 0)], list, false)), [fetch]);
    assert_eq!(
        summaries(&outcome(&[("list", 1)], list, true)),
        [fetch, look]
    );
    assert_eq!(summaries(&outcome(&[("settings", 1)], list, true)), [look]);
    assert!(summaries(&outcome(&[("settings", 1)], list, false)).is_empty());
    assert!(summaries(&outcome(&[], list, true)).is_empty());
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
