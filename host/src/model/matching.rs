//! Which rule a path falls under, and what tallies count.

use super::class::ClassSelection;
use super::declaration::{FolderTally, Rule, Shape, Tally, TallyOf};
use super::path::ArchivePath;
use super::places::Location;
use std::collections::BTreeSet;

/// The rules of a declaration, ready to be asked about paths. The first rule that
/// matches decides, whether or not its class is wanted.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet<'a>(&'a [Rule]);

impl<'a> RuleSet<'a> {
    /// Takes the rules in order of precedence.
    #[must_use]
    pub fn new(rules: &'a [Rule]) -> Self {
        Self(rules)
    }

    /// The rule a path falls under.
    #[must_use]
    pub fn rule_for(&self, path: &ArchivePath) -> Option<&'a Rule> {
        self.0.iter().find(|rule| matches(rule, path))
    }

    /// Whether a wanted rule could match something below this directory.
    #[must_use]
    pub fn may_match_below(&self, dir: &ArchivePath, wanted: ClassSelection) -> bool {
        self.0
            .iter()
            .any(|rule| wanted.takes(rule.class) && may_match_below(rule, dir))
    }

    /// Whether a wanted rule speaks of this path as a directory on the way to what it
    /// takes, rather than only of everything below some directory above.
    #[must_use]
    pub fn leads_through(&self, dir: &ArchivePath, wanted: ClassSelection) -> bool {
        let chosen = self.0.iter().filter(|rule| wanted.takes(rule.class));
        let mut promising = chosen.filter(|rule| may_match_below(rule, dir));
        promising.any(|rule| match dir.rel().text_below(&rule.at.path) {
            Some(below) => rule.take.is_empty() || rule.take.speaks_of(below),
            None => true,
        })
    }

    /// The first rule that could match something below this directory.
    #[must_use]
    pub fn first_below(&self, dir: &ArchivePath) -> Option<&'a Rule> {
        self.0.iter().find(|rule| may_match_below(rule, dir))
    }

    /// The places a walk must start from: those of wanted rules, without any that
    /// lies inside another.
    #[must_use]
    pub fn roots(&self, wanted: ClassSelection) -> Vec<&'a Rule> {
        let chosen = || self.0.iter().filter(|rule| wanted.takes(rule.class));
        let mut seen = BTreeSet::new();
        chosen()
            .filter(|rule| {
                !chosen().any(|other| {
                    other.shape == Shape::Directory
                        && other.at != rule.at
                        && other.at.contains(&rule.at)
                })
            })
            .filter(|rule| seen.insert(&rule.at))
            .collect()
    }
}

fn matches(rule: &Rule, path: &ArchivePath) -> bool {
    if rule.at.base != *path.base() {
        return false;
    }
    let Some(below) = path.rel().text_below(&rule.at.path) else {
        return false;
    };
    match rule.shape {
        Shape::File => below.is_empty(),
        Shape::Directory if below.is_empty() => false,
        Shape::Directory => {
            let taken = rule.take.is_empty() || rule.take.matches(below);
            taken && !rule.leave.matches_from_above(below)
        }
    }
}

fn may_match_below(rule: &Rule, dir: &ArchivePath) -> bool {
    if rule.at.base != *dir.base() {
        return false;
    }
    // The directory is above the rule's place: the place itself is below it.
    if rule
        .at
        .path
        .text_below(dir.rel())
        .is_some_and(|rest| !rest.is_empty())
    {
        return true;
    }
    let Some(below) = dir.rel().text_below(&rule.at.path) else {
        return false;
    };
    rule.shape == Shape::Directory
        && (rule.take.is_empty() || rule.take.may_match_below(below))
        && (below.is_empty() || !rule.leave.matches_from_above(below))
}

/// How many of something there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyCount {
    /// The noun for one.
    pub noun: String,
    /// The noun for more.
    pub plural: String,
    /// How many.
    pub count: u64,
}

impl TallyCount {
    /// Counts what a tally asks for among the files of an archive.
    #[must_use]
    pub fn of(tally: &Tally, files: &[&ArchivePath]) -> Self {
        let count = match &tally.of {
            TallyOf::Files(glob) => below(&tally.at, files)
                .filter(|path| glob.matches(path))
                .count(),
            TallyOf::Folders(folders) => {
                let paths: BTreeSet<&str> = below(&tally.at, files).collect();
                count_folders(folders, &paths)
            }
        };
        Self {
            noun: tally.noun.clone(),
            plural: tally.plural.clone(),
            count: count as u64,
        }
    }

    /// Adds another count of the same thing.
    #[must_use]
    pub fn merge(counts: Vec<Self>) -> Vec<Self> {
        let mut merged: Vec<Self> = Vec::new();
        for count in counts {
            match merged.iter_mut().find(|known| known.noun == count.noun) {
                Some(known) => known.count += count.count,
                None => merged.push(count),
            }
        }
        merged
    }
}

fn below<'a>(at: &'a Location, files: &'a [&'a ArchivePath]) -> impl Iterator<Item = &'a str> + 'a {
    files
        .iter()
        .filter(|path| *path.base() == at.base)
        .filter_map(|path| path.rel().text_below(&at.path))
}

fn count_folders(tally: &FolderTally, paths: &BTreeSet<&str>) -> usize {
    let mut counted: BTreeSet<&str> = BTreeSet::new();
    // Sorted order visits a folder's own marker before deeper folders only by chance,
    // so candidates are taken shallow first.
    let mut folders: Vec<&str> = paths
        .iter()
        .filter_map(|path| path.strip_suffix(tally.marker.as_str())?.strip_suffix('/'))
        .collect();
    folders.sort_by_key(|folder| folder.matches('/').count());
    for folder in folders {
        let depth = folder.split('/').count();
        let hidden = folder
            .split('/')
            .any(|part| part.starts_with('.') || part == "node_modules");
        let inside = folder
            .match_indices('/')
            .any(|(end, _)| counted.contains(&folder[..end]));
        let excluded = tally
            .unless
            .iter()
            .any(|rest| paths.contains(format!("{folder}/{rest}").as_str()));
        if depth <= usize::from(tally.depth) && !hidden && !inside && !excluded {
            counted.insert(folder);
        }
    }
    counted.len()
}
