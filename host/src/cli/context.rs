//! What every command works with: facts, vault, adapters, how to speak.

use super::args::{Color, Global, ProjectArgs};
use super::begun::{Begun, configured};
use super::config::{self, AdapterLock, Config, Plain, Word};
use super::error::{CommandError, ExitStatus};
use super::facts::{self, OwnDirs};
use super::log::Noted;
use super::near::near;
use super::progress::Progress;
use super::render::Voice;
use super::signals::Stop;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use takeback::adapters::{Adapter, AdapterError, Registry, Runtime, Source};
use takeback::fs::PrivateDir;
use takeback::model::limits::UPKEEP_TIME;
use takeback::model::{Forbidden, HostFacts, Location, Shown, ShownPath, TargetId};
use takeback::operation::{OperationLock, Operations};
use takeback::vault::retention::Policies;
use takeback::vault::{Catalogue, Upkeep, Vault};

/// Days for which an operation can be taken back, unless the configuration says otherwise.
pub(super) const UNDO_DAYS: u32 = 30;
/// Archives of a target that stay plain, unless the configuration says otherwise: the
/// newest, and one more, so that no thin one leans on what was only just written.
pub(super) const PLAIN: usize = 2;
/// Days for which what was removed can be had back, unless the configuration says otherwise.
pub(super) const TRASH_DAYS: u32 = 7;

/// Everything a command needs to know.
pub(super) struct Context {
    pub(super) facts: HostFacts,
    pub(super) own: OwnDirs,
    pub(super) vault_path: PathBuf,
    /// The configuration file, which may not be there.
    pub(super) config_path: PathBuf,
    pub(super) voice: Voice,
    pub(super) no_input: bool,
    /// For how long an operation can be taken back.
    pub(super) undo_time: jiff::SignedDuration,
    /// How many of the newest archives of a target stay plain; `None` for all.
    plain: Option<usize>,
    trash_days: u32,
    /// Which snapshots are kept.
    pub(super) policies: Policies,
    upkeep_time: Duration,
    given: Vec<PathBuf>,
    /// What was named for this run, by a flag or a variable.
    pub(super) named: Named,
    pub(super) stop: Stop,
    /// What the command says of itself for the log.
    pub(super) noted: Noted,
    /// Why the configuration file is not used, for the one command that goes on all the same.
    pub(super) config_trouble: Option<CommandError>,
}

/// Which places were named by a flag or a variable, and not by the configuration.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) vault: bool,
    pub(super) config: bool,
}

/// An adapter that was asked for, or why it cannot be had.
pub(super) struct Loaded {
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) result: Result<Adapter, AdapterError>,
    /// The places and variables that were granted to it, if it is a recorded one.
    granted: Option<(Vec<Location>, Vec<String>)>,
}

impl Loaded {
    /// The places and variables that archives of its target may name. That a recorded adapter
    /// cannot be run widens nothing: what was granted to it still counts.
    pub(super) fn scope(&self) -> Option<(Vec<Location>, Vec<String>)> {
        match &self.result {
            Ok(adapter) => Some((
                adapter.scope().to_vec(),
                adapter.identity().variables.clone(),
            )),
            Err(_) => self.granted.clone(),
        }
    }
}

impl Context {
    /// Gathers it; a configuration file that was named must be there, unless the command
    /// is the one that writes it.
    pub(super) fn new(global: Global, stop: Stop, begun: Begun) -> Result<Self, CommandError> {
        let (mut facts, own) = facts::gather()?;
        let config_path = global
            .config
            .clone()
            .unwrap_or_else(|| own.config.join("config.toml"));
        let must_be = global.config.is_some() && begun != Begun::Writing;
        let (config, policies, config_trouble) = match configured(&config_path, must_be) {
            Ok((config, policies)) => (config, policies, None),
            Err(e) if begun == Begun::Examining => {
                (Config::default(), Policies::default(), Some(e))
            }
            Err(e) => return Err(e),
        };
        let Config {
            vault,
            undo_days,
            plain,
            trash_days,
            upkeep_seconds,
            keep: _,
        } = config;
        let named = Named {
            vault: global.vault.is_some(),
            config: global.config.is_some(),
        };
        let vault_path = vault_path(global.vault, vault, &facts.home, &own)?;
        // Also by their real paths: links are judged by where they lead.
        let real: Vec<PathBuf> = facts
            .own
            .0
            .iter()
            .filter_map(|dir| dir.canonicalize().ok())
            .collect();
        facts.own.0.extend(real);
        match global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        let voice = Voice {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
        };
        let (no_input, given) = (global.no_input, global.adapter);
        Ok(Self {
            facts,
            own,
            vault_path,
            config_path,
            voice,
            no_input,
            undo_time: jiff::SignedDuration::from_hours(
                24 * i64::from(undo_days.unwrap_or(UNDO_DAYS)),
            ),
            plain: match plain {
                None => Some(PLAIN),
                Some(Plain::Newest(count)) => Some(count.get() as usize),
                Some(Plain::Word(Word::All)) => None,
            },
            trash_days: trash_days.unwrap_or(TRASH_DAYS),
            policies,
            upkeep_time: upkeep_seconds
                .map_or(UPKEEP_TIME, |seconds| Duration::from_secs(seconds.into())),
            given,
            named,
            stop,
            noted: Noted::default(),
            config_trouble,
        })
    }

