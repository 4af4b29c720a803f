//! `takeback adapter`: which adapters there are, and which of them are trusted.

use super::args::{AdapterArgs, AdapterCommand};
use super::config::{self, AdapterLock, LockedAdapter};
use super::context::{Context, unknown_target};
use super::error::{CommandError, ExitStatus};
use super::prompt::confirm;
use super::render::json;
use serde::Serialize;
use std::path::Path;
use takeback::adapters::{Adapter, AdapterError, Registry, Source};
use takeback::model::{Shown, ShownPath, TargetId};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    adapters: Vec<AdapterView>,
}

#[derive(Serialize)]
struct AdapterView {
    id: String,
    source: &'static str,
    file: Option<String>,
    version: Option<String>,
    sha256: Option<String>,
    name: Option<String>,
    description: Option<String>,
    scope: Vec<String>,
    variables: Vec<String>,
    error: Option<String>,
}

pub(super) fn run(context: &Context, args: &AdapterArgs) -> Result<ExitStatus, CommandError> {
    match &args.command {
        AdapterCommand::List => list(context),
        AdapterCommand::Add { file, yes, sha256 } => add(context, file, *yes, sha256.as_deref()),
        AdapterCommand::Remove { target } => remove(context, target),
    }
}

fn list(context: &Context) -> Result<ExitStatus, CommandError> {
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let mut adapters: Vec<AdapterView> = context
        .load(&registry, &runtime, |_| true)
        .into_iter()
        .map(|loaded| match &loaded.result {
            Ok(adapter) => view(adapter, &loaded.source),
            Err(e) => broken(loaded.name.clone(), &loaded.source, e.to_string()),
        })
        .collect();
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

fn source_word(source: &Source) -> (&'static str, Option<String>) {
    match source {
        Source::BuiltIn => ("built-in", None),
        Source::Recorded(path) => ("recorded", Some(path.display().to_string())),
        Source::Given(path) => ("given", Some(path.display().to_string())),
    }
}

fn view(adapter: &Adapter, source: &Source) -> AdapterView {
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

fn broken(id: String, source: &Source, error: String) -> AdapterView {
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

fn show(context: &Context, adapter: &AdapterView) {
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
fn describe(context: &Context, adapter: &AdapterView) {
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

fn add(
    context: &Context,
    file: &Path,
    yes: bool,
    sha256: Option<&str>,
) -> Result<ExitStatus, CommandError> {
    let bytes = config::read_component(file)?;
    let refused = |e: AdapterError| {
        let file = ShownPath(file);
        CommandError::new(ExitStatus::Adapter, format!("{file} is not accepted: {e}"))
    };
    let adapter = context.runtime()?.load(&bytes).map_err(refused)?;
    // The declaration is tried here and now: what would be refused is not recorded.
    let existing = takeback::backup::existing(adapter.identity(), &context.facts);
    adapter
        .declare(&context.facts, &existing)
        .map_err(refused)?;
    let shown = view(&adapter, &Source::Given(file.to_owned()));
    let id = adapter.identity().id.clone();
    if is_built_in(&id) {
        let message = format!("`{id}` is the name of a built-in adapter");
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("use it for one run with --adapter FILE, or give it another name"));
    }
    if !context.voice.json {
        show(context, &shown);
        describe(context, &shown);
    }
    agree(context, &adapter.identity().digest.to_string(), yes, sha256)?;
    record(context, &adapter, file, &bytes)?;
    let said = format!("Recorded {id}; `takeback backup {id}` uses it");
    Ok(changed(context, "adapter-add", vec![shown], &said))
}

/// Agreement is typed, or given beforehand for exactly these bytes.
fn agree(
    context: &Context,
    digest: &str,
    yes: bool,
    sha256: Option<&str>,
) -> Result<(), CommandError> {
    if sha256.is_some_and(|expected| expected != digest) {
        let message = format!("the file has the SHA-256 {digest}, not the one given");
        return Err(CommandError::new(ExitStatus::Adapter, message));
    }
    if yes && (sha256.is_some() || !context.no_terminal()) {
        return Ok(());
    }
    let flags = format!("--yes --sha256 {digest}");
    if yes {
        let message = "without a terminal, --yes needs --sha256";
        return Err(CommandError::new(ExitStatus::Cancelled, message)
            .hint(format!("run it again with {flags} if you trust it")));
    }
    let question = "Trust this adapter with these places?";
    confirm(question, context.no_input || context.voice.json, &flags)
}

fn is_built_in(id: &TargetId) -> bool {
    Registry::built_in().known().any(|(known, _)| known == id)
}

/// Says what was changed.
fn changed(
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

fn record(
    context: &Context,
    adapter: &Adapter,
    file: &Path,
    bytes: &[u8],
) -> Result<(), CommandError> {
    let identity = adapter.identity();
    let source = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let locked = LockedAdapter {
        id: identity.id.to_string(),
        version: identity.version.to_string(),
        sha256: identity.digest.to_string(),
        scope: identity.scope.iter().map(ToString::to_string).collect(),
        source: source.display().to_string(),
        added: jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
    };
    config::store_component(&context.own.config, &locked, bytes)?;
    let mut lock = AdapterLock::read(&context.own.config)?;
    lock.adapters.retain(|known| known.id != locked.id);
    lock.adapters.push(locked);
    lock.write(&context.own.config)
}

fn remove(context: &Context, target: &str) -> Result<ExitStatus, CommandError> {
    let mut lock = AdapterLock::read(&context.own.config)?;
    let known: Vec<String> = lock
        .adapters
        .iter()
        .map(|adapter| adapter.id.clone())
        .collect();
    let gone: Vec<LockedAdapter> = lock
        .adapters
        .extract_if(.., |adapter| adapter.id == target)
        .collect();
    if gone.is_empty() {
        if TargetId::new(target).is_ok_and(|id| is_built_in(&id)) {
            let message = format!("`{target}` is built in");
            return Err(CommandError::new(ExitStatus::Refused, message));
        }
        return Err(unknown_target(target, &known));
    }
    lock.write(&context.own.config)?;
    for adapter in gone {
        config::remove_component(&context.own.config, &adapter)?;
    }
    let said = format!("Forgot {target}; its archives stay restorable");
    Ok(changed(context, "adapter-remove", Vec::new(), &said))
}
