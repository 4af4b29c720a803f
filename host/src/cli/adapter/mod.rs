//! `takeback adapter`: which adapters there are, and which of them are trusted.

mod add;
mod check;
#[cfg(feature = "oci")]
mod docker;
mod examine;
mod list;
mod new;
mod obtain;
mod pack;
mod push;
mod remove;
mod show;
mod store;
mod update;
mod view;

use super::args::{AdapterArgs, AdapterCommand};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use takeback::adapters::Registry;
use takeback::model::TargetId;

pub(super) fn run(context: &Context, args: &AdapterArgs) -> Result<ExitStatus, CommandError> {
    match &args.command {
        AdapterCommand::List => list::run(context),
        AdapterCommand::Show { target } => show::run(context, target),
        AdapterCommand::Add { source, trust } => add::run(context, source, trust),
        AdapterCommand::Update(args) => update::run(context, args),
        AdapterCommand::Remove { target } => remove::run(context, target),
        AdapterCommand::New(args) => new::run(context, args),
        AdapterCommand::Check(args) => check::run(context, args),
        AdapterCommand::Pack { file, output } => pack::run(context, file, output),
        AdapterCommand::Push { file, reference } => push::run(context, file, reference),
    }
}

fn is_built_in(id: &TargetId) -> bool {
    Registry::built_in().known().any(|(known, _)| known == id)
}
