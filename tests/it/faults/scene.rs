//! A home in which a restore has something of every kind to do, and everything that is
//! needed to do it again and again from the same beginning.

use crate::support::copy::{copy_tree, set_time};
use crate::support::tracer::{Act, Call, STOPPED, Traced, trace};
use crate::support::{Output, TestEnv, TreeSnapshot};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Files of the home that races are about, by what a restore does with them.
pub(super) const REPLACED: &str = ".claude/CLAUDE.md";
pub(super) const REMODED: &str = ".claude/hooks/run.sh";
pub(super) const CREATED: &str = ".claude/skills/one/extra.md";
pub(super) const REMOVED: &str = ".claude/commands/gone.md";
/// A file that its tool appends to.
pub(super) const LINES: &str = ".claude/projects/p/session.jsonl";

/// The home before, the wish to restore it, and what an undisturbed restore makes of it.
pub(super) struct Scene {
    env: TestEnv,
    /// Where the state is, when that is not in the home.
    elsewhere: Option<TempDir>,
    snapshot: String,
    /// What the program says about itself when there is nothing to say.
    quiet: String,
    /// The home before.
    pub(super) old: TreeSnapshot,
    /// The home after an undisturbed restore.
    pub(super) new: TreeSnapshot,
    /// The calls of an undisturbed restore.
    pub(super) calls: Vec<Call>,
}

impl Scene {
    /// The home, with its state where it usually is.
    pub(super) fn new() -> Self {
        Self::with(None)
    }

    /// The same, with its state on another file system.
    pub(super) fn with_state_elsewhere() -> Self {
        Self::with(Some(tempfile::tempdir_in("/dev/shm").unwrap()))
    }

    fn with(elsewhere: Option<TempDir>) -> Self {
        let mut env = TestEnv::new();
        if let Some(dir) = &elsewhere {
            env.set("XDG_STATE_HOME", dir.path().join("state"));
        }
        // Not only the home's own time would change if this was made by a restore.
        fs::create_dir_all(env.home().join(".local/state")).unwrap();
        archived(&env);
        let report = env.backup(0, &["claude", "--full"]);
        live(&env);
        let quiet = env.run(&["list"]).exits(0).stderr;
        copy_tree(&env.home(), &env.root().join("home.before"));
        copy_tree(&env.vault(), &env.root().join("vault.before"));
        let mut scene = Self {
            env,
            elsewhere,
            snapshot: report["snapshot"].as_str().unwrap().to_owned(),
            quiet,
            old: TreeSnapshot::default(),
            new: TreeSnapshot::default(),
            calls: Vec::new(),
        };
        scene.reset();
        scene.old = scene.tree();
        let restored = scene.trace(&scene.restore(), |_| Act::Go);
        scene.calls = restored.calls;
        restored.output.exits(0);
        scene.new = scene.tree();
        scene.check();
        scene
    }

    /// The scene is worth looking at only if a restore does something of every kind in it.
    fn check(&self) {
        let (old, new) = (&self.old.0, &self.new.0);
        let node = |path: &str| (old.get(Path::new(path)), new.get(Path::new(path)));
        for path in [REPLACED, REMODED, LINES, ".claude/__store.db"] {
            let (old, new) = node(path);
            assert!(old.is_some() && new.is_some() && old != new, "{path}");
        }
        for path in [
            CREATED,
            ".claude/skills/deep/refs/a.md",
            ".claude/skills/one/link",
        ] {
            assert!(matches!(node(path), (None, Some(_))), "{path}");
        }
        for path in [REMOVED, ".claude/__store.db-wal"] {
            assert!(matches!(node(path), (Some(_), None)), "{path}");
        }
        for path in [".claude/agents/shared.md", ".claude/skills/one/alias"] {
            let (old, new) = node(path);
            assert!(old.unwrap().what != new.unwrap().what, "{path}");
        }
        for path in [
            ".claude/private.txt",
            ".claude/skills/one/SKILL.md",
            "shared.md",
        ] {
            let (old, new) = node(path);
            assert!(old.is_some() && old == new, "{path}");
        }
    }

    /// Puts everything back to how it was before.
    pub(super) fn reset(&self) {
        for (place, before) in [
            (self.home(), "home.before"),
            (self.env.vault(), "vault.before"),
        ] {
            fs::remove_dir_all(&place).unwrap();
            copy_tree(&self.env.root().join(before), &place);
        }
        if let Some(dir) = &self.elsewhere {
            let _ = fs::remove_dir_all(dir.path().join("state"));
        }
    }

    /// The words of the restore.
    pub(super) fn restore(&self) -> Vec<&str> {
        let from = ["restore", "claude", "--from", &self.snapshot];
        [&from[..], &["--exact", "--replace-links", "--yes"]].concat()
    }

