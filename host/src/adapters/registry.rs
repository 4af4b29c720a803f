//! Which adapters there are: embedded ones, recorded ones, and files named for one run.

use super::declarative::Sweep;
use super::error::AdapterError;
use super::runtime::{Adapter, Runtime};
use super::together::at_once;
use crate::model::{Digest, Location, ShownPath, TargetId};
use std::path::PathBuf;

/// What ships inside the program, by target: components, and TOML files.
#[cfg(feature = "builtin-adapters")]
const BUILT_IN: &[(&str, &[u8])] = &[
    (
        "claude",
        include_bytes!("../../../adapters/dist/claude.wasm"),
    ),
    (
        "cursor",
        include_bytes!("../../../adapters/dist/cursor.wasm"),
    ),
    (
        "plugins",
        include_bytes!("../../../adapters/dist/plugins.wasm"),
    ),
    (
        "project",
        include_bytes!("../../../adapters/dist/project.wasm"),
    ),
    (
        "agents-skills",
        include_bytes!("../../../adapters/tools/agents-skills.toml"),
    ),
    (
        "aider",
        include_bytes!("../../../adapters/tools/aider.toml"),
    ),
    ("amp", include_bytes!("../../../adapters/tools/amp.toml")),
    (
        "claude-desktop",
        include_bytes!("../../../adapters/tools/claude-desktop.toml"),
    ),
    (
        "cline",
        include_bytes!("../../../adapters/tools/cline.toml"),
    ),
    (
        "codex",
        include_bytes!("../../../adapters/tools/codex.toml"),
    ),
    (
        "continue",
        include_bytes!("../../../adapters/tools/continue.toml"),
    ),
    (
        "gemini",
        include_bytes!("../../../adapters/tools/gemini.toml"),
    ),
    (
        "goose",
        include_bytes!("../../../adapters/tools/goose.toml"),
    ),
    ("kiro", include_bytes!("../../../adapters/tools/kiro.toml")),
    (
        "opencode",
        include_bytes!("../../../adapters/tools/opencode.toml"),
    ),
    ("qwen", include_bytes!("../../../adapters/tools/qwen.toml")),
    ("roo", include_bytes!("../../../adapters/tools/roo.toml")),
    (
        "skillshare",
        include_bytes!("../../../adapters/tools/skillshare.toml"),
    ),
    (
        "vscode",
        include_bytes!("../../../adapters/tools/vscode.toml"),
    ),
    (
        "windsurf",
        include_bytes!("../../../adapters/tools/windsurf.toml"),
    ),
    ("zed", include_bytes!("../../../adapters/tools/zed.toml")),
];
#[cfg(not(feature = "builtin-adapters"))]
const BUILT_IN: &[(&str, &[u8])] = &[];

/// Where an adapter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Embedded in this program.
    BuiltIn,
    /// Recorded in `adapters.lock.toml`.
    Recorded(PathBuf),
    /// Named on the command line.
    Given(PathBuf),
}

/// What was recorded when somebody trusted an adapter.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Digest of its bytes.
    pub digest: Digest,
    /// Its version, as it said.
    pub version: String,
    /// The places that were granted.
    pub scope: Vec<Location>,
    /// The variables that were granted; older records do not say.
    pub variables: Option<Vec<String>>,
}

impl Recorded {
    /// Whether an adapter is the one that was recorded. A record may grant less than the
    /// adapter asks for, never more: what it grants was once asked for.
    fn check(&self, adapter: &Adapter) -> Result<(), AdapterError> {
        let said = adapter.identity();
        let differs = |what, recorded: String, said: String| {
            Err(AdapterError::NotAsRecorded {
                what,
                recorded,
                said,
            })
        };
        let version = said.version.to_string();
        if self.version != version {
            return differs("version", self.version.clone(), version);
        }
        let beyond = |place: &&Location| !said.scope.iter().any(|one| one.contains(place));
        if let Some(place) = self.scope.iter().find(beyond) {
            let scope: Vec<String> = said.scope.iter().map(ToString::to_string).collect();
            return differs("scope", place.to_string(), scope.join(", "));
        }
        match &self.variables {
            Some(recorded) if *recorded != said.variables => {
                differs("variables", recorded.join(", "), said.variables.join(", "))
            }
            _ => Ok(()),
        }
    }
}

struct Candidate {
    id: Option<TargetId>,
    source: Source,
    bytes: std::borrow::Cow<'static, [u8]>,
    recorded: Option<Recorded>,
}

/// All adapters of a run. Nothing is compiled until it is asked for.
#[derive(Default)]
pub struct Registry {
    candidates: Vec<Candidate>,
}

impl Registry {
    /// The embedded adapters.
    ///
    /// # Panics
    /// Never: the embedded names are checked by a test.
    #[must_use]
    pub fn built_in() -> Self {
        let candidates = BUILT_IN.iter().filter_map(|(id, bytes)| {
            Some(Candidate {
                id: Some(TargetId::new(id).ok()?),
                source: Source::BuiltIn,
                bytes: (*bytes).into(),
                recorded: None,
            })
        });
        Self {
            candidates: candidates.collect(),
        }
    }

