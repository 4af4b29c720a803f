//! Root in somebody else's home: said before, and what is made there belongs to the home's
//! owner. Row 109 of the catalogue.
#![expect(
    clippy::print_stderr,
    reason = "where the tests are not run by root, that is said"
)]

use super::{FORCE, RESTORE, text};
use crate::support::{TestEnv, TreeSnapshot};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, lchown, symlink};
use std::path::{Path, PathBuf};

const OWNER: u32 = 65534;

/// A home of somebody else, with two snapshots: of the first everything is gone or changed.
/// `None` where the tests are not run by root.
fn others_home() -> Option<TestEnv> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: only root can be in somebody else's home as root");
        return None;
    }
    let env = TestEnv::small();
    env.write(".claude/agents/deep/a.md", "agent");
    symlink("SKILL.md", env.home().join(".claude/skills/one/link")).unwrap();
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "second");
    fs::remove_dir_all(env.home().join(".claude/agents")).unwrap();
    fs::remove_file(env.home().join(".claude/skills/one/link")).unwrap();
    env.skill("extra");
    env.backup(0, &["claude"]);
    env.run(&["restore", "claude", "--dry-run"]);
    give_away(&env.home());
    Some(env)
}

fn give_away(path: &Path) {
    lchown(path, Some(OWNER), Some(OWNER)).unwrap();
    // Takeback's own places stay those of the one who runs it.
    if path.ends_with(".local") || path.is_symlink() || !path.is_dir() {
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        give_away(&entry.unwrap().path());
    }
}

/// Who owns what in a home, takeback's own places aside.
fn owners(env: &TestEnv) -> BTreeMap<PathBuf, (u32, u32)> {
    let tree = TreeSnapshot::of(&env.home()).without(".local");
    let owner = |path: &PathBuf| {
        let meta = env.home().join(path).symlink_metadata().unwrap();
        (path.clone(), (meta.uid(), meta.gid()))
    };
    tree.0.keys().map(owner).collect()
}

#[track_caller]
fn all_the_owners(env: &TestEnv) {
    let mut others = owners(env);
    others.retain(|_, owner| *owner != (OWNER, OWNER));
    assert!(others.is_empty(), "not the owner's: {others:?}");
}

const OLDER: [&str; 3] = ["--from", "latest~1", "--exact"];

#[test]
fn root_is_told_whose_home_it_is() {
    let Some(env) = others_home() else { return };
    let before = TreeSnapshot::of(&env.home()).without(".local");
    let output = env.run(&[&RESTORE[..], &OLDER].concat()).exits(4);
    let said = "you are root, and the home directory belongs to user 65534";
    assert!(output.stderr.contains(said), "{output}");
    before.assert_same(&TreeSnapshot::of(&env.home()).without(".local"), "the home");
    let args = [
        "--json",
        "restore",
        "claude",
        "--dry-run",
        "--from",
        "latest~1",
    ];
    let document = env.run(&args).exits(0).json();
    let refusals = document["plans"][0]["soft_refusals"].as_array().unwrap();
    assert!(
        refusals
            .iter()
            .any(|one| one.as_str().unwrap().contains(said))
    );
}

#[test]
fn what_root_makes_above_its_own_places_belongs_to_the_homes_owner() {
    let Some(mut env) = others_home() else { return };
    for name in [".cache", ".local", ".config"] {
        let _ = fs::remove_dir_all(env.home().join(name));
    }
    env.set("XDG_CACHE_HOME", env.home().join(".cache"));
    let vault = env.home().join("kept/here/vault");
    let vault = vault.to_str().unwrap();
    env.run_bare(&["--vault", vault, "backup", "claude"])
        .exits(0);
    env.write(".claude/CLAUDE.md", "third");
    env.run_bare(&["--vault", vault, "restore", "claude", "--force"])
        .exits(0);
    let owner = |path: &str| env.home().join(path).metadata().unwrap().uid();
    for path in [".cache", ".local", ".local/state", "kept", "kept/here"] {
        assert_eq!(owner(path), OWNER, "{path}");
    }
    for path in [
        ".cache/takeback",
        ".cache/takeback/adapters",
        ".local/state/takeback/operations",
        "kept/here/vault/backups",
    ] {
        assert_eq!(owner(path), 0, "{path}");
    }
}

#[test]
fn what_root_restores_and_takes_back_belongs_to_the_homes_owner() {
    for state in [None, Some(tempfile::tempdir_in("/dev/shm").unwrap())] {
        let Some(mut env) = others_home() else { return };
        if let Some(state) = &state {
            env.set("XDG_STATE_HOME", state.path());
        }
        let before = TreeSnapshot::of(&env.home()).without(".local");
        env.run(&[&FORCE[..], &OLDER].concat()).exits(0);
        assert_eq!(text(&env, ".claude/agents/deep/a.md"), "agent");
        assert!(env.home().join(".claude/skills/one/link").is_symlink());
        assert!(!env.home().join(".claude/skills/extra/SKILL.md").exists());
        all_the_owners(&env);
        env.run(&["undo", "--yes"]).exits(0);
        before.assert_same(&TreeSnapshot::of(&env.home()).without(".local"), "the home");
        all_the_owners(&env);
        env.run(&[&FORCE[..], &OLDER].concat()).exits(0);
        // Directories that are made again for what is put back are the owner's as well.
        fs::remove_dir_all(env.home().join(".claude/skills")).unwrap();
        env.run(&["undo", "--yes"]).exits(0);
        assert!(env.home().join(".claude/skills/extra/SKILL.md").exists());
        all_the_owners(&env);
    }
}
