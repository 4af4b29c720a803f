//! The walk itself.

use super::inventory::{Directories, Inventory, ScannedEntry, complete, directory, meta};
use super::links::{Anchors, Place};
use super::roots;
use crate::fs::{Dir, FileKind, Stat};
use crate::model::limits::{PATH_DEPTH, STORED_FILE_BYTES};
use crate::model::{
    ArchivePath, CheckedDeclaration, ClassSelection, EntryKind, FollowedLink, Forbidden, HostFacts,
    LeftOut, LinkPolicy, Location, Rule, RuleSet, SQLITE_MAGIC, SQLITE_SIDES, ShownPath, Trouble,
    TroubleKind, link_stays_inside,
};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;

/// Walks every place a declaration names.
#[must_use]
pub fn scan(
    declaration: &CheckedDeclaration,
    scope: &[Location],
    wanted: ClassSelection,
    facts: &HostFacts,
) -> Inventory {
    let rules = RuleSet::new(&declaration.rules);
    let places = declaration.rules.iter().map(|rule| &rule.at).chain(scope);
    let mut walk = Walk {
        rules,
        wanted,
        forbidden: roots::off_limits(facts, places.map(|place| &place.base)),
        anchors: Anchors::open(facts),
        found: Inventory::default(),
        directories: Directories::new(),
        present: BTreeSet::new(),
        inside: Vec::new(),
    };
    for rule in rules.roots(ClassSelection::everything()) {
        walk.root(rule, facts);
    }
    walk.note_undeclared(scope, &declaration.rules, facts);
    let Walk {
        mut found,
        directories,
        present,
        ..
    } = walk;
    found.left_out = left_out(&declaration.rules, wanted, &present);
    found.leave_ambiguous_links();
    found.entries = complete(found.entries, &directories);
    found
}

fn left_out(rules: &[Rule], wanted: ClassSelection, present: &BTreeSet<&str>) -> Vec<LeftOut> {
    let unwanted = rules
        .iter()
        .filter(|rule| present.contains(rule.id.as_str()));
    unwanted
        .filter_map(|rule| {
            let reason = wanted.left_out(rule.class)?;
            let (id, at) = (rule.id.clone(), rule.at.to_string());
            Some(LeftOut {
                rule: id,
                class: rule.class,
                at,
                reason,
            })
        })
        .collect()
}

struct Walk<'a> {
    rules: RuleSet<'a>,
    wanted: ClassSelection,
    forbidden: Forbidden,
    anchors: Anchors,
    found: Inventory,
    directories: Directories,
    /// Rules whose class is not wanted, though something is there.
    present: BTreeSet<&'a str>,
    /// Inodes of the directories the walk is inside of, to notice loops of links.
    inside: Vec<(u64, u64)>,
}

/// A directory the walk is in.
struct Open<'d> {
    path: &'d ArchivePath,
    place: &'d Place,
    dir: &'d Dir,
    names: &'d [OsString],
    /// Whether nothing below it can be off limits.
    spared: bool,
}

impl<'a> Walk<'a> {
    fn trouble(&mut self, path: impl ToString, kind: TroubleKind, detail: impl ToString) {
        let (path, detail) = (path.to_string(), detail.to_string());
        self.found.troubles.push(Trouble { path, kind, detail });
    }

    fn root(&mut self, rule: &'a Rule, facts: &HostFacts) {
        let root = match roots::find(&rule.at, facts, &self.anchors, &self.forbidden) {
            Ok(Some(root)) => root,
            Ok(None) => return,
            Err(trouble) => {
                // Several rules can share a place; one that is wanted is enough.
                let path = ArchivePath::new(rule.at.base.clone(), rule.at.path.clone());
                let below = self.rules.may_match_below(&path, self.wanted);
                if below || self.wanted.takes(rule.class) {
                    self.found.troubles.push(trouble);
                }
                return;
            }
        };
        for (path, stat, place) in root.above {
            self.directories.insert(path, (stat, place));
        }
        let path = ArchivePath::new(rule.at.base.clone(), rule.at.path.clone());
        self.entry(path, root.stat, root.place, false);
    }

