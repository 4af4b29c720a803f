//! What is done for the vault at the end of a backup. None of it makes the backup fail.

use super::context::Context;
use super::render::human;
use takeback::vault::{Vault, VaultLock};

pub(super) fn run(context: &Context, vault: &Vault, lock: &VaultLock) {
    let voice = &context.voice;
    let mut more = context.upkeep_goes_on();
    let report = match vault.upkeep(lock, &context.upkeep(), &mut more) {
        Ok(report) => report,
        Err(e) => return voice.warn(&format!("the vault was not put in order: {e}")),
    };
    for (id, target, saved) in &report.thinned {
        let saved = human::bytes(*saved);
        voice.detail(format!(
            "  {target} of {id} is stored thin now, {saved} less"
        ));
    }
    if report.left > 0 {
        let left = human::counted(report.left as u64, "older archive", "older archives");
        voice.detail(format!(
            "  {left} can be stored thin; the next backup goes on"
        ));
    }
    for trouble in &report.troubles {
        let mut text = trouble.to_string();
        let mut cause = std::error::Error::source(trouble);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        voice.warn(&format!("an older archive stays as it is: {text}"));
    }
}
