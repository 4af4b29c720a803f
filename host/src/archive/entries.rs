//! The entries of an archive by path. A sorted list and no tree of nodes: a hundred thousand
//! entries take half the memory, and a list that comes in order is only added to.

use super::listing::ListedEntry;
use crate::model::ArchivePath;
use std::collections::BTreeMap;

/// Entries in the order of their paths, no path twice: directories come before what is in
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(Vec<ListedEntry>);

impl Entries {
    /// Their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entry with this path.
    #[must_use]
    pub fn get(&self, path: &ArchivePath) -> Option<&ListedEntry> {
        find(&self.0, path)
    }

    /// Whether there is one with this path.
    #[must_use]
    pub fn contains_key(&self, path: &ArchivePath) -> bool {
        self.get(path).is_some()
    }

    /// Their paths.
    pub fn keys(&self) -> impl Iterator<Item = &ArchivePath> {
        self.0.iter().map(|entry| &entry.path)
    }

    /// All of them.
    pub fn values(&self) -> std::slice::Iter<'_, ListedEntry> {
        self.0.iter()
    }

    /// All of them, given away.
    pub fn into_values(self) -> std::vec::IntoIter<ListedEntry> {
        self.0.into_iter()
    }

    /// The first entry with this path or one behind it in the order.
    pub(super) fn at_or_behind(&self, path: &ArchivePath) -> Option<&ListedEntry> {
        let from = self.0.partition_point(|entry| entry.path < *path);
        self.0.get(from)
    }
}

/// Entries while they come in, in whatever order.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// Those that came in order: almost always all.
    sorted: Vec<ListedEntry>,
    /// Those that came behind a later one.
    late: BTreeMap<ArchivePath, ListedEntry>,
}

impl Incoming {
    /// With room for so many.
    pub(super) fn with_room(count: usize) -> Self {
        Self {
            sorted: Vec::with_capacity(count),
            ..Self::default()
        }
    }

    /// Takes an entry; gives what has its path already, which then stays.
    pub(super) fn add(&mut self, entry: ListedEntry) -> Result<(), &ListedEntry> {
        let in_order = self.sorted.last().is_none_or(|last| last.path < entry.path);
        if self.get(&entry.path, in_order).is_some() {
            // Looked for twice, for the borrow checker does not see that only one way leaves.
            return self.get(&entry.path, in_order).map_or(Ok(()), Err);
        }
        if in_order {
            self.sorted.push(entry);
        } else {
            self.late.insert(entry.path.clone(), entry);
        }
        Ok(())
    }

    fn get(&self, path: &ArchivePath, in_order: bool) -> Option<&ListedEntry> {
        let sorted = (!in_order).then(|| find(&self.sorted, path)).flatten();
        sorted.or_else(|| self.late.get(path))
    }

    /// All that came.
    pub(super) fn finish(self) -> Entries {
        let mut all = self.sorted;
        if !self.late.is_empty() {
            all.extend(self.late.into_values());
            all.sort_by(|one, other| one.path.cmp(&other.path));
        }
        Entries(all)
    }
}

fn find<'a>(sorted: &'a [ListedEntry], path: &ArchivePath) -> Option<&'a ListedEntry> {
    let at = sorted.binary_search_by(|entry| entry.path.cmp(path));
    at.ok().and_then(|at| sorted.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryKind, Meta};

    fn entry(path: &str, size: u64) -> ListedEntry {
        ListedEntry {
            path: ArchivePath::parse(path).unwrap(),
            kind: EntryKind::File { size },
            meta: Meta {
                mode: 0o600,
                mtime: crate::model::ModTime::default(),
            },
            digest: None,
            masked: false,
        }
    }

    #[test]
    fn in_whatever_order_they_come_they_are_sorted_and_the_first_of_a_path_stays() {
        let names = ["home/a", "home/a/b", "home/a-b", "home/c", "config/d"];
        let sorted = ["home/a", "home/a/b", "home/a-b", "home/c", "config/d"];
        for turn in 0..names.len() {
            let mut incoming = Incoming::with_room(0);
            for at in 0..names.len() {
                let name = names[(at * 3 + turn) % names.len()];
                incoming.add(entry(name, 1)).unwrap();
                for known in (0..=at).map(|at| names[(at * 3 + turn) % names.len()]) {
                    assert_eq!(incoming.add(entry(known, 2)).unwrap_err(), &entry(known, 1));
                }
            }
            let all = incoming.finish();
            let paths: Vec<String> = all.keys().map(ToString::to_string).collect();
            assert_eq!(paths, sorted, "{turn}");
            assert!(all.values().all(|entry| entry.size() == 1));
            for name in names {
                assert!(all.contains_key(&entry(name, 0).path));
            }
            assert_eq!(all.get(&entry("home/b", 0).path), None);
            let behind = all.at_or_behind(&entry("home/b", 0).path);
            assert_eq!(behind.unwrap().path.to_string(), "home/c");
        }
    }
}
