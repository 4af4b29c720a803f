//! Adapters that are one TOML file. A file is read, held against every check that the
//! answers of a component meet, and from then on answers as a component would: it
//! becomes the contract's own values, and the one conversion of those decides.
//!
//! What is absent: a way to say anything that a component could not say, and code.

mod compile;
mod format;
mod hints;
mod places;
mod sweeps;
mod words;

#[cfg(test)]
mod tests;

pub use sweeps::Sweep;

use super::error::AdapterError;
use super::{CONTRACT, convert, wire};
use crate::model::limits::ADAPTER_TABLE_BYTES;
use crate::model::{AdapterIdentity, Digest, Location, Shown};
use compile::Wrong;
use format::System;
use places::{Places, Written};
use semver::Version;

/// An adapter that was read from a TOML file.
pub(super) struct Table {
    places: Places,
    signs: Vec<Written>,
    shared: Vec<Written>,
    rules: Vec<TableRule>,
    tallies: Vec<(Written, wire::Tally)>,
    processes: Vec<String>,
    lock_files: Vec<Written>,
    notes: Vec<String>,
    hints: Vec<format::Hint>,
}

/// A rule that does not yet lie anywhere.
struct TableRule {
    os: Vec<System>,
    at: Written,
    rule: wire::Rule,
}

impl Table {
    /// Whether bytes are a text, and so no component whatever else they are.
    pub(super) fn is_text(bytes: &[u8]) -> bool {
        !bytes.is_empty() && std::str::from_utf8(bytes).is_ok()
    }

    /// Reads a file and checks all of it that can be checked without a machine.
    ///
    /// # Errors
    /// Says where in the file something is wrong, and what would be right.
    pub(super) fn read(bytes: &[u8]) -> Result<(AdapterIdentity, Self), AdapterError> {
        if bytes.len() as u64 > ADAPTER_TABLE_BYTES {
            return Err(AdapterError::TableTooLarge);
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|e| AdapterError::NotAComponent(Shown::sentence(&e.to_string())))?;
        let format = parse(text)?;
        let at = |wrong: Wrong| located(text, wrong.at, wrong.why);
        contract(format.contract.get_ref())
            .map_err(|why| at(Wrong::new(format.contract.span(), why)))??;
        let version = &format.version;
        let start = match Version::parse(version.get_ref()) {
            Err(_) => version.span().start,
            Ok(_) => format.id.span().start,
        };
        let (said, table) = compile::compile(format).map_err(at)?;
        let identity =
            convert::identity(said, Digest::of(bytes)).map_err(|why| located(text, start, why))?;
        Ok((identity, table))
    }

    /// Answers `declare`.
    pub(super) fn declare(&self, facts: &wire::Facts) -> wire::Declaration {
        let mut rules = Vec::new();
        for one in &self.rules {
            if !places::includes(&one.os, facts.os) {
                continue;
            }
            let lies = self.places.resolve(&one.at, facts);
            for (number, at) in lies.into_iter().enumerate() {
                let mut rule = one.rule.clone();
                rule.id = compile::numbered(&rule.id, number);
                rule.at = at;
                rules.push(rule);
            }
        }
        let mut tallies = Vec::new();
        for (written, tally) in &self.tallies {
            for at in self.places.resolve(written, facts) {
                tallies.push(wire::Tally {
                    at,
                    ..tally.clone()
                });
            }
        }
        let processes = self.processes.iter().cloned();
        let lock_files = self
            .lock_files
            .iter()
            .flat_map(|written| self.places.resolve(written, facts));
        wire::Declaration {
            rules,
            tallies,
            running: processes
                .map(wire::RunningCheck::Process)
                .chain(lock_files.map(wire::RunningCheck::LockFile))
                .collect(),
            notes: self.notes.clone(),
        }
    }

    /// Answers `after-restore`.
    pub(super) fn after_restore(
        &self,
        facts: &wire::Facts,
        outcome: &wire::Outcome,
    ) -> Vec<wire::Hint> {
        let due = self.hints.iter();
        due.filter_map(|hint| hints::hint(hint, facts, outcome))
            .collect()
    }

    /// The places of which one exists where the tool is installed.
    pub(super) fn signs(&self, facts: &wire::Facts) -> Vec<Location> {
        self.lie(&self.signs, facts)
    }

    /// The places that are worth a backup where they exist, and say nothing of the tool:
    /// others use them too.
    pub(super) fn shared(&self, facts: &wire::Facts) -> Vec<Location> {
        self.lie(&self.shared, facts)
    }

    fn lie(&self, written: &[Written], facts: &wire::Facts) -> Vec<Location> {
        let lie = written
            .iter()
            .flat_map(|written| self.places.resolve(written, facts));
        lie.filter_map(|at| convert::location(at, "a sign").ok())
            .collect()
    }
}

fn parse(text: &str) -> Result<format::Format, AdapterError> {
    let parsed = toml::from_str(text);
    parsed.map_err(|e| {
        // A file for a later contract may say what this program has no word for.
        let needs = toml::from_str::<OnlyContract>(text).ok();
        if let Some(Err(error)) = needs.and_then(|only| contract(&only.contract).ok()) {
            return error;
        }
        let start = match e.span() {
            Some(span) if !lacks(text, e.message()) => span.start,
            _ => 0,
        };
        let why = Shown::sentence(e.message());
        match located(text, start, why) {
            AdapterError::Table { line, column, why } if !is_toml(text) => {
                let nor = format!("nor an adapter in TOML (line {line}, column {column}: {why})");
                AdapterError::NotAComponent(nor)
            }
            error => error,
        }
    })
}

/// Whether the file itself lacks what an error misses, which then names no place in it.
fn lacks(text: &str, message: &str) -> bool {
    let missing = message.strip_prefix("missing field `");
    let name = missing.and_then(|rest| rest.split('`').next());
    name.is_some_and(|name| {
        text.parse::<toml::Table>()
            .is_ok_and(|table| !table.contains_key(name) && HEAD.contains(&name))
    })
}

/// What every file says at its beginning.
const HEAD: [&str; 6] = ["contract", "id", "name", "version", "description", "scope"];

/// Whether a text that cannot be used was at least meant to be.
fn is_toml(text: &str) -> bool {
    text.contains("contract") || text.parse::<toml::Table>().is_ok()
}

#[derive(serde::Deserialize)]
struct OnlyContract {
    contract: String,
}

/// The outer result says whether it is the number of a contract, the inner whether it is
/// one that is served.
fn contract(written: &str) -> Result<Result<(), AdapterError>, String> {
    let wrong = || {
        let ours = format!("{}.{}", CONTRACT.major, CONTRACT.minor);
        format!("the contract {} is none; write \"{ours}\"", Shown(written))
    };
    let (major, minor) = written.split_once('.').ok_or_else(wrong)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let needs = Version::new(number(major)?, number(minor)?, 0);
    if (needs.major, needs.minor) == (CONTRACT.major, CONTRACT.minor) {
        Ok(Ok(()))
    } else {
        Ok(Err(AdapterError::Contract { needs }))
    }
}

/// An error with the line and column of a byte; `why` is already escaped.
fn located(text: &str, at: usize, why: String) -> AdapterError {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let begins = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(begins..).unwrap_or_default().chars().count() + 1;
    AdapterError::Table { line, column, why }
}
