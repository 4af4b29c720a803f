//! What differs between contents, in each language.

mod records;
mod trees;

use super::*;
use crate::model::{ArchivePath, Class, Kind, SQLITE_MAGIC};

const SECRET: &str = "FAKE_SECRET_0badc0de";

fn difference(name: &str, secrets: &[&str], before: &str, after: &str) -> Difference {
    let path = ArchivePath::parse(&format!("home/{name}")).unwrap();
    let subject = Subject {
        path: &path,
        class: Some(Class::Settings),
        kind: None,
        secrets: secrets.to_vec(),
    };
    let found = compare(&subject, before.as_bytes(), after.as_bytes());
    assert!(!format!("{found:?}").contains("FAKE_SECRET_"), "{found:?}");
    found
}

fn content(name: &str, before: &str, after: &str) -> Content {
    difference(name, &[], before, after).content
}

/// The changes as a person would see them.
fn keys(content: &Content) -> Vec<String> {
    let Content::Keys(changes) = content else {
        panic!("no keys: {content:?}");
    };
    let line = |one: &KeyChange| match (&one.before, &one.after) {
        (Some(old), Some(new)) => format!("~ {} {old} -> {new}", one.pointer),
        (None, Some(new)) => format!("+ {} {new}", one.pointer),
        (Some(old), None) => format!("- {} {old}", one.pointer),
        (None, None) => panic!("no change: {one:?}"),
    };
    changes.iter().map(line).collect()
}

fn secrets(found: &Difference) -> Vec<(&str, SecretFate)> {
    let all = found.secrets.iter();
    all.map(|one| (one.pointer.as_str(), one.fate)).collect()
}

#[test]
fn text_differs_by_lines() {
    let Content::Text(hunks) = content("a.md", "a\nb\nc\n", "a\nB\nc\nd") else {
        panic!("no text");
    };
    let [hunk] = hunks.as_slice() else {
        panic!("{hunks:?}");
    };
    assert_eq!(hunk.head(), "@@ -1,3 +1,4 @@");
    let lines = hunk
        .lines
        .iter()
        .map(|line| (line.fate, line.text.as_str(), line.open_end));
    use LineFate::{Added, Removed, Same};
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            (Same, "a", false),
            (Removed, "b", false),
            (Added, "B", false),
            (Same, "c", false),
            (Added, "d", true),
        ]
    );
    let Content::Text(hunks) = content("a.md", "", "a\n") else {
        panic!("no text");
    };
    assert_eq!(hunks[0].head(), "@@ -0,0 +1 @@");
    let far: String = (0..60).map(|n| format!("{n}\n")).collect();
    let Content::Text(hunks) = content("a", &far, &far.replace("5\n", "x\n")) else {
        panic!("no text");
    };
    assert!(hunks.len() > 3, "what is far apart is apart: {hunks:?}");
}

#[test]
fn a_line_break_alone_is_a_difference() {
    let Content::Text(hunks) = content("a", "a\n", "a") else {
        panic!("no text");
    };
    assert_eq!(hunks[0].lines.len(), 2);
    assert!(matches!(content("a", "a\n", "a\r\n"), Content::Text(_)));
}

#[test]
fn json_differs_by_keys_with_comments_and_trailing_commas() {
    let before = r#"{"env": {"PATH": "a"}, "y": 1, "list": [1, {"k": 1}, 3], "n": null,}"#;
    let after = r#"// mine
        {"list": [0, 1, {"k": 2}, 3], /* all */ "env": {"PATH": "b"}, "x": {"q": [true]}, "n": null}"#;
    assert_eq!(
        keys(&content("s.json", before, after)),
        [
            "~ /env/PATH \"a\" -> \"b\"",
            "+ /list/0 0",
            "~ /list/2/k 1 -> 2",
            "+ /x {\"q\": [true]}",
            "- /y 1",
        ]
    );
    assert_eq!(
        keys(&content("s.json", "{\"a/b\": 1}", "[]")),
        ["~  {\"a/b\": 1} -> []"]
    );
    assert_eq!(
        keys(&content(
            "s.json",
            "{\"a/b\":{\"~\":1}}",
            "{\"a/b\":{\"~\":2}}"
        )),
        ["~ /a~1b/~0 1 -> 2"]
    );
}

#[test]
fn numbers_that_machines_round_to_one_are_two() {
    let found = content("s.json", "[9007199254740993]", "[9007199254740992]");
    assert_eq!(keys(&found), ["~ /0 9007199254740993 -> 9007199254740992"]);
}

#[test]
fn json_that_says_the_same_is_shown_as_text() {
    // Without secrets nothing needs hiding, and the comment that changed is to be seen.
    let found = content("s.json", "{\"a\": 1}", "{\"a\": 1} // one\n");
    assert!(matches!(found, Content::Text(_)), "{found:?}");
    let found = difference("s.json", &["/k"], "{\"a\": 1}", "{ \"a\": 1 } // one\n");
    assert_eq!(found.content, Content::Form);
}

#[test]
fn what_is_no_json_after_all_is_text() {
    for broken in [
        "{\"a\": }",
        "{\"a\": 1, \"a\": 2}",
        "{'a': 1}",
        &"[".repeat(400),
    ] {
        let found = content("s.json", "{\"a\": 1}", broken);
        assert!(matches!(found, Content::Text(_)), "{broken}: {found:?}");
    }
}

