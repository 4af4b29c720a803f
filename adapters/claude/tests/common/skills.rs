//! Counts skills the way the contract says, in a fixture's list of files.

use super::{Home, text};
use std::collections::BTreeSet;
use takeback_adapter::*;

impl Home {
    /// Asserts that each folder with a number of skills in the fixture is tallied so.
    pub(crate) fn check_skills(&self, tallies: &[Tally]) {
        let expected = self.doc["expect"]["skills"]
            .as_object()
            .into_iter()
            .flatten();
        for (folder, count) in expected.filter(|(folder, _)| !folder.contains('(')) {
            let tally = tallies.iter().find(|tally| self.path(&tally.at) == *folder);
            let counted = tally.map(|tally| self.count(&tally.of, folder));
            assert_eq!(counted.map(|n| n as u64), count.as_u64(), "{folder}");
        }
    }

    fn count(&self, of: &TallyOf, folder: &str) -> usize {
        let TallyOf::Folders(of) = of else { return 0 };
        let all: BTreeSet<&str> = self.entries().map(|entry| entry.path).collect();
        let has = |path: &str, name: &str| all.contains(format!("{path}/{name}").as_str());
        let (mut found, mut look) = (BTreeSet::new(), vec![(folder.to_owned(), 0)]);
        while let Some((path, depth)) = look.pop() {
            let skill = depth > 0 && has(&path, &of.marker);
            if skill && !of.unless.iter().any(|name| has(&path, name)) {
                found.insert(path);
            } else if depth < of.depth {
                let below = all
                    .iter()
                    .filter_map(|file| file.strip_prefix(&path)?.strip_prefix('/'));
                let folders = below.filter_map(|file| Some(file.split_once('/')?.0));
                let names: BTreeSet<&str> = folders.filter(|name| !name.starts_with('.')).collect();
                look.extend(
                    names
                        .iter()
                        .map(|name| (format!("{path}/{name}"), depth + 1)),
                );
            }
        }
        found.len() + self.links_to(folder, &|target| has(target, &of.marker))
    }

    /// Links directly in a folder that lead to something that the test accepts.
    fn links_to(&self, folder: &str, test: &dyn Fn(&str) -> bool) -> usize {
        let all = self.doc["entries"].as_array().into_iter().flatten();
        let links = all.filter(|value| text(value, "kind") == "symlink");
        let inside = links.filter(|value| {
            text(value, "path")
                .rsplit_once('/')
                .is_some_and(|(parent, _)| parent == folder)
        });
        inside
            .filter(|value| test(text(value, "target").trim_start_matches("../")))
            .count()
    }
}
