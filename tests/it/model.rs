//! A home that changes at random, its backups, restores, undos and crashes, against a model
//! in memory that knows only what the promises say.

use crate::support::coverage::coverage;
use crate::support::tracer::{Act, STOPPED, trace};
use crate::support::tree::{Node, What};
use crate::support::{TestEnv, TreeSnapshot};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The tree the model is about; an adapter's rule takes all of it.
const TREE: &str = ".claude/skills";
const FILES: [&str; 7] = ["f0", "a/f1", "a/f2", "a/b/f3", "c/f4", "c/d/e/f5", "g/f6"];
const LINKS: [&str; 3] = ["l0", "a/l1", "c/l2"];
const MODES: [u32; 5] = [0o644, 0o600, 0o755, 0o640, 0o700];
const STEPS: usize = 150;

/// The same numbers each time, from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// A restore that was not taken back: the tree before and after it.
struct Standing {
    before: TreeSnapshot,
    after: TreeSnapshot,
}

struct World {
    env: TestEnv,
    dice: Dice,
    snapshots: Vec<(String, TreeSnapshot)>,
    standing: Vec<Standing>,
    log: Vec<String>,
    crashes: usize,
}

/// The tree without what nobody promises: the times of directories.
fn plain(tree: &TreeSnapshot) -> TreeSnapshot {
    let mut tree = tree.clone();
    for node in tree.0.values_mut() {
        if node.what == What::Directory {
            node.mtime = (0, 0);
        }
    }
    tree
}

/// Whether a restore would leave a node as it is.
fn alike(live: &Node, stored: &Node) -> bool {
    let link = matches!(live.what, What::Link(_));
    live.what == stored.what && (link || live.mode == stored.mode)
}

/// What a restore makes of a tree: what is in the snapshot is there, what is only local
/// stays, unless it is to be exactly as in the snapshot; then directories stay.
fn restored(live: &TreeSnapshot, snapshot: &TreeSnapshot, exact: bool) -> TreeSnapshot {
    let mut tree = live.clone();
    let is_dir = |node: &Node| node.what == What::Directory;
    if exact {
        tree.0
            .retain(|path, node| is_dir(node) || snapshot.0.contains_key(path));
    }
    for (path, stored) in &snapshot.0 {
        match tree.0.get(path) {
            Some(live) if is_dir(live) || alike(live, stored) => {}
            _ => {
                tree.0.insert(path.clone(), stored.clone());
            }
        }
    }
    tree
}

/// What an undo makes of a tree: what the restore left is as it was before it; what was
/// changed since stays, and what was removed since comes back if it was there before. Also
/// says whether anything was changed since.
fn undone(now: &TreeSnapshot, of: &Standing) -> (TreeSnapshot, bool) {
    let mut tree = now.clone();
    let mut changed = false;
    let paths = of.before.0.keys().chain(of.after.0.keys());
    let files = paths.filter(|path| {
        let node = of.before.0.get(*path).or(of.after.0.get(*path));
        node.is_some_and(|node| node.what != What::Directory)
    });
    for path in files {
        let (before, after) = (of.before.0.get(path), of.after.0.get(path));
        let untouched = match (tree.0.get(path), after) {
            (Some(now), Some(after)) => alike(now, after),
            (now, after) => now.is_none() && after.is_none(),
        };
        let touched_by_it = before != after;
        match before {
            Some(before) if touched_by_it && (untouched || !tree.0.contains_key(path)) => {
                // Its directory may have been removed since; then it is made again.
                tree.0.insert(path.clone(), before.clone());
            }
            None if touched_by_it && untouched => {
                tree.0.remove(path);
            }
            before if touched_by_it => {
                let as_before = match (tree.0.get(path), before) {
                    (Some(now), Some(before)) => alike(now, before),
                    (now, _) => now.is_none(),
                };
                changed |= !as_before;
            }
            _ => {}
        }
    }
    // Directories that the restore made go when nothing is left in them, deepest first.
    for path in of
        .after
        .0
        .keys()
        .rev()
        .filter(|path| !of.before.0.contains_key(*path))
    {
        let empty = !tree
            .0
            .keys()
            .any(|other| other != path && other.starts_with(path));
        if tree
            .0
            .get(path)
            .is_some_and(|node| node.what == What::Directory)
            && empty
        {
            tree.0.remove(path);
        }
    }
    (tree, changed)
}

impl World {
    fn new(seed: u64) -> Self {
        let env = TestEnv::new();
        env.write(".claude/CLAUDE.md", "Be brief.\n");
        fs::create_dir_all(env.home().join(TREE)).unwrap();
        Self {
            env,
            dice: Dice(seed),
            snapshots: Vec::new(),
            standing: Vec::new(),
            log: Vec::new(),
            crashes: 0,
        }
    }

    fn root(&self) -> PathBuf {
        self.env.home().join(TREE)
    }

    fn tree(&self) -> TreeSnapshot {
        TreeSnapshot::of(&self.root())
    }

    #[track_caller]
    fn must_be(&self, wanted: &TreeSnapshot) {
        let diff = wanted.diff(&plain(&self.tree()));
        assert!(
            diff.is_empty(),
            "after\n  {}\nthe tree is not as the model says:\n  {}",
            self.log.join("\n  "),
            diff.join("\n  ")
        );
    }

