//! Restores in place: what is put back, what is kept, what is refused, and that nothing
//! at all changes when it is only shown or not agreed to.

use crate::support::{TestEnv, TreeSnapshot, materialize};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// The actions of a restore's plan as `action path`, unchanged ones left out.
fn actions(document: &serde_json::Value) -> Vec<String> {
    let plans = document["plans"].as_array().unwrap();
    let all = plans
        .iter()
        .flat_map(|plan| plan["actions"].as_array().unwrap());
    let text = |action: &serde_json::Value| {
        format!(
            "{} {}",
            action["action"].as_str().unwrap(),
            action["path"].as_str().unwrap()
        )
    };
    all.map(text)
        .filter(|text| !text.starts_with("same"))
        .collect()
}

/// Restores a home that was deleted and compares everything that was in the archive.
fn round_trip(fixture: &str, targets: &[&str], gone: &[&str], in_project: bool) {
    let mut env = TestEnv::new();
    materialize(fixture, &env.home());
    if fixture.ends_with("config-dir") {
        env.set("CLAUDE_CONFIG_DIR", env.home().join(".config/claude-work"));
    }
    if in_project {
        env.go_to(env.home().join("src/app"));
    }
    let before = TreeSnapshot::of(&env.home());
    env.run(&["backup", "--full", "--include-credentials", "--include-env"]);
    env.go_to(env.home());
    for path in gone {
        let path = env.home().join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
    let local = env.write("local-only.txt", "mine");
    if in_project {
        fs::create_dir_all(env.home().join("src/app")).unwrap();
        env.go_to(env.home().join("src/app"));
    }
    let mut args = vec!["restore", "--yes"];
    args.extend(targets);
    let output = env.run(&args);
    assert!(matches!(output.code, 0 | 3), "{output:?}");
    assert_eq!(fs::read_to_string(local).unwrap(), "mine");
    let after = TreeSnapshot::of(&env.home());
    let mut compared = 0;
    for (path, node) in &after.0 {
        // Only what was gone was restored; a followed link comes back as real files.
        let restored = gone.iter().any(|gone| path.starts_with(gone));
        let followed = path.starts_with(".claude/skills/linked");
        // Base directories are not the tool's: they are made when they are missing.
        let base = [Path::new("src/app"), Path::new(".config")].contains(&path.as_path());
        if restored && !followed && !base {
            assert_eq!(Some(node), before.0.get(path), "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared} paths were restored");
}

#[test]
fn a_deleted_claude_home_comes_back_exactly() {
    round_trip(
        "claude/linux",
        &["claude"],
        &[".claude", ".claude.json"],
        false,
    );
}

#[test]
fn a_deleted_claude_home_elsewhere_comes_back_exactly() {
    round_trip(
        "claude/config-dir",
        &["claude"],
        &[".config/claude-work"],
        false,
    );
}

#[test]
fn a_deleted_cursor_home_comes_back_exactly() {
    round_trip("cursor/linux", &["cursor"], &[".cursor", ".config"], false);
}

#[test]
fn deleted_project_files_come_back_exactly() {
    for fixture in ["claude/project", "cursor/project"] {
        round_trip(fixture, &["project"], &["src/app"], true);
    }
}

#[test]
fn a_dry_run_changes_nothing_at_all() {
    let env = TestEnv::new();
    materialize("claude/linux", &env.home());
    env.backup(3, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    fs::remove_dir_all(env.home().join(".claude/skills/changelog")).unwrap();
    let vault = TreeSnapshot::of(&env.vault());
    let home = TreeSnapshot::of(&env.home());
    let output = env.run(&["restore", "claude", "--dry-run"]).exits(0);
    assert!(output.stdout.contains("replace       ~/.claude/CLAUDE.md"));
    assert!(
        output
            .stdout
            .contains("create        ~/.claude/skills/changelog/SKILL.md")
    );
    let last = output.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("Would restore claude: 1 to create, 1 to replace"),
        "{last}"
    );
    // Takeback's own directory of operations is empty again; its parents may be new.
    let without_state = |tree: TreeSnapshot| tree.without(".local");
    without_state(home).assert_same(&without_state(TreeSnapshot::of(&env.home())), "the home");
    vault.assert_same(&TreeSnapshot::of(&env.vault()), "the vault");
    let operations = env.home().join(".local/state/takeback/operations");
    assert_eq!(fs::read_dir(operations).unwrap().count(), 0);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_happens() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    env.run(&["restore", "claude"]).exits(5).says("--yes");
    env.run(&["--json", "restore", "claude"]).exits(5);
    before.assert_same(&TreeSnapshot::of(&env.home().join(".claude")), "the home");
    assert_eq!(env.snapshots().len(), 1, "no safety snapshot was made");
}

#[test]
fn what_is_overwritten_is_saved_first_and_can_be_brought_back() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    let path = env.home().join(".claude/CLAUDE.md");
    fs::write(&path, "a week of work").unwrap();
    let only_local = env.write(".claude/agents/local.md", "stays");
    let output = env.run(&["restore", "claude", "--force"]).exits(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "Be brief.\n");
    assert_eq!(fs::read_to_string(only_local).unwrap(), "stays");
    assert!(output.stderr.contains("takeback undo"), "{output}");
    let safety = env.snapshots().pop().unwrap();
    env.run(&["restore", "claude", "--from", &safety, "--yes"])
        .exits(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a week of work");
    assert_eq!(env.snapshots().len(), 3, "one backup, two safety snapshots");
    // "latest" still means the backup, not a safety snapshot.
    env.run(&["restore", "claude", "--force"]).exits(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "Be brief.\n");
}

#[test]
fn no_safety_snapshot_where_that_was_waived() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    env.run(&["restore", "claude", "--force", "--no-backup-existing"])
        .exits(0);
    assert_eq!(env.snapshots().len(), 1);
}

#[test]
fn nothing_is_overwritten_that_cannot_be_saved() {
    let env = TestEnv::without_privileges();
    env.backup(0, &[]);
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    let vault = env.vault().join("backups");
    fs::set_permissions(&vault, fs::Permissions::from_mode(0o500)).unwrap();
    let output = env.run(&["restore", "claude", "--force"]);
    fs::set_permissions(&vault, fs::Permissions::from_mode(0o700)).unwrap();
    output.exits(1).says("cannot be written");
    let text = fs::read_to_string(env.home().join(".claude/CLAUDE.md")).unwrap();
    assert_eq!(text, "changed");
}

#[test]
fn only_what_was_chosen_is_restored() {
    let env = TestEnv::small();
    env.skill("two");
    env.write(".claude/agents/a.md", "agent");
    env.backup(0, &[]);
    fs::remove_dir_all(env.home().join(".claude")).unwrap();
    let plan = |args: &[&str]| {
        let mut all = vec!["--json", "restore", "claude", "--dry-run"];
        all.extend(args);
        let files = |a: &String| a.ends_with(".md");
        let document = env.run(&all).exits(0).json();
        actions(&document)
            .into_iter()
            .filter(files)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        plan(&["--only", "agents"]),
        ["create home/.claude/agents/a.md"]
    );
    let two = "create home/.claude/skills/two/SKILL.md";
    for glob in [
        ".claude/skills/two",
        "~/.claude/skills/two/",
        "home/.claude/skills/two/**",
    ] {
        assert_eq!(plan(&["--path", glob]), [two], "{glob}");
    }
    assert_eq!(plan(&["--only", "skills", "--path", "**/one"]).len(), 1);
    assert_eq!(plan(&["--home-only"]).len(), 4);
    env.run(&["restore", "claude", "--project-only", "--yes"])
        .exits(10);
    env.run(&["restore", "claude", "--path", "nothing/*", "--yes"])
        .exits(10);
    env.run(&["restore", "claude", "--only", "skill"])
        .exits(2)
        .says("known are: settings");
    env.run(&["restore", "claude", "--home-only", "--project-only"])
        .exits(2);
    assert!(!env.home().join(".claude").exists());
}

#[test]
fn exact_removes_what_is_only_local_inside_the_restored_places() {
    let env = TestEnv::small();
    env.write(".claude/agents/a.md", "agent");
    env.backup(0, &[]);
    env.skill("new");
    env.write(".claude/agents/b.md", "agent");
    env.write(".claude/unknown/file", "not declared");
    let args = [
        "--json", "restore", "claude", "--exact", "--only", "skills", "--yes",
    ];
    let document = env.run(&args).exits(0).json();
    assert_eq!(
        actions(&document),
        ["remove home/.claude/skills/new/SKILL.md"]
    );
    assert!(!env.home().join(".claude/skills/new/SKILL.md").exists());
    assert!(env.home().join(".claude/agents/b.md").exists());
    assert!(env.home().join(".claude/unknown/file").exists());
    let safety = document["safety_snapshot"].as_str().unwrap();
    env.run(&["restore", "claude", "--from", safety, "--yes"])
        .exits(0);
    assert!(env.home().join(".claude/skills/new/SKILL.md").exists());
}

#[test]
fn a_stale_log_beside_a_replaced_database_goes_with_it() {
    let env = TestEnv::new();
    let fixture = materialize("cursor/linux", &env.home());
    drop(fixture);
    env.backup(0, &["cursor"]);
    let stores = env.home().join(".cursor/ai-tracking");
    let db = stores.join("ai-code-tracking.db");
    let before = fs::read(&db).unwrap();
    fs::write(&db, "not a database any more").unwrap();
    fs::write(stores.join("ai-code-tracking.db-wal"), "stale").unwrap();
    env.run(&["restore", "cursor", "--force"]).exits(0);
    assert_eq!(fs::read(&db).unwrap(), before);
    assert!(!stores.join("ai-code-tracking.db-wal").exists());
}

#[test]
fn a_snapshot_is_chosen_by_name_date_and_distance() {
    let env = TestEnv::small();
    let path = env.home().join(".claude/CLAUDE.md");
    let mut ids = Vec::new();
    for text in ["first", "second", "third"] {
        fs::write(&path, text).unwrap();
        ids.push(env.backup(0, &[])["snapshot"].as_str().unwrap().to_owned());
    }
    let restored = |from: &str| {
        env.run(&["restore", "claude", "--force", "--from", from]);
        fs::read_to_string(&path).unwrap()
    };
    assert_eq!(restored(&ids[0]), "first");
    assert_eq!(restored("latest"), "third");
    assert_eq!(restored("latest~2"), "first");
    assert_eq!(restored(&ids[0][..10]), "third");
    env.run(&["restore", "claude", "--from", "latest~3"])
        .exits(10)
        .says("only 3");
    env.run(&["restore", "claude", "--from", "1999"]).exits(10);
    env.run(&["restore", "claud", "--yes"])
        .exits(10)
        .says("did you mean claude");
}

#[test]
fn staging_on_another_file_system_changes_nothing_but_the_way() {
    let mut env = TestEnv::small();
    env.skill("two");
    env.backup(0, &[]);
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    assert_ne!(
        device(elsewhere.path()),
        device(env.root()),
        "this test needs two file systems"
    );
    env.set("XDG_STATE_HOME", elsewhere.path());
    let before = TreeSnapshot::of(&env.home().join(".claude"));
    fs::write(env.home().join(".claude/CLAUDE.md"), "changed").unwrap();
    fs::remove_dir_all(env.home().join(".claude/skills/two")).unwrap();
    env.write(".claude/agents/extra.md", "extra");
    env.write(".claude/skills/extra/SKILL.md", "extra");
    env.run(&["restore", "claude", "--exact", "--force"])
        .exits(0);
    let after = TreeSnapshot::of(&env.home().join(".claude"));
    let files = |tree: &TreeSnapshot| -> Vec<String> {
        let is_file = |path: &String| path.ends_with(".md") || path.contains(".tmp");
        tree.paths().into_iter().filter(is_file).collect()
    };
    assert_eq!(files(&after), files(&before));
    let of = |tree: &TreeSnapshot, path: &str| tree.0.get(Path::new(path)).unwrap().clone();
    for path in ["CLAUDE.md", "skills/two/SKILL.md"] {
        assert_eq!(of(&after, path), of(&before, path), "{path}");
    }
}
