//! `takeback status`: how old the last good backups are, and what changed since.
//!
//! What is absent: no adapter is run and nothing is written. The short line opens no archive
//! and looks at no file of a tool, for a prompt must not wait.

mod gather;
mod line;
mod sweeps;
mod text;
mod view;

use super::args::StatusArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::last_run;
use super::list;
use super::log;
use super::render::json;
use gather::{Look, gather};
use takeback::model::TargetId;
use takeback::vault::Catalogue;
use view::{Status, failure};

pub(super) fn run(context: &Context, args: &StatusArgs) -> Result<ExitStatus, CommandError> {
    let vault = context.vault()?;
    let catalogue = match (&vault, args.line) {
        (None, _) => Catalogue::default(),
        // A prompt has no room for warnings; the line says how many there are.
        (Some(vault), true) => vault.catalogue()?,
        (Some(_), false) => context.catalogue()?,
    };
    let wanted = args
        .targets
        .iter()
        .map(|name| list::target(name, &catalogue));
    let wanted = wanted.collect::<Result<Vec<TargetId>, _>>()?;
    let look = Look {
        vault: vault.as_ref().filter(|_| !args.line && !args.no_drift),
        max_age: args.max_age.map(super::keep::Length::seconds),
        looked: last_run::read(&context.own.state).and_then(|run| run.looked),
        now: jiff::Timestamp::now(),
    };
    let targets = gather(context, &catalogue, &wanted, &look)?;
    let entries = log::read(&context.own.state)?.entries;
    let status = Status {
        schema_version: json::SCHEMA,
        message_type: "status",
        vault: context.vault_path.display().to_string(),
        time: look.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        max_age_seconds: look.max_age,
        overdue: look
            .max_age
            .map(|_| targets.iter().any(view::Target::is_overdue)),
        snapshots: catalogue.snapshots.len(),
        damaged: catalogue.damaged.iter().map(ToString::to_string).collect(),
        targets,
        last_failure: failure(&entries, &context.vault_path, look.now),
    };
    if args.line {
        context.voice.line(line::line(&status));
    } else if context.voice.json {
        json::print(&status);
    } else {
        text::show(context, &status);
    }
    Ok(exit(&status))
}

fn exit(status: &Status) -> ExitStatus {
    if !status.damaged.is_empty() {
        ExitStatus::BadArchive
    } else if status.targets.is_empty() {
        ExitStatus::NotFound
    } else if status.overdue == Some(true) {
        ExitStatus::Different
    } else {
        ExitStatus::Done
    }
}
