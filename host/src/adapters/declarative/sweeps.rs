//! What a tool deletes by itself, as its adapter's file says in a section of its own: a text in
//! TOML that is read without running anything. An adapter without one says nothing of it.

use crate::model::RuleId;
use crate::model::limits::{ADAPTER_STRING, ADAPTER_SWEEPS};
use serde::Deserialize;
use wasmparser::{Parser, Payload};

/// The name of the section.
pub(in crate::adapters) const SECTION: &str = "takeback-sweeps";
/// The longest time that counts as one, in days: a hundred years.
const MOST_DAYS: u32 = 36_500;
/// How a component begins.
const COMPONENT: &[u8] = b"\0asm";

/// Files that a tool deletes when they were not written to for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// What they are, in the plural, fitting "transcripts are deleted".
    pub what: String,
    /// The rules under which they fall.
    pub rules: Vec<RuleId>,
    /// After how many days without being written to, unless a setting says otherwise.
    pub days: u32,
    /// The rule of the file with the setting, and the JSON pointer in it.
    pub setting: Option<(RuleId, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "sweep")]
    sweeps: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    what: String,
    rules: Vec<String>,
    days: u32,
    setting: Option<String>,
    pointer: Option<String>,
}

impl Sweep {
    /// Reads what an adapter's bytes say. What is not understood says nothing: it is only for
    /// reminders, and a newer program may say more.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Vec<Self> {
        if !bytes.starts_with(COMPONENT) {
            return Vec::new();
        }
        let mut payloads = Parser::new(0).parse_all(bytes).map_while(Result::ok);
        let section = payloads.find_map(|payload| match payload {
            Payload::CustomSection(section) if section.name() == SECTION => Some(section.data()),
            _ => None,
        });
        section.and_then(Self::parse).unwrap_or_default()
    }

    fn parse(text: &[u8]) -> Option<Vec<Self>> {
        let text = text.get(..text.len().min(ADAPTER_STRING))?;
        let written: Written = toml::from_str(std::str::from_utf8(text).ok()?).ok()?;
        let few = written.sweeps.into_iter().take(ADAPTER_SWEEPS);
        few.map(Self::of).collect()
    }

    fn of(one: One) -> Option<Self> {
        let rules = one.rules.iter().map(|id| RuleId::new(id).ok());
        let setting = match (one.setting, one.pointer) {
            (Some(rule), Some(pointer)) if pointer.starts_with('/') => {
                Some((RuleId::new(&rule).ok()?, pointer))
            }
            (None, None) => None,
            _ => return None,
        };
        Some(Self {
            what: one.what,
            rules: rules.collect::<Option<_>>()?,
            days: Some(one.days).filter(|days| *days <= MOST_DAYS)?,
            setting,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::sections::custom;

    fn read(text: &str) -> Vec<Sweep> {
        let mut file = b"\0asm\x0d\0\x01\0".to_vec();
        custom(&mut file, "version", b"1.0.0");
        custom(&mut file, SECTION, text.as_bytes());
        Sweep::read(&file)
    }

    #[test]
    fn a_section_says_what_goes_and_where_the_setting_is() {
        let text = include_str!("../../../../adapters/claude/src/sweeps.toml");
        let [sweep] = read(text).try_into().unwrap();
        assert_eq!((sweep.what.as_str(), sweep.days), ("transcripts", 30));
        let (rule, pointer) = sweep.setting.unwrap();
        assert_eq!(
            (rule.as_str(), pointer.as_str()),
            ("settings", "/cleanupPeriodDays")
        );
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        let good = "[[sweep]]\nwhat = \"x\"\nrules = [\"a\"]\ndays = 3\n";
        assert_eq!(read(good).len(), 1);
        for (from, to) in [
            ("days = 3", "days = -3"),
            ("days = 3", "days = 99999"),
            ("\"a\"", "\"A b\""),
            ("days = 3", "days = 3\nsetting = \"a\""),
            ("days = 3", "days = 3\nsetting = \"a\"\npointer = \"x\""),
            ("what", "who"),
            ("[[sweep]]", "\u{1b}"),
        ] {
            assert_eq!(read(&good.replace(from, to)), [], "{to}");
        }
        assert_eq!(read(&good.repeat(20)).len(), ADAPTER_SWEEPS);
        assert_eq!(Sweep::read(b"id = \"x\""), []);
        assert_eq!(Sweep::read(b""), []);
    }

    /// The committed component has its section, wherever the toolchain put it.
    #[test]
    #[cfg(feature = "builtin-adapters")]
    fn the_built_in_adapter_says_what_claude_code_deletes() {
        let registry = crate::adapters::Registry::built_in();
        let sweeps = registry.sweeps("claude");
        assert_eq!(sweeps.len(), 1);
        assert_eq!(registry.sweeps("cursor"), []);
        assert_eq!(registry.sweeps("none"), []);
    }
}
