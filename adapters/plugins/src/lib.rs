//! The `plugins` adapter: how Claude Code's plugins come back after a restore.
//!
//! A backup holds the manifests that say which plugins there were, not the plugins.
//! The manifests are full of absolute paths, so they go back only into the same home;
//! after a restore they are read and turned into commands that fetch everything again.
//!
//! Tool: Claude Code, manifest versions 1 and 2. Facts: the Claude Code docs of
//! 2026-08-22 (CLI 2.1.240; pages settings-reference, plugins-reference,
//! plugin-marketplaces, discover-plugins, env-vars, interactive-mode), the SchemaStore
//! schema of its settings, and issues of anthropics/claude-code. Checked 2026-11-21
//! against sections 2.1 and 2.5 to 2.10 of the project's table of targets.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

pub mod commands;
pub mod model;
pub mod names;
pub mod notes;
pub mod places;
pub mod recover;
pub mod source;
pub mod text;
pub mod words;

use alloc::{string::String, vec, vec::Vec};
use places::{CONFIG_DIR, INSTALLED, KNOWN, PLUGIN_DIR, SETTINGS};
use takeback_adapter::*;

/// The adapter.
#[derive(Debug)]
pub struct Plugins;

impl Adapter for Plugins {
    fn describe() -> Identity {
        Identity {
            id: "plugins".into(),
            name: "Claude Code plugins".into(),
            version: "0.1.0".into(),
            description: "Plugin and marketplace manifests, and the commands that recover them"
                .into(),
            homepage: String::new(),
            licence: "MIT OR Apache-2.0".into(),
            variables: vec![CONFIG_DIR.into(), PLUGIN_DIR.into()],
            scope: places::scope(),
            probes: Vec::new(),
        }
    }

    fn declare(facts: Facts) -> Result<Declaration, Refusal> {
        Ok(Declaration {
            rules: places::rules(&facts),
            tallies: Vec::new(),
            // Before 2.1.232, Claude Code lost marketplaces that something else wrote.
            running: vec![RunningCheck::Process("claude".into())],
            notes: vec![
                "Plugin code and marketplace clones are not kept by default: the commands shown \
                 after a restore fetch them again."
                    .into(),
            ],
        })
    }

    fn after_restore(facts: Facts, outcome: Outcome) -> Vec<Hint> {
        if nothing_happened(&outcome) {
            return Vec::new();
        }
        let content = |rule: &str| {
            let file = outcome.files.iter().find(|file| file.rule == rule)?;
            Some(file.content.as_slice())
        };
        let files = model::Files {
            installed: content(INSTALLED),
            known: content(KNOWN),
            settings: content(SETTINGS),
        };
        text::hints(&recover::recover(facts.os, &files))
    }
}

/// Whether the restore found every file as it left it, where it left it.
fn nothing_happened(outcome: &Outcome) -> bool {
    let same = |file: &ReadBackFile| file.disposition == Disposition::Same;
    !outcome.home_changed && !outcome.machine_changed && outcome.files.iter().all(same)
}

#[cfg(target_family = "wasm")]
takeback_adapter::export_adapter!(Plugins);
