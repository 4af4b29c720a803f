//! Texts in an archive that want to steer the terminal they are shown on: in names that
//! are restored, in names that are refused, in every text of the manifest.

use super::bench::{Bench, manners};
use super::case::at;
use crate::support::tarball::{Archive, Member, record};
use serde_json::{Value, json};

/// Clears the screen, fills the clipboard, overwrites the line, types an answer.
const CODES: &str = "\x1b[2J\x1b]52;c;ZXZpbA==\x07\rFAILED\u{8}\u{7f}\u{9b}31m\u{202e}gnp\u{200b}";
/// What a file name may hold nevertheless: nothing below is a control of ASCII.
const QUIET: &str = "a\u{9b}31m\u{202e}gnp\u{200b}\u{2028}\u{feff}\u{e0041}";

/// Runs a restore, its dry run and both with JSON, and looks at what they show.
pub(super) fn check(bench: &mut Bench) {
    let (names, texts) = (names(bench.archive()), texts(bench.archive()));
    for (name, bytes) in names.into_iter().chain(texts) {
        let archive = bench.put("codes", &bytes);
        for flags in [
            &["--dry-run"][..],
            &["--dry-run", "--json"],
            &[],
            &["--json", "--force"],
        ] {
            let done = bench.restore(&archive, flags);
            for wrong in manners(&done) {
                bench.fails(format!("{name} with {flags:?}: {wrong}"));
            }
            if flags.contains(&"--json") && serde_json::from_str::<Value>(&done.stdout).is_err() {
                bench.fails(format!("{name} with {flags:?}: no JSON document\n{done}"));
            }
        }
        bench.reset();
    }
    bench.finish();
}

fn names(archive: Archive) -> Vec<(String, Vec<u8>)> {
    let with = |members: Vec<Member>| archive.clone().plus(members).bytes();
    let coded = at(CODES);
    vec![
        ("a name".into(), with(vec![Member::file(at(QUIET), "x")])),
        (
            "a directory".into(),
            with(vec![Member::dir(at(QUIET) + "/")]),
        ),
        (
            "a name outside".into(),
            with(vec![Member::file(QUIET, "x")]),
        ),
        (
            "a link".into(),
            archive.clone().plus_link(&at(QUIET), "notes.md").bytes(),
        ),
        (
            "a link's target".into(),
            archive.clone().plus_link(&at("l"), QUIET).bytes(),
        ),
        (
            "a refused name".into(),
            with(vec![Member::file(&coded, "x")]),
        ),
        (
            "a refused target".into(),
            with(vec![Member::link(at("l"), CODES)]),
        ),
        (
            "a refused type".into(),
            with(vec![Member::of(b'6', &coded)]),
        ),
        (
            "an owner's name".into(),
            with(vec![Member {
                uname: CODES.into(),
                ..Member::file(at("x"), "")
            }]),
        ),
        (
            "a PAX key".into(),
            with(vec![
                Member::pax(record(CODES, "x")),
                Member::file(at("x"), ""),
            ]),
        ),
        (
            "a PAX value".into(),
            with(vec![
                Member::pax(record("comment", CODES)),
                Member::file(at("x"), ""),
            ]),
        ),
        ("a name that is not listed".into(), {
            with(vec![Member {
                listed: None,
                ..Member::file(at(QUIET), "x")
            }])
        }),
    ]
}

/// Every text of the manifest, one at a time.
fn texts(archive: Archive) -> Vec<(String, Vec<u8>)> {
    let manifest = archive.manifest();
    let mut pointers = Vec::new();
    find(&manifest, "", &mut pointers);
    assert!(pointers.len() > 15, "{pointers:?}");
    let set = |pointer: &String| {
        let coded = archive.clone().edit(|manifest| {
            *manifest.pointer_mut(pointer).unwrap() = json!(format!("x{CODES}"));
        });
        (pointer.clone(), coded.bytes())
    };
    let lists = archive.clone().edit(|manifest| {
        let (path, detail) = (at("x"), CODES);
        manifest["troubles"] = json!([{"path": CODES, "kind": "unreadable", "detail": detail}]);
        manifest["followed"] = json!([{"path": path, "target": CODES}]);
        manifest["declaration"]["notes"] = json!([CODES]);
        manifest["declaration"]["running"] = json!([{"process": CODES}]);
    });
    let mut texts: Vec<(String, Vec<u8>)> = pointers.iter().map(set).collect();
    texts.push(("lists".to_owned(), lists.bytes()));
    texts
}

fn find(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(pointer.to_owned()),
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.for_each(|(n, item)| find(item, &format!("{pointer}/{n}"), found));
        }
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, item)| find(item, &format!("{pointer}/{key}"), found));
        }
        _ => {}
    }
}
