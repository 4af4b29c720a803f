//! Takeback's own places: configuration, state with its operations and its log.

use super::snapshots::is_private;
use super::vault::{or_unknown, size};
use super::{Finding, in_full};
use crate::cli::context::{Context, tilde};
use crate::cli::error::CommandError;
use crate::cli::log;
use crate::cli::render::human;
use std::ffi::OsStr;
use std::path::Path;
use takeback::fs::{Dir, FsError, held};
use takeback::operation::Operations;

/// Bytes of what undos need that are worth a word.
const LARGE: u64 = 2 << 30;

/// The configuration file.
pub(super) fn config(context: &Context) -> Vec<Finding> {
    let path = &context.config_path;
    let shown = tilde(path, &context.facts.home);
    if let Some(error) = &context.config_trouble {
        let mut advice = error.hints.clone();
        advice.push(
            "correct that line; until then no other command works, and what is below was looked at with the defaults"
                .to_owned(),
        );
        let why = error.in_full();
        return vec![Finding::problem("config", why, advice.join("; "))];
    }
    let stat = path.parent().zip(path.file_name());
    let stat = stat.and_then(|(dir, name)| Dir::open(dir).ok()?.stat(name).ok()?);
    let Some(stat) = stat else {
        let says = format!("there is no {shown}, so the defaults count");
        return vec![Finding::ok("config", says)];
    };
    if stat.mode & 0o022 != 0 {
        let says = format!("others can change {shown}");
        let advice = format!("`chmod 600 {}`", quoted(path));
        return vec![Finding::problem("config", says, advice)];
    }
    vec![Finding::ok("config", shown)]
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) {
        return text.into_owned();
    }
    let shown = takeback::model::Shown::sentence(&text.replace('\'', "'\\''"));
    format!("'{shown}'")
}

/// What restores and undos need.
pub(super) fn state(context: &Context) -> Vec<Finding> {
    let mut found = Vec::new();
    let state = &context.own.state;
    match is_private(state) {
        None => found.push(Finding::ok("state", "nothing was restored here yet")),
        Some(true) => found.push(Finding::ok("state", tilde(state, &context.facts.home))),
        Some(false) => found.push(Finding::problem(
            "state",
            format!(
                "others can read {}, or it is not yours",
                tilde(state, &context.facts.home)
            ),
            format!("`chmod 700 {}`, as its owner", quoted(state)),
        )),
    }
    found.extend(or_unknown("state-disk", other_disk(context)));
    found.extend(or_unknown("operations", operations(context)));
    found.extend(or_unknown("log", log_checks(context)));
    found
}

/// Whether files can be moved between the state directory and the home in one step.
fn other_disk(context: &Context) -> Result<Vec<Finding>, FsError> {
    let nearest = |path: &Path| path.ancestors().find_map(|dir| Dir::open(dir).ok());
    let (Some(state), Some(home)) = (nearest(&context.own.state), nearest(&context.facts.home))
    else {
        return Ok(Vec::new());
    };
    Ok(vec![if state.file_system()? == home.file_system()? {
        Finding::ok("state-disk", "it is on the same file system as your home")
    } else {
        Finding::warning(
            "state-disk",
            "the state directory is on another file system than your home",
            "restores work, and copy every file once more; XDG_STATE_HOME can name a directory beside your home's",
        )
    }])
}

fn operations(context: &Context) -> Result<Vec<Finding>, CommandError> {
    let Some(operations) = Operations::open(&context.own.state)? else {
        return Ok(Vec::new());
    };
    let holder = held(&Dir::open(&context.own.state)?, "lock")?;
    let mut found = Vec::new();
    match (holder, operations.interrupted()) {
        (Some(holder), _) => found.push(Finding::ok("interrupted", format!("{holder} is at work"))),
        (None, Ok(false)) => found.push(Finding::ok("interrupted", "nothing was interrupted")),
        (None, Ok(true)) => found.push(Finding::problem(
            "interrupted",
            "a restore or an undo was interrupted",
            "`takeback recover` finishes it or rolls it back; every other command does that first",
        )),
        (None, Err(e)) => found.push(Finding::problem(
            "interrupted",
            in_full(e),
            "`takeback recover`, when the cause is gone",
        )),
    }
    let unreadable = operations.unreadable()?;
    if let Some((id, error)) = unreadable.into_iter().next() {
        let says = format!(
            "the operation {id} cannot be taken back: {}",
            in_full(error)
        );
        let advice =
            "what it replaced is in its safety snapshot; `takeback undo --list` shows the others";
        found.push(Finding::warning("operations", says, advice));
    }
    let bytes = size(&Dir::open(operations.path())?);
    let all = operations.summaries()?.len() as u64;
    let count = human::counted(all, "operation", "operations");
    let says = format!("{count} can be looked up, {}", human::bytes(bytes));
    found.push(if bytes > LARGE {
        let advice = "what is older than undo_days goes with the next restore; a smaller number in the configuration frees more";
        Finding::warning("undo-store", says, advice)
    } else {
        Finding::ok("undo-store", says)
    });
    Ok(found)
}

/// Whether the last backup went well, and the log can be read.
fn log_checks(context: &Context) -> Result<Vec<Finding>, FsError> {
    let log = log::read(&context.own.state)?;
    let vault = context.vault_path.display().to_string();
    let mut backups = log
        .entries
        .iter()
        .filter(|one| one.command == "backup" && one.vault == vault);
    let mut found = vec![match backups.next_back() {
        Some(last) if last.is_failed_backup() => {
            let why = last.error.as_deref().map(takeback::model::Shown::again);
            let why = why.unwrap_or_else(|| log::said(last.code));
            let says = format!("the last backup failed: {why}");
            Finding::problem(
                "last-backup",
                says,
                "`takeback log --failed` shows when, and how often",
            )
        }
        Some(_) => Finding::ok("last-backup", "it went well"),
        None => Finding::ok("last-backup", "the log knows of none"),
    }];
    let name = OsStr::new("log.jsonl");
    let stat = Dir::open(&context.own.state)
        .ok()
        .and_then(|dir| dir.stat(name).ok()?);
    let open = stat.is_some_and(|stat| stat.mode & 0o077 != 0);
    if open || log.unreadable > 0 {
        let lines = human::counted(log.unreadable, "line", "lines");
        let says = if open {
            "others can read the log".to_owned()
        } else {
            format!("{lines} of the log cannot be read")
        };
        let advice = "move log.jsonl in the state directory away; the next command begins another";
        found.push(Finding::warning("log", says, advice));
    }
    Ok(found)
}
