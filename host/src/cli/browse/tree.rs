//! What a snapshot holds of a target, as people walk through it: classes, directories, files;
//! and what of it is picked. Pure.

mod picks;

pub(super) use picks::Chosen;

use std::collections::{BTreeMap, HashMap};
use takeback::archive::Listing;
use takeback::model::{ArchivePath, Base, Class, EntryKind, RelPath, Shown, TargetId};

/// A node's number. The root is 0.
pub(super) type At = usize;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Target,
    Class(Class),
    Directory,
    File,
    Link,
}

impl What {
    /// Whether there is something below.
    pub(super) fn opens(self) -> bool {
        !matches!(self, Self::File | Self::Link)
    }
}

/// How an archived file stands to what is here now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Same,
    Changed,
    /// It is not here any more.
    Gone,
    /// It could not be compared.
    Unknown,
}

/// One node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its name, escaped; of directories that hold nothing but another one both names.
    pub(super) name: String,
    pub(super) what: What,
    /// Its path in the archive; target and class have none.
    pub(super) path: Option<ArchivePath>,
    pub(super) parent: Option<At>,
    pub(super) children: Vec<At>,
    /// Files and links, with itself.
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Newest change, in seconds since 1970.
    pub(super) modified: i64,
    /// How many of the files are picked.
    pub(super) picked: u64,
    /// How many of the files are not the same here now.
    pub(super) differing: u64,
    pub(super) fate: Option<Fate>,
    /// Whether its path names nothing of the archive but what is below this node.
    alone: bool,
}

/// All nodes of a target.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) target: TargetId,
    nodes: Vec<Node>,
    /// Whether it was compared with what is here.
    pub(super) compared: bool,
    /// Files that are here and not in the snapshot, where it was compared.
    pub(super) only_here: u64,
}

/// A file or link of an archive.
pub(super) struct Leaf {
    pub(super) class: Class,
    pub(super) path: ArchivePath,
    pub(super) link: bool,
    pub(super) size: u64,
    pub(super) modified: i64,
}

/// The files and links of a listing.
pub(super) fn leaves(listing: &Listing) -> Vec<Leaf> {
    let leaf = |entry: &takeback::archive::ListedEntry| {
        let link = match entry.kind {
            EntryKind::Directory => return None,
            EntryKind::File { .. } => false,
            EntryKind::Link { .. } => true,
        };
        Some(Leaf {
            class: listing.rule_for(&entry.path)?.class,
            path: entry.path.clone(),
            link,
            size: entry.size(),
            modified: entry.meta.mtime.seconds,
        })
    };
    listing.entries.values().filter_map(leaf).collect()
}

/// A directory while the tree is made.
#[derive(Default)]
struct Raw<'a> {
    dirs: BTreeMap<&'a str, Raw<'a>>,
    files: BTreeMap<&'a str, &'a Leaf>,
}

impl Tree {
    /// Makes a tree; `place` says how people know a base directory.
    pub(super) fn new(target: TargetId, leaves: &[Leaf], place: &dyn Fn(&Base) -> String) -> Self {
        let mut tree = Self {
            target,
            nodes: Vec::new(),
            compared: false,
            only_here: 0,
        };
        let held = held(leaves);
        let name = tree.target.to_string();
        let root = tree.add(None, name, What::Target, None);
        for class in Class::ALL {
            let mut bases: BTreeMap<&Base, Raw<'_>> = BTreeMap::new();
            for leaf in leaves.iter().filter(|leaf| leaf.class == class) {
                insert(bases.entry(leaf.path.base()).or_default(), leaf);
            }
            if bases.is_empty() {
                continue;
            }
            let name = class.as_str().to_owned();
            let of_class = tree.add(Some(root), name, What::Class(class), None);
            for (base, raw) in &bases {
                let path = ArchivePath::new((*base).clone(), RelPath::root());
                tree.directory(of_class, place(base), path, raw, &held);
            }
        }
        tree.add_up(root);
        tree
    }

    fn add(
        &mut self,
        parent: Option<At>,
        name: String,
        what: What,
        path: Option<ArchivePath>,
    ) -> At {
        let at = self.nodes.len();
        self.nodes.push(Node {
            name,
            what,
            path,
            parent,
            children: Vec::new(),
            files: 0,
            bytes: 0,
            modified: i64::MIN,
            picked: 0,
            differing: 0,
            fate: None,
            alone: false,
        });
        if let Some(parent) = parent {
            self.nodes[parent].children.push(at);
        }
        at
    }

