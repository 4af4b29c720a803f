//! `takeback adapter remove`: forgets an adapter; its archives stay restorable.

use super::super::config::{self, AdapterLock, LockedAdapter};
use super::super::context::{Context, unknown_target};
use super::super::error::{CommandError, ExitStatus};
use super::is_built_in;
use super::view::changed;
use takeback::model::TargetId;

pub(super) fn run(context: &Context, target: &str) -> Result<ExitStatus, CommandError> {
    let mut lock = AdapterLock::read(&context.own.config)?;
    let known: Vec<String> = lock
        .adapters
        .iter()
        .map(|adapter| adapter.id.clone())
        .collect();
    let gone: Vec<LockedAdapter> = lock
        .adapters
        .extract_if(.., |adapter| adapter.id == target)
        .collect();
    if gone.is_empty() {
        if TargetId::new(target).is_ok_and(|id| is_built_in(&id)) {
            let message = format!("`{target}` is built in");
            return Err(CommandError::new(ExitStatus::Refused, message));
        }
        return Err(unknown_target(target, &known));
    }
    lock.write(&context.own.config)?;
    for adapter in gone {
        config::remove_component(&context.own.config, &adapter)?;
    }
    let said = format!("Forgot {target}; its archives stay restorable");
    Ok(changed(context, "adapter-remove", Vec::new(), &said))
}
