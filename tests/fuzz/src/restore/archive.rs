//! Small archives: mostly correct, with names that meet the tree's, sometimes malformed.

use super::super::dice::Dice;
use super::super::gzip::stored;
use super::super::sealed::{frame, manifest_with};
use super::world::{CONTENT, NOW, SCOPE, WORDS};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use takeback::archive::{Choice, Trees};
use takeback::model::{ArchivePath, Class, ClassSelection, GlobList};
use takeback::restore::Wish;

/// What an archive names and holds.
pub(super) struct Named {
    /// Its rules.
    pub(super) declared: Value,
    /// Their places.
    pub(super) rules: Vec<ArchivePath>,
    /// Its members' paths, as far as they are some.
    pub(super) paths: Vec<ArchivePath>,
    members: Vec<u8>,
}

/// What somebody wants of it.
pub(super) fn wish(dice: &mut Dice<'_>) -> Wish {
    let everything = ClassSelection::everything();
    let globs: &[&str] = if dice.chance(40) {
        &[".claude/skills/**", "**/a"]
    } else {
        &[]
    };
    Wish {
        choice: Choice {
            classes: if dice.chance(40) {
                everything.without(Class::Settings)
            } else {
                everything
            },
            paths: GlobList::new(globs).expect("these globs are fine"),
            trees: match dice.up_to(7) {
                6 => Trees::HomeOnly,
                7 => Trees::ProjectOnly,
                _ => Trees::All,
            },
        },
        exact: dice.chance(64),
        replace_links: dice.chance(100),
    }
}

impl Named {
    /// Some members, most of them good.
    pub(super) fn new(dice: &mut Dice<'_>) -> Self {
        let declared = rules(dice);
        let at = |rule: &Value| ArchivePath::parse(rule["at"].as_str().unwrap_or_default()).ok();
        let rules = declared.as_array().into_iter().flatten();
        let mut named = Self {
            rules: rules.filter_map(at).collect(),
            declared,
            paths: Vec::new(),
            members: Vec::new(),
        };
        let mut names = BTreeSet::new();
        for _ in 0..dice.up_to(8) {
            let name = name(dice);
            // Twice the same name is refused; that is known after a few inputs.
            if names.insert(name.clone()) || dice.chance(10) {
                named.add(dice, &name);
            }
        }
        named
    }

    fn add(&mut self, dice: &mut Dice<'_>, name: &str) {
        self.paths.extend(ArchivePath::parse(name).ok());
        self.members.extend(member(dice, name));
        if dice.chance(30) && name.contains("/.claude/") {
            // A link beside it that leads to it.
            let target = name.rsplit('/').next().unwrap_or_default();
            let link = format!("{name}-link");
            self.paths.extend(ArchivePath::parse(&link).ok());
            self.members.extend(block(dice, b'2', &link, target, ""));
        }
    }

    /// The archive, made in this home directory or in another.
    pub(super) fn archive(&self, dice: &mut Dice<'_>, home: &Path) -> Vec<u8> {
        let other = dice.chance(64).then_some(Path::new("/home/bob"));
        let mut members = self.members.clone();
        if dice.chance(10) {
            let at = dice.up_to(members.len().saturating_sub(1));
            if let Some(byte) = members.get_mut(at) {
                *byte ^= 1 << dice.up_to(7);
            }
        }
        let tar = frame(&members, |links| {
            let mut manifest = manifest_with(links, self.declared.clone());
            manifest["home"] = json!(other.unwrap_or(home));
            manifest["adapter"]["scope"] = json!(SCOPE);
            manifest["classes"] = json!(["settings", "skills", "memory", "instructions"]);
            manifest
        });
        stored(&tar)
    }
}

/// Every rule there is, or some of them, the widest last.
fn rules(dice: &mut Dice<'_>) -> Value {
    let always = json!([
        {"id": "settings", "at": "home/.claude/settings.json", "shape": "file",
         "class": "settings", "kind": "json", "merge_keys": ["mcpServers"]},
        {"id": "one", "at": "home/.claude.json", "shape": "file", "class": "settings",
         "placement": if dice.chance(60) { "same-home" } else { "hints-only" }},
        {"id": "skills", "at": "home/.claude/skills", "shape": "directory", "class": "skills"},
        {"id": "db", "at": "home/.claude/db", "shape": "file", "class": "memory", "kind": "sqlite"},
        {"id": "rest", "at": "home/.claude", "shape": "directory", "class": "memory",
         "leave": if dice.chance(40) { vec!["b/**"] } else { vec![] }},
        {"id": "project", "at": "project", "shape": "directory", "class": "instructions",
         "take": if dice.chance(60) { vec!["**/*.md", "a/**", "a"] } else { vec![] }},
    ]);
    let mut kept = Vec::new();
    for rule in always.as_array().into_iter().flatten() {
        if !dice.chance(15) {
            kept.push(rule.clone());
        }
    }
    Value::Array(kept)
}

/// Mostly a name that a rule covers.
fn name(dice: &mut Dice<'_>) -> String {
    let claude = |below: String| format!("home/.claude/{below}");
    match dice.up_to(11) {
        0..=5 => claude(dice.plain(&WORDS, 2)),
        6 | 7 => claude(format!("skills/{}", dice.plain(&WORDS, 2))),
        8 => {
            let rules = [
                "home/.claude.json",
                "home/.claude/settings.json",
                "home/.claude/db",
            ];
            dice.pick(&rules).to_owned()
        }
        9 => format!("project/{}/c.md", dice.plain(&WORDS, 1)),
        10 => format!("project/a/{}", dice.plain(&WORDS, 1)),
        _ => claude(dice.path(&WORDS, 3)),
    }
}

/// A header and a body, for what can stand in a header.
fn member(dice: &mut Dice<'_>, name: &str) -> Vec<u8> {
    let odd = dice.chance(20);
    match dice.up_to(8) {
        0..=2 if odd => {
            let target = dice.path(&["..", "a", "b", "skills"], 3);
            block(dice, b'2', name, &target, "")
        }
        3..=5 if odd => {
            let kind = dice.pick(b"1346gSx");
            block(dice, kind, name, "home/.claude/a", "")
        }
        0..=6 => {
            let body = dice.pick(&CONTENT);
            block(dice, b'0', name, "", body)
        }
        _ => block(dice, b'5', name, "", ""),
    }
}

fn block(dice: &mut Dice<'_>, kind: u8, name: &str, link: &str, body: &str) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    let fields = header.as_mut_bytes();
    for (at, text) in [(0, name.as_bytes()), (157, link.as_bytes())] {
        let length = text.len().min(100);
        fields[at..at + length].copy_from_slice(&text[..length]);
    }
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_mode(dice.pick(&[0o644, 0o600, 0o755, 0o777, 0o4755, 0]));
    header.set_mtime(dice.pick(&[0, 1_700_000_000, NOW.unsigned_abs() * 2]));
    header.set_size(body.len() as u64);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(body.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}
