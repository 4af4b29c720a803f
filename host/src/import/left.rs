//! What of a source is in no snapshot, and why. Nothing is left behind silently.

use super::layout::{Known, Tree};
use super::stage::Staged;
use crate::backup::TargetPlan;
use crate::model::{ArchivePath, Base, ClassSelection, LeftOutReason, RelPath, RuleSet};
use std::collections::BTreeMap;
use std::path::Path;

/// Files that are left behind, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// What they have in common: a file, or a directory around them, as archives name it.
    pub place: String,
    /// Why.
    pub why: String,
    /// How many.
    pub files: u64,
    /// Whether a tool's own place is concerned: these are looked for first.
    pub of_tool: bool,
}

/// The files and links of an image that no plan takes, gathered by what they have in common.
#[must_use]
pub fn left_behind(
    staged: &Staged,
    plans: &[TargetPlan],
    classes: ClassSelection,
    known: &Known,
) -> Vec<Left> {
    let taken = taken(staged, plans);
    let gaps: Vec<&str> = plans
        .iter()
        .flat_map(|plan| &plan.inventory.troubles)
        .map(|trouble| trouble.path.as_str())
        .collect();
    let mut left: BTreeMap<(String, String, bool), u64> = BTreeMap::new();
    let laid = staged.laid.keys().filter(|place| !taken.contains(place));
    for (tree, path) in laid.chain(&staged.beside) {
        let names = names(*tree, path);
        // A gap is told of as one.
        if names
            .iter()
            .any(|name| gaps.contains(&name.to_string().as_str()))
        {
            continue;
        }
        let why = names.iter().find_map(|name| class_of(name, plans, classes));
        let near = nearest(*tree, path, known);
        let of_tool = near.is_some() || why.is_some();
        let why = why.unwrap_or_else(|| "no adapter knows it".to_owned());
        let place = common(*tree, path, near.as_ref());
        *left.entry((place, why, of_tool)).or_default() += 1;
    }
    let one = |((place, why, of_tool), files)| Left {
        place,
        why,
        files,
        of_tool,
    };
    let mut left: Vec<Left> = left.into_iter().map(one).collect();
    left.sort_by(|a, b| b.of_tool.cmp(&a.of_tool).then_with(|| a.cmp(b)));
    left
}

/// The places that some plan takes a file or link from. A database's log goes with it.
fn taken<'a>(
    staged: &'a Staged,
    plans: &[TargetPlan],
) -> std::collections::BTreeSet<&'a (Tree, RelPath)> {
    let mut taken = std::collections::BTreeSet::new();
    let find = |path: &str, tree: Tree| {
        let rel = RelPath::new(path).ok()?;
        staged.laid.get_key_value(&(tree, rel)).map(|(key, _)| key)
    };
    let project = staged.facts.project.as_deref();
    for entry in plans.iter().flat_map(|plan| &plan.inventory.entries) {
        let full = entry.place.full();
        let below = |top: &Path| Some(full.strip_prefix(top).ok()?.to_str()?.to_owned());
        let home = below(&staged.facts.home).map(|path| (path, Tree::Home));
        let other = || Some((below(project?)?, Tree::Project));
        let Some((path, tree)) = home.or_else(other) else {
            continue;
        };
        taken.extend(find(&path, tree));
        for side in crate::model::SQLITE_SIDES {
            taken.extend(find(&format!("{path}{side}"), tree));
        }
        // A link that was followed is in the archive by its own name.
        if matches!(entry.path.base(), Base::Home) {
            taken.extend(find(entry.path.rel().as_str(), Tree::Home));
        }
    }
    for link in plans.iter().flat_map(|plan| &plan.inventory.followed) {
        let tree = match link.path.base() {
            Base::Project => Tree::Project,
            _ => Tree::Home,
        };
        taken.extend(find(link.path.rel().as_str(), tree));
    }
    taken
}

/// The class of a path that a plan does not take, in words.
fn class_of(name: &ArchivePath, plans: &[TargetPlan], classes: ClassSelection) -> Option<String> {
    plans.iter().find_map(|plan| {
        let rule = RuleSet::new(&plan.declaration.rules).rule_for(name)?;
        let reason = classes.left_out(rule.class)?;
        Some(match reason {
            LeftOutReason::Never => format!("{}, never taken", rule.class),
            LeftOutReason::Profile(flag) => format!("{}, taken with {flag}", rule.class),
        })
    })
}

/// The ways an archive can name a place.
fn names(tree: Tree, path: &RelPath) -> Vec<ArchivePath> {
    if tree == Tree::Project {
        return vec![ArchivePath::new(Base::Project, path.clone())];
    }
    let bases = [
        (".config", Base::Config),
        (".local/share", Base::Data),
        (".local/state", Base::State),
    ];
    let moved = bases.into_iter().filter_map(|(top, base)| {
        let below = path.below(&RelPath::new(top).ok()?)?;
        Some(ArchivePath::new(base, below))
    });
    std::iter::once(ArchivePath::new(Base::Home, path.clone()))
        .chain(moved)
        .collect()
}

/// The tool's place that a path lies in.
fn nearest(tree: Tree, path: &RelPath, known: &Known) -> Option<RelPath> {
    let places = known.places.iter();
    let around = places.filter(|place| tree == Tree::Home && path.is_at_or_below(place));
    around.max_by_key(|place| place.as_str().len()).cloned()
}

/// What to call a file together with others: its first name below the tool's place, or below
/// the home.
fn common(tree: Tree, path: &RelPath, near: Option<&RelPath>) -> String {
    let base = match tree {
        Tree::Home => Base::Home,
        Tree::Project => Base::Project,
    };
    let top = near.cloned().unwrap_or_default();
    let first = path.below(&top);
    let first = first.as_ref().and_then(|below| below.components().next());
    let place = match first {
        Some(name) => top.join(name).unwrap_or(top),
        None => top,
    };
    ArchivePath::new(base, place).to_string()
}
