//! A restore of thousands of files that is stopped or killed in the middle: it has not
//! happened, or it has, and whoever comes next says which.

use super::{Running, operations, state};
use crate::support::{TestEnv, TreeSnapshot};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// How often something is tried that a fast machine may be too fast for.
const TRIES: usize = 20;

/// A home with one snapshot of many files, half of which were changed since and half of
/// which are gone.
struct Large {
    env: TestEnv,
    files: usize,
    before: TreeSnapshot,
    backed_up: TreeSnapshot,
}

impl Large {
    fn new(files: usize) -> Self {
        let env = TestEnv::small();
        let dir = env.home().join(".claude/skills/many");
        fs::create_dir_all(&dir).unwrap();
        for n in 0..files {
            fs::write(dir.join(format!("{n:04}.md")), format!("old {n}")).unwrap();
        }
        let backed_up = TreeSnapshot::of(&dir);
        env.backup(0, &["claude"]);
        for n in 0..files {
            let path = dir.join(format!("{n:04}.md"));
            if n % 2 == 0 {
                fs::remove_file(path).unwrap();
            } else {
                fs::write(path, format!("new {n}")).unwrap();
            }
        }
        // Makes takeback's directories.
        env.run(&["restore", "claude", "--dry-run", "--path", "**/0000.md"])
            .exits(0);
        let before = home(&env);
        Self {
            env,
            files,
            before,
            backed_up,
        }
    }

    /// One of the files that are gone.
    fn gone(&self, n: usize) -> PathBuf {
        let name = format!("{:04}.md", n / 2 * 2);
        self.env.home().join(".claude/skills/many").join(name)
    }

    /// Fails unless the tree is as it was before, down to the times, or as in the snapshot.
    /// Says whether it is as in the snapshot.
    #[track_caller]
    fn is_restored(&self) -> bool {
        let now = home(&self.env);
        if now.0 == self.before.0 {
            return false;
        }
        let files = |mut tree: TreeSnapshot| {
            tree.0.remove(Path::new(""));
            tree
        };
        let now = files(now.below(".claude/skills/many"));
        files(self.backed_up.clone()).assert_same(&now, "the tree");
        true
    }

    /// Takes a restore back, and sees that it is.
    #[track_caller]
    fn undo(&self) {
        self.env.run(&["undo", "--yes"]).exits(0);
        self.before.assert_same(&home(&self.env), "after the undo");
    }
}

fn home(env: &TestEnv) -> TreeSnapshot {
    TreeSnapshot::of(&env.home()).without(".local/state/takeback")
}

