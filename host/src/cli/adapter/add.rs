//! `takeback adapter add`: shows what an adapter may touch, asks, and records it.

use super::super::args::TrustArgs;
use super::super::config::{AdapterLock, LockedAdapter};
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::examine::{Examined, Known, agree, examine};
use super::obtain::{lasting, obtain, source};
use super::store::Trusted;
use super::view::{changed, describe, show, view};
use takeback::model::{Shown, TargetId};

pub(super) fn run(
    context: &Context,
    from: &str,
    trust: &TrustArgs,
) -> Result<ExitStatus, CommandError> {
    let from = source(from)?;
    let bytes = obtain(context, &from, trust.sha256)?;
    let examined = examine(context, from, bytes)?;
    let identity = examined.adapter.identity();
    let id = identity.id.clone();
    let known = AdapterLock::read(&context.own.config)?;
    let known = known.adapters.into_iter().find(|one| one.id == id.as_str());
    let shown = view(&examined.adapter, "offered").from(&examined);
    if let Some(known) = known {
        if known.sha256 == identity.digest.to_string() {
            let said = format!("{id} is recorded already, with exactly these bytes");
            return Ok(changed(context, "adapter-add", vec![shown], &said));
        }
        return Err(taken(&id, &known, &examined));
    }
    if !context.voice.json {
        show(context, &shown);
        describe(context, &shown);
    }
    let question = "Trust this adapter with these places?";
    agree(context, &identity.digest, trust, question, Known::Nothing)?;
    let trusted = Trusted::hold(context)?;
    if let Some(known) = trusted
        .lock
        .adapters
        .iter()
        .find(|one| one.id == id.as_str())
    {
        return Err(taken(&id, known, &examined));
    }
    trusted.put(&examined)?;
    let said = format!("Recorded {id}; `takeback backup {id}` uses it");
    Ok(changed(context, "adapter-add", vec![shown], &said))
}

/// There is one adapter of a name; another one takes its place only when that is meant.
fn taken(id: &TargetId, known: &LockedAdapter, offered: &Examined) -> CommandError {
    let (version, added) = (Shown(&known.version), Shown(&known.added));
    let source = Shown(&known.source);
    let message = format!(
        "there is an adapter called `{id}` already: {version} from {source}, added {added}"
    );
    let from = lasting(&offered.source);
    CommandError::new(ExitStatus::Refused, message)
        .hint(format!(
            "`takeback adapter update {id} --from {}` shows what differs and replaces it",
            Shown(&from)
        ))
        .hint("use this one for one run with --adapter FILE")
}
