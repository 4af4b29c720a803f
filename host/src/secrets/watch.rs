//! Looking through a file while somebody else reads it.

use super::pattern::{LOOK_AHEAD, find};
use crate::model::limits::BLANK_BYTES;
use crate::model::{ArchivePath, Class, ClassSelection, Rule};
use crate::portable::blank;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

/// What kind of secret was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// A field that the adapter declares as a secret.
    Declared,
    /// A key of Anthropic's API.
    Anthropic,
    /// A key that begins like those of OpenAI's API, as those of many others do.
    OpenAi,
    /// A token of GitHub.
    GitHub,
    /// A token of GitLab.
    GitLab,
    /// A key id of Amazon's cloud: the key itself has no shape, and stands beside it.
    Aws,
    /// A key of Google's cloud.
    Google,
    /// A token of npm.
    Npm,
    /// A token of Slack.
    Slack,
    /// A private key.
    PrivateKey,
    /// A signed token: a session, mostly.
    Jwt,
}

impl SecretKind {
    /// Its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Anthropic => "anthropic-key",
            Self::OpenAi => "openai-key",
            Self::GitHub => "github-token",
            Self::GitLab => "gitlab-token",
            Self::Aws => "aws-key-id",
            Self::Google => "google-key",
            Self::Npm => "npm-token",
            Self::Slack => "slack-token",
            Self::PrivateKey => "private-key",
            Self::Jwt => "jwt",
        }
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Declared => "a field for secrets",
            Self::Anthropic => "an Anthropic API key",
            Self::OpenAi => "an API key (sk-...)",
            Self::GitHub => "a GitHub token",
            Self::GitLab => "a GitLab token",
            Self::Aws => "an AWS access key id",
            Self::Google => "a Google API key",
            Self::Npm => "an npm token",
            Self::Slack => "a Slack token",
            Self::PrivateKey => "a private key",
            Self::Jwt => "a signed token (JWT)",
        })
    }
}

/// Secrets of one kind in one file. Never what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: ArchivePath,
    /// The kind.
    pub kind: SecretKind,
    /// How many.
    pub count: u64,
    /// JSON pointers of the fields, where they are declared ones.
    pub fields: Vec<String>,
}

/// The classes whose files are looked through while a backup reads them: what is written by
/// hand and small. Transcripts are neither; credentials and environment files hold secrets by
/// their nature.
#[must_use]
pub fn watched() -> ClassSelection {
    use Class::{Agents, Instructions, Memory, Plugins, Settings, Skills};
    ClassSelection::of(&[Settings, Instructions, Skills, Agents, Memory, Plugins])
}

/// Looks through one file.
pub struct Watch<'a> {
    /// JSON pointers that the file's rule declares; `None` for a file that is not looked at.
    pointers: Option<&'a [String]>,
    /// The bytes that are not looked at yet, and one before them.
    open: Vec<u8>,
    /// How many bytes of `open` were looked at.
    done: usize,
    /// All of it, where fields are looked for.
    whole: Option<Vec<u8>>,
    found: BTreeMap<SecretKind, u64>,
}

impl<'a> Watch<'a> {
    /// For a file of a rule.
    #[must_use]
    pub fn of(rule: &'a Rule) -> Self {
        Self {
            pointers: Some(&rule.secrets),
            whole: (!rule.secrets.is_empty()).then(Vec::new),
            ..Self::none()
        }
    }

    /// For a file that is not looked at.
    #[must_use]
    pub fn none() -> Self {
        Self {
            pointers: None,
            open: Vec::new(),
            done: 0,
            whole: None,
            found: BTreeMap::new(),
        }
    }

    /// A reader that passes the content on.
    pub fn over<'w, R: Read>(&'w mut self, input: R) -> Watched<'w, 'a, R> {
        Watched { watch: self, input }
    }

    /// Looks at some more bytes.
    fn look(&mut self, bytes: &[u8]) {
        if let Some(whole) = &mut self.whole {
            if (whole.len() + bytes.len()) as u64 <= BLANK_BYTES {
                whole.extend_from_slice(bytes);
            } else {
                self.whole = None;
            }
        }
        self.open.extend_from_slice(bytes);
        // What a key's end decides is waited for.
        let to = self.open.len().saturating_sub(LOOK_AHEAD);
        if to > self.done {
            self.find(to);
            let gone = to.saturating_sub(1);
            self.open.drain(..gone);
            self.done = to - gone;
        }
    }

    fn find(&mut self, to: usize) {
        let Self {
            open, done, found, ..
        } = self;
        find(open, *done, to, &mut |kind| {
            *found.entry(kind).or_default() += 1;
        });
    }

    /// What was found, when all of the content was read.
    #[must_use]
    pub fn findings(mut self, path: &ArchivePath) -> Vec<Finding> {
        let Some(pointers) = self.pointers else {
            return Vec::new();
        };
        self.find(self.open.len());
        let file = path.rel().as_path();
        let fields = self.whole.as_ref();
        let fields = fields.and_then(|whole| blank(file, whole, pointers).ok());
        let fields: Vec<String> = fields.map(|blanked| blanked.pointers).unwrap_or_default();
        let declared = (!fields.is_empty()).then(|| Finding {
            path: path.clone(),
            kind: SecretKind::Declared,
            count: fields.len() as u64,
            fields: fields.iter().map(|field| harmless(field)).collect(),
        });
        let shaped = self.found.into_iter().map(|(kind, count)| Finding {
            path: path.clone(),
            kind,
            count,
            fields: Vec::new(),
        });
        declared.into_iter().chain(shaped).collect()
    }
}

/// A field's pointer, unless somebody made a key a name in it.
fn harmless(pointer: &str) -> String {
    let mut secret = false;
    let bytes = pointer.as_bytes();
    find(bytes, 0, bytes.len(), &mut |_| secret = true);
    if secret {
        "/...".to_owned()
    } else {
        pointer.to_owned()
    }
}

/// Passes bytes on, looked at.
pub struct Watched<'w, 'a, R> {
    watch: &'w mut Watch<'a>,
    input: R,
}

impl<R: Read> Read for Watched<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.input.read(buffer)?;
        if self.watch.pointers.is_some() {
            self.watch.look(&buffer[..got]);
        }
        Ok(got)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
