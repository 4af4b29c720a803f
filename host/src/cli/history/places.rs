//! From a path as people write it to what archives may call it.

use super::super::error::CommandError;
use std::path::{Component, Path, PathBuf};
use takeback::model::{ArchivePath, Base, HostFacts, RelPath, ShownPath};

/// Everything that a path may be called in archives: below each base that it lies in, and by
/// itself where it is written as archives do. In groups, the likeliest first: what is behind a
/// link is only meant where nothing is kept under the link's own name.
pub(super) fn places(
    typed: &Path,
    facts: &HostFacts,
) -> Result<Vec<Vec<ArchivePath>>, CommandError> {
    let (written, real) = spellings(typed, facts);
    let below = |path: &PathBuf| below_bases(path, facts);
    let mut first: Vec<ArchivePath> = written.iter().flat_map(below).collect();
    let text = typed.to_str().unwrap_or_default().trim_end_matches('/');
    first.extend(
        ArchivePath::parse(text)
            .ok()
            .filter(|_| typed.is_relative()),
    );
    first.sort();
    first.dedup();
    let mut groups = vec![first, real.iter().flat_map(below).collect()];
    groups.retain(|group: &Vec<_>| !group.is_empty());
    if groups.is_empty() {
        let path = ShownPath(typed);
        let message = format!("{path} lies in no place that backups are made of");
        return Err(CommandError::usage(message).hint(
            "those are the home directory, the project, and where tools keep configuration and data",
        ));
    }
    Ok(groups)
}

/// The path as it is written, absolute; and, where links lead to its directory, by the real
/// names.
fn spellings(typed: &Path, facts: &HostFacts) -> (Option<PathBuf>, Option<PathBuf>) {
    let expanded = match typed.strip_prefix("~") {
        Ok(below) => facts.home.join(below),
        Err(_) => typed.to_owned(),
    };
    let written = std::path::absolute(&expanded).ok();
    let written = written.and_then(|path| without_steps_up(&path));
    // The file itself may be a link that is kept as one, or not be there any more.
    let above = expanded.parent().filter(|dir| !dir.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new(".")).canonicalize().ok();
    let real = above.zip(expanded.file_name());
    (written, real.map(|(above, name)| above.join(name)))
}

/// `a/../b` as `b`, as shells show it.
fn without_steps_up(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop().then_some(())?;
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Some(plain)
}

fn below_bases(path: &Path, facts: &HostFacts) -> Vec<ArchivePath> {
    let variables = facts
        .environment
        .keys()
        .filter_map(|name| Base::variable(name));
    let plain = [
        Base::Home,
        Base::Config,
        Base::Data,
        Base::State,
        Base::Project,
    ];
    let bases = plain.into_iter().chain(variables);
    let below = |base: Base| {
        let dir = facts.base_dir(&base)?;
        let real = dir.canonicalize().ok();
        let rel = [Some(dir), real]
            .into_iter()
            .flatten()
            .find_map(|dir| path.strip_prefix(dir).ok().map(Path::to_owned))?;
        Some(ArchivePath::new(base, RelPath::new(rel.to_str()?).ok()?))
    };
    bases.filter_map(below).collect()
}