    /// The facts with the project that is meant.
    pub(super) fn facts_in(&self, project: &ProjectArgs) -> Result<HostFacts, CommandError> {
        let named = project.project.is_some();
        // Nobody works on a project in a system directory; only a named one is an error.
        let forbidden = Forbidden::new(&self.facts);
        let project = facts::project(project, &self.facts.home)?
            .filter(|dir| named || forbidden.reason(dir).is_none());
        Ok(HostFacts {
            project,
            ..self.facts.clone()
        })
    }

    /// Whether nobody can be asked.
    pub(super) fn no_terminal(&self) -> bool {
        use std::io::IsTerminal;
        self.no_input || !std::io::stdin().is_terminal()
    }

    /// Shows how work goes on.
    pub(super) fn progress(&self) -> Progress {
        Progress::new(self.stop.clone(), &self.voice)
    }

    /// For whoever waits for a lock: sleeps a little and says whether to try again, until
    /// `seconds` are over or somebody asks to stop.
    pub(super) fn patience(&self, seconds: Option<u64>) -> impl FnMut() -> bool {
        let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
        let stop = self.stop.clone();
        move || {
            let more = Instant::now() < until && !stop.asked();
            if more {
                std::thread::sleep(Duration::from_millis(50));
            }
            more
        }
    }

    /// How the vault is to be kept.
    pub(super) fn upkeep(&self) -> Upkeep {
        Upkeep {
            plain: self.plain,
            trash_seconds: i64::from(self.trash_days) * 24 * 3600,
            now: jiff::Timestamp::now().as_second(),
        }
    }

    /// Whether there is still time for upkeep that begins now, and nobody asked to stop.
    pub(super) fn upkeep_goes_on(&self) -> impl FnMut() -> bool {
        let until = Instant::now() + self.upkeep_time;
        let stop = self.stop.clone();
        move || Instant::now() < until && !stop.asked()
    }

    /// Whether nobody asked to stop.
    pub(super) fn goes_on(&self) -> impl FnMut() -> bool {
        let stop = self.stop.clone();
        move || !stop.asked()
    }

    /// Forgets operations that are too old to be taken back. The next one tries again what
    /// fails here.
    pub(super) fn expire(&self, operations: &Operations, lock: &OperationLock) {
        if let Err(e) = operations.expire(lock, self.undo_time) {
            self.voice
                .warn(&format!("old operations could not be removed: {e}"));
        }
    }

    /// The vault, if there is one.
    pub(super) fn vault(&self) -> Result<Option<Vault>, CommandError> {
        Ok(Vault::open(&self.vault_path)?)
    }

    /// Every snapshot; damaged records are named as warnings.
    pub(super) fn catalogue(&self) -> Result<Catalogue, CommandError> {
        let catalogue = match self.vault()? {
            Some(vault) => vault.catalogue()?,
            None => Catalogue::default(),
        };
        for damaged in &catalogue.damaged {
            self.voice.warn(&damaged.to_string());
        }
        Ok(catalogue)
    }

