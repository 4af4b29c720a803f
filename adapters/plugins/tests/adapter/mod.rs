//! What the adapter declares, and when it has something to say.

use crate::support::{answer, assert_sound, cases, facts, outcome};
use serde_json::json;
use std::collections::BTreeMap;
use takeback_adapter::{
    Adapter, Base, Disposition, Hint, Location, OperatingSystem, Placement, RuleOption, Severity,
    Shell, Variable,
};
use takeback_adapter_plugins::Plugins;

fn variable(name: &str) -> Variable {
    Variable {
        name: name.into(),
        value: "/srv/x".into(),
    }
}

fn places(variables: &[&str]) -> Vec<(Base, String)> {
    let mut facts = facts(OperatingSystem::Linux);
    facts.variables = variables.iter().map(|name| variable(name)).collect();
    let rules = Plugins::declare(facts).unwrap().rules;
    rules
        .into_iter()
        .map(|rule| (rule.at.base, rule.at.path))
        .collect()
}

fn owned(base: &Base, path: &str) -> (Base, String) {
    (base.clone(), path.into())
}

#[test]
fn places_follow_the_variables() {
    let config = Base::Variable("CLAUDE_CONFIG_DIR".into());
    let plugins = Base::Variable("CLAUDE_CODE_PLUGIN_CACHE_DIR".into());
    let home = [
        owned(&Base::Home, ".claude/plugins/installed_plugins.json"),
        owned(&Base::Home, ".claude/plugins/known_marketplaces.json"),
        owned(&Base::Home, ".claude/settings.json"),
    ];
    assert_eq!(places(&[]), home);
    let moved = [
        owned(&config, "plugins/installed_plugins.json"),
        owned(&config, "plugins/known_marketplaces.json"),
        owned(&config, "settings.json"),
    ];
    assert_eq!(places(&["CLAUDE_CONFIG_DIR"]), moved);
    let apart = [
        owned(&plugins, "installed_plugins.json"),
        owned(&plugins, "known_marketplaces.json"),
        owned(&config, "settings.json"),
    ];
    assert_eq!(
        places(&["CLAUDE_CONFIG_DIR", "CLAUDE_CODE_PLUGIN_CACHE_DIR"]),
        apart
    );
}

#[test]
fn every_rule_lies_in_the_scope() {
    let identity = Plugins::describe();
    assert_eq!(identity.id, "plugins");
    assert_eq!(
        identity.variables,
        ["CLAUDE_CONFIG_DIR", "CLAUDE_CODE_PLUGIN_CACHE_DIR"]
    );
    let inside = |at: &(Base, String), scope: &Location| {
        let below = at.1.strip_prefix(&scope.path);
        at.0 == scope.base && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for set in [
        &[][..],
        &["CLAUDE_CONFIG_DIR"],
        &["CLAUDE_CODE_PLUGIN_CACHE_DIR"],
    ] {
        for place in places(set) {
            assert!(
                identity.scope.iter().any(|scope| inside(&place, scope)),
                "{place:?}"
            );
        }
    }
}

#[test]
fn rules_are_read_back_and_never_leave_the_home() {
    let rules = Plugins::declare(facts(OperatingSystem::Macos))
        .unwrap()
        .rules;
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["installed-plugins", "known-marketplaces", "settings"]);
    for rule in &rules {
        assert!(rule.options.contains(&RuleOption::ReadBack), "{}", rule.id);
        let placement = match rule.id.as_str() {
            "settings" => Placement::HintsOnly,
            _ => Placement::SameHome,
        };
        assert!(
            rule.options.contains(&RuleOption::Placement(placement)),
            "{}",
            rule.id
        );
    }
    let secret = |rule: &str, pointer: &str| {
        let rule = rules.iter().find(|candidate| candidate.id == rule).unwrap();
        rule.options.contains(&RuleOption::Secret(pointer.into()))
    };
    assert!(secret("settings", "/env/*"));
    assert!(secret("known-marketplaces", "/*/source/headers/*"));
}

#[test]
fn nothing_is_said_when_nothing_happened() {
    let cases = cases();
    let mixed = cases.iter().find(|case| case.name == "mixed").unwrap();
    let hints = |change: &dyn Fn(&mut takeback_adapter::Outcome)| {
        let mut outcome = outcome(&mixed.inputs);
        outcome.home_changed = false;
        outcome.machine_changed = false;
        outcome
            .files
            .iter_mut()
            .for_each(|file| file.disposition = Disposition::Same);
        change(&mut outcome);
        Plugins::after_restore(facts(OperatingSystem::Linux), outcome).len()
    };
    assert_eq!(hints(&|_| ()), 0);
    assert_eq!(hints(&|outcome| outcome.home_changed = true), 1);
    assert_eq!(hints(&|outcome| outcome.machine_changed = true), 1);
    assert_eq!(
        hints(&|outcome| outcome.files.first_mut().unwrap().disposition = Disposition::Created),
        1
    );
}

