//! `takeback adapter show`: one adapter, with all that is known of it.

use super::super::context::{Context, unknown_target};
use super::super::error::{CommandError, ExitStatus};
use super::super::render::json;
use super::view::{Document, all, describe, show};

pub(super) fn run(context: &Context, target: &str) -> Result<ExitStatus, CommandError> {
    let mut adapters = all(context, |id| id.as_str() == target)?;
    adapters.retain(|adapter| adapter.id == target);
    let Some(adapter) = adapters.first() else {
        let registry = context.registry()?;
        let known: Vec<String> = registry.known().map(|(id, _)| id.to_string()).collect();
        return Err(unknown_target(target, &known));
    };
    let status = match adapter.error {
        Some(_) => ExitStatus::Adapter,
        None => ExitStatus::Done,
    };
    if context.voice.json {
        let (schema_version, message_type) = (json::SCHEMA, "adapter-show");
        json::print(&Document {
            schema_version,
            message_type,
            adapters,
        });
        return Ok(status);
    }
    show(context, adapter);
    if adapter.error.is_none() && !context.voice.verbose {
        describe(context, adapter);
    }
    Ok(status)
}