    /// Adds a directory with all below; those that hold nothing but another one become one.
    fn directory(
        &mut self,
        parent: At,
        mut name: String,
        mut path: ArchivePath,
        mut raw: &Raw<'_>,
        held: &HashMap<String, u64>,
    ) {
        while let (true, Some((below, inner))) = (
            raw.files.is_empty() && raw.dirs.len() == 1,
            raw.dirs.first_key_value(),
        ) {
            let Ok(next) = path.join(below) else { break };
            name = format!("{name}/{}", Shown(below));
            (path, raw) = (next, inner);
        }
        let at = self.add(Some(parent), name, What::Directory, Some(path.clone()));
        for (name, inner) in &raw.dirs {
            if let Ok(below) = path.join(name) {
                self.directory(at, Shown(name).to_string(), below, inner, held);
            }
        }
        for (name, leaf) in &raw.files {
            let what = if leaf.link { What::Link } else { What::File };
            let path = Some(leaf.path.clone());
            let file = self.add(Some(at), Shown(name).to_string(), what, path);
            let node = &mut self.nodes[file];
            (node.files, node.bytes, node.modified) = (1, leaf.size, leaf.modified);
            node.alone = true;
        }
        self.add_up(at);
        let all = held.get(&path.to_string()).copied().unwrap_or_default();
        self.nodes[at].alone = all == self.nodes[at].files;
    }

    /// Sums up what is right below; of the root also what is below that.
    fn add_up(&mut self, at: At) {
        for child in self.nodes[at].children.clone() {
            if matches!(self.nodes[child].what, What::Class(_)) {
                self.add_up(child);
            }
            let (files, bytes, modified) = {
                let child = &self.nodes[child];
                (child.files, child.bytes, child.modified)
            };
            let node = &mut self.nodes[at];
            node.files += files;
            node.bytes += bytes;
            node.modified = node.modified.max(modified);
        }
    }

    /// A node; the root where the number is of none.
    pub(super) fn node(&self, at: At) -> &Node {
        self.nodes.get(at).unwrap_or(&self.nodes[0])
    }

    /// Where one is after opening a node: where there is only one thing to open next, inside
    /// that. `None` for what does not open.
    pub(super) fn inside(&self, at: At) -> Option<At> {
        let mut at = self.node(at).what.opens().then_some(at)?;
        while let [only] = self.node(at).children.as_slice()
            && self.node(*only).what.opens()
        {
            at = *only;
        }
        Some(at)
    }

    /// The names from below the target down to a node.
    pub(super) fn way(&self, at: At) -> Vec<&str> {
        let mut names = Vec::new();
        let mut here = Some(at);
        while let Some(at) = here {
            let node = self.node(at);
            if node.what != What::Target {
                names.push(node.name.as_str());
            }
            here = node.parent;
        }
        names.reverse();
        names
    }

    fn leaves_below(&self, at: At) -> Vec<At> {
        let mut found = Vec::new();
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            let node = self.node(at);
            if node.what.opens() {
                open.extend(&node.children);
            } else {
                found.push(at);
            }
        }
        found
    }

    /// Changes a counter of a node and of all above it.
    fn count(&mut self, at: At, change: impl Fn(&mut Node)) {
        let mut here = Some(at);
        while let Some(at) = here {
            change(&mut self.nodes[at]);
            here = self.nodes[at].parent;
        }
    }

    /// Takes in how the files stand to what is here now; those that are not named are the
    /// same.
    pub(super) fn compared(&mut self, fates: &BTreeMap<ArchivePath, Fate>, only_here: u64) {
        for node in &mut self.nodes {
            node.differing = 0;
        }
        for at in self.leaves_below(0) {
            let fate = self.nodes[at]
                .path
                .as_ref()
                .and_then(|path| fates.get(path));
            let fate = fate.copied().unwrap_or(Fate::Same);
            self.nodes[at].fate = Some(fate);
            if fate != Fate::Same {
                self.count(at, |node| node.differing += 1);
            }
        }
        (self.compared, self.only_here) = (true, only_here);
    }
}

/// How many files the archive holds at and below each path.
fn held(leaves: &[Leaf]) -> HashMap<String, u64> {
    let mut held = HashMap::new();
    for leaf in leaves {
        let path = leaf.path.to_string();
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        for above in above {
            match held.get_mut(above) {
                Some(count) => *count += 1,
                None => _ = held.insert(above.to_owned(), 1),
            }
        }
    }
    held
}

fn insert<'a>(mut raw: &mut Raw<'a>, leaf: &'a Leaf) {
    let mut parts: Vec<&str> = leaf.path.rel().components().collect();
    // A rule for a single file can name a base directory's own entry, never the base itself.
    let Some(name) = parts.pop() else { return };
    for part in parts {
        raw = raw.dirs.entry(part).or_default();
    }
    raw.files.insert(name, leaf);
}

#[cfg(test)]
mod tests;