#[test]
fn nothing_is_said_when_there_is_nothing_to_recover() {
    let empty = BTreeMap::from([
        (
            "installed_plugins.json",
            br#"{"version":2,"plugins":{}}"#.to_vec(),
        ),
        ("known_marketplaces.json", b"{}".to_vec()),
        ("settings.json", b"{}".to_vec()),
    ]);
    assert_eq!(answer(OperatingSystem::Linux, &empty), []);
    assert_eq!(answer(OperatingSystem::Linux, &BTreeMap::new()), []);
    // What comes back by itself is no reason to speak, what was refused is.
    let cases = cases();
    let pseudo = cases
        .iter()
        .find(|case| case.name == "pseudo-marketplaces")
        .unwrap();
    assert_eq!(answer(OperatingSystem::Linux, &pseudo.inputs), []);
    let refused = json!({"version": 2, "plugins": {"a b": []}})
        .to_string()
        .into_bytes();
    let refused = BTreeMap::from([("installed_plugins.json", refused)]);
    let hints = answer(OperatingSystem::Linux, &refused);
    assert_eq!(
        hints.iter().map(|hint| hint.severity).collect::<Vec<_>>(),
        [Severity::Info]
    );
}

fn headings(hint: &Hint, shell: Shell) -> Vec<&str> {
    let blocks = hint.commands.iter().filter(|block| block.shell == shell);
    blocks.map(|block| block.heading.as_str()).collect()
}

#[test]
fn each_project_has_its_own_block() {
    let cases = cases();
    let multi = cases
        .iter()
        .find(|case| case.name == "v2-multi-scope")
        .unwrap();
    let mut inputs = multi.inputs.clone();
    let off = json!({"enabledPlugins": {"fmt-kit@acme-tools": false}});
    inputs.insert("settings.json", off.to_string().into_bytes());
    let hints = answer(multi.os(), &inputs);
    assert_sound("projects", &hints);
    assert_eq!(
        headings(&hints[0], Shell::Terminal),
        [
            "In a terminal",
            "In a terminal, in the project \"/home/ada/src/my app\" (local scope)",
            "In a terminal, in the project \"/home/ada/src/app\" (project scope)",
            "In a terminal, in the project \"/home/ada/src/other\" (project scope)",
            "In a terminal, at the end",
        ]
    );
    let last = &hints[0].commands[4];
    assert_eq!(last.lines, ["claude plugin disable fmt-kit@acme-tools"]);
    assert_eq!(headings(&hints[0], Shell::Tool).len(), 1);
}

/// What is not among the shipped cases but follows from the facts.
#[test]
fn facts_beyond_the_cases() {
    let known = json!({
        "a": {"source": {"source": "github", "repo": "acme/x", "ref": null}},
        "b": {"source": {"source": "github", "repo": "acme/x"}},
        "custom": {"source": {"source": "github", "repo": "acme/x", "path": "tools"}},
        "default": {"source": {"source": "git", "url": "https://gitlab.com/acme/y",
            "path": ".claude-plugin/marketplace.json"}},
        "skills-folder": {"source": {"source": "skills-dir"}},
        "Claude-Code-Plugins": {"source": {"source": "github", "repo": "anthropics-x/y"}},
        "healthcare": {"source": {"source": "git", "url": "https://github.com/anthropics/h"}},
    });
    let settings = json!({"enabledPlugins": {"p@a": ["x"], "p@custom": false}});
    let installed = json!({"version": 3, "plugins": {"p@custom": [{"scope": "user"}]}});
    let file = |value: &serde_json::Value| value.to_string().into_bytes();
    let inputs = BTreeMap::from([
        ("installed_plugins.json", file(&installed)),
        ("known_marketplaces.json", file(&known)),
        ("settings.json", file(&settings)),
    ]);
    let hints = answer(OperatingSystem::Linux, &inputs);
    assert_sound("facts", &hints);
    let lines: Vec<&str> = hints[0].save.as_ref().unwrap().text.lines().collect();
    let pasted: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(
        pasted,
        [
            "/plugin marketplace add acme/x",
            "/plugin marketplace add https://gitlab.com/acme/y",
            "/plugin marketplace add https://github.com/anthropics/h",
            "/plugin install p@a",
            "/reload-plugins",
            "/plugin install p@custom",
            "/plugin disable p@custom",
            "/reload-plugins",
        ]
    );
    let text = lines.join("\n");
    for reason in [
        "(reserved-name)",
        "(custom-path)",
        "(unsupported-source)",
        "(unknown-version)",
    ] {
        assert!(text.contains(reason), "{reason}");
    }
}
