//! What is left to do after a restore: only what the outcome gives reason for.

use alloc::{vec, vec::Vec};
use takeback_adapter::*;

/// All hints, in the order in which a person should deal with them.
pub(crate) fn hints(os: OperatingSystem, outcome: &Outcome) -> Vec<Hint> {
    [
        old_sessions(outcome),
        sign_in(os, outcome),
        merged_state(outcome),
        paths_in_settings(outcome),
        filed_by_path(outcome),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The sum of one kind of fate over some rules.
fn sum(outcome: &Outcome, rules: &[&str], fate: fn(&RuleOutcome) -> u32) -> u64 {
    let chosen = outcome
        .rules
        .iter()
        .filter(|entry| rules.contains(&entry.rule.as_str()));
    chosen.map(|entry| u64::from(fate(entry))).sum()
}

fn written(outcome: &Outcome, rules: &[&str]) -> bool {
    sum(outcome, rules, |entry| entry.created) + sum(outcome, rules, |entry| entry.replaced) > 0
}

fn created(outcome: &Outcome, rules: &[&str]) -> bool {
    sum(outcome, rules, |entry| entry.created) > 0
}

/// The one thing that has to be done before Claude Code is started.
fn old_sessions(outcome: &Outcome) -> Option<Hint> {
    let sessions = &["transcripts", "session-files", "old-transcripts"];
    // Files that were replaced were there before, so their age is no news.
    let due = created(outcome, sessions) || (elsewhere(outcome) && written(outcome, sessions));
    due.then(|| {
        hint(
            Severity::Warning,
            "Claude Code may delete restored sessions that are older than cleanupPeriodDays (30 days unless set).",
            &["To keep them, raise cleanupPeriodDays in settings.json before the first start."],
        )
    })
}

/// On macOS a restored `.credentials.json` changes nothing: the Keychain counts.
fn sign_in(os: OperatingSystem, outcome: &Outcome) -> Option<Hint> {
    let keychain = os == OperatingSystem::Macos;
    let had_it = !keychain
        && sum(outcome, &["credentials"], |e| {
            e.created + e.replaced + e.same
        }) > 0;
    // Without `.claude.json` Claude Code has never run in this home.
    let first_run = created(outcome, &["global-state"]);
    let anything = outcome
        .rules
        .iter()
        .any(|entry| entry.created > 0 || entry.replaced > 0);
    if had_it || !(first_run || (elsewhere(outcome) && anything)) {
        return None;
    }
    let mut steps = vec![
        "Run the command below, or type /login in a session; claude setup-token gives a CLAUDE_CODE_OAUTH_TOKEN for use without a browser.".into(),
    ];
    if keychain {
        steps.push("The sign-in is in the macOS Keychain, which no file backup holds.".into());
    }
    if written(outcome, &["global-state"]) {
        steps.push(
            "For MCP servers that use OAuth, type /mcp and authenticate each of them.".into(),
        );
    }
    steps.push("Check with /status and /doctor.".into());
    let command = CommandBlock {
        shell: Shell::Terminal,
        heading: "Sign in to Claude Code".into(),
        lines: vec!["claude auth login".into()],
    };
    let summary = "Sign in to Claude Code: the sign-in is not part of this restore.";
    let base = hint(Severity::Action, summary, &[]);
    Some(Hint {
        steps,
        commands: vec![command],
        ..base
    })
}

fn merged_state(outcome: &Outcome) -> Option<Hint> {
    let state = sum(outcome, &["global-state"], |e| {
        e.created + e.replaced + e.withheld
    }) > 0;
    (elsewhere(outcome) && state).then(|| {
        hint(
            Severity::Info,
            "From .claude.json only MCP servers and preferences are taken to another machine.",
            &[
                "Claude Code asks again whether it may trust each project and use the servers of its .mcp.json.",
                "Servers that were added for a single project have to be added again with claude mcp add.",
            ],
        )
    })
}

fn paths_in_settings(outcome: &Outcome) -> Option<Hint> {
    let settings = written(outcome, &["settings", "settings-local", "global-state"]);
    (outcome.home_changed && settings).then(|| {
        hint(
            Severity::Warning,
            "Settings may still name files in the old home directory.",
            &[
                "In settings.json look at hooks, statusLine, apiKeyHelper, permissions and additionalDirectories.",
                "For MCP servers look at command, args and env, and install the programs they name.",
            ],
        )
    })
}

fn filed_by_path(outcome: &Outcome) -> Option<Hint> {
    let projects = written(outcome, &["auto-memory", "transcripts", "session-files"]);
    (outcome.home_changed && projects).then(|| {
        hint(
            Severity::Info,
            "Project memory and sessions are filed under the old paths of their projects.",
            &[
                "To give a project its memory back, rename its folder below projects/ after the new path, with - for every character that is not a letter or digit.",
                "claude --resume with a session's id finds it in any folder (2.1.223 or later), as long as it is in one only.",
            ],
        )
    })
}
