//! The `cursor` adapter against fake homes: what is taken, and what is said.

#[path = "../../claude/tests/common/mod.rs"]
mod common;

use common::{Home, Outcomes, check_form, said};
use takeback_adapter::*;
use takeback_adapter_cursor::Cursor;

const HOMES: [&str; 3] = ["cursor/linux", "cursor/macos", "cursor/windows"];

fn home(name: &str) -> Outcomes<(Home, Declaration)> {
    let home = Home::load(name, OperatingSystem::Linux)?;
    let declaration =
        Cursor::declare(home.facts.clone()).map_err(|refusal| format!("{refusal:?}"))?;
    Ok((home, declaration))
}

#[test]
fn every_file_of_every_home_is_treated_as_the_fixture_says() -> Outcomes<()> {
    for name in HOMES {
        let (home, declaration) = home(name)?;
        check_form(&Cursor::describe(), &declaration);
        assert!(home.check(&declaration.rules)? > 40, "{name}");
        home.check_skills(&declaration.tallies);
    }
    Ok(())
}

#[test]
fn a_skill_may_have_any_name() -> Outcomes<()> {
    let (home, declaration) = home("cursor/linux")?;
    for name in ["worktrees", "extensions", "logs"] {
        let path = format!(".cursor/skills/{name}/SKILL.md");
        assert_eq!(
            home.class(&declaration.rules, &path),
            Some(Class::Skills),
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn another_machine_gets_the_commands_and_the_sign_in() -> Outcomes<()> {
    for name in HOMES {
        let (home, declaration) = home(name)?;
        let outcome = home.outcome(&declaration.rules, true)?;
        let hints = Cursor::after_restore(home.facts.clone(), outcome);
        let text = said(&hints);
        for part in home.expected("hints_must_mention") {
            assert!(text.contains(part), "{name}: {part}");
        }
        for part in home.expected("hints_must_not_mention") {
            assert!(!text.contains(part), "{name}: {part}");
        }
        assert!(text.contains("example.local-vsix by hand"), "{name}");
        assert!(
            !text.contains("--install-extension example.local-vsix"),
            "{name}"
        );
        assert!(
            !text.contains("bad id") && text.contains("too many: 1."),
            "{name}"
        );
        let lines = hints
            .iter()
            .flat_map(|hint| &hint.commands)
            .flat_map(|block| &block.lines);
        assert!(
            lines
                .into_iter()
                .all(|line| line.bytes().all(|b| b == b' ' || b.is_ascii_graphic()))
        );
    }
    Ok(())
}

#[test]
fn the_same_machine_is_not_asked_to_sign_in() -> Outcomes<()> {
    let (home, declaration) = home("cursor/linux")?;
    let mut outcome = home.outcome(&declaration.rules, false)?;
    for file in &mut outcome.files {
        file.disposition = Disposition::Same;
    }
    assert_eq!(
        said(&Cursor::after_restore(home.facts.clone(), outcome)),
        ""
    );
    Ok(())
}