/// The program at work. It is sent the signal as soon as something is so.
fn signalled(env: &TestEnv, args: &[&str], signal: Signal, so: impl Fn() -> bool) -> Child {
    let mut command = env.on_vault(&[], args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while !so() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    // One that has ended is not there any more to be signalled.
    let _ = kill_process(Pid::from_child(&child), signal);
    child
}

const RESTORE: [&str; 3] = ["restore", "claude", "--force"];

#[test]
fn what_a_killed_one_left_is_finished_by_whoever_waited_for_it() {
    let large = Large::new(1_000);
    let env = &large.env;
    let mut holder = stopped(&large);
    let lock = state(env).join("lock");
    let restore = [&RESTORE[..], &["--wait", "600", "--path", "**/0998.md"]].concat();
    let mut waiting = [&restore[..], &["backup", "claude", "--wait", "600"]].map(|args| {
        let mut waiting = Running::start(env, args);
        waiting.until_open(&lock);
        waiting
    });
    assert!(
        waiting
            .iter_mut()
            .all(|one| one.child.try_wait().unwrap().is_none())
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    let [restore, backup] = waiting.map(Running::code);
    // The plan was to create what the other has created by now.
    assert_eq!((restore, backup), (Some(4), Some(0)));
    assert!(large.is_restored());
    let output = env.run(&["--json", "show"]).exits(0).json();
    let files = output["snapshot"]["targets"][0]["files"].clone();
    assert_eq!(files, large.files + 2, "{output:#}");
    large.undo();
}

/// A restore that stands still in the middle of its work.
fn stopped(large: &Large) -> Child {
    let (first, last) = (large.gone(0), large.gone(large.files - 1));
    for _ in 0..TRIES {
        let mut child = signalled(&large.env, &RESTORE, Signal::STOP, || first.exists());
        let process = Pid::from_child(&child);
        let state = waitpid(Some(process), WaitOptions::UNTRACED).ok().flatten();
        let stands = state.is_some_and(|(_, state)| state.stopped());
        if stands && !last.exists() {
            return child;
        }
        let _ = kill_process(process, Signal::CONT);
        let _ = child.wait();
        large.undo();
    }
    panic!("it was always faster than the signal");
}

#[test]
fn a_stopped_one_is_named_and_a_killed_one_is_made_up_for() {
    let large = Large::new(5_000);
    let env = &large.env;
    let mut holder = stopped(&large);
    let middle = home(env);
    let name = format!("`takeback restore` (process {} since ", holder.id());
    let restore = [&RESTORE[..], &["--path", "**/4998.md"]].concat();
    for args in [&restore[..], &["backup"], &["recover"]] {
        let output = env.run(args).exits(11);
        assert!(output.stderr.contains(&name), "{output}");
    }
    // What is at work is neither over nor interrupted.
    env.run(&["undo", "--yes"]).exits(10);
    for args in [&["list"][..], &["undo", "--list"], &["show"]] {
        let output = env.run(args).exits(0);
        assert!(!output.stderr.contains("interrupted"), "{output}");
    }
    middle.assert_same(&home(env), "the home while the holder stands still");

    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(state(env).join("lock").exists());
    env.run(&["list"])
        .exits(0)
        .says("an interrupted restore of claude (")
        .says("was finished; every file is in place, and `takeback undo` takes it back");
    assert!(large.is_restored());
    let output = env.run(&["list"]).exits(0);
    assert!(output.stderr.is_empty(), "it says so twice: {output}");
    env.run(&restore).exits(0).says("everything is as it is");
    large.undo();
}

#[test]
fn killed_at_any_moment_it_has_happened_or_not() {
    let large = Large::new(1_000);
    let (env, files) = (&large.env, large.files);
    let slots = |count: usize| {
        let entries = fs::read_dir(state(env).join("operations")).unwrap();
        let slots = |path: PathBuf| fs::read_dir(path.join("files")).map_or(0, Iterator::count);
        entries.flatten().any(|entry| slots(entry.path()) >= count)
    };
    let begun = || operations(env).iter().any(|name| !name.starts_with('.'));
    let there = |n: usize| large.gone(n).exists();
    let moments: [(&str, &dyn Fn() -> bool); 7] = [
        ("before anything is staged", &|| !operations(env).is_empty()),
        ("while it stages", &|| slots(files / 2)),
        ("when all is staged", &|| slots(files)),
        ("when it has begun", &begun),
        ("at the first file", &|| there(0)),
        ("in the middle", &|| there(files / 2)),
        ("at the last file", &|| there(files - 1)),
    ];
    for (moment, comes) in moments {
        let mut child = signalled(env, &RESTORE, Signal::KILL, comes);
        let killed = child.wait().unwrap().code().is_none();
        let output = env.run(&["list"]).exits(0);
        let restored = large.is_restored();
        let said = match (killed, restored) {
            (false, _) => "",
            (true, true) => "was finished",
            (true, false) => "had changed nothing",
        };
        // Killed right after its last word it has nothing more to be said of it.
        let over = restored && output.stderr.is_empty();
        assert!(over || output.stderr.contains(said), "{moment}: {output}");
        if restored {
            large.undo();
        }
        assert!(restored || !there(files - 1), "{moment}");
    }
}

#[test]
fn a_killed_undo_is_finished_too() {
    let large = Large::new(1_000);
    let env = &large.env;
    // An undo goes backwards.
    let last = large.gone(large.files - 1);
    for _ in 0..TRIES {
        env.run(&RESTORE).exits(0);
        let mut child = signalled(env, &["undo", "--yes"], Signal::KILL, || !last.exists());
        let killed = child.wait().unwrap().code().is_none();
        let output = env.run(&["recover"]).exits(0);
        large.before.assert_same(&home(env), "after the undo");
        env.run(&["undo", "--yes"]).exits(10);
        if killed && output.stdout.contains("an interrupted undo of claude (") {
            assert!(output.stdout.contains("was finished"), "{output}");
            return;
        }
    }
    panic!("it was always faster than the signal");
}
