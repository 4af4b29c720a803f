//! The fixtures: every case, field by field, and through the real export.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be read, a value that is missing: the test fails"
)]

mod adapter;
mod hostile;
mod support;

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use support::{Case, answer, assert_sound, cases, command_lines, rules};
use takeback_adapter::{Severity, Shell};
use takeback_adapter_plugins::{
    model::{Install, Recovery},
    recover::recover,
};

/// As many cases as were shipped when this was written.
const SHIPPED: usize = 57;

fn install(install: &Install) -> Value {
    let mut fields = Map::new();
    fields.insert("id".into(), json!(install.id));
    fields.insert("scope".into(), json!(install.scope.as_str()));
    if let Some(cwd) = &install.cwd {
        fields.insert("cwd".into(), json!(cwd));
    }
    if let Some(was) = &install.was {
        fields.insert("was".into(), json!(was));
    }
    if install.after_manual {
        fields.insert("after_manual".into(), json!(true));
    }
    fields.into()
}

/// A recovery in the words of `expected.json`.
fn fields(recovery: &Recovery) -> Map<String, Value> {
    let marketplaces = recovery.marketplaces.iter();
    let manual = recovery.manual.iter();
    let skipped = recovery.skipped.iter();
    let warnings = recovery.warnings.iter();
    let value = json!({
        "parse": {
            "installed_plugins.json": recovery.parse.installed.as_str(),
            "known_marketplaces.json": recovery.parse.known.as_str(),
            "settings.json": recovery.parse.settings.as_str(),
        },
        "marketplaces": marketplaces
            .map(|m| json!({"name": m.name, "arg": m.arg}))
            .collect::<Vec<_>>(),
        "installs": recovery.installs.iter().map(install).collect::<Vec<_>>(),
        "disables": recovery.disables,
        "manual": manual
            .map(|m| json!({"marketplace": m.marketplace, "reason": m.reason.as_str()}))
            .collect::<Vec<_>>(),
        "skipped": skipped
            .map(|s| json!({"where": s.place, "shown": s.shown, "reason": s.reason.as_str()}))
            .collect::<Vec<_>>(),
        "warnings": warnings.map(|warning| warning.as_str()).collect::<Vec<_>>(),
        "slash_lines": recovery.slash_lines(),
        "cli": recovery.cli(),
        "slash_lines_after_manual": recovery.slash_lines_after_manual(),
        "cli_after_manual": recovery.cli_after_manual(),
    });
    value.as_object().unwrap().clone()
}

/// Whether a case allows what came out where parsers differ: another parse state, and
/// with it fewer skipped entries and warnings.
fn is_accepted(case: &Case, field: &str, got: &Value, parse: &Value) -> bool {
    let accepted = &case.expected["accept_parse"];
    let other = accepted == parse
        || accepted.as_array().is_some_and(|list| list.contains(parse))
        || accepted.as_object().is_some_and(|files| {
            files.iter().any(|(file, states)| {
                states == &parse[file]
                    || states
                        .as_array()
                        .is_some_and(|states| states.contains(&parse[file]))
            })
        });
    let shorter = || {
        let whole = case.expected[field].as_array().unwrap();
        got.as_array()
            .unwrap()
            .iter()
            .all(|entry| whole.contains(entry))
    };
    match field {
        "parse" => other,
        "skipped" | "warnings" => other && shorter(),
        _ => false,
    }
}

#[test]
fn every_case_comes_out_as_expected() {
    let cases = cases();
    assert!(cases.len() >= SHIPPED, "only {} cases", cases.len());
    for case in &cases {
        let got = fields(&recover(case.os(), &case.files()));
        for (field, value) in &got {
            let expected = &case.expected[field];
            assert!(
                value == expected || is_accepted(case, field, value, &got["parse"]),
                "{}: {field}\n     got {value:#}\nexpected {expected:#}",
                case.name
            );
        }
        // Nothing is expected that is not compared.
        let described = ["case", "note", "os", "never", "accept_parse"];
        for field in case.expected.as_object().unwrap().keys() {
            assert!(
                got.contains_key(field) || described.contains(&field.as_str()),
                "{}: {field} is not compared",
                case.name
            );
        }
        assert_eq!(case.expected["case"], case.name.as_str());
    }
}

