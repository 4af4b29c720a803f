//! `takeback config edit`: a copy is edited, and takes the file's place only when every
//! command could start with it.

use super::Place;
use super::editor;
use super::file;
use crate::cli::config;
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::render::{self, json};
use crate::cli::{init, prompt, signals};
use serde::Serialize;
use takeback::fs::{PrivateDir, ScratchDir, read_small};
use takeback::model::ShownPath;

const NAME: &str = "config.toml";

#[derive(Serialize)]
struct Edited {
    schema_version: u32,
    message_type: &'static str,
    config: String,
    changed: bool,
}

pub(super) fn run(place: &Place<'_>) -> Result<ExitStatus, CommandError> {
    let editor = editor::chosen()?;
    let old = config::read_text(&place.path)?;
    let begun = old.clone().unwrap_or_else(|| init::beginning(""));
    let scratch = ScratchDir::new_in(&PrivateDir::create_all(&place.own.cache)?, "edit-")?;
    PrivateDir::write_file(scratch.dir(), NAME, begun.as_bytes())?;
    // A Ctrl-C in the editor is the editor's.
    let _stop = signals::install(false)?;
    match edited(place, &editor, &scratch, &begun) {
        Ok(None) => {
            place
                .voice
                .say(format!("Nothing was changed in {}", place.shown()));
            Ok(done(place, false))
        }
        Ok(Some(new)) => {
            if config::read_text(&place.path)? != old {
                let message = format!("{} was changed by somebody else meanwhile", place.shown());
                let error = CommandError::new(ExitStatus::Refused, message);
                return Err(kept(scratch, &begun, error));
            }
            config::write(&place.path, &place.own.config, &new)?;
            place.voice.say(format!("Wrote {}", place.shown()));
            Ok(done(place, true))
        }
        Err(error) => Err(kept(scratch, &begun, error)),
    }
}

/// What was written, once it is right; `None` when it is as it was.
fn edited(
    place: &Place<'_>,
    editor: &[String],
    scratch: &ScratchDir,
    begun: &str,
) -> Result<Option<String>, CommandError> {
    let path = scratch.dir().path().join(NAME);
    loop {
        editor::run(editor, &path)?;
        let bytes = read_small(scratch.dir(), NAME, config::CONFIG_BYTES)?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| CommandError::usage("what was written is not UTF-8"));
        let checked = text.and_then(|text| {
            let same = text == begun;
            if !same {
                file::check(place, &text)?;
            }
            Ok((!same).then_some(text))
        });
        let error = match checked {
            Ok(text) => return Ok(text),
            Err(error) => error,
        };
        if prompt::is_nobody_there(place.global.no_input) {
            return Err(error);
        }
        render::error(&error, false);
        if prompt::confirm("Edit it again?", false, "").is_err() {
            return Err(CommandError::new(
                ExitStatus::Cancelled,
                format!("cancelled; {} is as it was", place.shown()),
            ));
        }
    }
}

/// What somebody wrote is not thrown away with the mistake in it.
fn kept(scratch: ScratchDir, begun: &str, error: CommandError) -> CommandError {
    let written = read_small(scratch.dir(), NAME, config::CONFIG_BYTES);
    if !written.is_ok_and(|written| written != begun.as_bytes()) {
        return error;
    }
    let (dir, _) = scratch.keep();
    let path = dir.path().join(NAME);
    error.hint(format!("what you wrote is in {}", ShownPath(&path)))
}

fn done(place: &Place<'_>, changed: bool) -> ExitStatus {
    if place.voice.json {
        json::print(&Edited {
            schema_version: json::SCHEMA,
            message_type: "config-edit",
            config: place.path.display().to_string(),
            changed,
        });
    }
    ExitStatus::Done
}
