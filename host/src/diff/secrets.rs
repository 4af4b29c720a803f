//! Secrets of a file: taken out before it is compared. What is said of them is that they
//! changed, and where; never what they are.

use super::content::Language;
use crate::model::Digest;
use crate::portable::{self, BlankError, Blanked};
use std::collections::BTreeMap;
use std::path::Path;

/// What became of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretFate {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another.
    Changed,
}

/// A secret that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretChange {
    /// JSON pointer of its place.
    pub pointer: String,
    /// What became of it.
    pub fate: SecretFate,
}

/// Takes the secrets out of a content; of JSON lines, out of every line.
pub(super) fn blank(
    language: Language,
    path: &Path,
    content: &[u8],
    pointers: &[&str],
) -> Result<Blanked, BlankError> {
    // Nothing is in an empty file, whatever it is to become.
    if content.iter().all(u8::is_ascii_whitespace) {
        return Ok(Blanked::nothing(content));
    }
    if language != Language::JsonLines {
        return portable::blank(path, content, pointers);
    }
    let mut whole = Blanked::nothing(&[]);
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        if line.iter().all(u8::is_ascii_whitespace) {
            whole.content.extend_from_slice(line);
            continue;
        }
        let one = portable::blank(Path::new("line.json"), line, pointers)?;
        whole.content.extend(one.content);
        whole.pointers.extend(one.pointers);
        whole.digests.extend(one.digests);
    }
    Ok(whole)
}

/// The secrets that are not the same on both sides.
pub(super) fn changes(before: &Blanked, after: &Blanked) -> Vec<SecretChange> {
    let (before, after) = (by_place(before), by_place(after));
    let mut places: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
    places.sort_unstable();
    places.dedup();
    let fate = |place: &str| match (before.get(place), after.get(place)) {
        (None, _) => Some(SecretFate::Added),
        (_, None) => Some(SecretFate::Removed),
        (one, other) => (one != other).then_some(SecretFate::Changed),
    };
    let change = |place: &str| {
        Some(SecretChange {
            pointer: place.to_owned(),
            fate: fate(place)?,
        })
    };
    places.into_iter().filter_map(change).collect()
}

/// One place can hold many secrets where a file has many records.
fn by_place(blanked: &Blanked) -> BTreeMap<&str, Vec<&[u8; 32]>> {
    let mut places: BTreeMap<&str, Vec<&[u8; 32]>> = BTreeMap::new();
    let digests = blanked.digests.iter().map(Digest::as_bytes);
    for (pointer, digest) in blanked.pointers.iter().zip(digests) {
        places.entry(pointer).or_default().push(digest);
    }
    places.values_mut().for_each(|all| all.sort_unstable());
    places
}
