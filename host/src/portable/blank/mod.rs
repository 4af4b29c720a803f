//! Taking secrets out of settings files: what a pointer names becomes empty, and every other
//! byte stays as it is.

mod json;
mod pointer;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

use crate::model::Digest;
use pointer::Pointer;
use std::ops::Range;
use std::path::Path;

/// Why secrets cannot be taken out of a file. Such a file does not leave the machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlankError {
    /// Nobody knows where values are in such a file.
    #[error("its secrets cannot be found in files of this kind")]
    Syntax,
    /// It is not what its name says.
    #[error("it is not valid {0}, so its secrets cannot be found")]
    Invalid(&'static str),
    /// A secret that is written in another place of the file.
    #[error("a secret in it is written somewhere else in the file")]
    Alias,
    /// A value that is still there.
    #[error("not every secret in it can be blanked")]
    Remains,
}

/// A file without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blanked {
    /// Its content.
    pub(crate) content: Vec<u8>,
    /// JSON pointers of the values that were blanked.
    pub(crate) pointers: Vec<String>,
    /// Digests of these values as they were written: to tell them apart, not to keep.
    pub(crate) digests: Vec<Digest>,
}

impl Blanked {
    /// A file that needs no blanking.
    pub(crate) fn nothing(content: &[u8]) -> Self {
        Self {
            content: content.to_vec(),
            pointers: Vec::new(),
            digests: Vec::new(),
        }
    }
}

/// A single value, and where it stands.
struct Scalar {
    /// The names of what it lies in, the outermost first.
    path: Vec<String>,
    /// Its bytes in the file.
    at: Range<usize>,
    /// What takes its place. `None` when there is nothing to hide: it is empty, or a word of
    /// the language.
    blank: Option<&'static str>,
}

/// Finds all values.
type Scan = fn(&str) -> Result<Vec<Scalar>, BlankError>;

/// Blanks what the pointers name, and what lies below it. `*` in a pointer stands for any
/// characters of one name.
///
/// # Errors
/// When the file's language is none of JSON (with comments), TOML and YAML, or it is not
/// valid in it.
pub(crate) fn blank(
    path: &Path,
    content: &[u8],
    pointers: &[impl AsRef<str>],
) -> Result<Blanked, BlankError> {
    let (scan, language) = language(path, content).ok_or(BlankError::Syntax)?;
    let text = str::from_utf8(content).map_err(|_| BlankError::Invalid(language))?;
    let pointers: Vec<Pointer> = pointers
        .iter()
        .map(|text| Pointer::new(text.as_ref()))
        .collect();
    let secrets = |text: &str| -> Result<Vec<(Scalar, &'static str)>, BlankError> {
        let scalars = scan(text)?.into_iter();
        let named = scalars.filter(|one| pointers.iter().any(|p| p.names(&one.path)));
        let hidden = named.filter_map(|one| one.blank.map(|blank| (one, blank)));
        Ok(hidden.collect())
    };
    let mut blanked = Blanked {
        content: Vec::with_capacity(content.len()),
        pointers: Vec::new(),
        digests: Vec::new(),
    };
    let mut kept = 0;
    for (secret, blank) in secrets(text)? {
        let between = content.get(kept..secret.at.start);
        blanked.content.extend(between.ok_or(BlankError::Remains)?);
        blanked.content.extend(blank.as_bytes());
        kept = secret.at.end;
        blanked.pointers.push(pointer::written(&secret.path));
        let value = text.get(secret.at.clone()).ok_or(BlankError::Remains)?;
        blanked.digests.push(Digest::of(value.as_bytes()));
    }
    blanked
        .content
        .extend(content.get(kept..).unwrap_or_default());
    // Looked at once more, as whoever opens it will.
    let again = str::from_utf8(&blanked.content).map_err(|_| BlankError::Remains)?;
    match secrets(again) {
        Ok(left) if left.is_empty() => Ok(blanked),
        _ => Err(BlankError::Remains),
    }
}

/// All single values of a file as they are written, each with its JSON pointer.
///
/// # Errors
/// As for [`blank`].
pub(crate) fn values(path: &Path, text: &str) -> Result<Vec<(String, String)>, BlankError> {
    let (scan, _) = language(path, text.as_bytes()).ok_or(BlankError::Syntax)?;
    let written = |one: Scalar| {
        let value = text.get(one.at).unwrap_or_default().to_owned();
        (pointer::written(&one.path), value)
    };
    Ok(scan(text)?.into_iter().map(written).collect())
}

fn language(path: &Path, content: &[u8]) -> Option<(Scan, &'static str)> {
    let extension = path.extension().and_then(|text| text.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let first = content.iter().find(|byte| !byte.is_ascii_whitespace());
    match (extension.as_str(), first) {
        ("toml", _) => Some((toml::scalars, "TOML")),
        ("yaml" | "yml", _) => Some((yaml::scalars, "YAML")),
        ("json" | "jsonc" | "json5", _) | (_, Some(b'{' | b'[')) => Some((json::scalars, "JSON")),
        _ => None,
    }
}
