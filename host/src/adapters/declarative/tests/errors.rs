//! What is said of a file that says something wrong, and where.

use super::super::super::AdapterError;
use super::{WHOLE, read};
use crate::model::limits::{ADAPTER_TABLE_BYTES, DECLARED_RULES};

/// The file with one part replaced, which must be in it once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(WHOLE.matches(old).count(), 1, "{old}");
    WHOLE.replace(old, new)
}

/// A part of the file, what it is replaced with, where the error is, and what it says.
type Case = (
    &'static str,
    &'static str,
    usize,
    usize,
    &'static [&'static str],
);

const CASES: &[Case] = &[
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

#[test]
fn an_error_names_line_and_column_and_what_would_be_right() {
    let mut wrong = Vec::new();
    for (old, new, line, column, says) in CASES {
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
