//! What people choose of an archive: classes and paths.

use super::error::CommandError;
use std::path::Path;
use takeback::model::{Class, ClassSelection, GlobList, HostFacts, Shown};

/// The classes that are named; all when none is.
pub(super) fn classes(only: &[String]) -> Result<ClassSelection, CommandError> {
    if only.is_empty() {
        return Ok(ClassSelection::everything());
    }
    let known = || Class::ALL.map(Class::as_str).join(", ");
    let class = |name: &String| {
        Class::from_name(name).ok_or_else(|| {
            CommandError::usage(format!("there is no class {}", Shown(name)))
                .hint(format!("known are: {}", known()))
        })
    };
    let chosen = only.iter().map(class).collect::<Result<Vec<_>, _>>()?;
    Ok(ClassSelection::of(&chosen))
}

/// The paths that are meant, as archives name them.
pub(super) fn paths(globs: &[String], facts: &HostFacts) -> Result<GlobList, CommandError> {
    let globs: Vec<String> = globs.iter().map(|path| below_a_base(path, facts)).collect();
    GlobList::new(&globs).map_err(|e| CommandError::usage(Shown::sentence(&e.to_string())))
}

/// People write paths as they know them, and shells expand `~`.
fn below_a_base(path: &str, facts: &HostFacts) -> String {
    let bases = [Some(&facts.home), facts.project.as_ref()];
    let typed = Path::new(path);
    let below = bases
        .into_iter()
        .flatten()
        .find_map(|base| typed.strip_prefix(base).ok());
    let path = below.and_then(Path::to_str).unwrap_or(path);
    let path = path.strip_prefix("~/").unwrap_or(path);
    path.trim_end_matches('/').to_owned()
}
