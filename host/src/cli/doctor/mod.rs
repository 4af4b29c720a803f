//! `takeback doctor`: what could keep backups or restores from working, and what to do about it.
//!
//! What is absent: nothing is changed, also where it would be easy. What was interrupted is named
//! and left for `takeback recover`, and no directory is made. (Adapters are run, so their cache of
//! compiled code may be refreshed where there is one.)

mod adapters;
mod own;
mod schedule;
mod snapshots;
mod system;
mod vault;

use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{BOLD, human, json};
use serde::Serialize;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// All is well.
    Ok,
    /// Something to know; backups and restores work.
    Warning,
    /// Something that keeps a backup or a restore from working, or endangers one.
    Problem,
    /// It could not be looked at.
    Unknown,
}

/// What one check found.
#[derive(Debug, Serialize)]
struct Finding {
    /// The check's name; it does not change.
    check: &'static str,
    state: State,
    /// What was found, in a sentence without its full stop.
    says: String,
    /// What to do about it.
    advice: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Ok,
            says: says.into(),
            advice: None,
        }
    }

    fn warning(check: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            state: State::Warning,
            advice: Some(advice.into()),
            ..Self::ok(check, says)
        }
    }

    fn problem(check: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            state: State::Problem,
            ..Self::warning(check, says, advice)
        }
    }

    /// For what the system does not tell.
    fn unknown(check: &'static str, error: impl Into<CommandError>) -> Self {
        Self {
            state: State::Unknown,
            ..Self::ok(check, in_full(error))
        }
    }
}

/// An error with its causes.
fn in_full(error: impl Into<CommandError>) -> String {
    error.into().in_full()
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    problems: usize,
    warnings: usize,
    unknown: usize,
    checks: Vec<Finding>,
}

pub(super) fn run(context: &Context) -> Result<ExitStatus, CommandError> {
    let mut checks = own::config(context);
    let (found, catalogue) = vault::checks(context);
    checks.extend(found);
    if let Some((vault, catalogue)) = &catalogue {
        checks.extend(snapshots::checks(context, vault, catalogue));
    }
    checks.extend(own::state(context));
    checks.extend(schedule::checks(context));
    let catalogue = catalogue.map(|(_, catalogue)| catalogue);
    checks.extend(adapters::checks(context, &catalogue.unwrap_or_default()));
    checks.extend(system::checks());
    let count = |state| checks.iter().filter(|one| one.state == state).count();
    let (problems, warnings, unknown) = (
        count(State::Problem),
        count(State::Warning),
        count(State::Unknown),
    );
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "doctor",
            problems,
            warnings,
            unknown,
            checks,
        });
    } else {
        show(context, &checks, problems, warnings);
    }
    Ok(match (problems, unknown) {
        (0, 0) => ExitStatus::Done,
        (0, _) => ExitStatus::Partial,
        _ => ExitStatus::Different,
    })
}

/// What needs attention comes last, where it is still on the screen.
fn show(context: &Context, checks: &[Finding], problems: usize, warnings: usize) {
    let voice = &context.voice;
    for state in [State::Ok, State::Unknown, State::Warning, State::Problem] {
        let word = match state {
            State::Ok => "ok",
            State::Unknown => "unknown",
            State::Warning => "warning",
            State::Problem => "PROBLEM",
        };
        for one in checks.iter().filter(|one| one.state == state) {
            if state == State::Ok && voice.quiet {
                continue;
            }
            voice.line(format!("{word:<8} {}: {}", one.check, one.says));
            if let Some(advice) = &one.advice {
                voice.line(format!("{:<8} {BOLD}->{BOLD:#} {advice}", ""));
            }
        }
    }
    let problems = human::counted(problems as u64, "problem", "problems");
    let warnings = human::counted(warnings as u64, "warning", "warnings");
    voice.say(format!("{problems}, {warnings}"));
}
