//! Where a path of an archive may be written, worked out apart from the program: links are
//! followed at and above a rule's place, into the home directory only, and nowhere else.

use super::world::World;
use std::path::{Path, PathBuf};
use takeback::model::{ArchivePath, Base};

/// The rules' places in one world.
pub(super) struct Places {
    top: PathBuf,
    home: PathBuf,
    project: Option<PathBuf>,
    off_limits: Vec<PathBuf>,
    rules: Vec<ArchivePath>,
    /// Where the rules' places really were before anything was changed.
    real_rules: Vec<PathBuf>,
    /// The same of every path asked for.
    ways: Vec<(ArchivePath, Option<PathBuf>)>,
}

impl Places {
    /// Looks where links lead now; what is asked later is answered from that.
    pub(super) fn of(world: &World, named: &super::archive::Named) -> Self {
        let home = world.facts.home.clone();
        let mut places = Self {
            top: home.parent().expect("home lies in the world").to_owned(),
            project: world.facts.project.clone(),
            off_limits: vec![home.join(".ssh"), home.join(".bashrc"), world.state.clone()],
            home,
            rules: named.rules.clone(),
            real_rules: Vec::new(),
            ways: Vec::new(),
        };
        let real = places.rules.iter().filter_map(|rule| places.way(rule));
        places.real_rules = real.collect();
        let ways = named
            .paths
            .iter()
            .map(|path| (path.clone(), places.way(path)));
        places.ways = ways.collect();
        places
    }

    /// Where a path may be written, from the world's top; `None` when nowhere.
    pub(super) fn of_path(&self, path: &ArchivePath) -> Option<PathBuf> {
        let known = self.ways.iter().find(|(known, _)| known == path);
        let way = match known {
            Some((_, way)) => way.clone(),
            // Something that only was there: it lies where the walk has found it.
            None => self.way(path),
        };
        Some(way?.strip_prefix(&self.top).ok()?.to_owned())
    }

    /// Whether a path from the world's top lies in the place of a rule.
    pub(super) fn inside_rule(&self, path: &Path) -> bool {
        let path = self.top.join(path);
        self.real_rules.iter().any(|rule| path.starts_with(rule))
    }

    fn way(&self, path: &ArchivePath) -> Option<PathBuf> {
        let mut here = match path.base() {
            Base::Home => self.home.clone(),
            Base::Project => self.project.clone()?,
            _ => return None,
        };
        let names: Vec<&str> = path.rel().components().collect();
        for (index, name) in names.iter().enumerate() {
            here.push(name);
            let last = index + 1 == names.len();
            let so_far = names[..=index].join("/");
            let root = self.is_root_or_above(path.base(), &so_far);
            let whole = self.is_root(path.base(), &so_far);
            if here.is_symlink() && (!last || whole) {
                if !root {
                    return None;
                }
                here = here.canonicalize().ok()?;
                if here == self.home || Some(&here) == self.project.as_ref() {
                    return None;
                }
            }
            let inside = here.starts_with(&self.home);
            if !inside || self.off_limits.iter().any(|bad| here.starts_with(bad)) {
                return None;
            }
        }
        Some(here)
    }

    fn is_root(&self, base: &Base, rel: &str) -> bool {
        let mut roots = self.rules.iter().filter(|rule| rule.base() == base);
        roots.any(|rule| rule.rel().as_str() == rel)
    }

    fn is_root_or_above(&self, base: &Base, rel: &str) -> bool {
        let mut roots = self.rules.iter().filter(|rule| rule.base() == base);
        roots.any(|rule| Path::new(rule.rel().as_str()).starts_with(rel))
    }
}
