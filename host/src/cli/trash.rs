//! `takeback trash`: snapshots that were removed, and files that an operation removed.

mod files;

use super::args::{TrashArgs, TrashCommand};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::prompt::confirm;
use super::render::{human, json};
use serde::Serialize;
use takeback::operation::Removed;
use takeback::vault::{Trashed, Vault};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    snapshots: Vec<View>,
    files: Vec<files::View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    removed: String,
}

pub(super) fn run(context: &Context, args: &TrashArgs) -> Result<ExitStatus, CommandError> {
    match &args.command {
        TrashCommand::List => list(context),
        TrashCommand::Restore { wanted, from, wait } => {
            let is_path = |name: &&String| files::is_path(name);
            let (paths, snapshots): (Vec<_>, Vec<_>) = wanted.iter().partition(is_path);
            let restored = match snapshots.is_empty() {
                true => Vec::new(),
                false => restore(context, &snapshots, *wait)?,
            };
            let files = match paths.is_empty() {
                true => Vec::new(),
                false => files::restore(context, &paths, from.as_deref(), *wait)?,
            };
            if context.voice.json {
                json::print(&Restored {
                    schema_version: json::SCHEMA,
                    message_type: "trash-restore",
                    restored,
                    files,
                });
            }
            Ok(ExitStatus::Done)
        }
        TrashCommand::Empty {
            older_than,
            snapshots,
            files,
            yes,
            wait,
        } => {
            let now = jiff::Timestamp::now().as_second();
            let age = older_than.map(|age| i64::try_from(age.seconds()).unwrap_or(i64::MAX));
            let until = age.map_or(i64::MAX, |age| now.saturating_sub(age));
            let chosen = Chosen::find(context, until, !files, !snapshots)?;
            empty(context, &chosen, until, *yes, *wait)
        }
    }
}

fn trashed(context: &Context) -> Result<Vec<Trashed>, CommandError> {
    match context.vault()? {
        Some(vault) => Ok(vault.trash()?),
        None => Ok(Vec::new()),
    }
}

fn list(context: &Context) -> Result<ExitStatus, CommandError> {
    let view = |one: Trashed| View {
        id: one.id.to_string(),
        removed: jiff::Timestamp::from_second(one.removed)
            .map(|time| time.to_string())
            .unwrap_or_default(),
    };
    let snapshots: Vec<View> = trashed(context)?.into_iter().map(view).collect();
    let removed = files::all(context)?;
    let files: Vec<files::View> = removed
        .iter()
        .filter(files::is_file)
        .map(|one| files::view(context, one))
        .collect();
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "trash",
            snapshots,
            files,
        });
        return Ok(ExitStatus::Done);
    }
    for one in &snapshots {
        context
            .voice
            .line(format!("{}    removed {}", one.id, one.removed));
    }
    files::show(context, &removed);
    if snapshots.is_empty() && files.is_empty() {
        context.voice.say("The trash is empty");
    }
    Ok(ExitStatus::Done)
}

/// What is back.
#[derive(Serialize)]
struct Restored {
    schema_version: u32,
    message_type: &'static str,
    /// Snapshots.
    restored: Vec<String>,
    /// Files, each with the operation that brought it back.
    files: Vec<files::Back>,
}

/// How much is gone for good.
#[derive(Serialize)]
struct Emptied {
    schema_version: u32,
    message_type: &'static str,
    /// Snapshots.
    removed: u64,
    files: u64,
}

fn restore(
    context: &Context,
    wanted: &[&String],
    wait: Option<u64>,
) -> Result<Vec<String>, CommandError> {
    let missing = |name: &str| {
        let shown = takeback::model::Shown(name);
        let message = format!("there is no snapshot {shown} in the trash");
        CommandError::new(ExitStatus::NotFound, message)
            .hint("`takeback trash list` shows what there is; a path begins with / or ~ or ./")
    };
    let Some(vault) = context.vault()? else {
        return Err(missing(wanted.first().map_or("", |name| name.as_str())));
    };
    let host = &context.facts.host;
    let lock = vault.lock(host, "trash restore", &mut context.patience(wait))?;
    let trash = vault.trash()?;
    let mut chosen = Vec::new();
    for name in wanted {
        let found = trash.iter().find(|one| one.id.as_str() == name.as_str());
        chosen.push(found.ok_or_else(|| missing(name))?);
    }
    // What was removed later may be what an earlier one leans on, and is its base more often
    // than not the next newer.
    chosen.sort_by_key(|one| (std::cmp::Reverse(one.removed), std::cmp::Reverse(&one.id)));
    let restored = chosen.iter().map(|one| one.id.to_string()).collect();
    while !chosen.is_empty() {
        let before = chosen.len();
        let mut failed = None;
        chosen.retain(|one| match vault.untrash(&lock, one) {
            Ok(()) => {
                context.noted.snapshots([&one.id]);
                context.voice.say(format!("{} is back", one.id));
                false
            }
            Err(e) => {
                failed.get_or_insert(e);
                true
            }
        });
        // What leans on something that is back only now gets another try.
        if let Some(e) = failed.filter(|_| chosen.len() == before) {
            return Err(CommandError::from(e).hint(
                "where it leans on a snapshot that is in the trash too, restore that as well",
            ));
        }
    }
    Ok(restored)
}

