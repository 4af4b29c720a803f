//! What a verified archive holds, and the rules its parts must keep together.

use super::entries::{Entries, Incoming};
use super::error::ArchiveError;
use super::manifest::Manifest;
use super::reader::ReadLimits;
use crate::model::{
    self, ArchivePath, Digest, EntryKind, Meta, Rule, RuleSet, Shape, link_stays_inside,
    link_target,
};
use std::collections::{BTreeMap, BTreeSet};

/// One entry of a verified archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry {
    /// Where it belongs.
    pub path: ArchivePath,
    /// What it is.
    pub kind: EntryKind,
    /// Mode and time, already made harmless.
    pub meta: Meta,
    /// Digest of a file's content.
    pub digest: Option<Digest>,
    /// Whether its mode gave or locked out too much, and was made harmless.
    pub masked: bool,
}

impl ListedEntry {
    /// Bytes of its content.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self.kind {
            EntryKind::File { size } => size,
            EntryKind::Directory | EntryKind::Link { .. } => 0,
        }
    }
}

/// Everything a verified archive holds.
#[derive(Debug)]
pub struct Listing {
    /// What it says about itself.
    pub manifest: Manifest,
    /// Its entries by path.
    pub entries: Entries,
    /// Files that were not asked for when it was opened, and so are not among the entries.
    pub unasked: u64,
    /// Members that are ignored because they lie outside the known trees.
    pub ignored: Vec<String>,
    /// Digest of the archive file.
    pub digest: Digest,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Listing {
    /// Pairs of entries whose names differ only in case or composition.
    #[must_use]
    pub fn alike(&self) -> Vec<(&ArchivePath, &ArchivePath)> {
        let mut seen: BTreeMap<String, &ArchivePath> = BTreeMap::new();
        let pair = |path| seen.insert(folded(path), path).map(|other| (path, other));
        self.entries.keys().filter_map(pair).collect()
    }

    /// The rule an entry falls under.
    #[must_use]
    pub fn rule_for(&self, path: &ArchivePath) -> Option<&Rule> {
        RuleSet::new(&self.manifest.declaration.rules).rule_for(path)
    }
}

/// Collects entries while an archive is read, and refuses what cannot stand together.
pub(super) struct Collector<'a> {
    manifest: &'a Manifest,
    rules: RuleSet<'a>,
    /// The manifest's links. An archive can hold a hundred thousand, so none is looked
    /// for one by one.
    links: BTreeSet<(&'a ArchivePath, &'a str)>,
    entries: Incoming,
}

impl<'a> Collector<'a> {
    /// One with room for so many entries.
    pub(super) fn new(manifest: &'a Manifest, room: usize) -> Self {
        let rules = RuleSet::new(&manifest.declaration.rules);
        Self {
            manifest,
            rules,
            links: manifest
                .links
                .iter()
                .map(|(p, t)| (p, t.as_str()))
                .collect(),
            entries: Incoming::with_room(room),
        }
    }

