//! `SHA256SUMS`: the list `sha256sum -c` checks after a plain extraction.

use super::error::ArchiveError;
use crate::model::Digest;
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

/// Reads the list strictly.
pub(super) fn parse(bytes: &[u8]) -> Result<BTreeMap<String, Digest>, ArchiveError> {
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
        if sums.insert(name.to_owned(), digest).is_some() {
            return Err(bad("a name stands in it twice"));
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_round_trip_and_nonsense_is_refused() {
        let digest = Digest::of(b"x");
        let sums = BTreeMap::from([("home/a b".to_owned(), digest), ("m".to_owned(), digest)]);
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
