//! What is a secret, and what only looks like one.

use super::*;
use crate::model::{GlobList, Kind, LinkPolicy, Location, Placement, RelPath, RuleId, Shape};

fn rule(secrets: &[&str]) -> Rule {
    Rule {
        id: RuleId::new("settings").unwrap(),
        at: Location {
            base: crate::model::Base::Home,
            path: RelPath::new(".tool/settings.json").unwrap(),
        },
        shape: Shape::File,
        take: GlobList::none(),
        leave: GlobList::none(),
        class: Class::Settings,
        links: LinkPolicy::Keep,
        kind: Kind::Plain,
        placement: Placement::Always,
        read_back: false,
        secrets: secrets.iter().map(ToString::to_string).collect(),
        machine_paths: Vec::new(),
    }
}

/// What is found in a text that is read in parts of this size.
fn found(text: &str, secrets: &[&str], part: usize) -> Vec<Finding> {
    let rule = rule(secrets);
    let mut watch = Watch::of(&rule);
    let mut reader = watch.over(text.as_bytes());
    let mut buffer = vec![0; part];
    while reader.read(&mut buffer).unwrap() > 0 {}
    watch.findings(&ArchivePath::parse("home/.tool/settings.json").unwrap())
}

fn kinds(text: &str) -> Vec<&'static str> {
    let found = found(text, &[], 64 << 10);
    found.iter().map(|one| one.kind.as_str()).collect()
}

/// Letters and digits without order, the same each time; no key of anybody.
fn body(length: usize) -> String {
    let letters = b"aZ3kQ9xLm2Vb7TnR5wJc8YpD4sHf6GtK1eUo";
    let letter = |at: usize| char::from(letters[(at * 17 + 5) % letters.len()]);
    (0..length).map(letter).collect()
}

fn upper(length: usize) -> String {
    body(length).to_ascii_uppercase()
}

fn keys() -> Vec<(&'static str, String)> {
    let pem = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n", body(64));
    vec![
        ("anthropic-key", format!("sk-ant-api03-{}", body(80))),
        ("openai-key", format!("sk-{}", body(48))),
        ("openai-key", format!("sk-proj-{}", body(90))),
        ("github-token", format!("ghp_{}", body(36))),
        (
            "github-token",
            format!("github_pat_{}_{}", body(22), body(59)),
        ),
        ("gitlab-token", format!("glpat-{}", body(20))),
        ("aws-key-id", format!("AKIA{}", upper(16))),
        ("google-key", format!("AIza{}", body(35))),
        ("npm-token", format!("npm_{}", body(36))),
        (
            "slack-token",
            format!("xoxb-{}-{}", "123456789012", body(24)),
        ),
        ("private-key", pem.clone()),
        ("private-key", pem.replace('\n', "\\n")),
        (
            "jwt",
            format!("eyJ{}.eyJ{}.{}", body(20), body(40), body(43)),
        ),
    ]
}

#[test]
fn each_kind_of_key_is_found_wherever_it_stands() {
    for (kind, key) in keys() {
        for text in [
            key.clone(),
            format!("\"token\": \"{key}\","),
            format!("export TOKEN={key}\n"),
            format!("a line\nBearer {key} "),
        ] {
            assert_eq!(kinds(&text), [kind], "{text}");
        }
    }
}

#[test]
fn words_placeholders_and_parts_of_names_are_no_keys() {
    for text in [
        "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-ant-your-key-goes-here-1234567890abcdef",
        "sk-learn-is-a-library-for-machine-learning-2024-edition",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_0000000000000000000000000000000000000",
        "AKIAIOSFODNN7EXAMPLE",
        "AKIA and AIza are how keys begin",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "eyJhbGciOiJIUzI1NiJ9 is a header alone",
        "npm_config_registry_and_a_lot_of_other_words",
        "-----------------------------------------------",
    ] {
        assert!(kinds(text).is_empty(), "{text}");
    }
    assert!(kinds(&format!("task-{}", body(48))).is_empty());
    assert!(kinds(&format!("xsk-{}", body(48))).is_empty());
    assert!(kinds(&format!("AKIA{}", upper(17))).is_empty());
}

#[test]
fn it_makes_no_difference_how_a_file_is_read() {
    let mut text = String::new();
    for (_, key) in keys() {
        text += &"words and more words, \n".repeat(300);
        text += &format!("{key} ");
    }
    let at_once = found(&text, &[], 1 << 20);
    let sum: u64 = at_once.iter().map(|one| one.count).sum();
    assert_eq!(sum as usize, keys().len());
    for part in [1, 7, 4096, 5000] {
        assert_eq!(found(&text, &[], part), at_once, "{part}");
    }
}

#[test]
fn declared_fields_are_named_and_their_values_are_not() {
    let text = r#"{"env": {"TOKEN": "hunter2", "EMPTY": ""}, "theme": "dark"}"#;
    let found = found(text, &["/env/*"], 16);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, SecretKind::Declared);
    assert_eq!(found[0].fields, ["/env/TOKEN"]);
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn a_key_that_is_a_name_is_not_shown_either() {
    let key = format!("ghp_{}", body(36));
    let text = format!(r#"{{"env": {{"{key}": "x1"}}}}"#);
    let found = found(&text, &["/env/*"], 1 << 10);
    assert_eq!(found[0].fields, ["/..."]);
    assert!(!format!("{found:?}").contains(&key));
}

#[test]
fn what_is_not_watched_is_passed_on_unseen() {
    let (_, key) = keys().swap_remove(0);
    let mut watch = Watch::none();
    let mut passed = String::new();
    watch
        .over(key.as_bytes())
        .read_to_string(&mut passed)
        .unwrap();
    assert_eq!(passed, key);
    assert!(watch.open.is_empty());
}
