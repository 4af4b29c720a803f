//! What an adapter says, as host values, and the one place that decides whether
//! it may say it.

use super::Digest;
use super::base::Base;
use super::class::Class;
use super::facts::HostFacts;
use super::forbidden::Forbidden;
use super::glob::GlobList;
use super::names::{RuleId, TargetId};
use super::places::Location;
use std::collections::BTreeSet;

/// What an adapter says about itself, and the digest of its bytes.
#[derive(Clone, Debug)]
pub struct AdapterIdentity {
    /// The target it describes.
    pub id: TargetId,
    /// The tool's name for people.
    pub name: String,
    /// The adapter's version.
    pub version: semver::Version,
    /// One line.
    pub description: String,
    /// Where it is at home; may be empty.
    pub homepage: String,
    /// Its licence; may be empty.
    pub licence: String,
    /// Variables it wants to see.
    pub variables: Vec<String>,
    /// Every place it may ever declare.
    pub scope: Vec<Location>,
    /// Places whose existence it wants to know.
    pub probes: Vec<Location>,
    /// Digest of the component.
    pub digest: Digest,
}

/// One file or a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One file.
    File,
    /// A directory.
    Directory,
}

/// What happens to links below a rule's location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPolicy {
    /// Links inside stay links; links into the home directory are followed.
    Keep,
    /// Every link into the home directory is followed.
    Follow,
}

/// How a file is written by its tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any file.
    Plain,
    /// JSON with top-level keys that make sense on another machine.
    Json(Vec<String>),
    /// Appended lines of JSON.
    Jsonl,
    /// A SQLite database.
    Sqlite,
}

/// Where files may be written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Anywhere.
    Always,
    /// Only under the same home (or project) directory.
    SameHome,
    /// Never: they are only read for hints.
    HintsOnly,
}

/// One place to keep.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Where.
    pub at: Location,
    /// File or directory.
    pub shape: Shape,
    /// What of it; empty means everything.
    pub take: GlobList,
    /// What of it this rule leaves to later rules.
    pub leave: GlobList,
    /// What the files are.
    pub class: Class,
    /// Links.
    pub links: LinkPolicy,
    /// File kind.
    pub kind: Kind,
    /// Where it may be written back.
    pub placement: Placement,
    /// Whether the adapter reads the files after a restore.
    pub read_back: bool,
    /// JSON pointers of secrets.
    pub secrets: Vec<String>,
    /// JSON pointers of values with absolute paths.
    pub machine_paths: Vec<String>,
}

/// Something to count for people.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The noun for one.
    pub noun: String,
    /// The noun for more.
    pub plural: String,
    /// Below which directory.
    pub at: Location,
    /// What is counted.
    pub of: TallyOf,
}

/// What a tally counts.
#[derive(Clone, Debug)]
pub enum TallyOf {
    /// Files that match.
    Files(GlobList),
    /// Folders that hold a marker file.
    Folders(FolderTally),
}

/// Counts folders that hold a file of exactly this name.
#[derive(Clone, Debug)]
pub struct FolderTally {
    /// The file's name.
    pub marker: String,
    /// Levels below the tally's place.
    pub depth: u8,
    /// Paths whose presence in a folder means it does not count.
    pub unless: Vec<super::RelPath>,
}

/// A sign that the tool is running.
#[derive(Clone, Debug)]
pub enum RunningCheck {
    /// A process of this name.
    Process(String),
    /// A file; `*` in its last component.
    LockFile(Location),
}

/// What an adapter declares, not yet admitted.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Places to keep, first match wins.
    pub rules: Vec<Rule>,
    /// What to count.
    pub tallies: Vec<Tally>,
    /// How to see that the tool is running.
    pub running: Vec<RunningCheck>,
    /// Sentences for the person.
    pub notes: Vec<String>,
}

