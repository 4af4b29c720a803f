//! `takeback adapter new`: a project to begin an adapter with, made from the examples.

mod template;

use super::super::args::{Language, NewArgs};
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::render::json;
use super::is_built_in;
use serde::Serialize;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use takeback::fs::{Dir, FsError, PrivateDir};
use takeback::model::{Shown, ShownPath, TargetId};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    id: String,
    language: &'static str,
    directory: String,
    files: Vec<String>,
}

pub(super) fn run(context: &Context, args: &NewArgs) -> Result<ExitStatus, CommandError> {
    let id = TargetId::new(&args.name)
        .map_err(|e| CommandError::usage(format!("{}: {e}", Shown(&args.name))))?;
    if is_built_in(&id) {
        let message = format!("`{id}` is the name of a built-in adapter");
        return Err(CommandError::new(ExitStatus::Refused, message));
    }
    let place = args
        .dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(id.as_str()));
    let top = fresh(&place)?;
    let files = template::files(args.lang, id.as_str());
    for (path, text) in &files {
        write(&top, Path::new(path), text.as_bytes())?;
    }
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "adapter-new",
            id: id.to_string(),
            language: args.lang.as_str(),
            directory: place.display().to_string(),
            files: files.into_iter().map(|(path, _)| path).collect(),
        });
        return Ok(ExitStatus::Done);
    }
    let (place, lang) = (ShownPath(&place), args.lang.title());
    context
        .voice
        .say(format!("Made an adapter in {lang} in {place}"));
    context
        .voice
        .say(format!("{place}/README.md says how to build and check it"));
    Ok(ExitStatus::Done)
}

/// A directory that was not there before; nothing is ever overwritten.
fn fresh(place: &Path) -> Result<Dir, CommandError> {
    let Some(name) = place.file_name() else {
        let message = format!("{} is not a name for a directory", ShownPath(place));
        return Err(CommandError::usage(message));
    };
    let above = place
        .parent()
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let taken = |e: FsError| {
        if e.kind() != std::io::ErrorKind::AlreadyExists {
            return CommandError::from(e);
        }
        let message = format!("{} is there already", ShownPath(place));
        CommandError::new(ExitStatus::Refused, message).hint("choose another place with --dir")
    };
    PrivateDir::create_all(above)?
        .make_dir(name, 0o777)
        .map_err(taken)
}

/// Writes a file with the directories above it.
fn write(top: &Dir, path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let mut dir = top.again()?;
    for part in path.parent().into_iter().flat_map(Path::iter) {
        dir = match dir.stat(part)? {
            Some(_) => dir.dir(Path::new(part))?,
            None => dir.make_dir(part, 0o777)?,
        };
    }
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    Ok(PrivateDir::write_file(&dir, name, content)?)
}

impl Language {
    fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Js => "js",
            Self::Python => "python",
            Self::Toml => "toml",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Js => "JavaScript",
            Self::Python => "Python",
            Self::Toml => "TOML",
        }
    }
}
