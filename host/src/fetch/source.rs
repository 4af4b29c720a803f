//! Where an adapter is to come from, as a person writes it.

use super::address::Address;
use super::error::FetchError;
use super::reference::Reference;
use std::fmt;
use std::path::{Path, PathBuf};

/// A place that adapters come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file of this machine.
    File(PathBuf),
    /// A file of a web server.
    Web(Address),
    /// A package of an OCI registry.
    Registry(Reference),
}

impl Source {
    /// Reads a source. What could be a file and a reference is the file, if there is one:
    /// `is_file` looks.
    ///
    /// # Errors
    /// When an address or a reference is malformed, or of a kind that is not known.
    pub fn parse(text: &str, is_file: impl Fn(&Path) -> bool) -> Result<Self, FetchError> {
        let path = Path::new(text);
        if text.starts_with("oci://") {
            return Ok(Self::Registry(Reference::parse(text)?));
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return Ok(Self::Web(Address::parse(text)?));
        }
        if text.contains("://") && !is_file(path) {
            return Err(FetchError::Address {
                text: text.to_owned(),
                why: "adapters come from a file, https:// or oci://",
            });
        }
        if Reference::is_meant_by(text) && !is_file(path) {
            return Ok(Self::Registry(Reference::parse(text)?));
        }
        Ok(Self::File(path.to_owned()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Web(address) => address.fmt(f),
            Self::Registry(reference) => reference.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_look() {
        let kind = |text: &str| Source::parse(text, |_| false);
        assert!(matches!(kind("zed.wasm"), Ok(Source::File(_))));
        assert!(matches!(kind("/a/b:1"), Ok(Source::File(_))));
        assert!(matches!(kind("https://a.org/b"), Ok(Source::Web(_))));
        assert!(matches!(kind("a.org/b:1"), Ok(Source::Registry(_))));
        assert!(matches!(kind("oci://a.org/b"), Ok(Source::Registry(_))));
        for bad in ["s3://a/b", "http://a.org/b", "oci://b:1"] {
            assert!(kind(bad).is_err(), "{bad}");
        }
        let there = Source::parse("a.org/b:1", |_| true);
        assert!(matches!(there, Ok(Source::File(_))));
    }
}
