//! The `project` adapter against fake projects: what is taken, and what is said.

#[path = "../../claude/tests/common/mod.rs"]
mod common;

use common::{Home, Outcomes, check_form, said};
use takeback_adapter::*;
use takeback_adapter_project::Project;

fn home(name: &str) -> Outcomes<(Home, Declaration)> {
    let home = Home::load(name, OperatingSystem::Linux)?;
    let declaration =
        Project::declare(home.facts.clone()).map_err(|refusal| format!("{refusal:?}"))?;
    Ok((home, declaration))
}

#[test]
fn every_file_of_every_project_is_treated_as_the_fixture_says() -> Outcomes<()> {
    for name in ["claude/project", "cursor/project"] {
        let (home, declaration) = home(name)?;
        check_form(&Project::describe(), &declaration);
        assert!(home.check(&declaration.rules)? >= 16, "{name}");
        home.check_skills(&declaration.tallies);
    }
    Ok(())
}

#[test]
fn packages_are_looked_into_and_built_things_are_not() -> Outcomes<()> {
    let (home, declaration) = home("claude/project")?;
    let cases = [
        (".claude/CLAUDE.md", Some(Class::Instructions)),
        (".claude/agent-memory/build/MEMORY.md", Some(Class::Memory)),
        (".claude/skills/build/SKILL.md", Some(Class::Skills)),
        (".claude/skills/target/dist/x", Some(Class::Skills)),
        (
            "apps/web/.claude/skills/vendor/SKILL.md",
            Some(Class::Skills),
        ),
        (
            "apps/web/.claude/settings.local.json",
            Some(Class::Settings),
        ),
        ("apps/web/.cursor/rules/a/b.mdc", Some(Class::Instructions)),
        ("apps/web/AGENTS.md", Some(Class::Instructions)),
        (".codex/skills/x/SKILL.md", Some(Class::Skills)),
        ("apps/web/.env.local", Some(Class::Env)),
        (".env.claude", Some(Class::Env)),
        (".claude/skills/x/.env", Some(Class::Env)),
        (".claude/skills/x/.env.example", Some(Class::Skills)),
        (".env.example", None),
        (
            ".claude/worktrees/a/.claude/skills/x/SKILL.md",
            Some(Class::Cache),
        ),
        (".claude/skills/x/node_modules/y/AGENTS.md", None),
        ("node_modules/x/AGENTS.md", None),
        ("apps/web/node_modules/x/.claude/skills/y/SKILL.md", None),
        ("a/b/c/d/e/f/target/doc/CLAUDE.md", None),
        ("dist/CLAUDE.md", None),
        (".venv/lib/AGENTS.md", None),
        ("apps/.claude/worktrees/a/CLAUDE.md", None),
        (".git/CLAUDE.md", None),
        ("src/main.rs", None),
    ];
    for (path, class) in cases {
        assert_eq!(
            home.class(&declaration.rules, &format!("src/app/{path}")),
            class,
            "{path}"
        );
    }
    Ok(())
}

#[test]
fn another_machine_gets_hints_and_the_same_one_none() -> Outcomes<()> {
    let (home, declaration) = home("claude/project")?;
    let moved = home.outcome(&declaration.rules, true)?;
    let text = said(&Project::after_restore(home.facts.clone(), moved));
    for part in ["ask again", ".mcp.json", ".envrc", "old home"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(
        home.expected("hints_must_not_mention")
            .iter()
            .all(|part| !text.contains(part))
    );
    let same = home.outcome(&declaration.rules, false)?;
    assert_eq!(said(&Project::after_restore(home.facts.clone(), same)), "");
    Ok(())
}
