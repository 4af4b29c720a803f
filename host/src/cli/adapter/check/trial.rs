//! Questions that an adapter must answer alike each time, and files that try to confuse it.

use takeback::adapters::{Adapter, AdapterError, AfterRestore, ReadBackFile, RuleOutcome, Runtime};
use takeback::model::{CheckedDeclaration, HostFacts, Location, RelPath, Rule};

/// Whether another instance says the same of itself.
pub(super) fn describes_twice(
    runtime: &Runtime,
    bytes: &[u8],
    adapter: &Adapter,
) -> Result<(), AdapterError> {
    let again = runtime.load(bytes)?;
    if format!("{:?}", adapter.identity()) == format!("{:?}", again.identity()) {
        Ok(())
    } else {
        Err(AdapterError::Fickle("describe"))
    }
}

/// The declaration, if it is the same when it is asked for again.
pub(super) fn declares_twice(
    adapter: &Adapter,
    facts: &HostFacts,
    existing: &[Location],
) -> Result<CheckedDeclaration, AdapterError> {
    let first = adapter.declare(facts, existing)?;
    let second = adapter.declare(facts, existing)?;
    if format!("{first:?}") == format!("{second:?}") {
        Ok(first)
    } else {
        Err(AdapterError::Fickle("declare"))
    }
}

/// Contents of files as an archive from anywhere may hold them: empty, none of any format,
/// deep, and words that must not reach a command line as they are.
const CONTENTS: [&[u8]; 6] = [
    b"",
    b"\xff\xfe\0\x01",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    br#"["plain", "two words", "$(reboot)", "a;b", "`x`", "-rf", "\u001b[2J", "\n", "\u00e9"]"#,
    br#"{"plain": {"name": "plain"}, "$(reboot)": {"name": "a\nb"}, "x": null, "y": 1}"#,
    b"plain = \"a;b\"\n[\"two words\"]\nx = [1, \"\\n\"]\n",
];

/// Asks for hints as after several restores; gives the number of hints after the last one.
pub(super) fn hints(
    adapter: &Adapter,
    facts: &HostFacts,
    existing: &[Location],
    declaration: &CheckedDeclaration,
) -> Result<usize, AdapterError> {
    let ask = |outcome: AfterRestore| adapter.after_restore(facts, existing, &outcome);
    ask(AfterRestore::new(&[], Vec::new()))?;
    let mut most = 0;
    for content in CONTENTS {
        let outcome = || {
            let rules: Vec<RuleOutcome> = declaration.rules.iter().map(restored).collect();
            let read_back = declaration.rules.iter().filter(|rule| rule.read_back);
            let files = read_back.filter_map(|rule| file(rule, content)).collect();
            AfterRestore::new(&rules, files).moved(true, true)
        };
        let (first, second) = (ask(outcome())?, ask(outcome())?);
        if first != second {
            return Err(AdapterError::Fickle("after-restore"));
        }
        most = most.max(first.len());
    }
    Ok(most)
}

fn restored(rule: &Rule) -> RuleOutcome {
    RuleOutcome {
        rule: rule.id.clone(),
        created: 1,
        replaced: 0,
        same: 0,
        withheld: 0,
        skipped: 0,
    }
}

fn file(rule: &Rule, content: &[u8]) -> Option<ReadBackFile> {
    let path = match rule.shape {
        takeback::model::Shape::File => RelPath::root(),
        takeback::model::Shape::Directory => RelPath::new("file").ok()?,
    };
    Some(ReadBackFile {
        rule: rule.id.clone(),
        path,
        fate: "created",
        content: content.to_vec(),
    })
}
