//! What may be found after something went wrong: everything as before, or everything as
//! wanted, and nothing else.

use super::scene::Scene;
use crate::support::tree::What;
use crate::support::{Output, TreeSnapshot};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the first command after a crash says it did, and the ending that goes with it.
const SAYINGS: [(&str, Ending); 3] = [
    ("was finished", Ending::New),
    ("was rolled back", Ending::Old),
    ("had changed nothing", Ending::Old),
];

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As before.
    Old,
    /// As wanted.
    New,
}

/// The two trees there may be.
#[derive(Clone)]
pub(super) struct Sides {
    old: TreeSnapshot,
    new: TreeSnapshot,
    /// Directories whose time is not compared with the tree as it was before.
    loose_old: BTreeSet<PathBuf>,
    /// The same for the tree as it is wanted.
    loose_new: BTreeSet<PathBuf>,
    /// What is not compared at all.
    out: Vec<PathBuf>,
}

impl Sides {
    /// Before and after a restore. A restore gives directories that were there before no
    /// time of its own when it changes something in them, so theirs is not compared.
    pub(super) fn of_restore(scene: &Scene) -> Self {
        let (old, new) = (scene.old.clone(), scene.new.clone());
        let changed = old.0.iter().filter(|(path, node)| {
            let after = new.0.get(*path);
            node.what == What::Directory && after.is_some_and(|after| after.mtime != node.mtime)
        });
        let loose_new = changed.map(|(path, _)| path.clone()).collect();
        Self {
            loose_new,
            ..Self::exact(old, new)
        }
    }

    /// Two trees that are compared in everything.
    pub(super) fn exact(old: TreeSnapshot, new: TreeSnapshot) -> Self {
        Self {
            old,
            new,
            loose_old: BTreeSet::new(),
            loose_new: BTreeSet::new(),
            out: Vec::new(),
        }
    }

    /// The same, a path and what is below it left out, and the time of the directory it
    /// is in too: somebody else was there.
    pub(super) fn but(&self, path: &str) -> Self {
        let mut sides = self.loose_above(path);
        sides.out.push(path.into());
        sides
    }

    /// The same without the time of the directory a path is in.
    pub(super) fn loose_above(&self, path: &str) -> Self {
        let mut sides = self.clone();
        let above = Path::new(path).parent().unwrap().to_owned();
        sides.loose_old.insert(above.clone());
        sides.loose_new.insert(above);
        sides
    }

    /// Which of the two a tree is; otherwise how it differs from both.
    pub(super) fn which(&self, tree: &TreeSnapshot) -> Result<Ending, String> {
        let to_old = self.differences(&self.old, tree, &self.loose_old);
        if to_old.is_empty() {
            return Ok(Ending::Old);
        }
        let to_new = self.differences(&self.new, tree, &self.loose_new);
        if to_new.is_empty() {
            return Ok(Ending::New);
        }
        Err(format!(
            "neither as before:\n    {}\n  nor as wanted:\n    {}",
            to_old.join("\n    "),
            to_new.join("\n    ")
        ))
    }

    /// Fails unless a tree is one of the two.
    pub(super) fn must_be(&self, ending: Ending, tree: &TreeSnapshot) -> Result<(), String> {
        let (side, loose) = match ending {
            Ending::Old => (&self.old, &self.loose_old),
            Ending::New => (&self.new, &self.loose_new),
        };
        let differences = self.differences(side, tree, loose);
        let why = || format!("{ending:?} differs:\n    {}", differences.join("\n    "));
        check(differences.is_empty(), why)
    }

    fn differences(
        &self,
        side: &TreeSnapshot,
        tree: &TreeSnapshot,
        loose: &BTreeSet<PathBuf>,
    ) -> Vec<String> {
        let seen = |tree: &TreeSnapshot| {
            let out = self.out.iter();
            let mut tree = out.fold(tree.clone(), |tree, out| tree.without(out));
            for dir in loose {
                if let Some(node) = tree.0.get_mut(dir) {
                    node.mtime = (0, 0);
                }
            }
            tree
        };
        seen(side).diff(&seen(tree))
    }
}

/// An error with a reason unless something is so.
pub(super) fn check(so: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if so { Ok(()) } else { Err(why()) }
}

/// Whoever did not do what was asked says why, and nobody panics.
pub(super) fn spoke(run: &Output) -> Result<(), String> {
    let spoke = run.code == 0 || !run.stderr.trim().is_empty();
    let well = run.code < 100 && !run.stderr.contains("panicked");
    check(spoke && well, || format!("it ended badly\n{run}"))
}

/// Runs the next command, and another one, and judges what is there then.
pub(super) fn settle(scene: &Scene, sides: &Sides) -> Result<Ending, String> {
    let first = scene.run(&["list"]);
    let ending = sides
        .which(&scene.tree())
        .map_err(|why| format!("{why}\n{first}"))?;
    check(first.code == 0, || {
        format!("the next command fails\n{first}")
    })?;
    said(scene, &first, ending)?;
    tidy(scene)?;
    let second = scene.run(&["list"]);
    let silent = second.code == 0 && second.stderr == scene.quiet();
    check(silent, || format!("it is not over\n{first}\n{second}"))?;
    let still = sides.must_be(ending, &scene.tree());
    still.map_err(|why| format!("the second command changed something: {why}"))?;
    Ok(ending)
}

/// It says what it did, in one word of three, or that it did nothing by silence.
fn said(scene: &Scene, output: &Output, ending: Ending) -> Result<(), String> {
    let sayings = SAYINGS.iter();
    let said: Vec<_> = sayings
        .filter(|(saying, _)| output.stderr.contains(saying))
        .collect();
    match said[..] {
        [] => check(output.stderr == scene.quiet(), || {
            format!("it does not say what it did\n{output}")
        }),
        [(saying, meant)] => check(*meant == ending, || {
            format!("it says that it {saying}, but ended {ending:?}\n{output}")
        }),
        _ => Err(format!("it says more than one thing\n{output}")),
    }
}

/// Nothing is left lying about in the program's own place.
pub(super) fn tidy(scene: &Scene) -> Result<(), String> {
    let state = TreeSnapshot::of(&scene.state());
    let belongs = |path: &PathBuf| {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        match &parts[..] {
            [] => true,
            [one] => matches!(
                one.as_ref(),
                "lock" | "log.jsonl" | "operations" | "staging"
            ),
            [above, id] => above == "operations" && !id.starts_with('.'),
            [above, _, what] => above == "operations" && (what == "journal" || what == "files"),
            [above, _, files, ..] => above == "operations" && files == "files",
        }
    };
    let litter: Vec<_> = state.0.keys().filter(|path| !belongs(path)).collect();
    check(litter.is_empty(), || format!("left behind: {litter:?}"))
}

/// Whether some bytes are in a live file, or in one that an operation keeps.
pub(super) fn is_kept(scene: &Scene, live: &str, wanted: &[u8]) -> bool {
    let has = |path: &Path| fs::read(path).is_ok_and(|bytes| contains(&bytes, wanted));
    let state = scene.state();
    let kept = TreeSnapshot::of(&state).0;
    has(&scene.home().join(live)) || kept.keys().any(|path| has(&state.join(path)))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
