//! Adapters: recorded ones as they were trusted, all of them answering; and tools that are here
//! and in no backup.

use super::snapshots::{is_private, listed};
use super::{Finding, in_full};
use crate::cli::context::{Context, Loaded};
use crate::cli::error::CommandError;
use crate::cli::render::human;
use takeback::adapters::Runtime;
use takeback::backup::is_worth_a_look;
use takeback::vault::Catalogue;

pub(super) fn checks(context: &Context, catalogue: &Catalogue) -> Vec<Finding> {
    let cache = context.own.cache.join("adapters");
    let private = is_private(&cache);
    let mut found = vec![match private {
        None => Finding::ok("adapter-cache", "nothing is compiled yet"),
        Some(true) => Finding::ok("adapter-cache", "it is yours alone"),
        Some(false) => Finding::warning(
            "adapter-cache",
            "the cache of compiled adapters is open to others, so it is not used and runs are slow",
            format!("remove {}", super::own::quoted(&cache)),
        ),
    }];
    // Without a cache that is already there nothing is written: adapters are compiled in memory.
    let usable = (private == Some(true)).then_some(cache.as_path());
    match load(context, usable) {
        Ok(loaded) => {
            found.push(answering(&loaded));
            found.push(never(context, catalogue, &loaded));
        }
        Err(e) => {
            let advice = "`takeback adapter list` tells more; correct or remove adapters.lock.toml";
            found.push(Finding::problem("adapters", in_full(e), advice));
        }
    }
    found
}

fn load(context: &Context, cache: Option<&std::path::Path>) -> Result<Vec<Loaded>, CommandError> {
    let (registry, runtime) = (context.registry()?, Runtime::new(cache)?);
    Ok(context.load(&registry, &runtime, |_| true))
}

fn answering(loaded: &[Loaded]) -> Finding {
    let failed = loaded.iter().filter_map(|one| {
        let error = one.result.as_ref().err()?;
        Some(format!("{}: {error}", one.name))
    });
    let failed: Vec<String> = failed.collect();
    if failed.is_empty() {
        let count = human::counted(loaded.len() as u64, "adapter", "adapters");
        return Finding::ok("adapters", format!("{count} answer"));
    }
    let advice = "add it again with `takeback adapter add` if you trust what it is now, or forget it with `takeback adapter remove`";
    Finding::problem("adapters", listed(&failed, "; "), advice)
}

/// Tools with signs of them here that no backup of this home holds.
fn never(context: &Context, catalogue: &Catalogue, loaded: &[Loaded]) -> Finding {
    let home = context.facts.home.to_string_lossy();
    let here = catalogue
        .snapshots
        .iter()
        .filter(|one| one.host == context.facts.host && one.home == home);
    let kept: Vec<&str> = here
        .flat_map(|record| &record.targets)
        .map(|one| one.target.as_str())
        .collect();
    let missing = loaded.iter().filter_map(|one| {
        let adapter = one.result.as_ref().ok()?;
        // Only those that name their tool's own signs: the others' places are shared by many.
        let signs = !adapter.signs(&context.facts).is_empty();
        let new = !kept.contains(&one.name.as_str());
        let here = signs && new && is_worth_a_look(adapter, &context.facts);
        here.then(|| one.name.clone())
    });
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        return Finding::ok("never-backed-up", "every tool found here was backed up");
    }
    Finding::warning(
        "never-backed-up",
        format!("here, and in no backup: {}", listed(&missing, ", ")),
        "`takeback backup` takes every tool it finds",
    )
}
