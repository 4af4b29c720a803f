//! Cursor, the editor and its command line, as documented and observed in mid-2026
//! (cursor-agent 2026.06.19); checked 2026-11-21.
//!
//! Facts: <https://cursor.com/docs> (mcp, permissions, skills, hooks, ignore files),
//! public notes of tools that read the same folders (`tony/agentgrep`,
//! `lucifer1004/cursor-helper`), and for what Cursor inherits from VS Code
//! `microsoft/vscode`: `workspaces.ts`, `extensionsProfileScannerService.ts`.
//! Not certain: `~/.cursor/rules`, `~/.cursor/plugins/local`, the CLI's login file
//! on Windows. They are kept where they are found.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod dot_folder;
mod editor;
mod extensions;
mod hints;
mod pointers;

use alloc::{string::String, vec, vec::Vec};
use takeback_adapter::*;

/// The `cursor` adapter.
pub struct Cursor;

impl Adapter for Cursor {
    fn describe() -> Identity {
        Identity {
            id: "cursor".into(),
            name: "Cursor".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description:
                "Settings, skills, agents, rules, MCP servers and the extension list of Cursor"
                    .into(),
            homepage: "https://cursor.com/docs".into(),
            licence: "MIT OR Apache-2.0".into(),
            variables: Vec::new(),
            scope: vec![
                at(Base::Home, ".cursor"),
                at(Base::Config, "Cursor"),
                at(Base::Config, "cursor"),
                at(Base::Home, "Library/Application Support/Cursor"),
            ],
            probes: Vec::new(),
        }
    }

    fn declare(facts: Facts) -> Result<Declaration, Refusal> {
        let app = |path: &str| match facts.os {
            OperatingSystem::Macos => {
                below(&at(Base::Home, "Library/Application Support/Cursor"), path)
            }
            OperatingSystem::Linux | OperatingSystem::Windows => {
                below(&at(Base::Config, "Cursor"), path)
            }
        };
        let dot = |path: &str| below(&at(Base::Home, ".cursor"), path);
        let mut rules = editor::rules(&app);
        rules.extend(dot_folder::rules(&dot));
        // On Windows, where case does not count, this is the editor's own folder.
        if facts.os != OperatingSystem::Windows {
            rules.extend(dot_folder::command_line("xdg", &at(Base::Config, "cursor")));
        }
        let process = |name: &str| RunningCheck::Process(name.into());
        Ok(Declaration {
            rules,
            tallies: vec![
                count_skills(dot("skills"), 8, &[]),
                count_files("agent", "agents", dot("agents"), "**/*.md"),
            ],
            running: vec![
                process("Cursor"),
                process("cursor"),
                process("cursor-agent"),
                RunningCheck::LockFile(app("code.lock")),
            ],
            notes: notes(),
        })
    }

    fn after_restore(_: Facts, outcome: Outcome) -> Vec<Hint> {
        hints::hints(&outcome)
    }
}

/// A path below a place; empty for the place itself.
fn below(place: &Location, path: &str) -> Location {
    if path.is_empty() {
        place.clone()
    } else {
        at(place.base.clone(), &alloc::format!("{}/{path}", place.path))
    }
}

fn notes() -> Vec<String> {
    vec![
        "The sign-in, the user rules of Cursor's settings window and most chats are in one database, state.vscdb; it is kept only if credentials are asked for.".into(),
        "What Cursor puts into the system's keychain cannot be in a file backup.".into(),
        "Of extensions the list is kept, not the code, which is fetched again; of their own data only what they keep in a settings folder.".into(),
    ]
}

#[cfg(target_family = "wasm")]
takeback_adapter::export_adapter!(Cursor);
