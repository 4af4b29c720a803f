//! `SHA256SUMS`: the list `sha256sum -c` checks after a plain extraction.

use super::entries::Entries;
use super::error::ArchiveError;
use crate::model::{ArchivePath, Digest};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bytes of the line for a name.
pub(super) fn line_length(name: &str) -> usize {
    64 + 2 + name.len() + 1
}

/// Adds the line of a file. Names never hold a newline or backslash, so the tool's escaped
/// form is never needed.
pub(super) fn write_line(text: &mut String, name: &str, digest: &Digest) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{digest}  {name}");
}

/// Reads the list strictly. Its names stay where they are: there can be a hundred thousand.
fn parse(bytes: &[u8]) -> Result<BTreeMap<&str, Digest>, ArchiveError> {
    let bad = |why: &str| ArchiveError::Sums(why.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| bad("it is not UTF-8"))?;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(bad("its last line is cut"));
    }
    let mut sums = BTreeMap::new();
    for line in text.lines() {
        let (digest, name) = line
            .split_once("  ")
            .ok_or_else(|| bad("a line is malformed"))?;
        let digest = Digest::from_hex(digest).ok_or_else(|| bad("a digest is malformed"))?;
        if sums.insert(name, digest).is_some() {
            return Err(bad("a name stands in it twice"));
        }
    }
    Ok(sums)
}

/// The list and the archive must name the same files with the same content: the files among
/// the entries, and others.
pub(super) fn compare(
    list: &[u8],
    entries: &Entries,
    others: &BTreeMap<String, Digest>,
) -> Result<(), ArchiveError> {
    let unlisted = |path: String, listed| ArchiveError::Unlisted { path, listed };
    let listed = parse(list)?;
    for (name, digest) in &listed {
        let entry = || entries.get(&ArchivePath::parse(name).ok()?)?.digest;
        match others.get(*name).copied().or_else(entry) {
            None => return Err(unlisted((*name).to_owned(), true)),
            Some(found) if found != *digest => {
                return Err(ArchiveError::Digest((*name).to_owned()));
            }
            Some(_) => {}
        }
    }
    let files = || entries.values().filter(|entry| entry.digest.is_some());
    if listed.len() == others.len() + files().count() {
        return Ok(());
    }
    let missing = |name: &String| !listed.contains_key(name.as_str());
    let mut files = files().map(|entry| entry.path.to_string());
    let other = others.keys().find(|name| missing(name)).cloned();
    match other.or_else(|| files.find(missing)) {
        Some(path) => Err(unlisted(path, false)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_round_trip_and_nonsense_is_refused() {
        let digest = Digest::of(b"x");
        let sums = BTreeMap::from([("home/a b", digest), ("m", digest)]);
        let mut text = String::new();
        for (name, digest) in &sums {
            let before = text.len();
            write_line(&mut text, name, digest);
            assert_eq!(text.len() - before, line_length(name));
        }
        assert_eq!(parse(text.as_bytes()).unwrap(), sums);
        for bad in [
            "x",
            "zz  a\n",
            &format!("{digest} a\n"),
            &format!("{digest}  a\n{digest}  a\n"),
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