    /// Somebody works in the home.
    fn edit(&mut self) {
        for _ in 0..=self.dice.roll(4) {
            let link = self.dice.roll(4) == 0;
            let names: &[&str] = if link { &LINKS } else { &FILES };
            let name = names[self.dice.roll(names.len())];
            let path = self.root().join(name);
            let there = path.symlink_metadata().is_ok();
            if there && self.dice.roll(3) == 0 {
                self.log.push(format!("remove {name}"));
                fs::remove_file(&path).unwrap();
                continue;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if link {
                let target = FILES[self.dice.roll(3)].rsplit('/').next().unwrap();
                self.log.push(format!("link {name} to {target}"));
                let _ = fs::remove_file(&path);
                symlink(target, &path).unwrap();
                continue;
            }
            let text = "x".repeat(1 + self.dice.roll(9)) + &self.dice.roll(1000).to_string();
            let mode = MODES[self.dice.roll(MODES.len())];
            self.log.push(format!("write {name} {mode:o} {text}"));
            // Some programs write into a file, others replace it.
            if self.dice.roll(2) == 0 {
                let _ = fs::remove_file(&path);
            }
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }

    /// A link that leads nowhere is a gap of a backup and no extra of a restore; the model
    /// knows none.
    fn mend_links(&mut self) {
        for name in LINKS {
            let path = self.root().join(name);
            if path.is_symlink() && !path.exists() {
                self.log.push(format!("remove {name}"));
                fs::remove_file(path).unwrap();
            }
        }
    }

    fn backup(&mut self) {
        self.mend_links();
        let report = self.env.backup(0, &["claude"]);
        let id = report["snapshot"].as_str().unwrap().to_owned();
        self.log.push(format!("backup {id}"));
        self.snapshots.push((id, self.tree()));
    }

    /// Restores some snapshot; in `crash` the program is killed somewhere on the way.
    fn restore(&mut self, crash: bool) {
        let exact = self.dice.roll(3) == 0;
        let at = self.dice.roll(self.snapshots.len());
        let (id, snapshot) = self.snapshots[at].clone();
        self.mend_links();
        let before = self.tree();
        let wanted = plain(&restored(&before, &snapshot, exact));
        let mut words = vec![
            "restore",
            "claude",
            "--from",
            &id,
            "--force",
            "--replace-links",
        ];
        words.extend(exact.then_some("--exact"));
        self.log.push(words.join(" "));
        let changes = wanted.0 != plain(&before).0;
        if self.run(&words, crash, &before, &wanted) && changes {
            let after = self.tree();
            self.standing.push(Standing { before, after });
        }
    }

    /// Takes the last standing restore back of which anything is left.
    fn undo(&mut self, crash: bool) {
        let before = self.tree();
        self.log.push("undo".to_owned());
        let Some(last) = self.standing.pop() else {
            self.env.run(&["undo", "--yes"]).exits(10);
            return;
        };
        let (wanted, changed) = undone(&before, &last);
        let wanted = plain(&wanted);
        let nothing = wanted.0 == plain(&before).0;
        if nothing && !changed {
            return self.undo(crash);
        }
        if nothing {
            // All that is left of it was changed since: it stays, and still stands.
            self.env.run(&["undo", "--yes"]).exits(4);
            self.must_be(&wanted);
            self.standing.push(last);
            return;
        }
        let exactly = before.diff(&last.after).is_empty();
        if !self.run(&["undo", "--yes"], crash, &before, &wanted) {
            self.standing.push(last);
        } else if exactly {
            // Nobody was there in between: then it is the same in everything.
            last.before
                .assert_same(&self.tree(), &self.log.join("\n  "));
        }
    }

    /// Runs words, perhaps kills them, and checks. Gives whether they took effect.
    fn run(
        &mut self,
        words: &[&str],
        crash: bool,
        before: &TreeSnapshot,
        wanted: &TreeSnapshot,
    ) -> bool {
        if !crash {
            let output = self.env.run(words);
            assert!(
                matches!(output.code, 0 | 3),
                "{}\n{output}",
                self.log.join("\n  ")
            );
            self.must_be(wanted);
            return true;
        }
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let mut left = self.dice.roll(90);
        let killed = trace(self.env.on_vault(&STOPPED, words), &cache, |_| {
            left = left.wrapping_sub(1);
            if left == 0 { Act::KillAfter } else { Act::Go }
        });
        self.log
            .push(format!("killed: {}", killed.output.code == 137));
        self.crashes += 1;
        self.env.run(&["list"]).exits(0);
        if plain(before).diff(&plain(&self.tree())).is_empty() && plain(before).0 != wanted.0 {
            before.assert_same(&self.tree(), &self.log.join("\n  "));
            return false;
        }
        self.must_be(wanted);
        true
    }

    fn step(&mut self) {
        match self.dice.roll(10) {
            0..3 => self.edit(),
            3 => self.backup(),
            4..6 => self.restore(false),
            6 => self.restore(true),
            7..9 => self.undo(false),
            _ => self.undo(true),
        }
    }
}

fn live_through(seed: u64) {
    let mut world = World::new(seed);
    world.edit();
    world.backup();
    for _ in 0..STEPS {
        world.step();
    }
    coverage(
        &format!("model-{seed:x}"),
        &[("model steps", STEPS), ("model crashes", world.crashes)],
    );
}

#[test]
fn a_life_of_changes_backups_restores_undos_and_crashes_1() {
    live_through(0x9e37_79b9_7f4a_7c15);
}

#[test]
fn a_life_of_changes_backups_restores_undos_and_crashes_2() {
    live_through(0xbf58_476d_1ce4_e5b9);
}

#[test]
fn a_life_of_changes_backups_restores_undos_and_crashes_3() {
    live_through(0x94d0_49bb_1331_11eb);
}

#[test]
fn a_life_of_changes_backups_restores_undos_and_crashes_4() {
    live_through(0x2545_f491_4f6c_dd1d);
}
