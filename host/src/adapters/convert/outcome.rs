//! Facts and outcomes: host to wire. Hints: wire to host.

use super::text::{Why, bounded, command_line, list, text};
use super::wire;
use crate::model::limits::{ADAPTER_SAVED_FILE, READ_BACK_BYTES};
use crate::model::{
    AdapterIdentity, Base, CommandBlock, Hint, HostFacts, Location, Os, RelPath, RuleId, SavedFile,
    Severity, Shell, Shown,
};

pub(in crate::adapters) fn facts(
    facts: &HostFacts,
    identity: &AdapterIdentity,
    existing: &[Location],
) -> wire::Facts {
    let variables = identity.variables.iter().filter_map(|name| {
        let value = facts.variable_dir(name)?.to_str()?.to_owned();
        Some(wire::Variable {
            name: name.clone(),
            value,
        })
    });
    wire::Facts {
        os: match facts.os {
            Os::Linux => wire::OperatingSystem::Linux,
            Os::Macos => wire::OperatingSystem::Macos,
            Os::Windows => wire::OperatingSystem::Windows,
        },
        home: facts.home.to_string_lossy().into_owned(),
        project: facts
            .project
            .as_ref()
            .map(|p| p.to_string_lossy().into_owned()),
        variables: variables.collect(),
        existing: existing
            .iter()
            .map(|place| wire::Location {
                base: base(&place.base),
                path: place.path.to_string(),
            })
            .collect(),
    }
}

fn base(base: &Base) -> wire::Base {
    match base {
        Base::Home => wire::Base::Home,
        Base::Config => wire::Base::Config,
        Base::Data => wire::Base::Data,
        Base::State => wire::Base::State,
        Base::Project => wire::Base::Project,
        Base::Variable(name) => wire::Base::Variable(name.to_string()),
    }
}

/// How many files of a rule met which fate in a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: RuleId,
    /// Files created.
    pub created: u32,
    /// Files replaced.
    pub replaced: u32,
    /// Files already the same.
    pub same: u32,
    /// Files withheld by placement.
    pub withheld: u32,
    /// Files left out otherwise.
    pub skipped: u32,
}

/// A restored file that its adapter asked to see.
#[derive(Clone, Debug)]
pub struct ReadBackFile {
    /// The rule it fell under.
    pub rule: RuleId,
    /// Its path below the rule's place.
    pub path: RelPath,
    /// What became of it: the counter of [`RuleOutcome`] it went into.
    pub fate: &'static str,
    /// Its bytes as archived.
    pub content: Vec<u8>,
}

/// What an adapter is told after a restore.
pub struct AfterRestore(wire::Outcome);

impl AfterRestore {
    /// Puts it together. Files beyond the read-back limit are left out.
    #[must_use]
    pub fn new(rules: &[RuleOutcome], files: Vec<ReadBackFile>) -> Self {
        let rules = rules.iter().map(|rule| wire::RuleOutcome {
            rule: rule.rule.to_string(),
            created: rule.created,
            replaced: rule.replaced,
            same: rule.same,
            withheld: rule.withheld,
            skipped: rule.skipped,
        });
        let mut room = READ_BACK_BYTES;
        let files = files.into_iter().filter_map(|file| {
            room = room.checked_sub(file.content.len() as u64)?;
            Some(wire::ReadBackFile {
                rule: file.rule.to_string(),
                path: file.path.to_string(),
                disposition: disposition(file.fate),
                content: file.content,
            })
        });
        Self(wire::Outcome {
            rules: rules.collect(),
            files: files.collect(),
            home_changed: false,
            machine_changed: false,
        })
    }

    /// Says that the archive comes from elsewhere.
    #[must_use]
    pub fn moved(mut self, home_changed: bool, machine_changed: bool) -> Self {
        self.0.home_changed = home_changed;
        self.0.machine_changed = machine_changed;
        self
    }

    pub(in crate::adapters) fn wire(&self) -> &wire::Outcome {
        &self.0
    }
}

fn disposition(fate: &str) -> wire::Disposition {
    match fate {
        "created" => wire::Disposition::Created,
        "replaced" => wire::Disposition::Replaced,
        "same" => wire::Disposition::Same,
        "withheld" => wire::Disposition::Withheld,
        _ => wire::Disposition::Skipped,
    }
}

pub(in crate::adapters) fn hints(said: Vec<wire::Hint>) -> Result<Vec<Hint>, Why> {
    list(said, "hints", |hint| {
        Ok(Hint {
            severity: match hint.severity {
                wire::Severity::Info => Severity::Info,
                wire::Severity::Action => Severity::Action,
                wire::Severity::Warning => Severity::Warning,
            },
            summary: text(hint.summary, "a hint")?,
            steps: list(hint.steps, "steps", |step| text(step, "a step"))?,
            commands: list(hint.commands, "command blocks", block)?,
            save: hint.save.map(saved_file).transpose()?,
        })
    })
}

fn block(said: wire::CommandBlock) -> Result<CommandBlock, Why> {
    Ok(CommandBlock {
        shell: match said.shell {
            wire::Shell::Terminal => Shell::Terminal,
            wire::Shell::Tool => Shell::Tool,
        },
        heading: text(said.heading, "a heading")?,
        lines: list(said.lines, "commands", command_line)?,
    })
}

fn saved_file(said: wire::SavedFile) -> Result<SavedFile, Why> {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let plain = (1..=64).contains(&said.name.len())
        && said.name.bytes().all(legal)
        && !said.name.starts_with(['.', '-'])
        && !said.name.contains("..")
        && (said.name.ends_with(".txt") || said.name.ends_with(".md"));
    if !plain {
        return Err(format!(
            "{} is not a name for a saved file",
            Shown(&said.name)
        ));
    }
    let bytes = bounded(
        said.text.into_bytes(),
        "bytes in a saved file",
        ADAPTER_SAVED_FILE,
    )?;
    let text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("the saved file has control characters".to_owned());
    }
    Ok(SavedFile {
        name: said.name,
        text,
    })
}
