//! Constructors that let a declaration read like a table.

use crate::{
    Base, Class, FolderTally, Hint, LinkPolicy, Location, Rule, RuleOption, Severity, Shape, Tally,
    TallyOf,
};
use alloc::{string::String, vec::Vec};

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|item| String::from(*item)).collect()
}

/// A path below a base directory.
pub fn at(base: Base, path: &str) -> Location {
    Location {
        base,
        path: path.into(),
    }
}

/// A rule for one file.
pub fn file(id: &str, at: Location, class: Class) -> Rule {
    Rule {
        id: id.into(),
        at,
        shape: Shape::File,
        take: Vec::new(),
        leave: Vec::new(),
        class,
        options: Vec::new(),
    }
}

/// A rule for everything below a directory.
pub fn tree(id: &str, at: Location, class: Class) -> Rule {
    Rule {
        shape: Shape::Directory,
        ..file(id, at, class)
    }
}

/// A rule for what these globs choose below a directory.
pub fn globs(id: &str, at: Location, take: &[&str], class: Class) -> Rule {
    Rule {
        take: strings(take),
        ..tree(id, at, class)
    }
}

/// Additions to a rule, to be chained.
pub trait RuleExt {
    /// Leaves these globs to later rules.
    #[must_use]
    fn except(self, leave: &[&str]) -> Self;
    /// Adds an option.
    #[must_use]
    fn with(self, option: RuleOption) -> Self;
    /// Adds secret fields, as JSON pointers.
    #[must_use]
    fn secrets(self, pointers: &[&str]) -> Self;
    /// Stores what links point to, not the links.
    #[must_use]
    fn follow(self) -> Self;
}

impl RuleExt for Rule {
    fn except(mut self, leave: &[&str]) -> Self {
        self.leave = strings(leave);
        self
    }

    fn with(mut self, option: RuleOption) -> Self {
        self.options.push(option);
        self
    }

    fn secrets(mut self, pointers: &[&str]) -> Self {
        self.options
            .extend(strings(pointers).into_iter().map(RuleOption::Secret));
        self
    }

    fn follow(self) -> Self {
        self.with(RuleOption::Links(LinkPolicy::Follow))
    }
}

/// Counts files that match a glob.
pub fn count_files(noun: &str, plural: &str, at: Location, glob: &str) -> Tally {
    Tally {
        noun: noun.into(),
        plural: plural.into(),
        at,
        of: TallyOf::Files(glob.into()),
    }
}

/// Counts folders with a `SKILL.md`, the way the open skill format defines a skill.
pub fn count_skills(at: Location, depth: u8, unless: &[&str]) -> Tally {
    let of = FolderTally {
        marker: "SKILL.md".into(),
        depth,
        unless: strings(unless),
    };
    Tally {
        noun: "skill".into(),
        plural: "skills".into(),
        at,
        of: TallyOf::Folders(of),
    }
}

/// A hint of one sentence with steps.
pub fn hint(severity: Severity, summary: &str, steps: &[&str]) -> Hint {
    Hint {
        severity,
        summary: summary.into(),
        steps: strings(steps),
        commands: Vec::new(),
        save: None,
    }
}

/// Says where a rule's files hold absolute paths of their machine.
pub fn holding_paths(rule: Rule, pointers: &[&str]) -> Rule {
    let paths = strings(pointers).into_iter().map(RuleOption::MachinePath);
    paths.fold(rule, Rule::with)
}
