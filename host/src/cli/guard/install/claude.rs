//! What is put into Claude Code on request: three slash commands, and a hook that backs up
//! when a session begins.

use super::json_edit::{self, Odd};
use serde_json::{Value, json};
use std::path::PathBuf;
use takeback::model::HostFacts;

/// The slash commands, by the names of their files.
const COMMANDS: [(&str, &str); 3] = [
    ("backup.md", include_str!("backup.md")),
    ("restore.md", include_str!("restore.md")),
    ("backup-status.md", include_str!("backup-status.md")),
];

/// A line by which a file of ours is known.
const MARK: &str = "<!-- Written by `takeback guard install --claude-code`";

/// Where hooks for the beginning of a session are.
const WAY: [&str; 2] = ["hooks", "SessionStart"];

/// Claude Code's own directory.
pub(super) fn directory(facts: &HostFacts) -> PathBuf {
    facts
        .variable_dir("CLAUDE_CONFIG_DIR")
        .unwrap_or_else(|| facts.home.join(".claude"))
}

/// The hook. Its output would become part of the session.
fn hook() -> Value {
    json!({
        "matcher": "startup|resume",
        "hooks": [{
            "type": "command",
            "command": "takeback --quiet --no-input backup claude --automatic >/dev/null",
            "timeout": 120
        }]
    })
}

/// The names of files below Claude Code's directory, and what each is to hold.
pub(super) fn commands() -> impl Iterator<Item = (PathBuf, &'static str)> {
    COMMANDS
        .into_iter()
        .map(|(name, text)| (PathBuf::from("commands").join(name), text))
}

/// Whether a file is one that was written here.
pub(super) fn is_ours(content: &[u8]) -> bool {
    String::from_utf8_lossy(content)
        .lines()
        .any(|line| line.starts_with(MARK))
}

/// The settings with the hook.
pub(super) fn with_hook(settings: &str) -> Result<String, Odd> {
    json_edit::add(settings, &WAY, &hook())
}

/// The settings without the hook; `None` when it is not in there.
pub(super) fn without_hook(settings: &str) -> Result<Option<String>, Odd> {
    json_edit::remove(settings, &WAY, &hook())
}
