//! What somebody did since the restore is kept and named; with force it is taken away,
//! and comes back when the undo is taken back.

use super::{home, kept, operation, restore_first, text, two_snapshots, undo};
use crate::support::TestEnv;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

const MINE: &str = "worked on since";

#[test]
fn what_was_changed_since_is_kept_and_named() {
    let env = two_snapshots();
    restore_first(&env);
    env.write(".claude/CLAUDE.md", MINE);
    let output = env.run(&["undo", "--yes"]).exits(3);
    let line = "keep          ~/.claude/CLAUDE.md    it was changed since";
    assert!(output.stdout.contains(line), "{output}");
    assert_eq!(text(&env, ".claude/CLAUDE.md"), MINE);
    assert!(!env.home().join(".claude/skills/gone").exists());
}

#[test]
fn another_mode_is_a_change_and_another_time_is_none() {
    let env = two_snapshots();
    restore_first(&env);
    let created = env.home().join(".claude/skills/gone/SKILL.md");
    let replaced = env.home().join(".claude/CLAUDE.md");
    fs::set_permissions(&created, Permissions::from_mode(0o600)).unwrap();
    fs::File::open(&replaced)
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH)
        .unwrap();
    let document = env.run(&["--json", "undo", "--yes"]).exits(3).json();
    let expected = [(
        created.to_str().unwrap().to_owned(),
        "it was changed since".to_owned(),
    )];
    let changed: Vec<_> = kept(&document)
        .into_iter()
        .filter(|(_, why)| why == "it was changed since")
        .collect();
    assert_eq!(changed, expected);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
}

#[test]
fn where_everything_was_changed_nothing_is_done() {
    let env = two_snapshots();
    restore_first(&env);
    env.write(".claude/CLAUDE.md", MINE);
    env.write(".claude/skills/gone/SKILL.md", MINE);
    let before = home(&env);
    for args in [&["undo", "--yes"][..], &["undo", "-n"]] {
        env.run(args).exits(4).says("--force");
        before.assert_same(&home(&env), "the home");
    }
    assert_eq!(super::listed(&env).len(), 1);
}

#[test]
fn what_was_changed_comes_back_when_a_forced_undo_is_taken_back() {
    for state in [None, Some(tempfile::tempdir_in("/dev/shm").unwrap())] {
        let mut env = two_snapshots();
        if let Some(state) = &state {
            env.set("XDG_STATE_HOME", state.path());
        }
        restore_first(&env);
        env.write(".claude/CLAUDE.md", MINE);
        let created = env.write(".claude/skills/gone/SKILL.md", MINE);
        fs::set_permissions(&created, Permissions::from_mode(0o640)).unwrap();
        let worked_on = home(&env);
        let forced = operation(&env.run(&["--json", "undo", "--force"]).exits(0));
        assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
        assert!(!env.home().join(".claude/skills/gone").exists());
        undo(&env, &[&forced]);
        worked_on.assert_same(&home(&env), "after undoing the forced undo");
    }
}

#[test]
fn what_is_gone_already_needs_no_removing() {
    let env = two_snapshots();
    let before = home(&env);
    restore_first(&env);
    fs::remove_dir_all(env.home().join(".claude/skills/gone")).unwrap();
    env.run(&["undo", "--yes"]).exits(0);
    let skills = |tree: &crate::support::TreeSnapshot| tree.below(".claude/skills").paths();
    assert_eq!(skills(&before), skills(&home(&env)));
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
}

#[test]
fn a_replaced_file_that_was_deleted_since_is_put_back() {
    let env = two_snapshots();
    let before = home(&env);
    restore_first(&env);
    fs::remove_file(env.home().join(".claude/CLAUDE.md")).unwrap();
    env.run(&["undo", "--yes"]).exits(0);
    let path = std::path::Path::new(".claude/CLAUDE.md");
    assert_eq!(before.0.get(path), home(&env).0.get(path));
}