#[test]
fn toml_differs_by_keys() {
    let before = "model = \"a\" # mine\n[mcp.one]\nargs = [1, 2]\nold = 1979-05-27\n";
    let after = "model = 'a'\n[mcp.one]\nargs = [1, 3]\n[mcp.two]\nf = 0.5\n";
    assert_eq!(
        keys(&content("c.toml", before, after)),
        [
            "~ /mcp/one/args/1 2 -> 3",
            "- /mcp/one/old 1979-05-27",
            "+ /mcp/two {\"f\": 0.5}",
        ]
    );
    assert!(matches!(
        content("c.toml", "a = 1", "a = "),
        Content::Text(_)
    ));
}

#[test]
fn secrets_are_named_and_never_shown() {
    let before = format!("{{\"env\": {{\"T\": \"{SECRET}1\", \"U\": \"{SECRET}\"}}, \"m\": 1}}");
    let after = format!("{{\"env\": {{\"T\": \"{SECRET}2\", \"V\": \"{SECRET}\"}}, \"m\": 2}}");
    let found = difference("s.json", &["/env/*"], &before, &after);
    assert_eq!(
        keys(&found.content),
        ["- /env/U \"\"", "+ /env/V \"\"", "~ /m 1 -> 2"]
    );
    use SecretFate::{Added, Changed, Removed};
    assert_eq!(
        secrets(&found),
        [("/env/T", Changed), ("/env/U", Removed), ("/env/V", Added)]
    );
}

#[test]
fn a_secret_alone_is_a_difference() {
    for (name, before, after, at) in [
        (
            "s.json",
            "{\"k\": \"FAKE_SECRET_1\"}",
            "{\"k\": \"FAKE_SECRET_2\"}",
            "/k",
        ),
        ("s.toml", "k = 'FAKE_SECRET_1'", "k = 'FAKE_SECRET_2'", "/k"),
        ("s.yaml", "k: FAKE_SECRET_1\n", "k: FAKE_SECRET_2\n", "/k"),
        (
            "settings",
            "{\"k\": \"FAKE_SECRET_1\"}",
            "{\"k\": \"FAKE_SECRET_2\"}",
            "/k",
        ),
        (
            "s.jsonl",
            "{\"k\": \"FAKE_SECRET_1\"}\n",
            "{\"k\": \"FAKE_SECRET_2\"}\n",
            "/k",
        ),
    ] {
        let found = difference(name, &["/k"], before, after);
        assert_eq!(found.content, Content::Same, "{name}");
        assert_eq!(secrets(&found), [(at, SecretFate::Changed)], "{name}");
    }
}

#[test]
fn comments_are_not_shown_where_there_are_secrets() {
    // Somebody may have put a secret out of use.
    for (name, before, after) in [
        (
            "s.json",
            "{\"m\": 1}",
            "{\"m\": 2 /* \"k\": \"FAKE_SECRET_1\" */}",
        ),
        ("s.toml", "m = 1", "m = 2\n# k = 'FAKE_SECRET_1'"),
        ("s.yaml", "m: 1", "m: 2\n# k: FAKE_SECRET_1"),
    ] {
        let found = difference(name, &["/k"], before, after);
        assert_eq!(keys(&found.content), ["~ /m 1 -> 2"], "{name}");
    }
}

#[test]
fn what_secrets_cannot_be_found_in_is_not_shown() {
    for (name, after) in [
        ("s.json", "{\"k\": \"FAKE_SECRET_1\""),
        ("s.json", "{\"k\": 1, \"k\": \"FAKE_SECRET_1\"}"),
        ("s.toml", "k = FAKE_SECRET_1"),
        ("s.yaml", "k: &a FAKE_SECRET_1\nl: *a\n"),
        ("s.jsonl", "{\"a\": 1}\nFAKE_SECRET_1\n"),
        ("s.txt", "FAKE_SECRET_1"),
        ("s.ini", "[k]\nk = FAKE_SECRET_1"),
    ] {
        let found = difference(name, &["/k"], "", after);
        let unseen = matches!(found.content, Content::Unseen(Unseen::Secrets(_)));
        assert!(unseen, "{name}: {found:?}");
    }
}

#[test]
fn of_yaml_with_secrets_every_document_counts() {
    let found = difference("s.yaml", &["/k"], "a: 1\n---\na: 3\n", "a: 2\n---\na: 3\n");
    assert_eq!(keys(&found.content), ["~ /a 1 -> 2"]);
    assert!(matches!(
        content("s.yaml", "a: 1\n", "a: 2\n"),
        Content::Text(_)
    ));
}

#[test]
fn all_of_a_file_of_credentials_is_secret() {
    let path = ArchivePath::parse("home/.env").unwrap();
    for class in [Class::Credentials, Class::Env] {
        let subject = Subject {
            path: &path,
            class: Some(class),
            kind: Some(&Kind::Plain),
            secrets: Vec::new(),
        };
        let found = compare(&subject, b"T=FAKE_SECRET_1", b"T=FAKE_SECRET_2");
        assert_eq!(found, Difference::unseen(Unseen::Credentials));
    }
}

#[test]
fn other_contents_only_differ() {
    let path = ArchivePath::parse("home/a").unwrap();
    let subject = Subject::new(&path, &[]);
    assert_eq!(compare(&subject, b"a", b"a").content, Content::Same);
    assert_eq!(compare(&subject, b"a\0", b"b\0").content, Content::Binary);
    assert_eq!(compare(&subject, b"a", b"\xff").content, Content::Binary);
    let database = [SQLITE_MAGIC.as_slice(), b"x"].concat();
    assert_eq!(
        compare(&subject, b"a", &database).content,
        Content::Database
    );
}
