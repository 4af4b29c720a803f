//! How an adapter is shown, as text and as JSON.

use super::super::config::{AdapterLock, LockedAdapter};
use super::super::context::{Context, Loaded};
use super::super::error::{CommandError, ExitStatus};
use super::super::render::json;
use super::examine::{Examined, disagreements};
use super::obtain::lasting;
use serde::Serialize;
use std::collections::BTreeMap;
use takeback::adapters::{Adapter, Source};
use takeback::model::{Shown, TargetId};

#[derive(Serialize)]
pub(super) struct Document {
    pub(super) schema_version: u32,
    pub(super) message_type: &'static str,
    pub(super) adapters: Vec<AdapterView>,
}

/// One adapter. Fields are only ever added.
#[derive(Default, Serialize)]
pub(super) struct AdapterView {
    pub(super) id: String,
    pub(super) source: &'static str,
    pub(super) file: Option<String>,
    /// Where it came from, and when, if somebody recorded it.
    pub(super) origin: Option<String>,
    pub(super) added: Option<String>,
    pub(super) version: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) licence: Option<String>,
    pub(super) scope: Vec<String>,
    pub(super) variables: Vec<String>,
    /// What its file's sections say of it; nobody checked that.
    pub(super) sections: BTreeMap<&'static str, String>,
    /// What somebody should know before they trust it.
    pub(super) doubts: Vec<String>,
    pub(super) error: Option<String>,
}

/// The adapters whose name is wanted, with what is recorded of them.
pub(super) fn all(
    context: &Context,
    wanted: impl Fn(&TargetId) -> bool,
) -> Result<Vec<AdapterView>, CommandError> {
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let lock = AdapterLock::read(&context.own.config)?;
    let loaded = context.load(&registry, &runtime, wanted);
    Ok(loaded.into_iter().map(|one| known(&one, &lock)).collect())
}

fn known(loaded: &Loaded, lock: &AdapterLock) -> AdapterView {
    let (source, file) = match &loaded.source {
        Source::BuiltIn => ("built-in", None),
        Source::Recorded(path) => ("recorded", Some(path)),
        Source::Given(path) => ("given", Some(path)),
    };
    let mut shown = match &loaded.result {
        Ok(adapter) => view(adapter, source),
        Err(e) => AdapterView {
            id: loaded.name.clone(),
            source,
            error: Some(e.to_string()),
            ..AdapterView::default()
        },
    };
    shown.file = file.map(|path| path.display().to_string());
    let recorded = |one: &&LockedAdapter| one.id == shown.id && source == "recorded";
    if let Some(locked) = lock.adapters.iter().find(recorded) {
        shown.origin = Some(locked.source.clone());
        shown.added = Some(locked.added.clone());
    }
    shown
}

pub(super) fn view(adapter: &Adapter, source: &'static str) -> AdapterView {
    let identity = adapter.identity();
    AdapterView {
        id: identity.id.to_string(),
        source,
        version: Some(identity.version.to_string()),
        sha256: Some(identity.digest.to_string()),
        name: Some(identity.name.clone()),
        description: Some(identity.description.clone()),
        homepage: Some(identity.homepage.clone()),
        licence: Some(identity.licence.clone()),
        scope: adapter.scope().iter().map(ToString::to_string).collect(),
        variables: identity.variables.clone(),
        sections: adapter.metadata().said.iter().cloned().collect(),
        doubts: disagreements(adapter),
        ..AdapterView::default()
    }
}

impl AdapterView {
    /// The same, of an adapter that is offered.
    pub(super) fn from(mut self, examined: &Examined) -> Self {
        self.origin = Some(lasting(&examined.source));
        self.doubts.clone_from(&examined.doubts);
        self
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

/// What an adapter may touch, and where it comes from.
pub(super) fn describe(context: &Context, adapter: &AdapterView) {
    let voice = &context.voice;
    let list = |list: &[String]| {
        let shown: Vec<String> = list.iter().map(|s| Shown(s).to_string()).collect();
        shown.join(", ")
    };
    voice.line(format!("  reads and writes  {}", list(&adapter.scope)));
    if !adapter.variables.is_empty() {
        voice.line(format!("  sees variables    {}", list(&adapter.variables)));
    }
    let sections = adapter.sections.iter();
    let sections: Vec<String> = sections
        .map(|(name, text)| format!("{name} {}", Shown(text)))
        .collect();
    let sections = Some(sections.join(", "));
    let shown = |text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty());
        text.map(|text| Shown(text).to_string())
    };
    let lines = [
        ("sha256", adapter.sha256.clone()),
        ("from", shown(&adapter.origin)),
        ("added", shown(&adapter.added)),
        ("homepage", shown(&adapter.homepage)),
        ("licence", shown(&adapter.licence)),
        ("its file says", sections.filter(|text| !text.is_empty())),
    ];
    for (what, text) in lines {
        if let Some(text) = text {
            voice.line(format!("  {what:<16}  {text}"));
        }
    }
    adapter.doubts.iter().for_each(|doubt| voice.warn(doubt));
}

/// Says what was changed.
pub(super) fn changed(
    context: &Context,
    message_type: &'static str,
    adapters: Vec<AdapterView>,
    said: &str,
) -> ExitStatus {
    let ids = adapters.iter();
    let ids: Vec<TargetId> = ids.filter_map(|one| TargetId::new(&one.id).ok()).collect();
    context.noted.targets(&ids);
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
