//! A backup that is killed, or whose calls fail, at every call that changes a file: there is
//! then no snapshot or a whole one, and the next backup leaves nothing of it lying about.

use super::errors::{Fault, all as all_faults};
use super::judge::{Ending, check, spoke};
use super::kills::{KILLED, Kill};
use super::sweep::{Sweep, in_parts};
use crate::support::copy::copy_tree;
use crate::support::tracer::{Act, Call, STOPPED, Traced, trace};
use crate::support::{Output, TestEnv, TreeSnapshot};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;
use takeback::archive::Opened;
use takeback::vault::Vault;

in_parts! {
    kill_first
    kill_incremental
    kill_unchanged
    fail_first
    fail_incremental
    fail_unchanged
}

const BACKUP: [&str; 2] = ["backup", "claude"];

/// A home, a vault, and a backup to be made again and again from the same beginning.
struct Scene {
    env: TestEnv,
    /// The cache before, if there was one.
    seen: Option<Vec<u8>>,
    before: BTreeSet<String>,
    calls: Vec<Call>,
}

impl Scene {
    /// The first backup of all.
    fn first() -> Self {
        Self::with(|_| {})
    }

    /// Some files were changed since the last backup.
    fn incremental() -> Self {
        Self::with(|env| {
            settled(env);
            env.write(".claude/skills/file-4", "changed\n");
            env.write(".claude/skills/new", "new\n");
        })
    }

    /// Nothing was changed since.
    fn unchanged() -> Self {
        Self::with(settled)
    }

    fn with(begin: impl FnOnce(&TestEnv)) -> Self {
        let env = TestEnv::new();
        for number in 0..40 {
            let text = format!("file {number}\n").repeat(120);
            env.write(&format!(".claude/skills/file-{number}"), text);
        }
        env.write(".claude/skills/large", vec![b'x'; 300_000]);
        fs::create_dir_all(env.home().join(".local/state")).unwrap();
        fs::create_dir(env.vault()).unwrap();
        begin(&env);
        copy_tree(&env.vault(), &env.root().join("vault.before"));
        let mut scene = Self {
            seen: fs::read(env.seen("claude")).ok(),
            before: listed(&env),
            env,
            calls: Vec::new(),
        };
        scene.reset();
        let whole = scene.trace(|_| Act::Go);
        whole.output.exits(0);
        scene.calls = whole.calls;
        assert_eq!(scene.settle(true).unwrap(), Ending::New);
        scene
    }

    /// The home stays as it is: its files must not be others than those that were seen.
    fn reset(&self) {
        let env = &self.env;
        fs::remove_dir_all(env.vault()).unwrap();
        copy_tree(&env.root().join("vault.before"), &env.vault());
        let state = env.home().join(".local/state/takeback");
        let _ = fs::remove_dir_all(&state);
        // That the log's directory is made is no part of a backup.
        fs::DirBuilder::new().mode(0o700).create(&state).unwrap();
        let seen = env.seen("claude");
        match &self.seen {
            Some(bytes) => fs::write(seen, bytes).unwrap(),
            None => drop(fs::remove_file(seen)),
        }
    }

