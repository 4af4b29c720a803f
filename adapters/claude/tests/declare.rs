//! The `claude` adapter against fake homes: what is taken, and what is said.

#[path = "common/mod.rs"]
mod common;

use common::{Home, Outcomes, check_form, said};
use takeback_adapter::*;
use takeback_adapter_claude::Claude;

const HOMES: [&str; 4] = [
    "claude/linux",
    "claude/macos",
    "claude/windows",
    "claude/config-dir",
];

fn home(name: &str) -> Outcomes<(Home, Declaration)> {
    let home = Home::load(name, OperatingSystem::Linux)?;
    let declaration =
        Claude::declare(home.facts.clone()).map_err(|refusal| format!("{refusal:?}"))?;
    Ok((home, declaration))
}

fn rule_of<'r>(declaration: &'r Declaration, id: &str) -> Option<&'r Rule> {
    declaration.rules.iter().find(|rule| rule.id == id)
}

#[test]
fn every_file_of_every_home_is_treated_as_the_fixture_says() -> Outcomes<()> {
    for name in HOMES {
        let (home, declaration) = home(name)?;
        check_form(&Claude::describe(), &declaration);
        assert!(home.check(&declaration.rules)? > 60, "{name}");
        home.check_skills(&declaration.tallies);
    }
    Ok(())
}

#[test]
fn the_variable_moves_everything() -> Outcomes<()> {
    let (_, declaration) = home("claude/config-dir")?;
    let moved = Base::Variable("CLAUDE_CONFIG_DIR".into());
    assert!(declaration.rules.iter().all(|rule| rule.at.base == moved));
    assert!(
        declaration
            .tallies
            .iter()
            .all(|tally| tally.at.base == moved)
    );
    Ok(())
}

#[test]
fn the_xdg_folder_counts_only_where_the_usual_one_is_missing() -> Outcomes<()> {
    let (mut home, _) = home("claude/linux")?;
    let (usual, xdg) = (at(Base::Home, ".claude"), at(Base::Config, "claude"));
    let settings = |facts: &Facts| -> Outcomes<Base> {
        let declaration =
            Claude::declare(facts.clone()).map_err(|refusal| format!("{refusal:?}"))?;
        Ok(rule_of(&declaration, "settings")
            .ok_or("no settings")?
            .at
            .base
            .clone())
    };
    home.facts.existing = vec![xdg.clone()];
    assert_eq!(settings(&home.facts)?, Base::Config);
    // There it is Claude Desktop's.
    home.facts.os = OperatingSystem::Windows;
    assert_eq!(settings(&home.facts)?, Base::Home);
    home.facts.os = OperatingSystem::Macos;
    home.facts.existing = vec![xdg, usual];
    assert_eq!(settings(&home.facts)?, Base::Home);
    Ok(())
}

#[test]
fn a_skill_may_have_any_name() -> Outcomes<()> {
    let (home, declaration) = home("claude/linux")?;
    for name in [
        "cache",
        "debug",
        "logs",
        "local",
        "node_modules",
        "Synced",
        ".hidden",
    ] {
        let path = format!(".claude/skills/{name}/SKILL.md");
        assert_eq!(
            home.class(&declaration.rules, &path),
            Some(Class::Skills),
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn another_machine_gets_hints_and_the_same_one_none() -> Outcomes<()> {
    for name in HOMES {
        let (home, declaration) = home(name)?;
        let moved = home.outcome(&declaration.rules, true)?;
        let text = said(&Claude::after_restore(home.facts.clone(), moved));
        for part in [
            "claude auth login",
            "/mcp",
            "cleanupPeriodDays",
            "old home",
            "--resume",
        ] {
            assert!(text.contains(part), "{name}: {part}");
        }
        assert_eq!(text.contains("Keychain"), name == "claude/macos");
        for part in home.expected("hints_must_not_mention") {
            assert!(!text.contains(part), "{name}: {part}");
        }
        let same = home.outcome(&declaration.rules, false)?;
        assert_eq!(
            said(&Claude::after_restore(home.facts.clone(), same)),
            "",
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn a_first_run_on_the_same_machine_needs_the_sign_in_unless_it_is_restored() -> Outcomes<()> {
    let (mut home, _) = home("claude/linux")?;
    let entry = |rule: &str| RuleOutcome {
        rule: rule.into(),
        created: 1,
        replaced: 0,
        same: 0,
        withheld: 0,
        skipped: 0,
    };
    let mut outcome = Outcome {
        rules: vec![entry("global-state")],
        files: vec![],
        home_changed: false,
        machine_changed: false,
    };
    assert!(said(&Claude::after_restore(home.facts.clone(), outcome.clone())).contains("Sign in"));
    outcome.rules.push(entry("credentials"));
    assert_eq!(
        said(&Claude::after_restore(home.facts.clone(), outcome.clone())),
        ""
    );
    home.facts.os = OperatingSystem::Macos;
    assert!(said(&Claude::after_restore(home.facts.clone(), outcome)).contains("Keychain"));
    Ok(())
}