    /// One name that is no link, or whose link was followed. `spared` means that nothing at
    /// or below it can be off limits.
    fn entry(&mut self, path: ArchivePath, stat: Stat, place: Place, spared: bool) {
        if !spared && let Some(why) = self.forbidden.reason(&place.full()) {
            return self.trouble(&path, TroubleKind::OffLimits, why);
        }
        match stat.kind {
            FileKind::Directory => self.directory(&path, &stat, &place, spared),
            kind => {
                let Some(rule) = self.rules.rule_for(&path) else {
                    return;
                };
                if !self.wanted.takes(rule.class) {
                    self.present.insert(rule.id.as_str());
                } else if let FileKind::Special(what) = kind {
                    self.trouble(&path, TroubleKind::Special, format!("it is a {what}"));
                } else if stat.size > STORED_FILE_BYTES {
                    self.trouble(&path, TroubleKind::TooLarge, "it is larger than 8 GiB");
                } else {
                    let kind = EntryKind::File { size: stat.size };
                    self.found.entries.push(ScannedEntry {
                        path,
                        kind,
                        meta: meta(&stat),
                        place,
                        identity: Some(stat.identity()),
                    });
                }
            }
        }
    }

    fn directory(&mut self, path: &ArchivePath, stat: &Stat, place: &Place, spared: bool) {
        if !self.rules.may_match_below(path, self.wanted) {
            let below = self
                .rules
                .first_below(path)
                .or_else(|| self.rules.rule_for(path));
            self.present.extend(below.map(|rule| rule.id.as_str()));
            return;
        }
        if self.inside.contains(&stat.inode) {
            return self.trouble(
                path,
                TroubleKind::LinkLoop,
                "it leads back to where it lies",
            );
        }
        if self.inside.len() > PATH_DEPTH {
            return self.trouble(path, TroubleKind::BadName, "it is too deep");
        }
        let listed = place.open().and_then(|dir| Ok((dir.list()?, dir)));
        let (names, dir) = match listed {
            Ok(listed) => listed,
            Err(e) => return self.trouble(path, TroubleKind::Unreadable, e.source),
        };
        self.directories
            .insert(path.clone(), (*stat, place.clone()));
        let kept = self
            .rules
            .rule_for(path)
            .is_some_and(|rule| self.wanted.takes(rule.class));
        if names.is_empty() && kept {
            self.found
                .entries
                .push(directory(path.clone(), stat, place));
        }
        let open = Open {
            path,
            place,
            dir: &dir,
            names: &names,
            spared: spared || self.forbidden.spares(&place.full()),
        };
        self.inside.push(stat.inode);
        for name in &names {
            self.child(&open, name);
        }
        self.inside.pop();
    }

    fn child(&mut self, parent: &Open<'_>, name: &OsStr) {
        let (dir, siblings) = (parent.dir, parent.names);
        let below = name.to_str().map(|text| (text, parent.path.join(text)));
        let (text, path) = match below {
            Some((text, Ok(path))) => (text, path),
            Some((_, Err(why))) => return self.bad_name(parent.path, name, &why.to_string()),
            None => return self.bad_name(parent.path, name, "it is not UTF-8"),
        };
        let stat = match dir.stat(name) {
            Ok(Some(stat)) => stat,
            // A database's journal comes and goes; so does what nobody wanted.
            Ok(None) if !self.wants(&path) || is_database_side(dir, text, siblings) => return,
            Ok(None) => return self.trouble(&path, TroubleKind::Vanished, "it is gone"),
            Err(e) => return self.trouble(&path, TroubleKind::Unreadable, e.source),
        };
        if stat.kind == FileKind::Link {
            return self.link(path, parent, text, &stat);
        }
        if stat.kind == FileKind::Regular && is_database_side(dir, text, siblings) {
            return;
        }
        let place = parent.place.child(path.rel());
        self.entry(path, stat, place, parent.spared);
    }

    /// Whether a path is kept, or something below it could be.
    fn wants(&self, path: &ArchivePath) -> bool {
        let rule = self.rules.rule_for(path);
        rule.is_some_and(|rule| self.wanted.takes(rule.class))
            || self.rules.may_match_below(path, self.wanted)
    }

    fn bad_name(&mut self, parent: &ArchivePath, name: &OsStr, why: &str) {
        if self.rules.may_match_below(parent, self.wanted) {
            let path = format!("{parent}/{}", ShownPath::name(name));
            self.trouble(path, TroubleKind::BadName, why);
        }
    }

