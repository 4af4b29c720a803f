//! What a check found, as text and as one JSON document.

use super::super::super::context::Context;
use super::super::super::render::{human, json};
use super::places::Case;
use super::rules::RuleView;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use takeback::adapters::{Adapter, AdapterError};
use takeback::backup::plan_target;
use takeback::model::{
    CheckedDeclaration, ClassSelection, Digest, HostFacts, RuleSet, RunningCheck, Shown, ShownPath,
};

#[derive(Serialize)]
pub(super) struct Document {
    schema_version: u32,
    message_type: &'static str,
    file: String,
    bytes: u64,
    sha256: String,
    accepted: bool,
    id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
    homepage: Option<String>,
    licence: Option<String>,
    scope: Vec<String>,
    variables: Vec<String>,
    sections: BTreeMap<&'static str, String>,
    systems: Vec<SystemView>,
    /// Why it would not be accepted.
    refused: Vec<String>,
    /// What somebody should know before they trust it.
    pub(super) doubts: Vec<String>,
}

/// What an adapter answers for one machine. Fields are only ever added.
#[derive(Serialize)]
pub(super) struct SystemView {
    os: &'static str,
    what: String,
    rules: Vec<RuleView>,
    tallies: Vec<String>,
    running: Vec<String>,
    notes: Vec<String>,
    /// The most hints that it gave after a restore.
    pub(super) hints: usize,
    /// Names in its places that no rule speaks of, where there are files to look at.
    undeclared: Vec<String>,
    pub(super) declines: Option<String>,
    pub(super) refused: Vec<String>,
    /// Whether there is no use in asking about other machines.
    #[serde(skip)]
    pub(super) hopeless: bool,
}

impl Document {
    pub(super) fn new(file: &Path, bytes: &[u8]) -> Self {
        Self {
            schema_version: json::SCHEMA,
            message_type: "adapter-check",
            file: file.display().to_string(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes).to_string(),
            accepted: false,
            id: None,
            name: None,
            version: None,
            description: None,
            homepage: None,
            licence: None,
            scope: Vec::new(),
            variables: Vec::new(),
            sections: BTreeMap::new(),
            systems: Vec::new(),
            refused: Vec::new(),
            doubts: Vec::new(),
        }
    }

    pub(super) fn introduce(&mut self, adapter: &Adapter) {
        let identity = adapter.identity();
        self.id = Some(identity.id.to_string());
        self.name = Some(identity.name.clone());
        self.version = Some(identity.version.to_string());
        self.description = Some(identity.description.clone());
        self.homepage = Some(identity.homepage.clone());
        self.licence = Some(identity.licence.clone());
        self.scope = adapter.scope().iter().map(ToString::to_string).collect();
        self.variables.clone_from(&identity.variables);
        self.sections = adapter.metadata().said.iter().cloned().collect();
    }

    pub(super) fn refuse(&mut self, error: &AdapterError) {
        self.refused.push(error.to_string());
    }

    pub(super) fn refuse_all(&mut self, why: Vec<String>) {
        self.refused.extend(why);
    }

    pub(super) fn add(&mut self, view: SystemView) {
        let label = view.label();
        let refused = view.refused.iter().map(|why| format!("{label}: {why}"));
        self.refused.extend(refused);
        self.systems.push(view);
    }

    /// Says whether it would be accepted.
    pub(super) fn finish(&mut self) -> bool {
        let answers = |view: &SystemView| view.refused.is_empty() && view.declines.is_none();
        if self.refused.is_empty() && !self.systems.iter().any(answers) {
            self.refused.push("it declines on every system".to_owned());
        }
        self.accepted = self.refused.is_empty();
        self.accepted
    }
}

impl SystemView {
    pub(super) fn new(case: &Case) -> Self {
        Self {
            os: case.os.as_str(),
            what: case.what.clone(),
            rules: Vec::new(),
            tallies: Vec::new(),
            running: Vec::new(),
            notes: Vec::new(),
            hints: 0,
            undeclared: Vec::new(),
            declines: None,
            refused: Vec::new(),
            hopeless: false,
        }
    }

    /// Notes why an answer is refused. Who once took too long is not waited for again.
    pub(super) fn refuse(&mut self, error: &AdapterError) {
        self.hopeless = matches!(error, AdapterError::TimedOut { .. });
        self.refused.push(error.to_string());
    }