#[test]
fn every_shipped_case_is_one_of_the_rules() {
    let rules = rules();
    let listed: BTreeSet<&str> = rules["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let cases = cases();
    let shipped: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let both: BTreeSet<&str> = shipped.intersection(&listed).copied().collect();
    assert_eq!(both, shipped);
    assert!(both.len() >= SHIPPED);
    support::assert_grammars_are_current();
}

#[test]
fn hints_keep_to_the_grammars() {
    for case in &cases() {
        let hints = answer(case.os(), &case.inputs);
        assert_sound(&case.name, &hints);
        for line in command_lines(&hints) {
            for never in case.never() {
                assert!(
                    !line.contains(never),
                    "{}: {never:?} in {line:?}",
                    case.name
                );
            }
        }
        assert!(
            !format!("{hints:?}").contains("FAKE_SECRET_"),
            "{}: a secret",
            case.name
        );
    }
}

/// The hints say what the recovery says: nothing is lost on the way to the screen.
#[test]
fn hints_hold_the_whole_recovery() {
    for case in &cases() {
        let recovery = recover(case.os(), &case.files());
        let hints = answer(case.os(), &case.inputs);
        let action = hints.iter().find(|hint| hint.severity == Severity::Action);
        let wanted = !recovery.marketplaces.is_empty()
            || !recovery.installs.is_empty()
            || !recovery.manual.is_empty();
        assert_eq!(action.is_some(), wanted, "{}", case.name);
        let Some(action) = action else { continue };

        let of = |shell: Shell| -> Vec<String> {
            let blocks = action.commands.iter().filter(|block| block.shell == shell);
            blocks.flat_map(|block| block.lines.clone()).collect()
        };
        let slash = [recovery.slash_lines(), recovery.slash_lines_after_manual()].concat();
        assert_eq!(of(Shell::Tool), slash, "{}", case.name);
        let argv = [recovery.cli(), recovery.cli_after_manual()].concat();
        let mut cli: Vec<String> = argv.iter().map(|words| words.join(" ")).collect();
        let mut terminal = of(Shell::Terminal);
        cli.sort();
        terminal.sort();
        assert_eq!(terminal, cli, "{}", case.name);
        let shells: Vec<Shell> = action.commands.iter().map(|block| block.shell).collect();
        assert!(
            shells.is_empty() || shells.first() == Some(&Shell::Terminal),
            "{}",
            case.name
        );

        let saved = &action.save.as_ref().unwrap().text;
        let pasted: Vec<&str> = saved
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        assert_eq!(pasted, slash, "{}", case.name);
        for entry in &recovery.skipped {
            assert!(
                saved.contains(&entry.shown),
                "{}: {}",
                case.name,
                entry.shown
            );
        }
        for manual in &recovery.manual {
            assert!(saved.contains(&format!("Marketplace {}: ", manual.marketplace)));
            assert!(saved.contains(manual.reason.as_str()), "{}", case.name);
        }
    }
}

#[test]
fn unreadable_files_are_named_in_a_warning() {
    for case in &cases() {
        let recovery = recover(case.os(), &case.files());
        let hints = answer(case.os(), &case.inputs);
        let mut warnings = hints
            .iter()
            .filter(|hint| hint.severity == Severity::Warning);
        let warning = warnings.next();
        assert_eq!(warnings.next(), None);
        let states = [
            ("installed_plugins.json", recovery.parse.installed),
            ("known_marketplaces.json", recovery.parse.known),
            ("settings.json", recovery.parse.settings),
        ];
        for (file, state) in states {
            let bad = !matches!(state.as_str(), "ok" | "missing");
            let named = warning.is_some_and(|warning| warning.summary.contains(file));
            assert_eq!(bad, named, "{}: {file}", case.name);
        }
    }
}