    fn link(&mut self, path: ArchivePath, parent: &Open<'_>, name: &str, stat: &Stat) {
        let dir = parent.dir;
        let rule = self.rules.rule_for(&path);
        if let Some(rule) = rule.filter(|rule| !self.wanted.takes(rule.class)) {
            self.present.insert(rule.id.as_str());
            return;
        }
        // A link that no rule speaks of is nobody's gap, and not gone through.
        if rule.is_none() && !self.rules.leads_through(&path, self.wanted) {
            return;
        }
        let target = match dir.read_link(name.as_ref()) {
            Ok(target) => target,
            Err(e) => return self.trouble(&path, TroubleKind::Unreadable, e.source),
        };
        let leads = roots::follow(dir, name, &self.anchors, &self.forbidden);
        let keep = rule
            .filter(|rule| rule.links == LinkPolicy::Keep)
            .zip(target.to_str());
        if let Some((rule, text)) = keep
            && link_stays_inside(&rule.at.path, path.rel(), text).is_ok()
            && !matches!(
                leads,
                Err((TroubleKind::Dangling | TroubleKind::LinkLoop, _))
            )
        {
            let (kind, place) = (
                EntryKind::Link {
                    target: text.to_owned(),
                },
                parent.place.child(path.rel()),
            );
            return self.found.entries.push(ScannedEntry {
                path,
                kind,
                meta: meta(stat),
                place,
                identity: None,
            });
        }
        match leads {
            Err((kind, detail)) => {
                let shown = ShownPath::name(&target);
                self.trouble(&path, kind, format!("link to {shown}: {detail}"));
            }
            Ok(real) => self.follow(path, &target, real),
        }
    }

    /// Stores what a link points to in its stead.
    fn follow(&mut self, path: ArchivePath, target: &OsStr, real: Place) {
        let stat = real.open_parent().and_then(|(dir, name)| dir.stat(&name));
        match stat {
            Ok(Some(stat)) if stat.kind != FileKind::Link => {
                let target = target.to_string_lossy().into_owned();
                self.found.followed.push(FollowedLink {
                    path: path.clone(),
                    target,
                });
                self.entry(path, stat, real, false);
            }
            Ok(_) => self.trouble(&path, TroubleKind::Vanished, "what it leads to is gone"),
            Err(e) => self.trouble(&path, TroubleKind::Unreadable, e.source),
        }
    }

    /// Names directly below the scope that no rule speaks of: a tool's newer version
    /// may keep something there that its adapter does not know.
    fn note_undeclared(&mut self, scope: &[Location], rules: &[Rule], facts: &HostFacts) {
        let everything = ClassSelection::everything();
        for location in scope
            .iter()
            .filter(|place| place.base != crate::model::Base::Project)
        {
            let found = roots::find(location, facts, &self.anchors, &self.forbidden);
            let Ok(Some(root)) = found else { continue };
            let off_limits = self.forbidden.reason(&root.place.full()).is_some();
            if off_limits || root.stat.kind != FileKind::Directory {
                continue;
            }
            let Ok(names) = root.place.open().and_then(|dir| dir.list()) else {
                continue;
            };
            for name in names.iter().filter_map(|name| name.to_str()) {
                let Ok(rel) = location.path.join(name) else {
                    continue;
                };
                let path = ArchivePath::new(location.base.clone(), rel);
                let spoken_of = self.rules.rule_for(&path).is_some()
                    || self.rules.may_match_below(&path, everything)
                    || rules.iter().any(|rule| rule.at.path == *path.rel());
                if !spoken_of {
                    self.found.undeclared.push(path.to_string());
                }
            }
        }
        self.found.undeclared.sort();
        self.found.undeclared.dedup();
    }
}

/// Whether a file belongs to a database beside it and is captured with that.
fn is_database_side(dir: &Dir, name: &str, siblings: &[OsString]) -> bool {
    let main = SQLITE_SIDES.iter().find_map(|side| name.strip_suffix(side));
    let Some(main) = main.filter(|main| siblings.iter().any(|s| s.to_str() == Some(main))) else {
        return false;
    };
    let mut start = [0; 16];
    dir.file(Path::new(main))
        .is_ok_and(|(mut file, _)| file.read_exact(&mut start).is_ok() && start == *SQLITE_MAGIC)
}
