//! Claude Code, as described by its documentation of 2026-08-22 (CLI 2.1.240);
//! checked 2026-11-21.
//!
//! Facts: <https://code.claude.com/docs/en/claude-directory> (what is below the
//! root), `/env-vars` (`CLAUDE_CONFIG_DIR`), `/authentication` (where the sign-in
//! is), `/settings-reference` (keys), `/memory`, `/skills`, `/sessions`. The shape
//! of `~/.claude.json` is not documented; its keys were read from public issues.
//!
//! Plugins come back by commands; those are the business of the `plugins` adapter.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod hints;
mod pointers;
mod rules;

use alloc::{string::String, vec, vec::Vec};
use rules::below;
use takeback_adapter::*;

/// The variable that moves everything, `.claude.json` included.
const ROOT_VARIABLE: &str = "CLAUDE_CONFIG_DIR";

/// The `claude` adapter.
pub struct Claude;

impl Adapter for Claude {
    fn describe() -> Identity {
        Identity {
            id: "claude".into(),
            name: "Claude Code".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description:
                "Settings, instructions, skills, agents, memory and sessions of Claude Code".into(),
            homepage: "https://code.claude.com/docs".into(),
            licence: "MIT OR Apache-2.0".into(),
            variables: vec![ROOT_VARIABLE.into()],
            scope: vec![
                at(Base::Home, ".claude"),
                at(Base::Home, ".claude.json"),
                at(Base::Config, "claude"),
                at(Base::Variable(ROOT_VARIABLE.into()), ""),
            ],
            probes: vec![at(Base::Home, ".claude"), at(Base::Config, "claude")],
        }
    }

    fn declare(facts: Facts) -> Result<Declaration, Refusal> {
        let (root, state) = places(&facts);
        Ok(Declaration {
            rules: rules::rules(&root, state),
            tallies: tallies(&root),
            running: vec![
                RunningCheck::Process("claude".into()),
                RunningCheck::LockFile(below(&root, "ide/*.lock")),
                RunningCheck::LockFile(below(&root, "sessions/*.json")),
            ],
            notes: notes(facts.os),
        })
    }

    fn after_restore(facts: Facts, outcome: Outcome) -> Vec<Hint> {
        hints::hints(facts.os, &outcome)
    }
}

/// The root, and where `.claude.json` is.
///
/// With the variable set nothing is read from the home directory: that is another
/// profile, also when the variable names `~/.claude` itself.
fn places(facts: &Facts) -> (Location, Location) {
    if facts
        .variables
        .iter()
        .any(|variable| variable.name == ROOT_VARIABLE)
    {
        let base = Base::Variable(ROOT_VARIABLE.into());
        return (at(base.clone(), ""), at(base, ".claude.json"));
    }
    let usual = at(Base::Home, ".claude");
    let xdg = at(Base::Config, "claude");
    // A few versions honoured XDG_CONFIG_HOME. On Windows, where case does not
    // count, the same name is the folder of Claude Desktop.
    let moved = facts.os != OperatingSystem::Windows
        && !facts.existing.contains(&usual)
        && facts.existing.contains(&xdg);
    (
        if moved { xdg } else { usual },
        at(Base::Home, ".claude.json"),
    )
}

fn tallies(root: &Location) -> Vec<Tally> {
    let projects = below(root, "projects");
    vec![
        // A folder with a plugin manifest is a plugin, although it lies among the skills.
        count_skills(below(root, "skills"), 1, &[".claude-plugin/plugin.json"]),
        count_files("agent", "agents", below(root, "agents"), "**/*.md"),
        count_files(
            "memory file",
            "memory files",
            projects.clone(),
            "*/memory/*.md",
        ),
        count_files("session", "sessions", projects, "*/*.jsonl"),
    ]
}

fn notes(os: OperatingSystem) -> Vec<String> {
    let sign_in = if os == OperatingSystem::Macos {
        "The sign-in is in the macOS Keychain, which no file backup can hold."
    } else {
        "The sign-in (.credentials.json) is left out unless credentials are asked for."
    };
    vec![
        sign_in.into(),
        "Of plugins the list is kept, not the code, which is fetched again; secret plugin options are not kept."
            .into(),
        "Scripts and programs that settings name outside Claude Code's own folder are not kept, nor is memory or a plan that autoMemoryDirectory or plansDirectory moves elsewhere."
            .into(),
    ]
}

/// What the tool deletes by itself, where the program finds it without running the adapter.
#[cfg(target_family = "wasm")]
#[used]
#[unsafe(link_section = "takeback-sweeps")]
static SWEEPS: [u8; include_bytes!("sweeps.toml").len()] = *include_bytes!("sweeps.toml");

#[cfg(target_family = "wasm")]
takeback_adapter::export_adapter!(Claude);
