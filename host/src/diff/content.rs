//! Two contents of one file: in which way they can be compared, and what that finds.

use super::jsonl::{self, Records};
use super::secrets::{self, SecretChange};
use super::text::{self, Hunk};
use super::value::{self, KeyChange, Value};
use super::{json, toml};
use crate::model::{ArchivePath, Class, Kind, Rule, RuleSet, SQLITE_MAGIC};
use crate::portable::{BlankError, values};
use std::path::Path;

/// Which file it is, as far as that says how to compare it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Its path.
    pub path: &'a ArchivePath,
    /// Its class, where a rule gives it one.
    pub class: Option<Class>,
    /// How its tool writes it, where a rule says so.
    pub kind: Option<&'a Kind>,
    /// JSON pointers of values that must not be shown, with `*` for any characters.
    pub secrets: Vec<&'a str>,
}

impl<'a> Subject<'a> {
    /// What several declarations say of a file, such as that of an archive and that of the
    /// adapter that is here: a secret is what any of them calls one.
    #[must_use]
    pub fn new(path: &'a ArchivePath, declared: &[&'a [Rule]]) -> Self {
        let rules = declared
            .iter()
            .filter_map(|rules| RuleSet::new(rules).rule_for(path));
        let mut subject = Self {
            path,
            class: None,
            kind: None,
            secrets: Vec::new(),
        };
        for rule in rules {
            if subject.class.is_none() || is_secret(Some(rule.class)) {
                subject.class = Some(rule.class);
            }
            subject.kind.get_or_insert(&rule.kind);
            subject
                .secrets
                .extend(rule.secrets.iter().map(String::as_str));
        }
        subject.secrets.sort_unstable();
        subject.secrets.dedup();
        subject
    }
}

/// Whether all of a file of this class is secret.
fn is_secret(class: Option<Class>) -> bool {
    matches!(class, Some(Class::Credentials | Class::Env))
}

/// Why a content is not looked into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unseen {
    /// All of it is secret.
    #[error("it holds credentials")]
    Credentials,
    /// Its secrets cannot be told from the rest.
    #[error("{0}")]
    Secrets(#[from] BlankError),
    /// It is larger than what is compared.
    #[error("it is large; --full compares it")]
    Large,
    /// It could not be read.
    #[error("{0}")]
    Unreadable(String),
}

/// What is different in the content of a file, its secrets aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Same,
    /// Spaces, comments, order or notation; all values are the same.
    Form,
    /// Lines.
    Text(Vec<Hunk>),
    /// Values, by their keys.
    Keys(Vec<KeyChange>),
    /// Records of a file of JSON lines.
    Records(Records),
    /// Something in a file that is no text.
    Binary,
    /// Something in a SQLite database.
    Database,
    /// Nobody looked.
    Unseen(Unseen),
}

/// What is different in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What can be shown.
    pub content: Content,
    /// Secrets that are not the same, by name only.
    pub secrets: Vec<SecretChange>,
}

impl From<Content> for Difference {
    fn from(content: Content) -> Self {
        Self {
            content,
            secrets: Vec::new(),
        }
    }
}

impl Difference {
    /// The same for a file that is not looked into.
    #[must_use]
    pub fn unseen(why: Unseen) -> Self {
        Content::Unseen(why).into()
    }
}

/// What is written in a file, and so by what it is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Json,
    Toml,
    Yaml,
    JsonLines,
    Text,
}

impl Language {
    fn of(subject: &Subject<'_>, content: &[u8]) -> Self {
        let name = subject.path.rel().as_path();
        let extension = name.extension().and_then(|text| text.to_str());
        let extension = extension.unwrap_or_default().to_ascii_lowercase();
        let first = content.iter().find(|byte| !byte.is_ascii_whitespace());
        match (extension.as_str(), subject.kind) {
            ("jsonl" | "ndjson", _) | (_, Some(Kind::Jsonl)) => Self::JsonLines,
            ("toml", _) => Self::Toml,
            ("yaml" | "yml", _) => Self::Yaml,
            ("json" | "jsonc" | "json5", _) | (_, Some(Kind::Json(_))) => Self::Json,
            // Settings files without a telling name are searched for their secrets like this.
            _ if !subject.secrets.is_empty() && matches!(first, Some(b'{' | b'[')) => Self::Json,
            _ => Self::Text,
        }
    }

