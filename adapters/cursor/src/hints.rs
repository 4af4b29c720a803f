//! What is left to do after a restore: only what the outcome gives reason for.

use crate::extensions::Extensions;
use alloc::{format, vec::Vec};
use takeback_adapter::*;

/// Extensions that are named one by one in a step; the rest is counted.
const NAMED: usize = 20;

/// All hints, in the order in which a person should deal with them.
pub(crate) fn hints(outcome: &Outcome) -> Vec<Hint> {
    [
        sign_in(outcome),
        extensions(outcome),
        paths(outcome),
        workspaces(outcome),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sign_in(outcome: &Outcome) -> Option<Hint> {
    let has_it = any(outcome, &["state-db"], |entry| {
        is_written(entry) || entry.same > 0
    });
    // Without settings Cursor has not been set up in this home.
    let first_run = any(outcome, &["settings"], |entry| entry.created > 0);

    let due = first_run || (elsewhere(outcome) && outcome.rules.iter().any(is_written));
    (due && !has_it).then(|| {
        hint(
            Severity::Action,
            "Sign in to Cursor: the sign-in is not part of this restore.",
            &[
                "Start Cursor and sign in.",
                "For the command line: agent login (in older versions cursor-agent login), or set CURSOR_API_KEY.",
                "User rules from Cursor's settings window come back with the account, or have to be written again.",
            ],
        )
    })
}

fn extensions(outcome: &Outcome) -> Option<Hint> {
    // With the code back there is nothing to install.
    if any(outcome, &["extension-code"], is_written) {
        return None;
    }
    let mut found = Extensions::default();
    for file in &outcome.files {
        let ours = matches!(file.rule.as_str(), "extensions" | "profile-extensions");
        // What was there already is installed, or its absence is no news.
        let news = !matches!(file.disposition, Disposition::Same | Disposition::Skipped);
        if ours && news {
            found.read(&file.content);
        }
    }
    let mut steps = Vec::new();
    for id in found.by_hand.iter().take(NAMED) {
        steps.push(format!(
            "Install {id} by hand: it came from a file or folder, not from the gallery."
        ));
    }
    if found.by_hand.len() > NAMED {
        steps.push(format!(
            "Others that came from a file or folder: {}.",
            found.by_hand.len() - NAMED
        ));
    }
    if found.unusable > 0 {
        steps.push(format!(
            "Entries that are not named here, not being valid or being too many: {}.",
            found.unusable
        ));
    }
    if found.unreadable > 0 {
        steps.push(format!(
            "Lists of extensions that could not be read: {}.",
            found.unreadable
        ));
    }
    let lines = found.commands();
    if lines.is_empty() && steps.is_empty() {
        return None;
    }
    let mut commands = Vec::new();
    if !lines.is_empty() {
        steps.push("Cursor has its own gallery, so a few extensions may be missing there.".into());
        let heading = "Install the extensions again".into();
        commands.push(CommandBlock {
            shell: Shell::Terminal,
            heading,
            lines,
        });
    }
    let summary =
        "Extensions are not in the backup, only their list: they have to be installed again.";
    Some(Hint {
        steps,
        commands,
        ..hint(Severity::Action, summary, &[])
    })
}

fn paths(outcome: &Outcome) -> Option<Hint> {
    let settings = [
        "mcp",
        "hooks-settings",
        "settings",
        "profiles",
        "extension-settings",
    ];
    (outcome.home_changed && any(outcome, &settings, is_written)).then(|| {
        hint(
            Severity::Warning,
            "Settings may still name files in the old home directory.",
            &[
                "Look at the commands in hooks.json, and at command, args and env of the servers in mcp.json.",
                "Each MCP server has to be approved again.",
            ],
        )
    })
}

fn workspaces(outcome: &Outcome) -> Option<Hint> {
    let rules = ["workspace-dbs", "workspaces"];
    any(outcome, &rules, |entry| entry.withheld > 0).then(|| {
        hint(
            Severity::Info,
            "The state and chats of single folders stay in the archive: Cursor finds them by an id that is only valid on the old machine.",
            &[],
        )
    })
}
