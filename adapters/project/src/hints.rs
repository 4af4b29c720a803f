//! What is left to do after a restore: only what the outcome gives reason for.

use alloc::vec::Vec;
use takeback_adapter::*;

/// All hints.
pub(crate) fn hints(outcome: &Outcome) -> Vec<Hint> {
    let hints = [approvals(outcome), environment(outcome), paths(outcome)];
    hints.into_iter().flatten().collect()
}

/// Approvals are kept with the tool, by the project's path: here only where they
/// are asked for again.
fn approvals(outcome: &Outcome) -> Option<Hint> {
    let tools = ["mcp", "settings", "tool-settings"];
    (elsewhere(outcome) && any(outcome, &tools, is_written)).then(|| {
        hint(
            Severity::Info,
            "The tools ask again whether they may trust this project and use the servers of .mcp.json.",
            &[
                "Read .mcp.json and the hooks before you agree: they are programs that will be run.",
                "claude mcp reset-project-choices makes Claude Code ask once more.",
            ],
        )
    })
}

fn environment(outcome: &Outcome) -> Option<Hint> {
    let has_env = any(outcome, &["env"], |entry| {
        is_written(entry) || entry.same > 0
    });
    let anything = outcome.rules.iter().any(is_written);
    (elsewhere(outcome) && anything && !has_env).then(|| {
        hint(
            Severity::Info,
            "Environment files (.env, .envrc) are not part of this restore.",
            &["They are in a backup only if they were asked for when it was made."],
        )
    })
}

fn paths(outcome: &Outcome) -> Option<Hint> {
    let settings = ["settings", "mcp", "tool-settings"];
    (outcome.home_changed && any(outcome, &settings, is_written)).then(|| {
        hint(
            Severity::Warning,
            "Settings of this project may still name files in the old home directory.",
            &["Look at hooks, permissions and additionalDirectories in .claude/settings*.json, and at the servers in .mcp.json."],
        )
    })
}
