//! A takeback adapter for notepad9, an editor that does not exist.
//!
//! notepad9 keeps everything in `~/.notepad9`, or where `$NOTEPAD9_HOME` says:
//!
//! ```text
//! settings.json      what the person set, with an API token and a list of folders
//! snippets/**        texts to insert
//! skills/<name>/     skills, each with a SKILL.md
//! history.jsonl      what was typed, one JSON value a line, only appended to
//! cache/**           can be made again
//! extensions.json    names of installed extensions; the code is fetched by the tool
//! ```
//!
//! An adapter only describes. It opens no file: takeback reads and writes, after it
//! has checked every word that is said here.
#![cfg_attr(target_family = "wasm", no_std)]
#![expect(clippy::too_many_arguments, reason = "in what the macro generates")]

extern crate alloc;

use alloc::{format, string::String, vec, vec::Vec};

#[cfg(target_family = "wasm")]
mod runtime;

// The types and the trait of the contract, straight from its text.
wit_bindgen::generate!({ path: "../../wit", world: "adapter" });

use takeback::adapter::types::{
    Base, Class, CommandBlock, FolderTally, Kind, Location, ReadBackFile, Rule, RuleOption,
    RunningCheck, Severity, Shape, Shell, Tally, TallyOf,
};

/// The variable that moves notepad9's directory, as its manual says.
const HOME_VARIABLE: &str = "NOTEPAD9_HOME";

struct Adapter;

impl Guest for Adapter {
    /// Always the same. The scope is what a person agrees to when adding the adapter.
    fn describe() -> Identity {
        Identity {
            id: "notepad9".into(),
            name: "Notepad 9".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Settings, snippets, skills and history of Notepad 9".into(),
            homepage: "https://example.invalid/notepad9".into(),
            licence: "MIT OR Apache-2.0".into(),
            variables: vec![HOME_VARIABLE.into()],
            scope: vec![
                Location {
                    base: Base::Home,
                    path: ".notepad9".into(),
                },
                Location {
                    base: Base::Variable(HOME_VARIABLE.into()),
                    path: String::new(),
                },
            ],
            probes: Vec::new(),
        }
    }

    /// What to keep. Rules are tried in order, and what none of them names is left alone.
    fn declare(facts: Facts) -> Result<Declaration, Refusal> {
        let place = Place::of(&facts);
        let rules = vec![
            // On another machine only the shortcuts are merged into what is there.
            place
                .file("settings", "settings.json", Class::Settings)
                .with(RuleOption::Kind(Kind::Json(vec!["shortcuts".into()])))
                .with(RuleOption::Secret("/account/token".into()))
                .with(RuleOption::MachinePath("/recentFolders/*".into())),
            place.tree("snippets", "snippets", Class::Instructions),
            place.tree("skills", "skills", Class::Skills),
            place
                .file("history", "history.jsonl", Class::History)
                .with(RuleOption::Kind(Kind::Jsonl)),
            // `after-restore` wants to see this one.
            place
                .file("extensions", "extensions.json", Class::Plugins)
                .with(RuleOption::ReadBack),
            // Never kept; named so that takeback can say what it left out.
            place.tree("cache", "cache", Class::Cache),
        ];
        Ok(Declaration {
            rules,
            tallies: vec![
                place.tally(
                    "snippet",
                    "snippets",
                    "snippets",
                    TallyOf::Files("**/*".into()),
                ),
                place.tally(
                    "skill",
                    "skills",
                    "skills",
                    TallyOf::Folders(skill_folders()),
                ),
            ],
            running: vec![RunningCheck::Process("notepad9".into())],
            notes: vec!["Unsaved drafts live in memory only and are not in a backup.".into()],
        })
    }

    /// What is left to do. Commands are shown for pasting; takeback never runs them.
    fn after_restore(_: Facts, outcome: Outcome) -> Vec<Hint> {
        let names: Vec<String> = outcome.files.iter().flat_map(extension_names).collect();
        let mut hints = Vec::new();
        if !names.is_empty() {
            hints.push(reinstall(&names));
        }
        if outcome.machine_changed {
            hints.push(Hint {
                severity: Severity::Action,
                summary: "Sign in to Notepad 9 again.".into(),
                steps: vec!["Start notepad9 and choose Account, Sign in.".into()],
                commands: Vec::new(),
                save: None,
            });
        }
        hints
    }
}

/// Where notepad9 keeps its files on this machine.
struct Place {
    base: Base,
    prefix: &'static str,
}

impl Place {
    /// The variable counts only if takeback says that it is set to a directory.
    fn of(facts: &Facts) -> Self {
        if facts
            .variables
            .iter()
            .any(|variable| variable.name == HOME_VARIABLE)
        {
            Self {
                base: Base::Variable(HOME_VARIABLE.into()),
                prefix: "",
            }
        } else {
            Self {
                base: Base::Home,
                prefix: ".notepad9/",
            }
        }
    }

    fn at(&self, path: &str) -> Location {
        Location {
            base: self.base.clone(),
            path: format!("{}{path}", self.prefix),
        }
    }

    fn file(&self, id: &str, path: &str, class: Class) -> Rule {
        let (take, leave, options) = (Vec::new(), Vec::new(), Vec::new());
        Rule {
            id: id.into(),
            at: self.at(path),
            shape: Shape::File,
            take,
            leave,
            class,
            options,
        }
    }

    fn tree(&self, id: &str, path: &str, class: Class) -> Rule {
        Rule {
            shape: Shape::Directory,
            ..self.file(id, path, class)
        }
    }

    fn tally(&self, noun: &str, plural: &str, path: &str, of: TallyOf) -> Tally {
        Tally {
            noun: noun.into(),
            plural: plural.into(),
            at: self.at(path),
            of,
        }
    }
}

impl Rule {
    fn with(mut self, option: RuleOption) -> Self {
        self.options.push(option);
        self
    }
}

/// A skill is a folder with a `SKILL.md`, directly below `skills`.
fn skill_folders() -> FolderTally {
    FolderTally {
        marker: "SKILL.md".into(),
        depth: 1,
        unless: Vec::new(),
    }
}

/// The names in `extensions.json`, which is a flat list of strings: `["a", "b"]`.
/// The file comes from an archive that anybody may have written, so only names that
/// are safe to paste into a shell are let through.
fn extension_names(file: &ReadBackFile) -> Vec<String> {
    let Ok(text) = core::str::from_utf8(&file.content) else {
        return Vec::new();
    };
    let harmless = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Every second piece between quotation marks is a string.
    text.split('"')
        .skip(1)
        .step_by(2)
        .filter(harmless)
        .map(String::from)
        .collect()
}

fn reinstall(names: &[String]) -> Hint {
    let lines = names
        .iter()
        .map(|name| format!("notepad9 --install-extension {name}"))
        .collect();
    Hint {
        severity: Severity::Action,
        summary: "Extensions are listed in the backup, but their code is not.".into(),
        steps: vec!["Paste these commands to install them again.".into()],
        commands: vec![CommandBlock {
            shell: Shell::Terminal,
            heading: String::new(),
            lines,
        }],
        save: None,
    }
}

#[cfg(target_family = "wasm")]
export!(Adapter);
