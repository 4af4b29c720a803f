//! `takeback adapter remove`: forgets an adapter; its archives stay restorable.

use super::super::config::AdapterLock;
use super::super::context::{Context, unknown_target};
use super::super::error::{CommandError, ExitStatus};
use super::is_built_in;
use super::store::Trusted;
use super::view::changed;
use takeback::model::TargetId;

pub(super) fn run(context: &Context, target: &str) -> Result<ExitStatus, CommandError> {
    let lock = AdapterLock::read(&context.own.config)?;
    if !lock.adapters.iter().any(|adapter| adapter.id == target) {
        return Err(not_recorded(target, &lock));
    }
    Trusted::hold(context)?.forget(|adapter| adapter.id == target)?;
    let said = format!("Forgot {target}; its archives stay restorable");
    Ok(changed(context, "adapter-remove", Vec::new(), &said))
}

/// The error for an adapter that no record names.
pub(super) fn not_recorded(target: &str, lock: &AdapterLock) -> CommandError {
    if TargetId::new(target).is_ok_and(|id| is_built_in(&id)) {
        let message = format!("`{target}` is built in");
        return CommandError::new(ExitStatus::Refused, message);
    }
    let known: Vec<String> = lock.adapters.iter().map(|one| one.id.clone()).collect();
    unknown_target(target, &known)
}
