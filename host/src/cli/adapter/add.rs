//! `takeback adapter add`: shows what an adapter may touch, asks, and records it.

use super::super::config::{self, AdapterLock, LockedAdapter};
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::prompt::confirm;
use super::is_built_in;
use super::view::{changed, describe, show, view};
use std::path::Path;
use takeback::adapters::{Adapter, AdapterError, Source};
use takeback::model::ShownPath;

pub(super) fn run(
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