    /// Adds an adapter that somebody trusted.
    ///
    /// # Errors
    /// When there is an adapter of that name already.
    pub fn add_recorded(
        &mut self,
        id: TargetId,
        path: PathBuf,
        bytes: Vec<u8>,
        recorded: Recorded,
    ) -> Result<(), AdapterError> {
        if self
            .candidates
            .iter()
            .any(|known| known.id.as_ref() == Some(&id))
        {
            return Err(AdapterError::DuplicateId(id.to_string()));
        }
        self.candidates.push(Candidate {
            id: Some(id),
            source: Source::Recorded(path),
            bytes: bytes.into(),
            recorded: Some(recorded),
        });
        Ok(())
    }

    /// Adds an adapter for this run only. It takes the place of another of its name.
    pub fn add_given(&mut self, path: PathBuf, bytes: Vec<u8>) {
        self.candidates.push(Candidate {
            id: None,
            source: Source::Given(path),
            bytes: bytes.into(),
            recorded: None,
        });
    }

    /// The names known without running anything, and where they come from.
    pub fn known(&self) -> impl Iterator<Item = (&TargetId, &Source)> {
        self.candidates
            .iter()
            .filter_map(|c| Some((c.id.as_ref()?, &c.source)))
    }

    /// The places and variables that were granted to a recorded adapter, whether or not it
    /// can be run.
    #[must_use]
    pub fn granted(&self, id: &str) -> Option<(Vec<Location>, Vec<String>)> {
        let of = |c: &&Candidate| c.id.as_ref().is_some_and(|known| known.as_str() == id);
        let recorded = self.candidates.iter().find(of)?.recorded.as_ref()?;
        let variables = recorded.variables.clone().unwrap_or_default();
        Some((recorded.scope.clone(), variables))
    }

    /// What the tool of an adapter deletes by itself, as the adapter's file says. Nothing is
    /// run; a recorded file that was changed says nothing.
    #[must_use]
    pub fn sweeps(&self, id: &str) -> Vec<Sweep> {
        let of = |c: &&Candidate| c.id.as_ref().is_some_and(|known| known.as_str() == id);
        let trusted = |c: &&Candidate| {
            let recorded = c.recorded.as_ref();
            recorded.is_none_or(|recorded| Digest::of(&c.bytes) == recorded.digest)
        };
        let found = self.candidates.iter().find(of).filter(trusted);
        found.map_or_else(Vec::new, |one| Sweep::read(&one.bytes))
    }

    /// Loads every adapter whose name `wanted` accepts. Files given for this run are
    /// loaded first, for only they can say what they are called.
    pub fn load(
        &self,
        runtime: &Runtime,
        wanted: impl Fn(&TargetId) -> bool,
    ) -> Vec<(String, Source, Result<Adapter, AdapterError>)> {
        let mut loaded: Vec<(String, Source, Result<Adapter, AdapterError>)> = Vec::new();
        let (given, named): (Vec<&Candidate>, Vec<&Candidate>) =
            self.candidates.iter().partition(|c| c.id.is_none());
        let results = at_once(&given, |candidate| load_one(runtime, candidate));
        for (candidate, result) in given.into_iter().zip(results) {
            let result = result.and_then(|adapter| {
                let id = &adapter.identity().id;
                if is_among(&loaded, id) {
                    return Err(AdapterError::DuplicateId(id.to_string()));
                }
                Ok(adapter)
            });
            let name = match &result {
                Ok(adapter) if !wanted(&adapter.identity().id) => continue,
                Ok(adapter) => adapter.identity().id.to_string(),
                Err(_) => String::new(),
            };
            loaded.push((name, candidate.source.clone(), result));
        }
        let is_wanted = |c: &&Candidate| {
            let mut id = c.id.iter();
            id.any(|id| wanted(id) && !is_among(&loaded, id))
        };
        let named: Vec<&Candidate> = named.into_iter().filter(is_wanted).collect();
        let results = at_once(&named, |candidate| load_one(runtime, candidate));
        for (candidate, result) in named.into_iter().zip(results) {
            let name = candidate.id.as_ref().map(ToString::to_string);
            loaded.push((name.unwrap_or_default(), candidate.source.clone(), result));
        }
        loaded
    }
}

/// Whether an adapter of this name was loaded.
fn is_among(loaded: &[(String, Source, Result<Adapter, AdapterError>)], id: &TargetId) -> bool {
    let mut loaded = loaded.iter();
    loaded.any(|(_, _, one)| one.as_ref().is_ok_and(|one| one.identity().id == *id))
}

fn load_one(runtime: &Runtime, candidate: &Candidate) -> Result<Adapter, AdapterError> {
    if let Some(recorded) = &candidate.recorded
        && Digest::of(&candidate.bytes) != recorded.digest
    {
        return Err(AdapterError::NotTrusted);
    }
    let name = match (&candidate.id, &candidate.source) {
        (Some(id), _) => id.to_string(),
        (None, Source::Given(path) | Source::Recorded(path)) => ShownPath(path).to_string(),
        (None, Source::BuiltIn) => String::new(),
    };
    let adapter = runtime.load_named(&name, &candidate.bytes)?;
    if let Some(id) = &candidate.id
        && adapter.identity().id != *id
    {
        let why = format!("it calls itself `{}`, not `{id}`", adapter.identity().id);
        return Err(AdapterError::BadAnswer {
            call: "describe",
            why,
        });
    }
    match &candidate.recorded {
        Some(recorded) => {
            recorded.check(&adapter)?;
            Ok(adapter.granted(recorded.scope.clone()))
        }
        None => Ok(adapter),
    }
}
