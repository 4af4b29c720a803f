//! The commands of a recovery in their order, and their two spellings.

use crate::{
    model::{Install, Recovery, Scope},
    words::joined,
};
use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

/// When a command can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// At once.
    First,
    /// Once a person has added the marketplaces that no command adds.
    AfterManual,
}

/// One command. What it names has passed the grammars of `names` and `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Add a marketplace.
    Add(&'a str),
    /// Install a plugin.
    Install(&'a Install),
    /// Switch a plugin off.
    Disable(&'a str),
}

impl Command<'_> {
    /// How it is typed into Claude Code, which asks for the scope on its own screen.
    pub fn slash(&self) -> String {
        match self {
            Self::Add(source) => format!("/plugin marketplace add {source}"),
            Self::Install(install) => format!("/plugin install {}", install.id),
            Self::Disable(id) => format!("/plugin disable {id}"),
        }
    }

    /// Its words for a terminal.
    pub fn words(&self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Add(source) => &["marketplace", "add", source],
            Self::Install(Install {
                id,
                scope: Scope::User,
                ..
            }) => &["install", id],
            Self::Install(Install { id, scope, .. }) => &["install", id, "--scope", scope.as_str()],
            Self::Disable(id) => &["disable", id],
        };
        ["claude", "plugin"]
            .iter()
            .chain(words)
            .map(ToString::to_string)
            .collect()
    }

    /// Its line for a terminal. None of its words needs quoting.
    pub fn line(&self) -> String {
        joined(self.words().iter(), " ")
    }
}

impl Recovery {
    /// The commands of a phase: marketplaces, plugins, then what is switched off.
    pub fn commands(&self, phase: Phase) -> Vec<Command<'_>> {
        let late = phase == Phase::AfterManual;
        let mut commands = Vec::new();
        if !late {
            // Two names can share a repository, which needs to be added only once.
            let mut seen = BTreeSet::new();
            let mut fresh = |arg: &String| seen.insert(arg.clone());
            let markets = self.marketplaces.iter().filter(|market| fresh(&market.arg));
            commands.extend(markets.map(|market| Command::Add(&market.arg)));
        }
        let installs = self
            .installs
            .iter()
            .filter(|install| install.after_manual == late);
        commands.extend(installs.map(Command::Install));
        let disables = self.disables.iter().filter(|id| self.is_late(id) == late);
        commands.extend(disables.map(|id| Command::Disable(id)));
        commands
    }

    /// Whether a plugin has to wait for a marketplace. All installs of it do, or none.
    fn is_late(&self, id: &str) -> bool {
        let found = self
            .installs
            .binary_search_by(|install| install.id.as_str().cmp(id));
        found.is_ok_and(|index| {
            self.installs
                .get(index)
                .is_some_and(|found| found.after_manual)
        })
    }

    /// The lines to paste into Claude Code.
    pub fn slash_lines(&self) -> Vec<String> {
        self.slash(Phase::First)
    }

    /// The lines to paste into Claude Code after the steps by hand.
    pub fn slash_lines_after_manual(&self) -> Vec<String> {
        self.slash(Phase::AfterManual)
    }

    /// The words of the commands to run in a terminal.
    pub fn cli(&self) -> Vec<Vec<String>> {
        self.commands(Phase::First)
            .iter()
            .map(Command::words)
            .collect()
    }

    /// The words of the commands to run in a terminal after the steps by hand.
    pub fn cli_after_manual(&self) -> Vec<Vec<String>> {
        self.commands(Phase::AfterManual)
            .iter()
            .map(Command::words)
            .collect()
    }

    /// The lines of a phase for Claude Code.
    pub fn slash(&self, phase: Phase) -> Vec<String> {
        slash_lines(&self.commands(phase))
    }
}

/// The lines for Claude Code, with the one that makes it load what they brought.
pub fn slash_lines(commands: &[Command<'_>]) -> Vec<String> {
    let mut lines: Vec<String> = commands.iter().map(Command::slash).collect();
    // The same plugin in two projects is the same line, and sorting made them neighbours.
    lines.dedup();
    if !lines.is_empty() {
        lines.push("/reload-plugins".into());
    }
    lines
}
