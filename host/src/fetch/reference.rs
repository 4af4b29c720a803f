//! A reference to a registry: host, repository, and a tag or a digest.

use super::address::is_authority;
use super::error::FetchError;
use crate::model::Digest;
use std::fmt;

/// Bytes of a repository's name, and of a tag: what the specification of registries allows.
const NAME_BYTES: usize = 255;
const TAG_BYTES: usize = 128;

/// What an OCI registry calls a package: `registry/name:tag` or `registry/name@sha256:...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Host, with a port if one was given.
    pub registry: String,
    /// The repository in it.
    pub name: String,
    /// The tag: a version.
    pub tag: Option<String>,
    /// The digest of the manifest.
    pub digest: Option<Digest>,
}

impl Reference {
    /// Reads a reference, with or without `oci://`. The registry is always named: there is
    /// none that is meant by itself.
    ///
    /// # Errors
    /// Says what is malformed.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let bad = |why| FetchError::Reference {
            text: text.to_owned(),
            why,
        };
        let rest = text.strip_prefix("oci://").unwrap_or(text);
        let (registry, rest) = rest
            .split_once('/')
            .ok_or_else(|| bad("it has no / behind a registry"))?;
        let (rest, digest) = match rest.split_once('@') {
            None => (rest, None),
            Some((rest, digest)) => {
                let hex = digest.strip_prefix("sha256:").and_then(Digest::from_hex);
                let digest = hex.ok_or_else(|| bad("its digest is not sha256: and 64 digits"))?;
                (rest, Some(digest))
            }
        };
        let (name, tag) = match rest.split_once(':') {
            None => (rest, None),
            Some((name, tag)) => (name, Some(tag.to_owned())),
        };
        if !is_registry(registry) {
            return Err(bad("it does not begin with the host of a registry"));
        }
        if name.len() > NAME_BYTES || !name.split('/').all(is_component) {
            return Err(bad(
                "its name is not parts of a-z, 0-9, -, _ and . between /",
            ));
        }
        if tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
            return Err(bad("its tag has characters that tags cannot have"));
        }
        Ok(Self {
            registry: registry.to_ascii_lowercase(),
            name: name.to_owned(),
            tag,
            digest,
        })
    }

    /// Whether text without `oci://` can only be meant as a reference: a host with a dot or
    /// a port, and a tag or a digest.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        let host = text.split('/').next().unwrap_or_default();
        let telling = host.contains(['.', ':']) && !host.starts_with('.') || host == "localhost";
        let parsed = Self::parse(text);
        telling && parsed.is_ok_and(|one| one.tag.is_some() || one.digest.is_some())
    }

    /// The tag or digest that is asked for; a digest is surer than a tag.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let digest = self.digest.map(|digest| format!("sha256:{digest}"));
        digest.or_else(|| self.tag.clone())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oci://{}/{}", self.registry, self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@sha256:{digest}"),
            None => Ok(()),
        }
    }
}

/// A host that cannot be taken for a part of a name.
fn is_registry(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    is_authority(&text) && (text.contains(['.', ':']) || text == "localhost")
}

fn is_component(part: &str) -> bool {
    let inner = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9');
    let joint = |b: u8| matches!(b, b'.' | b'-' | b'_');
    let bytes = part.as_bytes();
    bytes.first().is_some_and(|b| inner(*b))
        && bytes.last().is_some_and(|b| inner(*b))
        && bytes.iter().all(|b| inner(*b) || joint(*b))
        && !part.contains("..")
}

fn is_tag(tag: &str) -> bool {
    let first = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let other = |b: u8| first(b) || matches!(b, b'.' | b'-');
    tag.len() <= TAG_BYTES && tag.bytes().next().is_some_and(first) && tag.bytes().all(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_registries_read_them() {
        let zeros = "0".repeat(64);
        for (text, shown) in [
            ("ghcr.io/acme/zed:1.0.0", "oci://ghcr.io/acme/zed:1.0.0"),
            (
                "oci://localhost:5000/zed:1.0.0-a",
                "oci://localhost:5000/zed:1.0.0-a",
            ),
            ("oci://localhost/zed", "oci://localhost/zed"),
        ] {
            assert_eq!(Reference::parse(text).unwrap().to_string(), shown);
        }
        let pinned = format!("127.0.0.1:5000/a/b/c:1@sha256:{zeros}");
        let pinned = Reference::parse(&pinned).unwrap();
        assert_eq!(pinned.version().unwrap(), format!("sha256:{zeros}"));
        for bad in [
            "ghcr.io",
            "acme/zed:1",
            "ghcr.io/Acme/zed:1",
            "ghcr.io/acme//zed:1",
            "ghcr.io/../zed:1",
            "ghcr.io/acme/zed:",
            "ghcr.io/acme/zed:a/b",
            "ghcr.io/acme/zed@sha512:00",
            "ghcr.io/acme/zed@sha256:00",
            "ada@ghcr.io/acme/zed:1",
            "ghcr.io/acme/zed?x:1",
        ] {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_is_not_taken_for_a_reference() {
        assert!(Reference::is_meant_by("ghcr.io/acme/zed:1.0.0"));
        assert!(Reference::is_meant_by("localhost/zed:1"));
        for file in [
            "./zed:1",
            "../x/zed:1",
            "dir/zed:1",
            "a.b/zed.wasm",
            "/a.b/zed:1",
        ] {
            assert!(!Reference::is_meant_by(file), "{file}");
        }
    }
}
