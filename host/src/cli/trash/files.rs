//! The files in the trash: what `restore --exact`, an undo or a guarded command removed. They
//! lie where an undo needs them, and stay as long as it can be done.

use super::super::context::{Context, tilde};
use super::super::error::{CommandError, ExitStatus};
use super::super::recover;
use super::super::render::human;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use takeback::model::{OperationId, Shown};
use takeback::operation::{Operations, Removed, Spot};

/// Lines for one operation, unless somebody wants all.
const LINES: usize = 20;

#[derive(Serialize)]
pub(super) struct View {
    path: String,
    label: String,
    kind: &'static str,
    size: u64,
    removed: String,
    until: String,
    by: &'static str,
    operation: String,
}

/// The files that can be had back, the last removed first.
pub(super) fn all(context: &Context) -> Result<Vec<Removed>, CommandError> {
    match Operations::open(&context.own.state)? {
        Some(operations) => Ok(operations.removed()?),
        None => Ok(Vec::new()),
    }
}

/// Whether it counts: directories come along with what was in them.
pub(super) fn is_file(one: &&Removed) -> bool {
    !one.state.is_directory()
}

pub(super) fn view(context: &Context, one: &Removed) -> View {
    let until = one
        .by
        .at
        .checked_add(context.undo_time)
        .unwrap_or(one.by.at);
    View {
        path: one.spot.full().to_string_lossy().into_owned(),
        label: one.label.clone(),
        kind: if one.state.is_link() { "link" } else { "file" },
        size: if one.state.is_link() {
            0
        } else {
            one.state.size
        },
        removed: one.by.at.to_string(),
        until: until.to_string(),
        by: one.by.about.kind.word(),
        operation: one.by.id.to_string(),
    }
}

/// One block for each operation.
pub(super) fn show(context: &Context, all: &[Removed]) {
    let voice = &context.voice;
    let files: Vec<&Removed> = all.iter().filter(is_file).collect();
    for block in files.chunk_by(|one, other| one.by.id == other.by.id) {
        let Some(first) = block.first() else { continue };
        let by = &first.by;
        let until = by.at.checked_add(context.undo_time).unwrap_or(by.at);
        let until = until.strftime("%Y-%m-%d");
        let title = Shown::again(&super::super::undo::title(by));
        voice.line(format!(
            "{}    removed by the {title}, kept until {until}",
            by.id
        ));
        let most = if voice.verbose { block.len() } else { LINES };
        for one in block.iter().take(most) {
            let path = tilde(&one.spot.full(), &context.facts.home);
            let what = if one.state.is_link() {
                "link".to_owned()
            } else {
                human::bytes(one.state.size)
            };
            voice.line(format!("  {path}    {what}"));
        }
        if block.len() > most {
            let more = block.len() - most;
            voice.line(format!("  ... and {more} more, which -v shows"));
        }
    }
}

/// Whether something typed is a path rather than a snapshot's name.
pub(super) fn is_path(typed: &str) -> bool {
    typed.starts_with('~') || typed.contains('/') || Path::new(typed).is_absolute()
}

/// A file that is back where it was.
#[derive(Serialize)]
pub(super) struct Back {
    path: String,
    /// What can be undone to take it away again.
    operation: String,
}

/// Brings files back, as one operation for each store that holds some of them.
pub(super) fn restore(
    context: &Context,
    wanted: &[&String],
    from: Option<&str>,
    wait: Option<u64>,
) -> Result<Vec<Back>, CommandError> {
    let nothing = |name: &str| {
        let message = format!("there is no file {} in the trash", Shown(name));
        CommandError::new(ExitStatus::NotFound, message)
            .hint("`takeback trash list` shows what there is")
    };
    let Some(operations) = Operations::open(&context.own.state)? else {
        return Err(nothing(wanted.first().map_or("", |name| name.as_str())));
    };
    let from = from.map(OperationId::new).transpose();
    let from = from.map_err(CommandError::usage)?;
    let lock = recover::lock(context, &operations, "trash restore", wait)?;
    let all = operations.removed()?;
    let of_one = |one: &&Removed| from.as_ref().is_none_or(|id| one.by.id == *id);
    let mut chosen: Vec<&Removed> = Vec::new();
    for name in wanted {
        let path = full(context, name)?;
        let fits = |one: &&Removed| {
            let label = Path::new(&one.label).starts_with(name.as_str());
            label || one.spot.full().starts_with(&path)
        };
        let mut known: BTreeSet<&Spot> = chosen.iter().map(|one| &one.spot).collect();
        let before = chosen.len();
        // The last removed comes first, and only that one of each name.
        let found = all.iter().filter(of_one).filter(fits);
        chosen.extend(found.filter(|one| known.insert(&one.spot)));
        if chosen.len() == before {
            return Err(nothing(name));
        }
    }
    let mut stores: Vec<&OperationId> = chosen.iter().map(|one| one.store()).collect();
    stores.dedup();
    let distinct: BTreeSet<&OperationId> = stores.into_iter().collect();
    let mut back = Vec::new();
    for store in distinct.into_iter().rev() {
        let part = chosen.iter().copied().filter(|one| one.store() == store);
        let part: Vec<&Removed> = part.collect();
        let done = operations.put_back(&lock, &part, &context.progress());
        let done = done.map_err(|e| {
            CommandError::from(e).hint("move away what stands there, or name other files")
        })?;
        let files = part.iter().filter(|one| is_file(one));
        let count = files.clone().count() as u64;
        back.extend(files.map(|one| Back {
            path: one.spot.full().to_string_lossy().into_owned(),
            operation: done.id.to_string(),
        }));
        context.noted.operation(&done.id);
        context.noted.count("files", count);
        let count = human::counted(count, "file is", "files are");
        context.voice.say(format!(
            "{count} back; `takeback undo {}` takes that back",
            done.id
        ));
    }
    context.expire(&operations, &lock);
    Ok(back)
}

/// The path that was typed, from the root.
fn full(context: &Context, typed: &str) -> Result<PathBuf, CommandError> {
    let path = match typed.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            context.facts.home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(typed),
    };
    let path = std::path::absolute(&path)
        .map_err(|e| CommandError::usage(format!("the path {}: {e}", Shown(typed))))?;
    // A slash at the end says nothing.
    Ok(path.components().collect())
}

/// Deletes those that were chosen. Gives how many files and links that were.
pub(super) fn delete(
    context: &Context,
    chosen: &[Removed],
    wait: Option<u64>,
) -> Result<u64, CommandError> {
    let Some(operations) = Operations::open(&context.own.state)? else {
        return Ok(0);
    };
    let lock = recover::lock(context, &operations, "trash empty", wait)?;
    let chosen: Vec<&Removed> = chosen.iter().collect();
    Ok(operations.delete_removed(&lock, &chosen)? as u64)
}
