//! What differs between contents, in each language, and between trees.

use super::*;
use crate::model::{ArchivePath, Class, Digest, EntryKind, Kind, ModTime, SQLITE_MAGIC};

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

fn records(before: &str, after: &str) -> Records {
    match content("s.jsonl", before, after) {
        Content::Records(records) => records,
        other => panic!("no records: {other:?}"),
    }
}

fn named(records: &[Record]) -> Vec<(u64, Option<&str>, bool)> {
    let all = records.iter();
    all.map(|one| (one.line, one.name.as_deref(), one.appended))
        .collect()
}

#[test]
fn appended_records_are_counted() {
    let before = "{\"uuid\":\"a\"}\n{\"uuid\":\"b\"}\n";
    let after = format!("{before}{{\"uuid\":\"c\",\"type\":\"user\"}}\nno json\n");
    let found = records(before, &after);
    assert_eq!((found.same, found.appended()), (2, (2, 33)));
    assert_eq!(named(&found.added), [(3, Some("c"), true), (4, None, true)]);
    assert_eq!(found.added[0].kind.as_deref(), Some("user"));
    assert!(found.removed.is_empty() && found.changed.is_empty() && !found.moved);
}

#[test]
fn records_are_known_by_what_they_call_themselves() {
    let before = "{\"id\":1,\"v\":1}\n{\"id\":2}\n{\"x\":1}\n";
    let after = "{\"x\":1}\n{\"id\":3}\n{\"v\":2,\"id\":1}\n";
    let found = records(before, after);
    assert_eq!(named(&found.removed), [(2, Some("2"), false)]);
    assert_eq!(named(&found.added), [(2, Some("3"), false)]);
    assert_eq!(found.changed.len(), 1);
    assert_eq!(found.changed[0].record.line, 3);
    assert_eq!(
        keys(&Content::Keys(found.changed[0].keys.clone())),
        ["~ /v 1 -> 2"]
    );
    assert!(found.moved);
}

#[test]
fn the_same_record_twice_is_two() {
    let found = records("{\"a\":1}\n{\"a\":1}\n", "{\"a\":1}\n");
    assert_eq!(named(&found.removed), [(2, None, false)]);
    assert_eq!(found.same, 1);
}

#[test]
fn records_that_are_only_written_otherwise_are_the_same() {
    assert_eq!(
        content("s.jsonl", "{\"a\":1}\n", "{ \"a\": 1 }\n\n"),
        Content::Form
    );
}

fn side(entries: &[(&str, EntryKind, u32, &str)]) -> Side {
    let node = |(path, kind, mode, content): &(&str, EntryKind, u32, &str)| {
        let is_file = matches!(kind, EntryKind::File { .. });
        let node = Node {
            kind: kind.clone(),
            mode: Some(*mode),
            mtime: ModTime::default(),
            class: None,
            digest: is_file.then(|| Digest::of(content.as_bytes())),
        };
        (ArchivePath::parse(&format!("home/{path}")).unwrap(), node)
    };
    Side {
        nodes: entries.iter().map(node).collect(),
        gaps: Default::default(),
    }
}

fn file(size: u64) -> EntryKind {
    EntryKind::File { size }
}

fn link(target: &str) -> EntryKind {
    EntryKind::Link {
        target: target.to_owned(),
    }
}

#[test]
fn trees_differ_file_by_file() {
    let before = side(&[
        ("d", EntryKind::Directory, 0o755, ""),
        ("d/changed", file(1), 0o644, "a"),
        ("d/gone", file(1), 0o644, "a"),
        ("d/mode", file(1), 0o644, "a"),
        ("d/same", file(1), 0o644, "a"),
        ("d/type", file(1), 0o644, "a"),
        ("e", EntryKind::Directory, 0o755, ""),
        ("f", EntryKind::Directory, 0o755, ""),
        ("f/x", file(1), 0o644, "a"),
        ("link", link("a"), 0o777, ""),
    ]);
    let mut after = side(&[
        ("d", EntryKind::Directory, 0o700, ""),
        ("d/changed", file(1), 0o600, "b"),
        ("d/mode", file(1), 0o755, "a"),
        ("d/new", file(3), 0o644, "abc"),
        ("d/same", file(1), 0o644, "a"),
        ("d/type", link("x"), 0o777, ""),
        ("link", link("b"), 0o777, ""),
    ]);
    let told = |before: &Side, after: &Side| -> Vec<String> {
        let all = changes(before, after);
        let all = all
            .iter()
            .map(|one| format!("{} {}", one.change.word(), one.path.rel()));
        all.collect()
    };
    let common = [
        "mode d",
        "changed d/changed",
        "removed d/gone",
        "mode d/mode",
        "added d/new",
        "type d/type",
        "removed e",
    ];
    let mut expected: Vec<&str> = common.to_vec();
    expected.extend(["removed f/x", "changed link"]);
    assert_eq!(told(&before, &after), expected);
    let totals = totals(&before, &after, &changes(&before, &after));
    assert_eq!(
        (
            totals.added,
            totals.removed,
            totals.changed,
            totals.mode,
            totals.kind,
            totals.same
        ),
        (1, 3, 2, 2, 1, 1)
    );
    assert_eq!((totals.bytes_before, totals.bytes_after), (6, 6));
    // What could not be had is not gone.
    let gap = ArchivePath::parse("home/f").unwrap();
    after.gaps.insert(gap, "unreadable".to_owned());
    let mut expected: Vec<&str> = common.to_vec();
    expected.extend(["unknown f/x", "changed link"]);
    assert_eq!(told(&before, &after), expected);
    assert!(told(&before, &before).is_empty());
}

#[test]
fn a_directory_has_one_version_for_its_names_and_contents() {
    let of = |all: &[(&str, &str)]| {
        let all: Vec<_> = all
            .iter()
            .map(|(name, text)| (*name, Digest::of(text.as_bytes())))
            .collect();
        let kind = file(1);
        version(
            all.iter()
                .map(|(name, digest)| (*name, &kind, Some(*digest))),
        )
    };
    let one = of(&[("a", "1"), ("b", "2")]);
    assert_eq!(one, of(&[("a", "1"), ("b", "2")]));
    assert_ne!(one, of(&[("a", "2"), ("b", "1")]));
    assert_ne!(one, of(&[("a", "1")]));
    assert_ne!(of(&[("ab", "1")]), of(&[("a", "1"), ("b", "1")]));
}
