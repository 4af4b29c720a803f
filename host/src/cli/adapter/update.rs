//! `takeback adapter update`: fetches adapters again and shows what changed before it asks.

use super::super::args::UpdateArgs;
use super::super::config::{AdapterLock, LockedAdapter};
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::render::{self, json};
use super::examine::{Examined, Known, agree, examine};
use super::obtain::{lasting, obtain, source};
use super::remove::not_recorded;
use super::store::Trusted;
use serde::Serialize;
use std::cmp::Ordering;
use takeback::model::{Location, Shown};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    updates: Vec<Change>,
}

/// What is other than it was recorded.
#[derive(Serialize)]
struct Change {
    id: String,
    changed: bool,
    from: String,
    old_version: String,
    version: String,
    old_sha256: String,
    sha256: String,
    scope_added: Vec<String>,
    scope_removed: Vec<String>,
    variables_added: Vec<String>,
    variables_removed: Vec<String>,
    doubts: Vec<String>,
}

pub(super) fn run(context: &Context, args: &UpdateArgs) -> Result<ExitStatus, CommandError> {
    let lock = AdapterLock::read(&context.own.config)?;
    let wanted = wanted(args, &lock)?;
    let (mut updates, mut worst) = (Vec::new(), None);
    for one in &wanted {
        match update(context, one, args) {
            Ok(change) => updates.push(change),
            Err(error) if wanted.len() == 1 => return Err(error),
            Err(error) => {
                context.voice.warn(&format!("{} is as it was:", one.id));
                render::error(&error, false);
                worst = worst.or(Some(error.status));
            }
        }
    }
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "adapter-update",
            updates,
        });
    }
    Ok(worst.unwrap_or(ExitStatus::Done))
}

/// The recorded adapters that are meant.
fn wanted(args: &UpdateArgs, lock: &AdapterLock) -> Result<Vec<LockedAdapter>, CommandError> {
    let find = |target: &String| {
        let found = lock.adapters.iter().find(|one| one.id == *target);
        found.cloned().ok_or_else(|| not_recorded(target, lock))
    };
    let wanted: Vec<LockedAdapter> = if args.targets.is_empty() {
        lock.adapters.clone()
    } else {
        args.targets.iter().map(find).collect::<Result<_, _>>()?
    };
    if wanted.is_empty() {
        let message = "no adapter is recorded, so there is none to update";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    }
    let one = args.from.is_some() || args.trust.sha256.is_some();
    if one && (wanted.len() != 1 || args.targets.is_empty()) {
        let message = "--from and --sha256 are about one adapter; name it";
        return Err(CommandError::usage(message));
    }
    Ok(wanted)
}

/// Fetches one adapter, and records it if it changed and somebody agrees.
fn update(
    context: &Context,
    old: &LockedAdapter,
    args: &UpdateArgs,
) -> Result<Change, CommandError> {
    let from = source(args.from.as_deref().unwrap_or(&old.source))?;
    let bytes = obtain(context, &from, args.trust.sha256)?;
    let examined = examine(context, from, bytes)?;
    let identity = examined.adapter.identity();
    if identity.id.as_str() != old.id {
        let (id, from) = (&identity.id, lasting(&examined.source));
        let message = format!(
            "{} is an adapter called `{id}`, not `{}`",
            Shown(&from),
            old.id
        );
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("`takeback adapter add` records another adapter"));
    }
    let change = compare(old, &examined)?;
    if !change.changed {
        let (id, version) = (&change.id, &change.version);
        context
            .voice
            .say(format!("{id} is unchanged: {version}, the same bytes"));
        return Ok(change);
    }
    if !context.voice.json {
        show(context, &change);
    }
    let known = if change.widens(&examined, old)? {
        Known::NotEnough
    } else {
        Known::Scope
    };
    let question = "Trust it in the place of the old one?";
    agree(context, &identity.digest, &args.trust, question, known)?;
    let trusted = Trusted::hold(context)?;
    let still = |one: &LockedAdapter| one.id == old.id && one.sha256 == old.sha256;
    if !trusted.lock.adapters.iter().any(still) {
        let message = format!("{} was changed meanwhile by another takeback", old.id);
        return Err(CommandError::new(ExitStatus::Refused, message).hint("run it again"));
    }
    trusted.put(&examined)?;
    let (id, version) = (&change.id, &change.version);
    context.voice.say(format!("Updated {id} to {version}"));
    Ok(change)
}

fn compare(old: &LockedAdapter, new: &Examined) -> Result<Change, CommandError> {
    let identity = new.adapter.identity();
    let granted = old.values()?.1;
    let scope: Vec<String> = identity.scope.iter().map(ToString::to_string).collect();
    let variables = old.variables.clone().unwrap_or_default();
    let without = |all: &[String], known: &[String]| {
        let new = all.iter().filter(|one| !known.contains(one));
        new.cloned().collect::<Vec<String>>()
    };
    Ok(Change {
        id: old.id.clone(),
        changed: identity.digest != granted.digest,
        from: lasting(&new.source),
        old_version: old.version.clone(),
        version: identity.version.to_string(),
        old_sha256: old.sha256.clone(),
        sha256: identity.digest.to_string(),
        scope_added: without(&scope, &old.scope),
        scope_removed: without(&old.scope, &scope),
        variables_added: without(&identity.variables, &variables),
        variables_removed: without(&variables, &identity.variables),
        doubts: new.doubts.clone(),
    })
}

impl Change {
    /// Whether it asks for more than was granted: a place that lies in none of the old
    /// ones, or a variable.
    fn widens(&self, new: &Examined, old: &LockedAdapter) -> Result<bool, CommandError> {
        let granted = old.values()?.1.scope;
        let beyond = |place: &Location| !granted.iter().any(|one| one.contains(place));
        Ok(!self.variables_added.is_empty() || new.adapter.identity().scope.iter().any(beyond))
    }

    /// Whether the version is a lower one than before.
    fn is_older(&self) -> bool {
        let version = |text: &str| semver::Version::parse(text).ok();
        let (old, new) = (version(&self.old_version), version(&self.version));
        old.zip(new)
            .is_some_and(|(old, new)| new.cmp_precedence(&old) == Ordering::Less)
    }
}

fn show(context: &Context, change: &Change) {
    let voice = &context.voice;
    let (old, new) = (Shown(&change.old_version), Shown(&change.version));
    voice.line(format!("{} {old} -> {new}", change.id));
    voice.line(format!("  from              {}", Shown(&change.from)));
    voice.line(format!("  sha256            {}", change.sha256));
    let lists = [
        ("now also reads and writes", &change.scope_added),
        ("no longer reads and writes", &change.scope_removed),
        ("now also sees variables", &change.variables_added),
        ("no longer sees variables", &change.variables_removed),
    ];
    for (what, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        let shown: Vec<String> = list.iter().map(|one| Shown(one).to_string()).collect();
        voice.line(format!("  {what}  {}", shown.join(", ")));
    }
    if lists.iter().all(|(_, list)| list.is_empty()) {
        voice.line("  It may touch what it might touch before, and nothing else.");
    }
    if change.is_older() {
        voice.warn(&format!(
            "{}: {new} is older than the {old} you have",
            change.id
        ));
    }
    change.doubts.iter().for_each(|doubt| voice.warn(doubt));
}
