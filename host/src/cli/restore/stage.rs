//! What a restore works with: the draft, the sight of who uses what, the limit on where
//! this process may write.

use super::super::args::RestoreArgs;
use super::super::context::Context;
use super::super::error::CommandError;
use super::adapters::Adapters;
use std::path::PathBuf;
use std::rc::Rc;
use takeback::fs::{Confinement, Dir, Owner, confine_writes};
use takeback::in_use::Lookout;
use takeback::model::{HostFacts, Location};
use takeback::operation::{Draft, Operations};
use takeback::restore::{Ground, Prepared, any_in_use, settle_in_use};

/// Nothing but the vault, takeback's own directories and those of the tools can be written
/// from here on, where the system can see to that.
pub(super) fn confine(context: &Context, facts: &HostFacts, adapters: &Adapters<'_>) {
    let own = &context.own;
    let mut wanted = vec![&facts.home, &context.vault_path, &own.state, &own.cache];
    wanted.extend(&facts.project);
    let names = adapters.of_targets();
    let names = names.flat_map(|adapter| adapter.identity().variables.iter());
    let variables: Vec<PathBuf> = names.filter_map(|name| facts.variable_dir(name)).collect();
    wanted.extend([&facts.config, &facts.data, &facts.state]);
    wanted.extend(&variables);
    // What does not exist yet will be made in the nearest directory that does.
    let nearest = |path: &PathBuf| path.ancestors().find_map(|dir| Dir::open(dir).ok());
    let dirs: Vec<Dir> = wanted.into_iter().filter_map(nearest).collect();
    let dirs: Vec<&Dir> = dirs.iter().collect();
    if let Confinement::NotAvailable(why) = confine_writes(&dirs) {
        context.voice.detail(format!(
            "The kernel does not limit where this process writes: {why}"
        ));
    }
}

/// The plan once nobody uses the files any more, or as it is when the time is up.
pub(super) fn when_free(
    context: &Context,
    args: &RestoreArgs,
    stage: &Stage<'_>,
    mut prepared: Vec<Prepared>,
    again: impl Fn() -> Result<Vec<Prepared>, CommandError>,
) -> Result<Vec<Prepared>, CommandError> {
    settle_in_use(&mut prepared, stage.facts, &stage.lookout)?;
    let mut wait = context.patience(args.wait);
    if args.dry_run || !any_in_use(&prepared) || !wait() {
        return Ok(prepared);
    }
    context.voice.say("Waiting for the files to be free ...");
    while any_in_use(&prepared) && wait() {
        settle_in_use(&mut prepared, stage.facts, &stage.lookout)?;
    }
    // What used them may have changed them.
    let mut prepared = again()?;
    settle_in_use(&mut prepared, stage.facts, &stage.lookout)?;
    Ok(prepared)
}

/// What every target of a restore is prepared with.
pub(super) struct Stage<'a> {
    pub(super) facts: &'a HostFacts,
    pub(super) operations: Operations,
    draft: Rc<Draft>,
    owner: Option<Owner>,
    lookout: Lookout,
}

impl<'a> Stage<'a> {
    pub(super) fn new(context: &Context, facts: &'a HostFacts) -> Result<Self, CommandError> {
        let operations = Operations::create(&context.own.state)?;
        let owner = Dir::open(&facts.home)?.other_owner()?;
        let draft = Rc::new(Draft::new(&operations, owner)?);
        Ok(Self {
            facts,
            operations,
            draft,
            owner,
            // Before this process is confined: then it can no longer look itself.
            lookout: Lookout::post(),
        })
    }

    pub(super) fn ground(&self, scope: Option<(Vec<Location>, Vec<String>)>) -> Ground<'_> {
        Ground {
            facts: self.facts,
            operations: &self.operations,
            draft: Rc::clone(&self.draft),
            owner: self.owner,
            lookout: &self.lookout,
            scope,
        }
    }
}
