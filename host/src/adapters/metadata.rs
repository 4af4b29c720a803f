//! What a component's own sections say of it. Nobody checked that: they are shown beside
//! what `describe` answers, and where the two disagree, that is said.

use crate::model::AdapterIdentity;
use crate::model::limits::ADAPTER_STRING;
use wasmparser::{ComponentName, KnownCustom, Parser, Payload};

/// Sections at the top of a component that describe it, as its author's tools wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Names and texts, in the order of the file. Not checked by anybody.
    pub said: Vec<(&'static str, String)>,
}

/// Sections that say the same as a part of the identity.
const SECTIONS: [&str; 4] = ["version", "description", "homepage", "licenses"];
const NAME: &str = "component-name";

impl Metadata {
    /// Whether a section of this name says something of an adapter.
    pub(super) fn is_section(name: &str) -> bool {
        name == NAME || SECTIONS.contains(&name)
    }

    /// Reads the sections of a component; anything else has none. Damaged parts are left
    /// out: whether the component is sound is judged elsewhere.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut said = Vec::new();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload {
                Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
                Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
                Ok(Payload::CustomSection(section)) if depth == 0 => {
                    let own = SECTIONS.into_iter().find(|name| *name == section.name());
                    let text = match (own, section.as_known()) {
                        (Some(name), _) => text(section.data()).map(|text| (name, text)),
                        (None, KnownCustom::ComponentName(names)) => names
                            .into_iter()
                            .find_map(|name| match name {
                                Ok(ComponentName::Component { name, .. }) => Some(name),
                                _ => None,
                            })
                            .and_then(|name| text(name.as_bytes()))
                            .map(|text| (NAME, text)),
                        _ => None,
                    };
                    said.extend(text);
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        Self { said }
    }

    /// The sections that do not say what the adapter says of itself, with what it says.
    #[must_use]
    pub fn disagreements(&self, identity: &AdapterIdentity) -> Vec<Disagreement> {
        let version = identity.version.to_string();
        let described = |section: &str| match section {
            "version" => version.as_str(),
            "description" => &identity.description,
            "homepage" => &identity.homepage,
            "licenses" => &identity.licence,
            _ => identity.id.as_str(),
        };
        let differs = |section: &str, text: &str| match section {
            // Tools name components after the package or after the tool.
            NAME => text != identity.id.as_str() && text != identity.name,
            _ => text != described(section),
        };
        let found = self.said.iter().filter(|(name, text)| differs(name, text));
        found
            .map(|(section, text)| Disagreement {
                section,
                says: text.clone(),
                described: described(section).to_owned(),
            })
            .collect()
    }
}

/// A section that says something else than `describe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The section.
    pub section: &'static str,
    /// What it says; not escaped.
    pub says: String,
    /// What `describe` says; not escaped.
    pub described: String,
}

fn text(data: &[u8]) -> Option<String> {
    let text = data.get(..data.len().min(ADAPTER_STRING))?;
    String::from_utf8(text.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, TargetId};

    /// A component with one custom section.
    fn component(name: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        bytes.push(0);
        bytes.push(u8::try_from(1 + name.len() + content.len()).unwrap());
        bytes.push(u8::try_from(name.len()).unwrap());
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        bytes
    }

    fn identity() -> AdapterIdentity {
        AdapterIdentity {
            id: TargetId::new("zed").unwrap(),
            name: "Zed".into(),
            version: semver::Version::new(1, 0, 0),
            description: "settings".into(),
            homepage: String::new(),
            licence: "MIT".into(),
            variables: Vec::new(),
            scope: Vec::new(),
            probes: Vec::new(),
            digest: Digest::of(b""),
        }
    }

    #[test]
    fn sections_that_disagree_are_named() {
        for (section, says, agrees) in [
            ("version", "1.0.0", true),
            ("version", "2.0.0", false),
            ("description", "settings", true),
            ("licenses", "GPL-3.0-only", false),
            ("homepage", "https://example.org", false),
        ] {
            let read = Metadata::read(&component(section, says.as_bytes()));
            assert_eq!(read.said, [(section, says.to_owned())]);
            let found = read.disagreements(&identity());
            assert_eq!(found.is_empty(), agrees, "{section} {says}: {found:?}");
        }
    }

    #[test]
    fn a_component_may_be_named_after_the_target_or_the_tool() {
        for (name, agrees) in [("zed", true), ("Zed", true), ("vim", false)] {
            let mut content = vec![0, u8::try_from(1 + name.len()).unwrap()];
            content.push(u8::try_from(name.len()).unwrap());
            content.extend(name.as_bytes());
            let read = Metadata::read(&component(NAME, &content));
            assert_eq!(read.said, [(NAME, name.to_owned())]);
            assert_eq!(read.disagreements(&identity()).is_empty(), agrees, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for bytes in [
            b"".as_slice(),
            b"id = \"zed\"",
            &component("version", b"\xff"),
        ] {
            assert_eq!(Metadata::read(bytes), Metadata::default());
        }
    }
}
