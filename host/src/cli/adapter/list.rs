//! `takeback adapter list`: every adapter there is, also those that fail.

use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::render::json;
use super::view::{AdapterView, Document, all, show};

pub(super) fn run(context: &Context) -> Result<ExitStatus, CommandError> {
    let mut adapters: Vec<AdapterView> = all(context, |_| true)?;
    adapters.sort_by(|a, b| a.id.cmp(&b.id));
    let failed = adapters.iter().any(|adapter| adapter.error.is_some());
    if context.voice.json {
        let (schema_version, message_type) = (json::SCHEMA, "adapter-list");
        json::print(&Document {
            schema_version,
            message_type,
            adapters,
        });
    } else {
        adapters.iter().for_each(|adapter| show(context, adapter));
    }
    Ok(if failed {
        ExitStatus::Adapter
    } else {
        ExitStatus::Done
    })
}
