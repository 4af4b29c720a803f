//! Files of JSON lines.

use super::{content, keys};
use crate::diff::{Content, Record, Records};

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
