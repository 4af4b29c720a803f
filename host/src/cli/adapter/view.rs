//! How an adapter is shown, as text and as JSON.

use super::super::context::Context;
use super::super::error::ExitStatus;
use super::super::render::json;
use serde::Serialize;
use takeback::adapters::{Adapter, Source};
use takeback::model::Shown;

#[derive(Serialize)]
pub(super) struct Document {
    pub(super) schema_version: u32,
    pub(super) message_type: &'static str,
    pub(super) adapters: Vec<AdapterView>,
}

#[derive(Serialize)]
pub(super) struct AdapterView {
    pub(super) id: String,
    pub(super) source: &'static str,
    pub(super) file: Option<String>,
    pub(super) version: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) scope: Vec<String>,
    pub(super) variables: Vec<String>,
    pub(super) error: Option<String>,
}

fn source_word(source: &Source) -> (&'static str, Option<String>) {
    match source {
        Source::BuiltIn => ("built-in", None),
        Source::Recorded(path) => ("recorded", Some(path.display().to_string())),
        Source::Given(path) => ("given", Some(path.display().to_string())),
    }
}

pub(super) fn view(adapter: &Adapter, source: &Source) -> AdapterView {
    let identity = adapter.identity();
    let (source, file) = source_word(source);
    AdapterView {
        id: identity.id.to_string(),
        source,
        file,
        version: Some(identity.version.to_string()),
        sha256: Some(identity.digest.to_string()),
        name: Some(identity.name.clone()),
        description: Some(identity.description.clone()),
        scope: adapter.scope().iter().map(ToString::to_string).collect(),
        variables: identity.variables.clone(),
        error: None,
    }
}

pub(super) fn broken(id: String, source: &Source, error: String) -> AdapterView {
    let (source, file) = source_word(source);
    let (version, sha256, name, description) = (None, None, None, None);
    let (scope, variables) = (Vec::new(), Vec::new());
    AdapterView {
        id,
        source,
        file,
        version,
        sha256,
        name,
        description,
        scope,
        variables,
        error: Some(error),
    }
}

pub(super) fn show(context: &Context, adapter: &AdapterView) {
    let voice = &context.voice;
    if let Some(error) = &adapter.error {
        return voice.warn(&format!("adapter {} failed: {error}", adapter.id));
    }
    let version = adapter.version.as_deref().unwrap_or_default();
    let text = |part: &Option<String>| Shown::sentence(part.as_deref().unwrap_or_default());
    let (id, source) = (&adapter.id, adapter.source);
    voice.line(format!(
        "{id} {version} ({source})  {}: {}",
        text(&adapter.name),
        text(&adapter.description)
    ));
    if voice.verbose {
        describe(context, adapter);
    }
}

/// What an adapter may touch.
pub(super) fn describe(context: &Context, adapter: &AdapterView) {
    let shown = |list: &[String]| {
        list.iter()
            .map(|s| Shown(s).to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let voice = &context.voice;
    voice.line(format!("  reads and writes  {}", shown(&adapter.scope)));
    if !adapter.variables.is_empty() {
        voice.line(format!("  sees variables    {}", shown(&adapter.variables)));
    }
    voice.line(format!(
        "  sha256            {}",
        adapter.sha256.as_deref().unwrap_or_default()
    ));
}

/// Says what was changed.
pub(super) fn changed(
    context: &Context,
    message_type: &'static str,
    adapters: Vec<AdapterView>,
    said: &str,
) -> ExitStatus {
    if context.voice.json {
        let schema_version = json::SCHEMA;
        json::print(&Document {
            schema_version,
            message_type,
            adapters,
        });
    } else {
        context.voice.say(said);
    }
    ExitStatus::Done
}