    /// The values of a file; `None` when it is not what it is taken for.
    fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Json => json::parse(text),
            Self::Toml => toml::parse(text),
            Self::Yaml | Self::JsonLines | Self::Text => None,
        }
    }
}

/// Compares two contents of a file.
#[must_use]
pub fn compare(subject: &Subject<'_>, before: &[u8], after: &[u8]) -> Difference {
    if before == after {
        return Content::Same.into();
    }
    if is_secret(subject.class) {
        return Difference::unseen(Unseen::Credentials);
    }
    if before.starts_with(SQLITE_MAGIC) || after.starts_with(SQLITE_MAGIC) {
        return Content::Database.into();
    }
    let content = if before.is_empty() { after } else { before };
    let language = Language::of(subject, content);
    if subject.secrets.is_empty() {
        return open(language, before, after).into();
    }
    without_secrets(subject, language, before, after)
        .unwrap_or_else(|why| Difference::unseen(why.into()))
}

/// Compares what holds no secrets: by values where it has them, else by lines.
fn open(language: Language, before: &[u8], after: &[u8]) -> Content {
    let (Some(before), Some(after)) = (plain_text(before), plain_text(after)) else {
        return Content::Binary;
    };
    if language == Language::JsonLines {
        return records(before, after);
    }
    match (language.parse(before), language.parse(after)) {
        (Some(one), Some(other)) => match value::changes(&one, &other) {
            // Nothing is hidden here, so what else changed can be shown as it is.
            changes if changes.is_empty() => Content::Text(text::hunks(before, after)),
            changes => Content::Keys(changes),
        },
        _ => Content::Text(text::hunks(before, after)),
    }
}

fn records(before: &str, after: &str) -> Content {
    let records = jsonl::compare(before, after);
    if records.is_nothing() {
        Content::Form
    } else {
        Content::Records(records)
    }
}

/// Compares what is left when the secrets are out. By values only: what is no value, such as
/// a comment, may hold a secret that somebody put out of use.
fn without_secrets(
    subject: &Subject<'_>,
    language: Language,
    before: &[u8],
    after: &[u8],
) -> Result<Difference, BlankError> {
    let path = subject.path.rel().as_path();
    let blank = |content| secrets::blank(language, path, content, &subject.secrets);
    let (one, other) = (blank(before)?, blank(after)?);
    let text = |content: &[u8]| String::from_utf8(content.to_vec());
    let (Ok(before), Ok(after)) = (text(&one.content), text(&other.content)) else {
        return Err(BlankError::Syntax);
    };
    let content = if before == after {
        Content::Same
    } else {
        by_values(language, path, &before, &after)?
    };
    Ok(Difference {
        content,
        secrets: secrets::changes(&one, &other),
    })
}

fn by_values(
    language: Language,
    path: &Path,
    before: &str,
    after: &str,
) -> Result<Content, BlankError> {
    let changes = match language {
        Language::JsonLines => return Ok(records(before, after)),
        Language::Yaml => {
            let (one, other) = (values(path, before)?, values(path, after)?);
            value::flat_changes(&one, &other)
        }
        Language::Json | Language::Toml | Language::Text => {
            let parse = |text| language.parse(text).ok_or(BlankError::Syntax);
            value::changes(&parse(before)?, &parse(after)?)
        }
    };
    Ok(if changes.is_empty() {
        Content::Form
    } else {
        Content::Keys(changes)
    })
}

/// A content that can be shown as text.
fn plain_text(content: &[u8]) -> Option<&str> {
    str::from_utf8(content)
        .ok()
        .filter(|text| !text.contains('\0'))
}
