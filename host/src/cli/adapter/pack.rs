//! `takeback adapter pack`: the file that others get.

use super::super::config;
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::render::{human, json};
use serde::Serialize;
use std::path::Path;
use takeback::adapters::{AdapterError, Packed};
use takeback::fs::{Dir, PrivateDir};
use takeback::model::{Digest, ShownPath};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    id: String,
    version: String,
    file: String,
    bytes: u64,
    sha256: String,
    /// Whether a component was made of a module.
    encoded: bool,
}

pub(super) fn run(
    context: &Context,
    file: &Path,
    output: &Path,
) -> Result<ExitStatus, CommandError> {
    let bytes = config::read_component(file)?;
    let refused = |e: AdapterError| {
        let file = ShownPath(file);
        CommandError::new(ExitStatus::Adapter, format!("{file} is not packed: {e}"))
            .hint("an adapter in TOML is handed out as it is")
    };
    let packed = Packed::new(&context.runtime()?, &bytes).map_err(refused)?;
    match packed.adapter.declare(&context.facts, &[]) {
        // It may be for another system.
        Ok(_) | Err(AdapterError::Declines(_)) => {}
        Err(e) => return Err(refused(e)),
    }
    write(output, &packed.bytes)?;
    let identity = packed.adapter.identity();
    let sha256 = Digest::of(&packed.bytes).to_string();
    let size = packed.bytes.len() as u64;
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "adapter-pack",
            id: identity.id.to_string(),
            version: identity.version.to_string(),
            file: output.display().to_string(),
            bytes: size,
            sha256,
            encoded: packed.encoded,
        });
        return Ok(ExitStatus::Done);
    }
    context
        .voice
        .line(format!("{sha256}  {}", ShownPath(output)));
    let (id, version, size) = (&identity.id, &identity.version, human::bytes(size));
    context.voice.say(format!(
        "Packed {id} {version}, {size}; that is its SHA-256"
    ));
    Ok(ExitStatus::Done)
}

/// Writes the file whole or not at all; an earlier one of that name is replaced.
fn write(output: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let name = output.file_name().and_then(|name| name.to_str());
    let Some(name) = name else {
        let message = format!("{} is not a name for a file", ShownPath(output));
        return Err(CommandError::usage(message));
    };
    let above = output
        .parent()
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    Ok(PrivateDir::write_file(&Dir::open(above)?, name, bytes)?)
}