/// What would be deleted.
struct Chosen {
    snapshots: usize,
    files: Vec<Removed>,
}

impl Chosen {
    /// What was removed before `until`, in seconds since 1970.
    fn find(
        context: &Context,
        until: i64,
        snapshots: bool,
        files: bool,
    ) -> Result<Self, CommandError> {
        let old = |one: &Trashed| one.removed < until;
        let snapshots = if snapshots {
            trashed(context)?
        } else {
            Vec::new()
        };
        let mut files = if files {
            files::all(context)?
        } else {
            Vec::new()
        };
        files.retain(|one| one.by.at.as_second() < until);
        Ok(Self {
            snapshots: snapshots.iter().filter(|one| old(one)).count(),
            files,
        })
    }

    fn words(&self) -> String {
        let files = self.files.iter().filter(files::is_file);
        let bytes = files.clone().map(|one| one.state.size).sum();
        words(self.snapshots as u64, files.count() as u64, Some(bytes))
    }
}

/// `2 snapshots and 3 files (12 kB)`.
fn words(snapshots: u64, files: u64, bytes: Option<u64>) -> String {
    let size = bytes.map_or(String::new(), |bytes| format!(" ({})", human::bytes(bytes)));
    let parts = [
        (
            snapshots,
            human::counted(snapshots, "snapshot", "snapshots"),
        ),
        (files, human::counted(files, "file", "files") + &size),
    ];
    let some = parts.iter().filter(|(count, _)| *count > 0);
    let some: Vec<&str> = some.map(|(_, words)| words.as_str()).collect();
    some.join(" and ")
}

fn empty(
    context: &Context,
    chosen: &Chosen,
    until: i64,
    yes: bool,
    wait: Option<u64>,
) -> Result<ExitStatus, CommandError> {
    if chosen.words().is_empty() {
        context.noted.nothing_done();
        emptied(context, 0, 0);
        context.voice.say("There is nothing of that in the trash");
        return Ok(ExitStatus::Done);
    }
    if !yes {
        if chosen.files.iter().any(|one| files::is_file(&one)) {
            context
                .voice
                .say("An undo can then not bring these files back any more");
        }
        let question = format!("Remove {} for good?", chosen.words());
        confirm(&question, context.no_input || context.voice.json, "--yes")?;
    }
    let mut gone = 0;
    if let (true, Some(vault)) = (chosen.snapshots > 0, context.vault()?) {
        gone = remove_snapshots(context, &vault, until, wait)?;
    }
    let files = match chosen.files.is_empty() {
        true => 0,
        false => files::delete(context, &chosen.files, wait)?,
    };
    context.noted.count("snapshots", gone);
    context.noted.count("files", files);
    emptied(context, gone, files);
    context.voice.say(match words(gone, files, None) {
        none if none.is_empty() => "Nothing was removed".to_owned(),
        some => format!("Removed {some} for good"),
    });
    Ok(ExitStatus::Done)
}

/// Says in JSON how much is gone.
fn emptied(context: &Context, removed: u64, files: u64) {
    if context.voice.json {
        json::print(&Emptied {
            schema_version: json::SCHEMA,
            message_type: "trash-empty",
            removed,
            files,
        });
    }
}

fn remove_snapshots(
    context: &Context,
    vault: &Vault,
    until: i64,
    wait: Option<u64>,
) -> Result<u64, CommandError> {
    let host = &context.facts.host;
    let lock = vault.lock(host, "trash empty", &mut context.patience(wait))?;
    Ok(vault.expire_trash(&lock, until)? as u64)
}
