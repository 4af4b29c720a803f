//! The fake homes that the real program backs up, with every choice of flags.

use super::Case;
use crate::support::fixture::fixtures;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

pub(super) const CLAUDE_LINUX: Case = Case {
    name: "claude/linux",
    targets: &["claude"],
    places: &[],
    code: 3,
    skills: None,
};
pub(super) const CLAUDE_CONFIG_DIR: Case = Case {
    name: "claude/config-dir",
    targets: &["claude"],
    places: &[(".config/claude-work/", "var/CLAUDE_CONFIG_DIR")],
    code: 0,
    skills: None,
};
pub(super) const CLAUDE_PROJECT: Case = Case {
    name: "claude/project",
    targets: &["project"],
    places: &[("src/app/", "project")],
    code: 0,
    skills: None,
};
pub(super) const CURSOR_LINUX: Case = Case {
    name: "cursor/linux",
    targets: &["cursor"],
    places: &[(".config/", "config")],
    code: 0,
    skills: None,
};
pub(super) const CURSOR_PROJECT: Case = Case {
    name: "cursor/project",
    targets: &["project"],
    places: &[("src/app/", "project")],
    code: 0,
    skills: None,
};

/// What stands for the folders of a home on Linux.
const XDG: &[(&str, &str)] = &[
    (".config/", "config"),
    (".local/share/", "data"),
    (".local/state/", "state"),
    ("src/app/", "project"),
];

/// A home for one of the tools that are described in TOML.
const fn tool(name: &'static str, targets: &'static [&'static str]) -> Case {
    Case {
        name,
        targets,
        places: XDG,
        code: 0,
        skills: None,
    }
}

/// The same, with a number of skills that is not the fixture's.
const fn counting(skills: u64, name: &'static str, targets: &'static [&'static str]) -> Case {
    Case {
        skills: Some(skills),
        ..tool(name, targets)
    }
}

const TOOLS: [Case; 18] = [
    // The fixture also counts the links to them in the folders of tools.
    counting(2, "agents-skills/linux", &["agents-skills"]),
    tool("aider/linux", &["aider", "project"]),
    tool("amp/linux", &["amp"]),
    tool("claude-desktop/linux", &["claude-desktop"]),
    tool("cline/linux", &["cline"]),
    tool("codex/linux", &["codex"]),
    tool("codex/project", &["project", "codex"]),
    tool("continue/linux", &["continue"]),
    // One skill without a description, and one a level too deep: the first counts here.
    counting(2, "gemini/linux", &["gemini"]),
    tool("goose/linux", &["goose"]),
    tool("kiro/linux", &["kiro"]),
    // One skill is not called like its folder, which is not looked at here.
    counting(2, "opencode/linux", &["opencode"]),
    tool("qwen/linux", &["qwen"]),
    counting(3, "roo/linux", &["roo"]),
    // Its list of exceptions is not read.
    counting(6, "skillshare/linux", &["skillshare"]),
    tool("vscode/linux", &["vscode"]),
    tool("windsurf/linux", &["windsurf"]),
    tool("zed/linux", &["zed"]),
];

#[test]
fn a_backup_of_the_claude_home_holds_what_it_must_and_nothing_else() {
    CLAUDE_LINUX.check();
}

#[test]
fn a_backup_of_a_moved_claude_home_holds_what_it_must_and_nothing_else() {
    CLAUDE_CONFIG_DIR.check();
}

#[test]
fn a_backup_of_a_claude_project_holds_what_it_must_and_nothing_else() {
    CLAUDE_PROJECT.check();
}

#[test]
fn a_backup_of_the_cursor_home_holds_what_it_must_and_nothing_else() {
    CURSOR_LINUX.check();
}

#[test]
fn a_backup_of_a_cursor_project_holds_what_it_must_and_nothing_else() {
    CURSOR_PROJECT.check();
}

/// One test for each home, so that they run beside one another.
macro_rules! tools {
    ($($test:ident: $number:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            TOOLS[$number].check();
            TOOLS[$number].check_skills();
        })*
    };
}

tools! {
    agents_skills: 0,
    aider: 1,
    amp: 2,
    claude_desktop: 3,
    cline: 4,
    codex: 5,
    codex_project: 6,
    continue_linux: 7,
    gemini: 8,
    goose: 9,
    kiro: 10,
    opencode: 11,
    qwen: 12,
    roo: 13,
    skillshare: 14,
    vscode: 15,
    windsurf: 16,
    zed: 17,
}

#[test]
fn reports_count_the_skills_that_are_there() {
    for case in [
        &CLAUDE_LINUX,
        &CLAUDE_CONFIG_DIR,
        &CLAUDE_PROJECT,
        &CURSOR_LINUX,
        &CURSOR_PROJECT,
    ] {
        case.check_skills();
    }
}

#[test]
fn every_home_of_this_system_is_backed_up_by_a_test() {
    let index = fs::read(fixtures().join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    let homes = index["homes"].as_array().unwrap();
    let here = homes.iter().filter(|home| {
        let name = home["fixture"].as_str().unwrap();
        matches!(home["os"].as_str().unwrap(), "linux" | "any") && !name.starts_with("skills/")
    });
    let here: BTreeSet<&str> = here.map(|home| home["fixture"].as_str().unwrap()).collect();
    let first = [
        CLAUDE_LINUX,
        CLAUDE_CONFIG_DIR,
        CLAUDE_PROJECT,
        CURSOR_LINUX,
        CURSOR_PROJECT,
    ];
    let all = first.iter().chain(&TOOLS);
    assert_eq!(here, all.map(|case| case.name).collect());
}
