//! `takeback adapter push`: publishes an adapter under its version.

use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use std::path::Path;

#[cfg(not(feature = "oci"))]
pub(super) fn run(_: &Context, _: &Path, _: &str) -> Result<ExitStatus, CommandError> {
    Err(takeback::fetch::FetchError::NotBuilt("registries").into())
}

#[cfg(feature = "oci")]
pub(super) fn run(
    context: &Context,
    file: &Path,
    reference: &str,
) -> Result<ExitStatus, CommandError> {
    use super::super::render::json;
    use takeback::fetch::{Client, Package, Reference, Source, push};

    let mut reference = Reference::parse(reference)?;
    let source = Source::File(file.to_owned());
    let bytes = super::obtain::obtain(context, &source, None)?;
    let examined = super::examine::examine(context, source, bytes)?;
    let identity = examined.adapter.identity();
    let version = identity.version.to_string();
    check_tag(&mut reference, &version)?;
    for doubt in &examined.doubts {
        context.voice.warn(doubt);
    }
    let package = Package {
        bytes: &examined.bytes,
        title: &identity.name,
        version: &version,
        description: &identity.description,
        homepage: &identity.homepage,
        licence: &identity.licence,
    };
    let known = super::docker::credentials(context, &reference.registry)?;
    let pushed = push(&Client::new()?, &reference, &package, known.as_ref())?;
    reference.digest = Some(pushed.manifest);
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "adapter-push",
            reference: reference.to_string(),
            sha256: identity.digest.to_string(),
            published: !pushed.known,
        });
        return Ok(ExitStatus::Done);
    }
    context.voice.say(if pushed.known {
        "It is published already, with exactly these bytes"
    } else {
        "Published; anybody can add it with"
    });
    let digest = &identity.digest;
    context.voice.line(format!(
        "takeback adapter add {reference} --sha256 {digest}"
    ));
    Ok(ExitStatus::Done)
}

#[cfg(feature = "oci")]
#[derive(serde::Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    reference: String,
    sha256: String,
    published: bool,
}

/// A tag is the version of what it names, and nothing else.
#[cfg(feature = "oci")]
fn check_tag(
    reference: &mut takeback::fetch::Reference,
    version: &str,
) -> Result<(), CommandError> {
    if reference.digest.is_some() {
        let message = "what is published gets its digest from what it is; leave @sha256:... out";
        return Err(CommandError::usage(message));
    }
    // Build metadata has a `+`, which tags cannot have.
    let tag = version.replace('+', "_");
    match &reference.tag {
        Some(other) if *other != tag => Err(CommandError::usage(format!(
            "the tag is {}, and the adapter calls itself {version}",
            takeback::model::Shown(other)
        ))),
        _ => {
            reference.tag = Some(tag);
            Ok(())
        }
    }
}
