//! `takeback history`.

mod places;
mod show;
mod versions;

use super::args::HistoryArgs;
use super::context::{Context, unknown_target};
use super::error::{CommandError, ExitStatus};
use places::places;
#[cfg(feature = "browse")]
pub(super) use show::{glob, quoted};
use std::path::PathBuf;
use takeback::model::{ArchivePath, ShownPath, TargetId};
use versions::{Line, Version, live, versions};

/// What was found.
struct Found {
    target: TargetId,
    path: ArchivePath,
    /// The project that is meant.
    project: Option<PathBuf>,
    /// What is here now.
    live: Version,
    /// The snapshots of the target, newest first.
    snapshots: Vec<Version>,
}

pub(super) fn run(context: &Context, args: &HistoryArgs) -> Result<ExitStatus, CommandError> {
    let facts = context.facts_in(&args.project)?;
    let catalogue = context.catalogue()?;
    let candidates = places(&args.path, &facts)?;
    let vault = context.vault()?;
    let look = |paths: &Vec<_>| match &vault {
        Some(vault) => versions(context, vault, &catalogue, paths, &facts),
        None => Vec::new(),
    };
    let mut found = candidates
        .iter()
        .map(look)
        .filter(|found| !found.is_empty());
    let found = found.next().unwrap_or_default();
    let (target, path, snapshots) = choose(args, found)?;
    let newest = snapshots.iter().find(|one| one.state.is_some());
    let live = live(context, &target, &path, newest, &facts)?;
    let found = Found {
        target,
        path,
        project: facts.project.clone(),
        live,
        snapshots,
    };
    show::show(context, &found, &facts);
    let unread = found.snapshots.iter().any(|one| one.unread.is_some());
    Ok(if unread {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    })
}

/// The one target that is meant.
fn choose(args: &HistoryArgs, mut found: Vec<Line>) -> Result<Line, CommandError> {
    let all: Vec<String> = found
        .iter()
        .map(|(target, ..)| target.to_string())
        .collect();
    if let Some(name) = &args.target {
        found.retain(|(target, ..)| target.as_str() == name);
        if found.is_empty() && !all.is_empty() {
            return Err(unknown_target(name, &all));
        }
    }
    let path = ShownPath(&args.path);
    if found.len() > 1 {
        let names = all.join(", ");
        let message = format!("{path} is kept by several targets: {names}");
        return Err(CommandError::usage(message).hint("name one of them with --target"));
    }
    found.pop().ok_or_else(|| {
        CommandError::new(ExitStatus::NotFound, format!("{path} is in no snapshot"))
            .hint("`takeback show SNAPSHOT TARGET -v` lists what is in one")
    })
}
