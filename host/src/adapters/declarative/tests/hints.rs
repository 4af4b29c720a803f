//! Which hints are due, and what of a restored file gets into them.

use super::super::super::{AfterRestore, ReadBackFile, RuleOutcome, wire};
use super::{WHOLE, facts, read};
use crate::model::limits::HINT_WORDS;
use crate::model::{RelPath, RuleId};

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
