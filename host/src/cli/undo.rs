//! `takeback undo`.

use super::args::UndoArgs;
use super::context::{Context, tilde};
use super::error::{CommandError, ExitStatus};
use super::prompt::confirm;
use super::recover;
use super::render::{BOLD, human, json};
use takeback::in_use::{InUse, Lookout};
use takeback::model::{OperationId, Shown};
use takeback::operation::{
    Done, OperationError, OperationKind, Operations, Step, Summary, UndoPlan, plan_undo, undo,
};
use takeback::restore::users_of;

pub(super) fn run(context: &Context, args: &UndoArgs) -> Result<ExitStatus, CommandError> {
    let operations = Operations::open(&context.own.state)?.ok_or_else(nothing)?;
    let wanted = args.operation.as_deref().map(OperationId::new).transpose();
    let wanted = wanted.map_err(|e| {
        CommandError::usage(e).hint("`takeback undo --list` shows the operations there are")
    })?;
    let make_plan = |wanted: Option<&OperationId>| {
        plan_undo(&operations, wanted, args.force).map_err(|e| match e {
            OperationError::NothingToUndo => nothing(),
            e => {
                CommandError::from(e).hint("`takeback undo --list` shows the operations there are")
            }
        })
    };
    let mut plan = make_plan(wanted.as_ref())?;
    if !args.dry_run && wait_for_users(context, args, &plan)? {
        // What used them may have changed them.
        plan = make_plan(Some(&plan.of.id))?;
    }
    if !context.voice.json {
        show(context, &plan);
    }
    if args.dry_run || plan.is_empty() {
        context.noted.nothing_done();
        return Ok(would(context, &plan, args.dry_run));
    }
    let typed = !args.yes && !args.force;
    check_in_use(context, args, &plan, typed)?;
    if typed {
        let no_input = context.no_input || context.voice.json;
        confirm("Take these changes back?", no_input, "--yes")?;
    }
    let lock = recover::lock(context, &operations, "undo", args.wait)?;
    let (of, kept) = (plan.of.clone(), plan.kept.clone());
    let view = json::undo(&plan);
    let tally = human::tally(&plan.change.tally());
    let done = undo(&operations, &lock, plan, &context.progress())?;
    context.noted.targets(&of.about.targets);
    context.noted.operation(&done.id);
    context.expire(&operations, &lock);
    let left_out = kept.iter().any(|kept| kept.changed);
    if context.voice.json {
        json::print(&view.done(&done.id));
    } else {
        report(context, &of, &done, &tally);
    }
    Ok(if left_out {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    })
}

/// Waits until nobody uses the files any more, or the time is up. Says whether it waited.
fn wait_for_users(
    context: &Context,
    args: &UndoArgs,
    plan: &UndoPlan,
) -> Result<bool, CommandError> {
    let lookout = Lookout::post();
    let mut wait = context.patience(args.wait);
    let in_use = || users_of(&plan.change.steps, &context.facts, &lookout);
    if in_use()?.is_empty() || !wait() {
        return Ok(false);
    }
    context.voice.say("Waiting for the files to be free ...");
    while !in_use()?.is_empty() && wait() {}
    Ok(true)
}

/// A database that somebody has open is never replaced; for the rest a typed yes, or force,
/// is enough.
fn check_in_use(
    context: &Context,
    args: &UndoArgs,
    plan: &UndoPlan,
    typed: bool,
) -> Result<(), CommandError> {
    let users = users_of(&plan.change.steps, &context.facts, &Lookout::post())?;
    let why: Vec<String> = users.iter().map(ToString::to_string).collect();
    why.iter().for_each(|why| context.voice.warn(why));
    let database = users
        .iter()
        .any(|one| matches!(one, InUse::Database { .. }));
    if database || (!users.is_empty() && !typed && !args.force) {
        let message = format!("nothing was taken back, for {}", why.join("; and "));
        let hint = if database {
            "close it first; --wait waits for that"
        } else {
            "close it first, or run it again with --force, or without --yes to be asked"
        };
        return Err(CommandError::new(ExitStatus::Refused, message).hint(hint));
    }
    Ok(())
}

fn nothing() -> CommandError {
    let message = "there is nothing to take back";
    CommandError::new(ExitStatus::NotFound, message)
        .hint("`takeback undo --list` shows what was done and taken back")
}

