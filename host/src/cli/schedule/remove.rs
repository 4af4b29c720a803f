//! `takeback schedule remove`: takes away what was marked as ours, and nothing else.

use super::installed::{Installed, installed};
use super::tool::ToolError;
use super::{cron, name};
use crate::cli::args::TimerRemoveArgs;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::prompt;
use crate::cli::render::json;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    removed: Vec<Removed>,
}

#[derive(Serialize)]
struct Removed {
    system: String,
    places: Vec<String>,
    problem: Option<String>,
    /// What is left to be run by hand.
    by_hand: Vec<String>,
}

pub(super) fn run(context: &Context, args: &TimerRemoveArgs) -> Result<ExitStatus, CommandError> {
    let wanted = |one: &Installed| args.with.is_none_or(|system| system == one.system);
    let found: Vec<Installed> = installed(context)?.into_iter().filter(wanted).collect();
    if found.is_empty() {
        let message = "there is no timer of takeback's; nothing was changed";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    }
    for one in &found {
        context
            .voice
            .say(format!("{}: {}", name(one.system), one.places.join(", ")));
        if !one.whole {
            context
                .voice
                .warn("it was changed since it was written, and is removed all the same");
        }
    }
    if !args.dry_run && !args.yes {
        prompt::confirm("Remove this timer?", context.no_input, "--yes")?;
    }
    context.noted.count("timers", found.len() as u64);
    let mut removed = Vec::new();
    for one in &found {
        let problem = if args.dry_run { None } else { take_away(one)? };
        removed.push(Removed {
            system: name(one.system),
            places: one.places.clone(),
            by_hand: problem.as_ref().map_or_else(Vec::new, |_| by_hand(one)),
            problem: problem.map(|problem| problem.to_string()),
        });
    }
    let partly = removed.iter().any(|one| one.problem.is_some());
    show(context, args, removed);
    Ok(if partly {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    })
}

/// Switches it off and removes it; the files go also where the system's tool cannot be asked.
fn take_away(one: &Installed) -> Result<Option<ToolError>, CommandError> {
    let Some(units) = &one.units else {
        let failed = |e: ToolError| CommandError::new(ExitStatus::Failed, e);
        let text = cron::read().map_err(failed)?;
        let without = cron::Parts::of(&text)?.without();
        cron::write_call().run(without.as_bytes()).map_err(failed)?;
        return Ok(None);
    };
    let off = units.off.iter().find_map(|call| call.run(b"").err());
    units.remove()?;
    let gone = units.gone.iter().find_map(|call| call.run(b"").err());
    Ok(off.or(gone))
}

fn by_hand(one: &Installed) -> Vec<String> {
    let calls = one
        .units
        .iter()
        .flat_map(|units| units.off.iter().chain(&units.gone));
    calls.map(super::tool::Call::typed).collect()
}

fn show(context: &Context, args: &TimerRemoveArgs, removed: Vec<Removed>) {
    let voice = &context.voice;
    if voice.json {
        return json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "schedule-remove",
            dry_run: args.dry_run,
            removed,
        });
    }
    for one in removed {
        let places = one.places.join(" and ");
        if args.dry_run {
            voice.line(format!("Would remove {places}"));
            continue;
        }
        voice.say(format!("Removed from {}: {places}", one.system));
        if let Some(problem) = one.problem {
            voice.warn(&format!(
                "it may still be switched on until the next start: {problem}"
            ));
            voice.say(format!(
                "To switch it off by hand: {}",
                one.by_hand.join("; ")
            ));
        }
    }
}
