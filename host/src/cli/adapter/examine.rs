//! An adapter that somebody may come to trust: run and asked before anybody else is.

use super::super::args::TrustArgs;
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::prompt::confirm;
use super::is_built_in;
use takeback::adapters::{Adapter, AdapterError};
use takeback::fetch::Source;
use takeback::model::{Digest, Shown};

/// An adapter that answers as it must, and is not trusted yet.
pub(super) struct Examined {
    pub(super) adapter: Adapter,
    pub(super) bytes: Vec<u8>,
    pub(super) source: Source,
    /// What a person should know before they agree.
    pub(super) doubts: Vec<String>,
}

/// Runs an adapter. Its declaration is tried here and now, and twice: what would be
/// refused, or is not the same when it is asked again, is not recorded.
pub(super) fn examine(
    context: &Context,
    source: Source,
    bytes: Vec<u8>,
) -> Result<Examined, CommandError> {
    let refused = |e: AdapterError| {
        let source = source.to_string();
        let source = Shown(&source);
        CommandError::new(
            ExitStatus::Adapter,
            format!("{source} is not accepted: {e}"),
        )
    };
    let runtime = context.runtime()?;
    let named = source.to_string();
    let adapter = runtime.load_named(&Shown(&named).to_string(), &bytes);
    let adapter = adapter.map_err(refused)?;
    let again = runtime.load(&bytes).map_err(refused)?;
    if format!("{:?}", adapter.identity()) != format!("{:?}", again.identity()) {
        return Err(refused(AdapterError::Fickle("describe")));
    }
    let existing = takeback::backup::existing(adapter.identity(), &context.facts);
    let declare = || adapter.declare(&context.facts, &existing).map_err(refused);
    if format!("{:?}", declare()?) != format!("{:?}", declare()?) {
        return Err(refused(AdapterError::Fickle("declare")));
    }
    let id = &adapter.identity().id;
    if is_built_in(id) {
        let message = format!("`{id}` is the name of a built-in adapter");
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("use it for one run with --adapter FILE, or give it another name"));
    }
    let doubts = doubts(&adapter, &source);
    Ok(Examined {
        adapter,
        bytes,
        source,
        doubts,
    })
}

/// Where what is said of an adapter elsewhere is not what it says itself.
fn doubts(adapter: &Adapter, source: &Source) -> Vec<String> {
    let mut doubts = disagreements(adapter);
    let tag = match source {
        Source::Registry(reference) => reference.tag.as_deref(),
        _ => None,
    };
    let version = &adapter.identity().version;
    if let Some(tag) = tag.filter(|tag| *tag != version.to_string()) {
        let (id, tag) = (&adapter.identity().id, Shown(tag));
        doubts.push(format!(
            "{id}: its tag is {tag}, and it calls itself {version}"
        ));
    }
    doubts
}

/// Where the sections of an adapter's file do not say what it says itself.
pub(super) fn disagreements(adapter: &Adapter) -> Vec<String> {
    let identity = adapter.identity();
    let sentence = |one: &takeback::adapters::Disagreement| {
        let (id, section) = (&identity.id, one.section);
        let (says, described) = (Shown(&one.says), Shown(&one.described));
        format!("{id}: the section `{section}` of its file says {says}, and it says {described}")
    };
    let found = adapter.metadata().disagreements(identity);
    found.iter().map(sentence).collect()
}

/// Agreement is typed, or given beforehand for exactly these bytes. Where nothing new is
/// asked for (`known`), a bare yes will do.
pub(super) fn agree(
    context: &Context,
    digest: &Digest,
    trust: &TrustArgs,
    question: &str,
    known: Known,
) -> Result<(), CommandError> {
    let bare = match known {
        Known::Nothing => !context.no_terminal(),
        Known::Scope => true,
        Known::NotEnough => false,
    };
    if trust.yes && (trust.sha256.is_some() || bare) {
        return Ok(());
    }
    let flags = format!("--yes --sha256 {digest}");
    if trust.yes && (context.no_terminal() || context.voice.json) {
        let message = match known {
            Known::NotEnough => "it asks for more than was granted, so --yes needs --sha256",
            _ => "without a terminal, --yes needs --sha256",
        };
        return Err(CommandError::new(ExitStatus::Cancelled, message)
            .hint(format!("run it again with {flags} if you trust it")));
    }
    confirm(question, context.no_input || context.voice.json, &flags)
}

/// What was agreed to before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: the adapter is new.
    Nothing,
    /// All that it asks for.
    Scope,
    /// Less than it asks for now.
    NotEnough,
}