    /// All adapters of this run, none of them loaded yet.
    pub(super) fn registry(&self) -> Result<Registry, CommandError> {
        let mut registry = Registry::built_in();
        for locked in &AdapterLock::read(&self.own.config)?.adapters {
            let (id, recorded) = locked.values()?;
            let (path, bytes) = locked.stored(&self.own.config);
            if let Err(AdapterError::DuplicateId(_)) =
                registry.add_recorded(id.clone(), path, bytes, recorded)
            {
                // A newer takeback may bring an adapter of a name that was free before.
                self.voice.warn(&format!(
                    "{id}: the recorded adapter is not used, for there is another one; \
                     `takeback adapter remove {id}` forgets it"
                ));
            }
        }
        for path in &self.given {
            registry.add_given(path.clone(), config::read_component(path)?);
        }
        Ok(registry)
    }

    /// The engine for adapters, with its cache of compiled code.
    pub(super) fn runtime(&self) -> Result<Runtime, CommandError> {
        let cache = self.own.cache.join("adapters");
        // One after the other: only what lies above takeback's own places is anybody else's.
        let made = PrivateDir::create_all(&self.own.cache);
        let usable = match made.and_then(|_| PrivateDir::create_all(&cache)) {
            Ok(dir) => dir.is_private().then_some(cache),
            Err(_) => None,
        };
        if usable.is_none() {
            self.voice
                .warn("there is no private cache directory, so adapters are compiled anew");
        }
        let voice = self.voice;
        let runtime = Runtime::new(usable.as_deref())?;
        // For somebody who waits, like the bar: what nobody watches is not told.
        let watched = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Ok(runtime.telling(move |name| {
            if watched {
                voice.say(format!("Compiling adapter {name}, once"));
            }
        }))
    }

    /// Loads the adapters whose name is wanted.
    pub(super) fn load(
        &self,
        registry: &Registry,
        runtime: &Runtime,
        wanted: impl Fn(&TargetId) -> bool,
    ) -> Vec<Loaded> {
        let loaded = registry.load(runtime, wanted);
        for (name, source, _) in &loaded {
            let replaces = registry.known().any(|(id, _)| id.as_str() == name);
            if let (true, Source::Given(path)) = (replaces, source) {
                let path = ShownPath(path);
                self.voice.warn(&format!(
                    "{name}: {path} is used in this run instead of the adapter there is"
                ));
            }
        }
        loaded
            .into_iter()
            .map(|(name, source, result)| {
                let name = if name.is_empty() {
                    file_name(&source)
                } else {
                    name
                };
                let granted = match &source {
                    Source::Recorded(_) => registry.granted(&name),
                    _ => None,
                };
                Loaded {
                    granted,
                    name,
                    source,
                    result,
                }
            })
            .collect()
    }
}

fn file_name(source: &Source) -> String {
    match source {
        Source::BuiltIn => String::new(),
        Source::Recorded(path) | Source::Given(path) => ShownPath(path).to_string(),
    }
}

/// The vault that is meant. `~/` is understood, for not every place that names a vault
/// goes through a shell; a configured one must not depend on the current directory.
pub(super) fn vault_path(
    typed: Option<PathBuf>,
    configured: Option<PathBuf>,
    home: &Path,
    own: &OwnDirs,
) -> Result<PathBuf, CommandError> {
    let expand = |path: &PathBuf| match path.strip_prefix("~") {
        Ok(below) => home.join(below),
        Err(_) => path.clone(),
    };
    if let Some(typed) = typed {
        let path = expand(&typed);
        return std::path::absolute(&path)
            .map_err(|e| CommandError::usage(format!("the vault {}: {e}", ShownPath(&typed))));
    }
    let Some(configured) = configured else {
        return Ok(own.data.clone());
    };
    let path = expand(&configured);
    if path.is_absolute() {
        return Ok(path);
    }
    let shown = ShownPath(&configured);
    let message = format!("the configured vault {shown} is not absolute");
    Err(CommandError::usage(message).hint("write it with / or ~/ at its beginning"))
}

/// The error for a target nobody knows.
pub(super) fn unknown_target(typed: &str, known: &[String]) -> CommandError {
    let near = near(typed, known.iter().map(String::as_str));
    let message = format!("there is no target called {}", Shown(typed));
    if known.is_empty() {
        return CommandError::new(ExitStatus::NotFound, format!("{message}, nor any other"));
    }
    let error = CommandError::new(ExitStatus::NotFound, message);
    if near.is_empty() {
        error.hint(format!("known are: {}", known.join(", ")))
    } else {
        error.hint(format!("did you mean {}?", near.join(" or ")))
    }
}

/// A path with the home directory written as `~`.
pub(super) fn tilde(path: &Path, home: &Path) -> String {
    ShownPath::from_home(path, home)
}
