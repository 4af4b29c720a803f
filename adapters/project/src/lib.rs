//! The tool files of one project: what Claude Code, Cursor and others that share
//! `AGENTS.md` and `.agents` read from the directory that is worked in.
//!
//! Facts: Claude Code's documentation of 2026-08-22 (CLI 2.1.240:
//! <https://code.claude.com/docs/en/claude-directory>, `/memory`, `/skills`, `/mcp`)
//! and <https://cursor.com/docs> of mid-2026 (rules, mcp, ignore files); checked
//! 2026-11-21.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod hints;
mod rules;

use alloc::{vec, vec::Vec};
use takeback_adapter::*;

/// The `project` adapter.
pub struct Project;

impl Adapter for Project {
    fn describe() -> Identity {
        Identity {
            id: "project".into(),
            name: "Project files".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description:
                "What AI tools keep in a project: instructions, rules, skills, agents, settings"
                    .into(),
            homepage: "https://agents.md".into(),
            licence: "MIT OR Apache-2.0".into(),
            variables: Vec::new(),
            scope: vec![at(Base::Project, "")],
            probes: Vec::new(),
        }
    }

    fn declare(_: Facts) -> Result<Declaration, Refusal> {
        Ok(Declaration {
            rules: rules::rules(),
            tallies: tallies(),
            running: Vec::new(),
            notes: vec![
                "Environment files (.env, .envrc) are left out unless they are asked for.".into(),
                "The project's own files and its .git are not kept: this is no replacement for a repository."
                    .into(),
            ],
        })
    }

    fn after_restore(_: Facts, outcome: Outcome) -> Vec<Hint> {
        hints::hints(&outcome)
    }
}

/// Only the project's own folders: those of packages are kept, but not counted.
fn tallies() -> Vec<Tally> {
    let place = |path| at(Base::Project, path);
    let agents = |path| count_files("agent", "agents", place(path), "**/*.md");
    vec![
        count_skills(place(".claude/skills"), 1, &[".claude-plugin/plugin.json"]),
        count_skills(place(".cursor/skills"), 8, &[]),
        count_skills(place(".agents/skills"), 8, &[]),
        count_skills(place(".codex/skills"), 6, &[]),
        agents(".claude/agents"),
        agents(".cursor/agents"),
    ]
}

#[cfg(target_family = "wasm")]
takeback_adapter::export_adapter!(Project);