    /// Runs the program.
    pub(super) fn run(&self, args: &[&str]) -> Output {
        self.env.run(args)
    }

    /// Runs the program and asks about each of its calls.
    pub(super) fn trace<'a>(&self, args: &[&str], decide: impl FnMut(&Call) -> Act<'a>) -> Traced {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        trace(self.env.on_vault(&STOPPED, args), &cache, decide)
    }

    /// The home as it is now, but for the program's own state.
    pub(super) fn tree(&self) -> TreeSnapshot {
        TreeSnapshot::of(&self.home()).without(".local")
    }

    /// The home directory.
    pub(super) fn home(&self) -> PathBuf {
        self.env.home()
    }

    /// A directory beside home and vault.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.env.root().join(name)
    }

    /// The vault.
    pub(super) fn vault(&self) -> PathBuf {
        self.env.vault()
    }

    /// The program's own state.
    pub(super) fn state(&self) -> PathBuf {
        let usual = || self.home().join(".local/state");
        let above = self.elsewhere.as_ref().map(|dir| dir.path().join("state"));
        above.unwrap_or_else(usual).join("takeback")
    }

    /// What `list` says on stderr when there is nothing to say.
    pub(super) fn quiet(&self) -> &str {
        &self.quiet
    }

    /// The indexes of the calls that change something in the places of the target.
    pub(super) fn touching(&self, calls: &[Call]) -> Vec<usize> {
        let live = self.home().join(".claude");
        let touching = calls.iter().filter(|call| call.touches(&live));
        let touching: Vec<usize> = touching.map(|call| call.index).collect();
        assert!(touching.len() > 8, "only {} changes", touching.len());
        touching
    }
}

/// What is in the snapshot.
fn archived(env: &TestEnv) {
    env.write(REPLACED, "Be brief.\n");
    executable(env, REMODED, 0o750);
    env.write(".claude/skills/one/SKILL.md", "---\nname: one\n---\n");
    env.write(CREATED, "extra\n");
    env.write(".claude/skills/deep/refs/a.md", "deep\n");
    symlink("SKILL.md", env.home().join(".claude/skills/one/link")).unwrap();
    symlink("SKILL.md", env.home().join(".claude/skills/one/alias")).unwrap();
    env.write(".claude/agents/shared.md", "an agent\n");
    env.write(LINES, "{\"n\":1}\n{\"n\":2}\n");
    database(env, 3);
    date(&env.home(), 1_760_000_000);
}

/// What is in the home when the restore begins. Nothing of it is newer than the snapshot.
fn live(env: &TestEnv) {
    let home = env.home();
    env.write(REPLACED, "a week of work\n");
    executable(env, REMODED, 0o640);
    fs::remove_file(home.join(CREATED)).unwrap();
    fs::remove_dir_all(home.join(".claude/skills/deep")).unwrap();
    fs::remove_file(home.join(".claude/skills/one/link")).unwrap();
    relink("extra.md", &home.join(".claude/skills/one/alias"));
    env.write("shared.md", "shared between tools\n");
    relink("../../shared.md", &home.join(".claude/agents/shared.md"));
    env.write(LINES, "{\"n\":1}\n{\"other\":true}\n");
    env.write(REMOVED, "only here\n");
    env.write(".claude/agents/extra.md", "only here too\n");
    env.write(".claude/private.txt", "no rule knows it\n");
    database(env, 5);
    env.write(".claude/__store.db-wal", "stale");
    date(&home, 1_750_000_000);
}

fn executable(env: &TestEnv, path: &str, mode: u32) {
    let path = env.write(path, "#!/bin/sh\n");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn relink(target: &str, at: &Path) {
    fs::remove_file(at).unwrap();
    symlink(target, at).unwrap();
}

fn database(env: &TestEnv, rows: i64) {
    let path = env.write(".claude/__store.db", "");
    let db = Connection::open(path).unwrap();
    db.execute_batch("CREATE TABLE t(n INTEGER PRIMARY KEY);")
        .unwrap();
    for n in 0..rows {
        db.execute("INSERT INTO t VALUES(?1)", [n]).unwrap();
    }
    db.close().unwrap();
}

/// Gives everything below a directory, and it, a time of its own.
fn date(dir: &Path, seconds: i64) {
    let paths: Vec<PathBuf> = TreeSnapshot::of(dir).0.into_keys().collect();
    // What is inside comes first in this order, for nothing inside is changed by a date.
    for (number, path) in (1..).zip(paths.iter().rev()) {
        set_time(&dir.join(path), seconds + number, 123_456_000 + number);
    }
}