    fn trace<'a>(&self, decide: impl FnMut(&Call) -> Act<'a>) -> Traced {
        let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache/takeback/adapters");
        trace(self.env.on_vault(&STOPPED, &BACKUP), &compiled, decide)
    }

    /// What there is after a backup went wrong, and that the next one goes well.
    fn settle(&self, done: bool) -> Result<Ending, String> {
        let list = self.env.run(&["list"]);
        check(matches!(list.code, 0 | 10), || format!("{list}"))?;
        let ids = listed(&self.env);
        let more = ids.difference(&self.before).count();
        let kept = self.before.is_subset(&ids);
        check(kept && more <= 1, || format!("the snapshots are {ids:?}"))?;
        check(!done || more == 1, || "done, and not there".to_owned())?;
        self.all_whole(false)?;
        let next = self.env.run(&BACKUP);
        check(next.code == 0, || format!("the next backup fails\n{next}"))?;
        let after = listed(&self.env);
        check(after.len() == ids.len() + 1, || {
            format!("the next made {after:?} of {ids:?}")
        })?;
        self.all_whole(true)?;
        let verify = self.env.run(&["verify"]);
        check(verify.code == 0, || format!("{verify}"))?;
        self.tidy()?;
        Ok(if more == 1 { Ending::New } else { Ending::Old })
    }

    /// Every snapshot is read as a whole and through its index, which the newest must have
    /// when nothing went wrong; it does without where it cannot be had.
    fn all_whole(&self, indexed: bool) -> Result<(), String> {
        let Ok(Some(vault)) = Vault::open(&self.env.vault()) else {
            return check(self.before.is_empty(), || "no vault any more".to_owned());
        };
        let catalogue = vault.catalogue().map_err(|e| e.to_string())?;
        check(catalogue.damaged.is_empty(), || {
            format!("{:?}", catalogue.damaged)
        })?;
        for one in &catalogue.snapshots {
            for target in &one.targets {
                let name = one.id.as_str();
                let opened = vault.open_archive(&one.id, target, 4_000_000_000);
                let opened = opened.map_err(|e| format!("{name}: {e}"))?;
                let newest = one.sequence == catalogue.snapshots[0].sequence;
                let has_index = matches!(opened, Opened::Indexed(_));
                check(has_index || !(newest && indexed), || {
                    format!("{name} has no index")
                })?;
                opened.check().map_err(|e| format!("{name}: {e}"))?;
                let whole = vault.check_whole(&one.id, target);
                whole.map_err(|e| format!("{name}: {e}"))?;
            }
        }
        Ok(())
    }

    /// Nothing is in the vault and the cache but what belongs there.
    fn tidy(&self) -> Result<(), String> {
        let ids = listed(&self.env);
        let belongs = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            match parts[..] {
                [one] => matches!(one, "README.txt" | "lock" | "backups"),
                ["backups", id] => ids.contains(id),
                ["backups", _, file] => {
                    matches!(file, "snapshot.toml" | "claude.tar.gz" | "claude.index")
                }
                _ => false,
            }
        };
        let vault = TreeSnapshot::of(&self.env.vault()).paths();
        let mut litter: Vec<String> = vault.into_iter().filter(|path| !belongs(path)).collect();
        let seen = self.env.seen("claude");
        let name = seen.file_name().unwrap().to_string_lossy().into_owned();
        for entry in fs::read_dir(seen.parent().unwrap()).unwrap().flatten() {
            let other = entry.file_name().to_string_lossy().into_owned();
            if other.contains(&name) && other != name {
                litter.push(other);
            }
        }
        check(litter.is_empty(), || format!("left behind: {litter:?}"))
    }
}

/// A first backup, of files that are old enough not to be read again.
fn settled(env: &TestEnv) {
    std::thread::sleep(Duration::from_millis(4_200));
    env.backup(0, &["claude"]);
}

/// The snapshots that somebody who lists them sees.
fn listed(env: &TestEnv) -> BTreeSet<String> {
    let named = |name: &String| !name.starts_with('.');
    env.snapshots().into_iter().filter(named).collect()
}

fn kill(scene: &Scene, name: &'static str, shard: usize) {
    let mut sweep = Sweep::new(name, shard);
    for at in sweep.mine(Kill::all(&scene.calls)) {
        scene.reset();
        let traced = scene.trace(|call| at.act(call));
        let call = traced.calls.last().map(ToString::to_string);
        let killed = check(traced.output.code == KILLED, || {
            format!("it was not killed\n{}", traced.output)
        });
        let ended = killed.and_then(|()| scene.settle(false));
        sweep.point(format!("{at}{}", call.unwrap_or_default()), ended);
    }
    sweep.end();
}

/// What a backup with a fault may have done.
fn judged(scene: &Scene, run: &Output) -> Result<Ending, String> {
    spoke(run)?;
    let ended = scene.settle(run.code == 0);
    ended.map_err(|why| format!("{why}\n{run}"))
}

fn fail(scene: &Scene, name: &'static str, shard: usize) {
    let mut sweep = Sweep::new(name, shard);
    let points: Vec<(usize, Fault)> = all_faults(&scene.calls);
    for (index, fault) in sweep.mine(points) {
        scene.reset();
        let traced = scene.trace(fault.at(index));
        let call = traced.calls.get(index).map(ToString::to_string);
        let what = format!("{fault} {}", call.unwrap_or_default());
        sweep.point(what, judged(scene, &traced.output));
    }
    sweep.end();
}

fn kill_first(shard: usize) {
    kill(&Scene::first(), "kill points first backup", shard);
}

fn kill_incremental(shard: usize) {
    let name = "kill points incremental backup";
    kill(&Scene::incremental(), name, shard);
}

fn kill_unchanged(shard: usize) {
    let name = "kill points unchanged backup";
    kill(&Scene::unchanged(), name, shard);
}

fn fail_first(shard: usize) {
    fail(&Scene::first(), "faults first backup", shard);
}

fn fail_incremental(shard: usize) {
    fail(&Scene::incremental(), "faults incremental backup", shard);
}

fn fail_unchanged(shard: usize) {
    fail(&Scene::unchanged(), "faults unchanged backup", shard);
}
