//! The bytes of an adapter, from wherever they are to come.

use super::super::config;
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use takeback::fetch::{FetchError, Source};
use takeback::model::{Digest, Shown};

/// Reads a source as it was typed or recorded.
pub(super) fn source(text: &str) -> Result<Source, CommandError> {
    Ok(Source::parse(text, std::path::Path::is_file)?)
}

/// The same, as it is recorded: the same wherever it is read.
pub(super) fn lasting(source: &Source) -> String {
    match source {
        Source::File(path) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            path.display().to_string()
        }
        other => other.to_string(),
    }
}

/// Gets an adapter's bytes; if they must have a digest, no others are handed on.
pub(super) fn obtain(
    context: &Context,
    source: &Source,
    sha256: Option<Digest>,
) -> Result<Vec<u8>, CommandError> {
    let bytes = match source {
        Source::File(path) => config::read_component(path)?,
        Source::Web(_) | Source::Registry(_) => {
            context
                .voice
                .say(format!("Fetching {}", Shown(&source.to_string())));
            from_afar(context, source, sha256.is_some())?
        }
    };
    let found = Digest::of(&bytes);
    if sha256.is_some_and(|expected| expected != found) {
        let message = format!("the file has the SHA-256 {found}, not the one given");
        return Err(CommandError::new(ExitStatus::Adapter, message));
    }
    Ok(bytes)
}

fn from_afar(context: &Context, source: &Source, pinned: bool) -> Result<Vec<u8>, CommandError> {
    match source {
        Source::Registry(reference) => from_registry(context, reference),
        Source::Web(address) => from_web(context, address, pinned),
        Source::File(path) => config::read_component(path),
    }
}

#[cfg(feature = "download")]
fn from_web(
    context: &Context,
    address: &takeback::fetch::Address,
    pinned: bool,
) -> Result<Vec<u8>, CommandError> {
    let client = takeback::fetch::Client::new()?;
    let limit = takeback::model::limits::ADAPTER_BYTES;
    let fetched = client
        .fetch(address, limit, pinned)
        .map_err(|error| match error {
            FetchError::SentOn { .. } => CommandError::from(error)
                .hint("name that address itself, or give the file's --sha256"),
            error => error.into(),
        })?;
    if let Some(host) = &fetched.sent_on {
        context.voice.say(format!(
            "It came from {}, with the digest given",
            Shown(host)
        ));
    }
    Ok(fetched.bytes)
}

#[cfg(not(feature = "download"))]
fn from_web(_: &Context, _: &takeback::fetch::Address, _: bool) -> Result<Vec<u8>, CommandError> {
    Err(FetchError::NotBuilt("downloads").into())
}

#[cfg(feature = "oci")]
fn from_registry(
    context: &Context,
    reference: &takeback::fetch::Reference,
) -> Result<Vec<u8>, CommandError> {
    let client = takeback::fetch::Client::new()?;
    let known = super::docker::credentials(context, &reference.registry)?;
    let pulled = takeback::fetch::pull(&client, reference, known.as_ref())?;
    let manifest = pulled.manifest;
    context
        .voice
        .say(format!("The registry calls it @sha256:{manifest}"));
    Ok(pulled.bytes)
}

#[cfg(not(feature = "oci"))]
fn from_registry(_: &Context, _: &takeback::fetch::Reference) -> Result<Vec<u8>, CommandError> {
    Err(FetchError::NotBuilt("registries").into())
}