    /// Takes one entry, or says why the archive is refused.
    pub(super) fn add(&mut self, entry: ListedEntry) -> Result<(), ArchiveError> {
        match &entry.kind {
            EntryKind::Directory if !self.covers_directory(&entry.path) => {
                return Err(ArchiveError::Uncovered(entry.path.to_string()));
            }
            EntryKind::Directory => {}
            kind => {
                if self.rules.rule_for(&entry.path).is_none() {
                    return Err(ArchiveError::Uncovered(entry.path.to_string()));
                }
                if let EntryKind::Link { target } = kind {
                    self.check_link(&entry.path, target)?;
                }
            }
        }
        let is_directory = entry.kind == EntryKind::Directory;
        match self.entries.add(entry) {
            // A directory may be named twice; the first description stands.
            Err(known) if !is_directory || known.kind != EntryKind::Directory => {
                Err(ArchiveError::Collision(known.path.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Checks what only shows when all entries are known.
    pub(super) fn finish(self, limits: ReadLimits) -> Result<Entries, ArchiveError> {
        let entries = self.entries.finish();
        Finished {
            manifest: self.manifest,
            entries: &entries,
        }
        .check(limits)?;
        Ok(entries)
    }

    /// A directory is covered when it is above, at or below a rule's place.
    fn covers_directory(&self, path: &ArchivePath) -> bool {
        self.manifest.declaration.rules.iter().any(|rule| {
            rule.at.base == *path.base()
                && (rule.at.path.below(path.rel()).is_some()
                    || (rule.shape == Shape::Directory
                        && path.rel().below(&rule.at.path).is_some()))
        })
    }

    fn check_link(&self, path: &ArchivePath, target: &str) -> Result<(), ArchiveError> {
        let refuse = |why| {
            Err(ArchiveError::Link {
                path: path.to_string(),
                target: target.to_owned(),
                why,
            })
        };
        let root = self.rules.rule_for(path).map(|rule| &rule.at.path);
        let root = root.cloned().unwrap_or_default();
        if let Err(why) = link_stays_inside(&root, path.rel(), target) {
            return refuse(why);
        }
        if self.links.contains(&(path, target)) {
            Ok(())
        } else {
            refuse("the manifest does not list it")
        }
    }
}

/// All entries of an archive, to be held against one another.
struct Finished<'a> {
    manifest: &'a Manifest,
    entries: &'a Entries,
}

impl Finished<'_> {
    fn check(&self, limits: ReadLimits) -> Result<(), ArchiveError> {
        let mut before: Option<&ArchivePath> = None;
        for path in self.entries.keys() {
            let beside = |before: &ArchivePath| {
                before.base() == path.base() && before.rel().above() == path.rel().above()
            };
            // What is above two neighbours is looked at once.
            if before.replace(path).is_some_and(beside) {
                continue;
            }
            let mut above = path.rel().parent();
            while let Some(dir) = above {
                let dir_path = ArchivePath::new(path.base().clone(), dir.clone());
                let solid = self.entries.get(&dir_path);
                if solid.is_some_and(|entry| entry.kind != EntryKind::Directory) {
                    return Err(ArchiveError::Collision(path.to_string()));
                }
                above = dir.parent();
            }
        }
        let mut arrived = BTreeSet::new();
        for (path, target) in &self.manifest.links {
            let listed = self.entries.get(path).map(|entry| &entry.kind);
            if listed
                != Some(&EntryKind::Link {
                    target: target.clone(),
                })
            {
                return Err(ArchiveError::Unlisted {
                    path: path.to_string(),
                    listed: true,
                });
            }
            self.check_target(path, target, limits, &mut arrived)?;
        }
        self.check_spelling()
    }

    /// A link must lead to something, and not in a circle. In an archive of the vault the
    /// target may be missing, for it may have been left out on purpose. No link is gone
    /// through twice: `arrived` holds what is known to be somewhere or to lead there.
    fn check_target(
        &self,
        path: &ArchivePath,
        target: &str,
        limits: ReadLimits,
        arrived: &mut BTreeSet<ArchivePath>,
    ) -> Result<(), ArchiveError> {
        let refuse = |why| {
            Err(ArchiveError::Link {
                path: path.to_string(),
                target: target.to_owned(),
                why,
            })
        };
        let mut way = BTreeSet::new();
        let (mut here, mut text) = (path.clone(), target.to_owned());
        loop {
            let Some(rel) = link_target(here.rel(), &text) else {
                return refuse("its target is not a plain path");
            };
            let next = ArchivePath::new(path.base().clone(), rel);
            if !way.insert(std::mem::replace(&mut here, next)) {
                return refuse("it leads in a circle");
            }
            if arrived.contains(&here) {
                break;
            }
            match self.entries.get(&here).map(|entry| &entry.kind) {
                Some(EntryKind::Link { target }) => text.clone_from(target),
                Some(_) => break,
                None if limits.exact_modes || self.holds_below(&here) => break,
                None => return refuse("its target is not in the archive"),
            }
        }
        arrived.extend(way);
        arrived.insert(here);
        Ok(())
    }

    /// Where names that differ only in spelling are one file, a link among them could be
    /// written through.
    fn check_spelling(&self) -> Result<(), ArchiveError> {
        let links: BTreeMap<String, &ArchivePath> = self
            .manifest
            .links
            .iter()
            .map(|(path, _)| (folded(path), path))
            .collect();
        for path in self.entries.keys().filter(|_| !links.is_empty()) {
            let mut here = Some(path.rel().clone());
            while let Some(rel) = here {
                let spelled = ArchivePath::new(path.base().clone(), rel.clone());
                if links
                    .get(&folded(&spelled))
                    .is_some_and(|link| **link != spelled)
                {
                    return Err(ArchiveError::Collision(path.to_string()));
                }
                here = rel.parent();
            }
        }
        Ok(())
    }

    /// Whether a path is an entry or a directory above one.
    fn holds_below(&self, path: &ArchivePath) -> bool {
        // What is below comes right behind.
        self.entries.at_or_behind(path).is_some_and(|entry| {
            entry.path.base() == path.base() && entry.path.rel().is_at_or_below(path.rel())
        })
    }
}

fn folded(path: &ArchivePath) -> String {
    model::folded(&path.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::*;
    use crate::model::ModTime;

    fn manifest(rules: usize, links: &[(String, String)]) -> Result<Manifest, ArchiveError> {
        let rule = |n| serde_json::json!({"id": format!("r{n}"), "at": "home/.claude", "shape": "directory", "class": "skills"});
        let link =
            |(path, target): &(String, String)| serde_json::json!({"path": path, "target": target});
        let json = serde_json::json!({
            "format": 1, "program": "p", "snapshot": "2026-01-20_15-30-00", "target": "claude",
            "time": "t", "zone": "UTC", "host": "h", "user": "u", "os": "linux", "home": "/h",
            "adapter": {"name": "A", "version": "1", "sha256": "00".repeat(32), "scope": []},
            "classes": [],
            "declaration": {"rules": (0..rules).map(rule).collect::<Vec<_>>()},
            "links": links.iter().map(link).collect::<Vec<_>>(),
        });
        format::parse(json.to_string().as_bytes())
    }

    fn finished(links: &[(String, String)]) -> Result<usize, ArchiveError> {
        let manifest = manifest(1, links)?;
        let mut collector = Collector::new(&manifest, 0);
        let meta = Meta {
            mode: 0o644,
            mtime: ModTime::default(),
        };
        let links = links.iter().map(|(path, target)| {
            let target = target.clone();
            (path.as_str(), EntryKind::Link { target })
        });
        let file = ("home/.claude/file", EntryKind::File { size: 0 });
        for (path, kind) in links.chain([file]) {
            let path = ArchivePath::parse(path).unwrap();
            collector.add(ListedEntry {
                path,
                kind,
                meta,
                digest: None,
                masked: false,
            })?;
        }
        Ok(collector.finish(ReadLimits::foreign(1 << 20))?.len())
    }

    /// Links that lead to one another, the last to `end`.
    fn chain(count: usize, end: &str) -> Vec<(String, String)> {
        let name = |n: usize| {
            if n == count {
                end.to_owned()
            } else {
                format!("l{n:06}")
            }
        };
        let link = |n| (format!("home/.claude/{}", name(n)), name(n + 1));
        (0..count).map(link).collect()
    }

    #[test]
    fn a_chain_of_links_is_gone_through_once_however_long_it_is() {
        assert_eq!(finished(&chain(30_000, "file")).unwrap(), 30_001);
        for end in ["nothing", "l000000", "l009999"] {
            assert!(finished(&chain(10_000, end)).is_err(), "{end}");
        }
    }

    #[test]
    fn a_manifest_has_so_many_rules_and_no_more() {
        assert!(manifest(1000, &[]).is_ok());
        assert!(manifest(1001, &[]).is_err());
    }
}