#[test]
fn a_replaced_file_is_put_back_though_its_directories_were_deleted() {
    for state in [None, Some(tempfile::tempdir_in("/dev/shm").unwrap())] {
        let mut env = TestEnv::small();
        let file = ".claude/skills/one/deep/notes.md";
        env.write(file, "first");
        env.backup(0, &["claude"]);
        env.write(file, "second");
        env.backup(0, &["claude"]);
        if let Some(state) = &state {
            env.set("XDG_STATE_HOME", state.path());
        }
        restore_first(&env);
        fs::remove_dir_all(env.home().join(".claude/skills")).unwrap();
        let without = home(&env);
        let undone = undo(&env, &[]);
        assert_eq!(text(&env, file), "second");
        undo(&env, &[&undone]);
        assert_eq!(without.paths(), home(&env).paths());
    }
}

#[test]
fn what_somebody_put_into_a_created_directory_stays() {
    let env = two_snapshots();
    restore_first(&env);
    let mine = env.write(".claude/skills/gone/mine.md", MINE);
    let document = env.run(&["--json", "undo", "--yes"]).exits(0).json();
    let directory = env.home().join(".claude/skills/gone");
    let why = "there is something else in it".to_owned();
    assert_eq!(
        kept(&document),
        [(directory.to_str().unwrap().to_owned(), why)]
    );
    assert_eq!(fs::read_to_string(mine).unwrap(), MINE);
    assert!(!directory.join("SKILL.md").exists());
}

#[test]
fn a_redo_goes_into_directories_that_were_made_meanwhile() {
    for force in ["--yes", "--force"] {
        let env = two_snapshots();
        restore_first(&env);
        let restored = text(&env, ".claude/skills/gone/SKILL.md");
        let undone = undo(&env, &[]);
        env.write(".claude/skills/gone/mine.md", MINE);
        env.run(&["undo", &undone, force]).exits(0);
        assert_eq!(text(&env, ".claude/skills/gone/mine.md"), MINE);
        assert_eq!(text(&env, ".claude/skills/gone/SKILL.md"), restored);
        assert_eq!(text(&env, ".claude/CLAUDE.md"), "first");
    }
}

#[test]
fn what_lies_behind_a_link_now_is_left_alone() {
    let env = TestEnv::small();
    let file = ".claude/skills/one/SKILL.md";
    env.backup(0, &["claude"]);
    env.write(file, "second");
    env.write(".claude/CLAUDE.md", "second");
    env.backup(0, &["claude"]);
    restore_first(&env);
    // A dotfile manager has taken the skills over since.
    let skills = env.home().join(".claude/skills");
    fs::rename(&skills, env.home().join("skills")).unwrap();
    symlink("../skills", &skills).unwrap();
    let before = home(&env).below("skills");
    for force in ["--yes", "--force"] {
        let output = env.run(&["undo", force]);
        let output = output.exits(if force == "--yes" { 3 } else { 10 });
        if force == "--yes" {
            let line = "~/.claude/skills/one/SKILL.md    it was changed since";
            assert!(output.stdout.contains(line), "{output}");
        }
        before.assert_same(&home(&env).below("skills"), "behind the link");
        assert_eq!(text(&env, ".claude/CLAUDE.md"), "second");
        assert!(skills.is_symlink());
    }
}

#[test]
fn other_things_in_the_place_of_what_was_restored_stay() {
    let env = two_snapshots();
    restore_first(&env);
    let created = env.home().join(".claude/skills/gone/SKILL.md");
    let replaced = env.home().join(".claude/CLAUDE.md");
    fs::remove_file(&created).unwrap();
    symlink("/nowhere/at/all", &created).unwrap();
    fs::remove_file(&replaced).unwrap();
    fs::create_dir(&replaced).unwrap();
    let inside = env.write(".claude/CLAUDE.md/inside", MINE);
    let before = home(&env);
    let output = env.run(&["undo", "--yes"]).exits(4);
    let kept = output
        .stdout
        .lines()
        .filter(|line| line.starts_with("  keep"));
    assert_eq!(kept.count(), 2, "{output}");
    before.assert_same(&home(&env), "the home");
    assert!(inside.exists());
}
