//! What a TOML file for an adapter may say: the form of it, and nothing of its meaning.
//! Values that can be wrong in meaning keep their place in the file.

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Format {
    pub(super) contract: Spanned<String>,
    pub(super) id: Spanned<String>,
    pub(super) name: String,
    pub(super) version: Spanned<String>,
    pub(super) description: String,
    #[serde(default)]
    pub(super) homepage: String,
    #[serde(default)]
    pub(super) licence: String,
    /// Where the facts come from; for readers of the file, the program has no use for it.
    #[serde(default, rename = "source")]
    pub(super) _sources: Vec<Source>,
    #[serde(default)]
    pub(super) variables: Vec<String>,
    pub(super) scope: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) detect: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) shared: Vec<Spanned<String>>,
    #[serde(default, rename = "place")]
    pub(super) places: BTreeMap<String, Spanned<Place>>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<Spanned<Rule>>,
    #[serde(default, rename = "tally")]
    pub(super) tallies: Vec<Spanned<Tally>>,
    #[serde(default)]
    pub(super) running: Running,
    #[serde(default)]
    pub(super) notes: Vec<Spanned<String>>,
    #[serde(default, rename = "hint")]
    pub(super) hints: Vec<Spanned<Hint>>,
}

/// One page the file's facts come from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    #[serde(rename = "url")]
    _url: String,
    #[serde(rename = "checked")]
    _checked: String,
    #[serde(default, rename = "note")]
    _note: String,
}

/// A name for a place that is elsewhere on each system, or moved by a variable.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) variable: Option<String>,
    #[serde(default)]
    pub(super) below: String,
    pub(super) linux: Option<OneOrMore>,
    pub(super) macos: Option<OneOrMore>,
    pub(super) windows: Option<OneOrMore>,
    #[serde(rename = "else")]
    pub(super) otherwise: Option<OneOrMore>,
}

/// One text, or a list of some.
#[derive(Clone)]
pub(super) struct OneOrMore(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMore;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![text.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore, A::Error> {
                let mut all = Vec::new();
                while let Some(text) = list.next_element()? {
                    all.push(text);
                }
                Ok(OneOrMore(all))
            }
        }
        from.deserialize_any(Texts)
    }
}

/// A rule: `file` or `tree` says where, and which of the two it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    pub(super) id: Spanned<String>,
    pub(super) file: Option<Spanned<String>>,
    pub(super) tree: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) take: Vec<String>,
    #[serde(default)]
    pub(super) leave: Vec<String>,
    pub(super) class: Class,
    #[serde(default)]
    pub(super) links: Links,
    pub(super) kind: Option<Kind>,
    #[serde(default)]
    pub(super) keys: Vec<String>,
    pub(super) placement: Option<Placement>,
    #[serde(default)]
    pub(super) read_back: bool,
    #[serde(default)]
    pub(super) secrets: Vec<String>,
    #[serde(default)]
    pub(super) machine_paths: Vec<String>,
    #[serde(default)]
    pub(super) os: Vec<System>,
}

/// A class, by the contract's names.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Class {
    Settings,
    Instructions,
    Skills,
    Agents,
    Memory,
    History,
    Plugins,
    CodeCache,
    Credentials,
    Env,
    Cache,
    Machine,
    Managed,
}

/// What becomes of links.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Links {
    #[default]
    Keep,
    Follow,
}

/// How a file is written by its tool.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Plain,
    Json,
    Jsonl,
    Sqlite,
}

/// Where files may be written back.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Placement {
    Always,
    SameHome,
    HintsOnly,
}

/// An operating system.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum System {
    Linux,
    Macos,
    Windows,
}

/// Something to count: `files` or `folders-with`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Tally {
    pub(super) noun: String,
    pub(super) plural: String,
    pub(super) at: String,
    pub(super) files: Option<String>,
    pub(super) folders_with: Option<String>,
    pub(super) depth: Option<u8>,
    #[serde(default)]
    pub(super) unless: Vec<String>,
}

/// Signs that the tool is open.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Running {
    #[serde(default)]
    pub(super) processes: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) lock_files: Vec<Spanned<String>>,
}

/// What to say after a restore, and when.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Hint {
    /// Rules, of whose files some were restored; empty for any.
    #[serde(default)]
    pub(super) after: Vec<String>,
    /// Rules, of whose files none may have been restored.
    #[serde(default)]
    pub(super) unless: Vec<String>,
    #[serde(default)]
    pub(super) when: When,
    #[serde(default)]
    pub(super) os: Vec<System>,
    pub(super) severity: Severity,
    pub(super) summary: String,
    #[serde(default)]
    pub(super) steps: Vec<String>,
    #[serde(default)]
    pub(super) commands: Vec<Commands>,
    pub(super) save: Option<Save>,
}

/// Which restores a hint is for.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum When {
    /// Every one.
    #[default]
    Always,
    /// From another machine, or under another home directory.
    Moved,
    /// Under another home directory.
    HomeChanged,
    /// From another machine.
    MachineChanged,
    /// From elsewhere, or where files were created and not only replaced.
    FirstTime,
}

/// How much a hint matters.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Severity {
    Info,
    Action,
    Warning,
}

/// Commands to paste.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Commands {
    #[serde(default)]
    pub(super) shell: Shell,
    #[serde(default)]
    pub(super) heading: String,
    pub(super) lines: Vec<String>,
    pub(super) each: Option<Each>,
}

/// What reads a command.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Shell {
    #[default]
    Terminal,
    Tool,
}

/// Makes the lines once for each item of restored files, with the item's word in them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Each {
    /// The `read-back` rule whose files hold the items.
    pub(super) rule: String,
    #[serde(default)]
    pub(super) format: Data,
    /// JSON pointer of the items; `*` stands for any key or index.
    pub(super) items: String,
    /// JSON pointer below an item of the word; the item itself without it.
    #[serde(default)]
    pub(super) value: String,
    /// The word is the item's key instead.
    #[serde(default)]
    pub(super) key: bool,
    /// Only items whose text, number or truth below this pointer is that.
    #[serde(default, rename = "where")]
    pub(super) only: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) accept: Accept,
}

/// How a file that is read back is written.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Data {
    #[default]
    Json,
    Toml,
}

/// Which words may stand in a command.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Accept {
    /// Names: letters, digits, `.`, `_`, `-` and `@`.
    #[default]
    Name,
    /// Also addresses: `/`, `:` and `+` beside those.
    Address,
}

/// A text to keep beside the backups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Save {
    pub(super) name: String,
    pub(super) text: String,
}