fn report(context: &Context, of: &Summary, done: &Done, tally: &str) {
    let voice = &context.voice;
    voice.line(format!("Took back the {}: {tally}", title(of)));
    voice.say(format!(
        "To take the undo back: {BOLD}takeback undo {}{BOLD:#}",
        done.id
    ));
    if !done.cleared {
        voice.warn("not everything is cleared up; the next command does it");
    }
}

/// `restore of claude from 2026-01-20_15-30-00`.
pub(super) fn title(of: &Summary) -> String {
    let about = &of.about;
    let targets: Vec<&str> = about.targets.iter().map(|id| id.as_str()).collect();
    let targets = targets.join(", ");
    let command = Shown::sentence(about.command.as_deref().unwrap_or("a command"));
    match (&about.of, about.kind) {
        (Some(undone), OperationKind::Undo) if targets.is_empty() => format!("undo of {undone}"),
        (Some(undone), OperationKind::Undo) => format!("undo of {undone} ({targets})"),
        (_, OperationKind::Guard) => format!("changes of {command} to {targets}"),
        (_, OperationKind::Setup) => format!("set-up by {command}"),
        _ => format!("restore of {targets} from {}", Shown(&about.from)),
    }
}

fn show(context: &Context, plan: &UndoPlan) {
    let (voice, home) = (&context.voice, &context.facts.home);
    voice.line(format!("{}, {}", plan.of.id, title(&plan.of)));
    for step in &plan.change.steps {
        let directory = step.before.as_deref().or(step.after.as_ref());
        let slash = if directory.is_some_and(|state| state.is_directory()) {
            "/"
        } else {
            ""
        };
        let path = tilde(&step.spot.full(), home);
        voice.line(format!("  {:<12}  {path}{slash}", word(step)));
    }
    for kept in plan
        .kept
        .iter()
        .filter(|kept| kept.changed || voice.verbose)
    {
        let path = tilde(&kept.spot.full(), home);
        voice.line(format!("  {:<12}  {path}    {}", "keep", kept.why));
    }
}

/// What an undo does with a name.
pub(super) fn word(step: &Step) -> &'static str {
    match step.after {
        Some(_) => "put back",
        None => "remove",
    }
}

/// After a dry run, and where nothing can be done.
fn would(context: &Context, plan: &UndoPlan, dry_run: bool) -> ExitStatus {
    let left_out = plan.kept.iter().any(|kept| kept.changed);
    let empty = plan.is_empty();
    if context.voice.json {
        json::print(&json::undo(plan).planned(dry_run));
    } else if empty {
        let why = if left_out {
            "Nothing is taken back, for all of it was changed since; --force does it all the same"
        } else {
            "Nothing is left to take back"
        };
        context.voice.line(why);
    } else {
        let tally = human::tally(&plan.change.tally());
        context
            .voice
            .line(format!("Would take back the {}: {tally}", title(&plan.of)));
    }
    match (empty, left_out) {
        (true, true) => ExitStatus::Refused,
        (false, true) => ExitStatus::Partial,
        _ => ExitStatus::Done,
    }
}

/// `takeback undo --list`.
pub(super) fn list(context: &Context) -> Result<ExitStatus, CommandError> {
    let (all, unreadable) = match Operations::open(&context.own.state)? {
        Some(operations) => (operations.summaries()?, operations.unreadable()?),
        None => (Vec::new(), Vec::new()),
    };
    for (_, error) in &unreadable {
        context.voice.warn(&error.to_string());
    }
    if context.voice.json {
        json::print(&json::Operations {
            schema_version: json::SCHEMA,
            message_type: "operations",
            operations: all.iter().map(json::operation).collect(),
        });
        return Ok(ExitStatus::Done);
    }
    for one in &all {
        let tally = human::tally(&one.tally);
        let mut line = format!("{}  {}: {tally}", one.id, title(one));
        if let Some(by) = &one.undone_by {
            line = format!("{line}    taken back by {by}");
        }
        context.voice.line(line);
    }
    if all.is_empty() {
        context
            .voice
            .say("Nothing was restored yet, or it is too long ago");
    }
    Ok(ExitStatus::Done)
}
