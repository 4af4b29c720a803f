//! What of a tree is picked, and the fewest words for it.

use super::{At, Node, Tree, What};
use takeback::model::{ArchivePath, Class};

/// What is to be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli::browse) enum Chosen {
    Everything,
    Classes(Vec<Class>),
    Paths(Vec<ArchivePath>),
}

impl Tree {
    /// Picks all files below a node, or where all are picked none.
    pub(in crate::cli::browse) fn toggle(&mut self, at: At) {
        let pick = self.node(at).picked < self.node(at).files;
        for leaf in self.leaves_below(at) {
            let was = self.nodes[leaf].picked > 0;
            if was != pick {
                self.count(leaf, |node| {
                    node.picked = if pick {
                        node.picked + 1
                    } else {
                        node.picked - 1
                    };
                });
            }
        }
    }

    /// Picks nothing any more.
    pub(in crate::cli::browse) fn unpick(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.picked = 0);
    }

    /// How many files are picked.
    pub(in crate::cli::browse) fn picked(&self) -> u64 {
        self.nodes[0].picked
    }

    /// What is picked, in the fewest words that mean just that.
    pub(in crate::cli::browse) fn chosen(&self) -> Chosen {
        let root = &self.nodes[0];
        if root.picked == root.files {
            return Chosen::Everything;
        }
        let classes = || root.children.iter().map(|at| &self.nodes[*at]);
        if classes().all(|node| node.picked == 0 || node.picked == node.files) {
            let picked = classes().filter(|node| node.picked > 0);
            let class = |node: &Node| match node.what {
                What::Class(class) => Some(class),
                _ => None,
            };
            return Chosen::Classes(picked.filter_map(class).collect());
        }
        let mut paths = Vec::new();
        self.cover(0, &mut paths);
        Chosen::Paths(paths)
    }

    /// What a restore of one node means.
    pub(in crate::cli::browse) fn only(&self, at: At) -> Chosen {
        let mut one = self.clone();
        one.unpick();
        one.toggle(at);
        one.chosen()
    }

    fn cover(&self, at: At, paths: &mut Vec<ArchivePath>) {
        let node = &self.nodes[at];
        if node.picked == 0 {
            return;
        }
        match &node.path {
            // A directory that also holds files of another class is not named as a whole.
            Some(path) if node.picked == node.files && node.alone => paths.push(path.clone()),
            _ => node.children.iter().for_each(|at| self.cover(*at, paths)),
        }
    }
}
