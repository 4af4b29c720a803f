//! The adapters of a restore: those of its targets at once, all others while it goes on.

use super::super::context::{Context, Loaded, unknown_target};
use super::super::error::{CommandError, ExitStatus};
use std::thread::{Scope, ScopedJoinHandle};
use takeback::adapters::{Adapter, Registry, Runtime, Source};
use takeback::backup::existing;
use takeback::model::{HostFacts, Location, Rule, TargetId};
use takeback::restore::{ApprovedPlan, HintSource};

/// Every adapter there is, none of them loaded yet.
pub(super) struct Shelf<'a> {
    context: &'a Context,
    registry: Registry,
    runtime: Runtime,
    targets: &'a [String],
}

impl<'a> Shelf<'a> {
    pub(super) fn new(context: &'a Context, targets: &'a [String]) -> Result<Self, CommandError> {
        Ok(Self {
            context,
            registry: context.registry()?,
            runtime: context.runtime()?,
            targets,
        })
    }

    fn is_target(&self, id: &TargetId) -> bool {
        self.targets.iter().any(|name| name == id.as_str())
    }

    /// The adapters of the restored targets. They say where files may go.
    pub(super) fn of_targets(&self) -> Vec<Loaded> {
        let load = |wanted: &dyn Fn(&TargetId) -> bool| {
            self.context.load(&self.registry, &self.runtime, wanted)
        };
        load(&|id| self.is_target(id))
    }

    /// All others: they may have hints about what is restored.
    fn others(&self) -> Vec<Loaded> {
        let wanted = |id: &TargetId| !self.is_target(id);
        let mut loaded = self.context.load(&self.registry, &self.runtime, wanted);
        // A given file that fails says of no target that it is its adapter, so it came with
        // those of the targets.
        loaded.retain(|one| one.result.is_ok() || !matches!(one.source, Source::Given(_)));
        loaded
    }

    /// What a restore works with: the adapters of its targets, and the others as soon as
    /// somebody asks for them. Until then they are loaded beside everything else.
    pub(super) fn taken<'scope>(
        &'scope self,
        of_targets: Vec<Loaded>,
        scope: &'scope Scope<'scope, '_>,
    ) -> Adapters<'scope> {
        Adapters {
            known: self
                .registry
                .known()
                .map(|(id, _)| id.to_string())
                .collect(),
            of_targets,
            others: scope.spawn(|| self.others()),
        }
    }
}

/// The adapters a restore works with.
pub(super) struct Adapters<'scope> {
    known: Vec<String>,
    of_targets: Vec<Loaded>,
    others: ScopedJoinHandle<'scope, Vec<Loaded>>,
}

impl Adapters<'_> {
    /// The adapters of the restored targets, in no order.
    pub(super) fn of_targets(&self) -> impl Iterator<Item = &Adapter> {
        let loaded = self.of_targets.iter();
        loaded.filter_map(|loaded| loaded.result.as_ref().ok())
    }

    /// The places and variables that archives of a restored target may name; `None` when
    /// nothing is known of its adapter.
    pub(super) fn scope(&self, target: &TargetId) -> Option<(Vec<Location>, Vec<String>)> {
        let mut loaded = self.of_targets.iter();
        loaded.find(|one| one.name == target.as_str())?.scope()
    }

    /// The rules that a target's adapter declares here and now; none when it cannot be asked.
    pub(super) fn declared(&self, target: &TargetId, facts: &HostFacts) -> Vec<Rule> {
        let adapter = self.of_targets().find(|one| one.identity().id == *target);
        let declared = adapter.and_then(|adapter| {
            let there = existing(adapter.identity(), facts);
            adapter.declare(facts, &there).ok()
        });
        declared.map_or_else(Vec::new, |declared| declared.rules.clone())
    }

    /// The same for an archive from outside, which is not restored without its adapter.
    pub(super) fn scope_of_foreign(
        &self,
        target: &TargetId,
    ) -> Result<(Vec<Location>, Vec<String>), CommandError> {
        if self
            .of_targets()
            .any(|adapter| adapter.identity().id == *target)
            && let Some(scope) = self.scope(target)
        {
            return Ok(scope);
        }
        let name = target.as_str();
        let failed = self.of_targets.iter().find(|loaded| loaded.name == name);
        Err(match failed.and_then(|loaded| loaded.result.as_ref().err()) {
            Some(e) => CommandError::new(ExitStatus::Adapter, format!("adapter {target} failed: {e}")),
            None => unknown_target(name, &self.known)
                .hint("an archive from outside is only restored with its adapter: see `takeback adapter add`"),
        })
    }

    /// What adapters are to be asked for hints when the files are in place. One that fails
    /// is only missed when its own target is restored.
    pub(super) fn hint_sources(
        self,
        context: &Context,
        approved: &ApprovedPlan,
        facts: &HostFacts,
    ) -> Vec<HintSource> {
        let others = self.others.join();
        let others = others.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut sources = Vec::new();
        for loaded in self.of_targets.into_iter().chain(others) {
            let name = loaded.name;
            let source = match loaded.result {
                Ok(adapter) if !HintSource::may_concern(&adapter, approved) => continue,
                Ok(adapter) => HintSource::new(adapter, approved, facts),
                Err(error) => Err(error),
            };
            match source {
                Ok(source) => sources.push(source),
                Err(error) => context
                    .voice
                    .warn(&format!("adapter {name} failed: {error}")),
            }
        }
        sources
    }
}