/// Why a declaration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A place outside what the adapter's scope grants.
    #[error("{what} asks for {place}, which is outside its scope ({scope})")]
    OutsideScope {
        /// The rule, tally or check.
        what: String,
        /// The place.
        place: String,
        /// The scope.
        scope: String,
    },
    /// A place that is off limits whatever was granted.
    #[error("{what} asks for {place}, which is off limits: {why}")]
    OffLimits {
        /// The rule or scope entry.
        what: String,
        /// The place.
        place: String,
        /// Why.
        why: &'static str,
    },
    /// A whole base directory.
    #[error("{what} asks for the whole of {place}; it must name something below it")]
    WholeBase {
        /// The rule or scope entry.
        what: String,
        /// The base.
        place: String,
    },
    /// Two rules with one name.
    #[error("two rules are called `{0}`")]
    DuplicateRule(RuleId),
    /// A variable the adapter did not list.
    #[error("{what} uses the variable {variable}, which the adapter does not list")]
    UnlistedVariable {
        /// The rule or scope entry.
        what: String,
        /// The variable.
        variable: String,
    },
}

/// A declaration that stays inside its adapter's scope and away from what is off
/// limits. Backup and restore accept no other.
#[derive(Clone, Debug)]
pub struct CheckedDeclaration(Declaration);

impl CheckedDeclaration {
    /// Checks a declaration against its adapter's scope on this machine.
    ///
    /// # Errors
    /// Names the first rule that asks for too much.
    pub fn admit(
        declaration: Declaration,
        scope: &[Location],
        variables: &[String],
        facts: &HostFacts,
    ) -> Result<Self, Refused> {
        let gate = Gate {
            scope,
            variables,
            facts,
            forbidden: Forbidden::new(facts),
        };
        for place in scope {
            gate.check_place("the scope", place)?;
        }
        let mut seen = BTreeSet::new();
        for rule in &declaration.rules {
            gate.check_inside(&format!("rule `{}`", rule.id), &rule.at)?;
            if !seen.insert(&rule.id) {
                return Err(Refused::DuplicateRule(rule.id.clone()));
            }
        }
        for tally in &declaration.tallies {
            gate.check_inside("a tally", &tally.at)?;
        }
        for check in &declaration.running {
            if let RunningCheck::LockFile(place) = check {
                gate.check_inside("a lock file", place)?;
            }
        }
        Ok(Self(declaration))
    }
}

impl std::ops::Deref for CheckedDeclaration {
    type Target = Declaration;
    fn deref(&self) -> &Declaration {
        &self.0
    }
}

struct Gate<'a> {
    scope: &'a [Location],
    variables: &'a [String],
    facts: &'a HostFacts,
    forbidden: Forbidden,
}

impl Gate<'_> {
    fn check_inside(&self, what: &str, place: &Location) -> Result<(), Refused> {
        self.check_place(what, place)?;
        if self.scope.iter().any(|granted| granted.contains(place)) {
            return Ok(());
        }
        let scope: Vec<String> = self.scope.iter().map(ToString::to_string).collect();
        Err(Refused::OutsideScope {
            what: what.to_owned(),
            place: place.to_string(),
            scope: scope.join(", "),
        })
    }

    fn check_place(&self, what: &str, place: &Location) -> Result<(), Refused> {
        let what = || what.to_owned();
        if place.path.is_root() && !place.base.may_be_whole() {
            return Err(Refused::WholeBase {
                what: what(),
                place: place.to_string(),
            });
        }
        if let Base::Variable(name) = &place.base
            && !self.variables.iter().any(|known| **known == **name)
        {
            return Err(Refused::UnlistedVariable {
                what: what(),
                variable: name.to_string(),
            });
        }
        let Some(real) = self.facts.resolve(place) else {
            return Ok(());
        };
        if let Some(why) = self.forbidden.reason(&real) {
            return Err(Refused::OffLimits {
                what: what(),
                place: place.to_string(),
                why,
            });
        }
        // A whole configuration or home directory by another name.
        if self.facts.home.starts_with(&real) || real == self.facts.config {
            return Err(Refused::WholeBase {
                what: what(),
                place: place.to_string(),
            });
        }
        Ok(())
    }
}