    fn label(&self) -> String {
        match self.what.as_str() {
            "" => self.os.to_owned(),
            what => format!("{}, {what}", self.os),
        }
    }

    pub(super) fn declare(&mut self, declaration: &CheckedDeclaration) {
        self.rules = declaration.rules.iter().map(RuleView::new).collect();
        let tallies = declaration.tallies.iter();
        self.tallies = tallies
            .map(|tally| format!("{} in {}", tally.plural, tally.at))
            .collect();
        let running = declaration.running.iter().map(|check| match check {
            RunningCheck::Process(name) => format!("the process {name}"),
            RunningCheck::LockFile(place) => format!("the file {place}"),
        });
        self.running = running.collect();
        self.notes.clone_from(&declaration.notes);
    }

    /// Walks a home directory, and notes which rule each file falls under.
    pub(super) fn look(&mut self, adapter: &Adapter, facts: &HostFacts) {
        let everything = ClassSelection::everything();
        let plan = match plan_target(adapter, everything, facts, &facts.home.join("takeback")) {
            Ok(plan) => plan,
            Err(e) => return self.refuse(&e),
        };
        let rules = RuleSet::new(&plan.declaration.rules);
        for view in &mut self.rules {
            let under = |path: &&&takeback::model::ArchivePath| {
                rules
                    .rule_for(path)
                    .is_some_and(|rule| rule.id.as_str() == view.id)
            };
            let files = plan.inventory.files();
            let files = files.iter().filter(under).map(ToString::to_string);
            view.files = Some(files.collect());
        }
        self.undeclared.clone_from(&plan.inventory.undeclared);
    }

    /// Whether it says the same as another, whatever machine it is about.
    fn same_as(&self, other: &Self) -> bool {
        self.rules == other.rules
            && self.tallies == other.tallies
            && self.running == other.running
            && self.notes == other.notes
            && self.undeclared == other.undeclared
            && self.declines == other.declines
            && self.refused == other.refused
    }
}

/// Shows a document as text.
pub(super) fn show(context: &Context, document: &Document, file: ShownPath<'_>) {
    let voice = &context.voice;
    let text = |part: &Option<String>| Shown::sentence(part.as_deref().unwrap_or_default());
    if document.id.is_some() {
        voice.line(format!(
            "{} {}  {}: {}",
            text(&document.id),
            text(&document.version),
            text(&document.name),
            text(&document.description)
        ));
        let list = |all: &[String]| {
            let all: Vec<String> = all.iter().map(|one| Shown(one).to_string()).collect();
            all.join(", ")
        };
        voice.line(format!("  reads and writes  {}", list(&document.scope)));
        if !document.variables.is_empty() {
            voice.line(format!("  sees variables    {}", list(&document.variables)));
        }
    }
    let size = human::bytes(document.bytes);
    voice.line(format!("  sha256            {} ({size})", document.sha256));
    for (at, view) in document.systems.iter().enumerate() {
        let earlier = document.systems[..at].iter().find(|one| one.same_as(view));
        show_system(context, view, earlier);
    }
    for doubt in &document.doubts {
        voice.warn(doubt);
    }
    if document.accepted {
        voice.say(format!("{file} would be accepted"));
    } else {
        for why in &document.refused {
            voice.warn(why);
        }
        voice.say(format!("{file} would NOT be accepted"));
    }
}

fn show_system(context: &Context, view: &SystemView, earlier: Option<&SystemView>) {
    let voice = &context.voice;
    let label = view.label();
    if let Some(earlier) = earlier {
        return voice.line(format!("{label}: as {}", earlier.label()));
    }
    voice.line(format!("{label}:"));
    if let Some(why) = &view.declines {
        return voice.line(format!("  declines: {}", Shown::sentence(why)));
    }
    let width = view.rules.iter().map(|rule| rule.id.len()).max();
    for rule in &view.rules {
        voice.line(rule.line(width.unwrap_or_default()));
        for file in rule.files.iter().flatten() {
            voice.line(format!("      {}", Shown(file)));
        }
    }
    for (what, all) in [
        ("counts", &view.tallies),
        ("is running when there is", &view.running),
        ("notes", &view.notes),
        ("no rule speaks of", &view.undeclared),
    ] {
        for one in all {
            voice.line(format!("  {what}: {}", Shown::sentence(one)));
        }
    }
    if view.hints > 0 {
        let hints = human::counted(view.hints as u64, "hint", "hints");
        voice.line(format!("  after a restore: up to {hints}"));
    }
}
