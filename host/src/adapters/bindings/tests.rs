//! Adapters made for two versions of the contract meet the same host: whatever a guest of
//! the sandbox tests is refused for in the one, it is refused for in the other.

use super::super::{Adapter, AdapterError, AfterRestore, RuleOutcome, Runtime};
use super::{Contract, v0_2, wire};
use crate::model::{HostFacts, Os, OwnPlaces};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use takeback_artifacts::{Verdict, guest, guests, next_guest, verdict};

fn facts() -> HostFacts {
    let home = PathBuf::from("/home/ada");
    HostFacts {
        os: Os::Linux,
        host: "host".to_owned(),
        user: "ada".to_owned(),
        config: home.join(".config"),
        data: home.join(".local/share"),
        state: home.join(".local/state"),
        project: None,
        environment: BTreeMap::new(),
        own: OwnPlaces(Vec::new()),
        home,
    }
}

fn load(runtime: &Runtime, path: &Path) -> Result<Adapter, AdapterError> {
    runtime.load(&std::fs::read(path).unwrap())
}

/// All that an adapter says, or where it is stopped and why.
fn life(runtime: &Runtime, path: &Path) -> Result<String, AdapterError> {
    let adapter = load(runtime, path)?;
    let mut identity = adapter.identity().clone();
    identity.digest = crate::model::Digest::of(b"");
    let declaration = adapter.declare(&facts(), &[])?;
    let rules = declaration.rules.iter().map(|rule| RuleOutcome {
        rule: rule.id.clone(),
        created: 1,
        replaced: 2,
        same: 3,
        withheld: 4,
        skipped: 5,
    });
    let rules: Vec<RuleOutcome> = rules.collect();
    let outcome = AfterRestore::new(&rules, Vec::new()).moved(true, false);
    let hints = adapter.after_restore(&facts(), &[], &outcome)?;
    Ok(format!("{identity:?}\n{declaration:?}\n{hints:?}"))
}

fn shown(life: Result<String, AdapterError>) -> String {
    life.unwrap_or_else(|e| format!("refused: {e}"))
}

/// Made from the contract by themselves: there is one of each only.
const PUBLISHED_ONLY: [&str; 2] = ["reads-environment", "std-wasi"];

#[test]
fn a_guest_meets_the_same_fate_in_every_version() {
    let runtime = Runtime::new(None).unwrap();
    let (mut tried, mut failures) = (0, Vec::new());
    let both = guests().filter(|name| {
        // Those that never end are stopped by a clock, of which the next test hears.
        verdict(name) != Some(Verdict::RefusedUnrun)
            && !PUBLISHED_ONLY.contains(name)
            && !name.starts_with("loops")
    });
    for name in both {
        let bytes = std::fs::read(next_guest(name)).unwrap();
        let admitted = super::super::Admission::check(&bytes).unwrap();
        assert_eq!(admitted.contract, Contract::V0_2, "{name}");
        let (old, new) = (
            shown(life(&runtime, guest(name))),
            shown(life(&runtime, next_guest(name))),
        );
        if old != new {
            failures.push(format!("{name}:\n  0.1 {old}\n  0.2 {new}"));
        }
        tried += 1;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(tried >= 25, "only {tried} guests were tried");
}

#[test]
fn the_clock_runs_in_every_version() {
    let runtime = Runtime::new(None).unwrap();
    let said = shown(life(&runtime, next_guest("loops-in-declare")));
    assert!(said.contains("did not finish `declare`"), "{said}");
}

#[test]
fn an_adapter_for_the_published_contract_goes_on_working() {
    let runtime = Runtime::new(None).unwrap();
    let adapter = load(&runtime, takeback_artifacts::example_rust()).unwrap();
    let declaration = adapter.declare(&facts(), &[]).unwrap();
    assert_eq!(declaration.rules.len(), 6);
}

#[test]
fn a_version_that_is_not_served_is_named_with_those_that_are() {
    let runtime = Runtime::new(None).unwrap();
    let refused = load(&runtime, guest("newer-contract")).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "it needs contract 0.9.0, this program has 0.1.0 and 0.2.0"
    );
    let version = |text: &str| Contract::serving(&text.parse().unwrap());
    assert_eq!(version("0.1.7"), Some(Contract::V0_1));
    assert_eq!(version("0.2.0"), Some(Contract::V0_2));
    for none in ["0.3.0", "0.0.1", "1.1.0", "1.2.0"] {
        assert_eq!(version(none), None, "{none}");
    }
}

#[test]
fn what_a_version_adds_becomes_words_there_were_before() {
    let said = v0_2::takeback::adapter::types::Rule {
        id: "log".to_owned(),
        at: v0_2::takeback::adapter::types::Location {
            base: v0_2::takeback::adapter::types::Base::Home,
            path: ".tool/log".to_owned(),
        },
        shape: v0_2::takeback::adapter::types::Shape::File,
        take: Vec::new(),
        leave: Vec::new(),
        class: v0_2::takeback::adapter::types::Class::History,
        options: vec![v0_2::takeback::adapter::types::RuleOption::OnlyRead],
    };
    let rule = wire::Rule::from(said);
    use wire::{Placement::HintsOnly, RuleOption};
    assert!(matches!(
        rule.options[..],
        [RuleOption::Placement(HintsOnly), RuleOption::ReadBack]
    ));
}

/// A conversion that could refuse something, look something up or know a host value would
/// be a second place where it is decided what an adapter may do.
#[test]
fn a_conversion_only_converts() {
    let text = include_str!("v0_2.rs");
    let code: Vec<&str> = text.lines().filter(|line| !line.contains("//")).collect();
    let code = code.join("\n");
    for word in [
        "Result",
        "Err(",
        "panic",
        "convert::",
        "model",
        "crate::",
        "if ",
    ] {
        assert!(!code.contains(word), "{word}");
    }
}
