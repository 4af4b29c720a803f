//! `takeback adapter`: which adapters there are, and which of them are trusted.

mod add;
mod list;
mod remove;
mod view;

use super::args::{AdapterArgs, AdapterCommand};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use takeback::adapters::Registry;
use takeback::model::TargetId;

pub(super) fn run(context: &Context, args: &AdapterArgs) -> Result<ExitStatus, CommandError> {
    match &args.command {
        AdapterCommand::List => list::run(context),
        AdapterCommand::Add { file, yes, sha256 } => {
            add::run(context, file, *yes, sha256.as_deref())
        }
        AdapterCommand::Remove { target } => remove::run(context, target),
    }
}

fn is_built_in(id: &TargetId) -> bool {
    Registry::built_in().known().any(|(known, _)| known == id)
}
