//! What a backup promises: it changes nothing but the vault, what it makes is the
//! owner's alone, and a backup that was stopped leaves nothing behind.

use crate::support::env::{archive_of, target};
use crate::support::{Output, TestEnv, TreeSnapshot, materialize, tools, tree::What};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

#[test]
fn a_backup_leaves_the_home_exactly_as_it_was() {
    let mut env = TestEnv::new();
    for fixture in ["claude/linux", "cursor/linux", "claude/project"] {
        materialize(fixture, &env.home());
    }
    env.go_to(env.home().join("src/app"));
    let before = TreeSnapshot::of(&env.home());
    for flags in [
        &[][..],
        &["--full", "--include-credentials", "--include-env"],
    ] {
        let report = env.backup(3, flags);
        let targets = report["targets"].as_array().unwrap().iter();
        let mut targets: Vec<&str> = targets.map(|t| t["target"].as_str().unwrap()).collect();
        targets.sort_unstable();
        // The shared skills are what a link in Claude Code's folder leads to.
        let expected = ["agents-skills", "claude", "cursor", "plugins", "project"];
        assert_eq!(targets, expected, "{report:#}");
        before.assert_same(&TreeSnapshot::of(&env.home()), "the home changed");
    }
}

#[test]
fn what_no_archive_can_hold_is_reported_and_the_rest_can_be_restored() {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills");
    // With `home`, `.claude` and `skills` one component too many.
    let deep = "d/".repeat(61) + "too-deep";
    fs::create_dir_all(dir.join("d/".repeat(61))).unwrap();
    fs::write(dir.join(&deep), "x").unwrap();
    // One file where case makes no difference, and one of the two is a link.
    symlink("one", dir.join("Two")).unwrap();
    env.write(".claude/skills/two/SKILL.md", "x");
    let deep = format!("home/.claude/skills/{deep}");
    let report = env.backup(3, &["claude"]);
    for gap in [deep.as_str(), "home/.claude/skills/Two"] {
        let troubles = target(&report, "claude")["troubles"].as_array().unwrap();
        let named = |trouble: &&Value| trouble["path"] == gap && trouble["kind"] == "bad-name";
        assert_eq!(
            troubles.iter().filter(named).count(),
            1,
            "{gap}: {report:#}"
        );
    }
    env.run(&["verify"]).exits(0);
    fs::remove_dir_all(env.home().join(".claude")).unwrap();
    env.run(&["restore", "claude", "--yes"]).exits(0);
    assert!(dir.join("one/SKILL.md").exists() && dir.join("two/SKILL.md").exists());
}

#[test]
fn a_backup_writes_nothing_outside_the_vault() {
    let env = TestEnv::small();
    let before = TreeSnapshot::of(env.root());
    env.backup(0, &[]);
    let after = TreeSnapshot::of(env.root());
    assert!(!after.below("vault").0.is_empty());
    before
        .below("home")
        .assert_same(&after.below("home"), "the home changed");
    let top = after.paths().into_iter().filter(|path| !path.contains('/'));
    assert_eq!(top.collect::<Vec<_>>(), ["home", "vault"]);
}

#[test]
fn without_a_choice_the_vault_is_where_data_belongs() {
    let mut env = TestEnv::small();
    env.run_bare(&["--no-input", "backup"]).exits(0);
    assert!(env.home().join(".local/share/takeback/backups").is_dir());
    let data = env.root().join("data");
    env.set("XDG_DATA_HOME", &data);
    env.run_bare(&["--no-input", "backup"]).exits(0);
    assert!(data.join("takeback/backups").is_dir());
    let elsewhere = env.root().join("elsewhere");
    env.set("TAKEBACK_VAULT", &elsewhere);
    env.run_bare(&["--no-input", "backup"]).exits(0);
    assert!(elsewhere.join("backups").is_dir());
    env.run(&["backup"]).exits(0);
    assert!(
        env.vault().join("backups").is_dir(),
        "the flag beats the variable"
    );
}

/// Fails when anything below a directory is open to others than its owner.
fn assert_private(dir: &Path) {
    let tree = TreeSnapshot::of(dir);
    assert!(tree.0.len() > 2, "{} is nearly empty", dir.display());
    for (path, node) in &tree.0 {
        let wanted = if node.what == What::Directory {
            0o700
        } else {
            0o600
        };
        assert_eq!(node.mode, wanted, "{path:?}: {node}");
    }
}

const NO_UMASK: [&str; 4] = ["bash", "-c", "umask 000; exec \"$@\"", "bash"];

#[test]
fn the_vault_is_the_owners_alone_whatever_the_umask_says() {
    tools::require("bash");
    let env = TestEnv::small();
    Output::of(env.on_vault(&NO_UMASK, &["backup"])).exits(0);
    assert_private(&env.vault());
    let default = Output::of(env.command(&NO_UMASK, &["--no-input", "backup"])).exits(0);
    assert_private(&env.home().join(".local/share/takeback"));
    drop(default);
}

/// Gives every second of the next minutes a snapshot, copied from a real one.
fn take_every_name(env: &TestEnv, from: &str) {
    let record = fs::read_to_string(env.snapshot(from).join("snapshot.toml")).unwrap();
    let now = jiff::Timestamp::now();
    for seconds in 0..300 {
        let stamp = now + Duration::from_secs(seconds);
        let id = stamp.strftime("%Y-%m-%d_%H-%M-%S").to_string();
        if fs::create_dir(env.snapshot(&id)).is_ok() {
            let record = record.replace(from, &id);
            fs::write(env.snapshot(&id).join("snapshot.toml"), record).unwrap();
        }
    }
}

#[test]
fn two_backups_in_one_second_are_two_snapshots() {
    let env = TestEnv::small();
    let first = env.backup(0, &[])["snapshot"].as_str().unwrap().to_owned();
    take_every_name(&env, &first);
    let there = env.snapshots();
    for counter in ["-2", "-3"] {
        let report = env.backup(0, &[]);
        let id = report["snapshot"].as_str().unwrap();
        // The second attempt may fall into the next second, whose name is taken as well.
        assert!(id.ends_with("-2") || id.ends_with(counter), "{id}");
        assert!(!there.contains(&id.to_owned()));
        assert!(archive_of(&env, &report, "claude").is_file());
    }
    assert_eq!(env.snapshots().len(), there.len() + 2);
}

#[test]
fn backups_one_after_the_other_are_all_there() {
    let env = TestEnv::small();
    let ids: Vec<String> = (0..4)
        .map(|_| env.backup(0, &[])["snapshot"].as_str().unwrap().to_owned())
        .collect();
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 4, "{ids:?}");
    assert_eq!(env.snapshots(), sorted);
}

/// Writes so much that a backup takes a while, the more the later the attempt.
fn much(env: &TestEnv, attempt: u64) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for file in 0..8 * attempt {
        let mut content = vec![0; 8 << 20];
        for bytes in content.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.copy_from_slice(&state.to_le_bytes());
        }
        env.write(&format!(".claude/skills/large/{file}.bin"), content);
    }
}

/// Whether an unfinished backup is there with something in it.
fn has_draft(env: &TestEnv) -> bool {
    let Ok(dir) = fs::read_dir(env.vault().join("backups")) else {
        return false;
    };
    dir.flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with(".draft-"))
}

/// Starts a backup of much and sends it a signal while it works; tries again with more
/// when it was done before.
fn stop_in_the_middle(env: &TestEnv, signal: Signal, prefix: &[&str]) -> Output {
    for attempt in 1..=4 {
        much(env, attempt);
        let mut command = env.on_vault(prefix, &["backup", "claude"]);
        let text = format!("{command:?}");
        let mut child: Child = command.spawn().unwrap();
        while !has_draft(env) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let pid = Pid::from_child(&child);
        let done = child.try_wait().unwrap().is_some();
        let _ = kill_process(pid, signal);
        let output = Output::from_done(text, child.wait_with_output().unwrap());
        if !done && output.code != 0 {
            return output;
        }
        fs::remove_dir_all(env.vault()).unwrap();
    }
    panic!("every backup was done before it could be stopped");
}

#[test]
fn a_killed_backup_leaves_no_snapshot_and_the_next_one_cleans_up() {
    tools::require("bash");
    let env = TestEnv::small();
    stop_in_the_middle(&env, Signal::KILL, &NO_UMASK).exits(128 + 9);
    let home = TreeSnapshot::of(&env.home());
    let left = env.snapshots();
    assert!(
        left.iter().all(|name| name.starts_with(".draft-")),
        "{left:?}"
    );
    assert_private(&env.vault());
    let list = env.run(&["--json", "list"]).json();
    assert_eq!(
        list["snapshots"].as_array().map(Vec::len),
        Some(0),
        "{list:#}"
    );
    home.assert_same(&TreeSnapshot::of(&env.home()), "the home changed");
    fs::remove_dir_all(env.home().join(".claude/skills/large")).unwrap();
    env.backup(0, &[]);
    let left = env.snapshots();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(!left[0].starts_with('.'), "{left:?}");
    env.run(&["verify"]).exits(0);
}

#[test]
fn a_cancelled_backup_says_so_and_leaves_nothing() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let env = TestEnv::small();
        let output = stop_in_the_middle(&env, signal, &[]).exits(code);
        assert!(!output.stderr.trim().is_empty(), "{output}");
        assert_eq!(env.snapshots(), [""; 0], "{output}");
        fs::remove_dir_all(env.home().join(".claude/skills/large")).unwrap();
        env.backup(0, &["claude"]);
    }
}

#[test]
fn a_second_writer_is_told_who_holds_the_vault() {
    let env = TestEnv::small();
    env.backup(0, &[]);
    let path = env.vault().join("lock");
    let lock = File::options().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    let holder = "`takeback backup` (process 4242 on otherhost since 2026-01-01T00:00:00Z)";
    fs::write(&path, format!("{holder}\n")).unwrap();
    let before = TreeSnapshot::of(&env.vault());
    env.run(&["backup"])
        .exits(11)
        .says("process 4242 on otherhost")
        .says("try again");
    env.run(&["--json", "backup"]).exits(11);
    // Readers need not wait.
    env.run(&["list"]).exits(0);
    env.run(&["verify"]).exits(0);
    env.run(&["backup", "--dry-run"]).exits(0);
    // What a stranger wrote there does not reach the terminal as it is.
    fs::write(&path, "\x1b[31mred\x1b[0m\nmore").unwrap();
    let output = env.run(&["backup"]).exits(11);
    assert!(!(output.stderr + &output.stdout).contains('\x1b'));
    fs::write(&path, format!("{holder}\n")).unwrap();
    let after = TreeSnapshot::of(&env.vault()).without("lock");
    before
        .without("lock")
        .assert_same(&after, "the vault changed");
    drop(lock);
    env.backup(0, &[]);
}

#[test]
fn a_transcript_that_grows_is_kept_up_to_some_moment() {
    let env = TestEnv::small();
    let path = env.write(
        ".claude/projects/-work/session.jsonl",
        "{\"n\":0}\n".repeat(200_000),
    );
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            use std::io::Write;
            let mut file = File::options().append(true).open(path).unwrap();
            while stopped.try_recv().is_err() {
                file.write_all(b"{\"half\":").unwrap();
                file.write_all(b"1}\n").unwrap();
            }
        }
    });
    let report = env.run(&["--json", "backup", "claude"]);
    stop.send(()).unwrap();
    writer.join().unwrap();
    let report = report.exits(0).json();
    let into = env.root().join("out");
    tools::extract(&archive_of(&env, &report, "claude"), &into);
    let kept = fs::read(into.join("home/.claude/projects/-work/session.jsonl")).unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(kept.len() >= 200_000 * 8 && whole.starts_with(&kept));
    assert_eq!(
        target(&report, "claude")["troubles"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
}

#[test]
fn a_dry_run_writes_nothing_at_all() {
    let env = TestEnv::new();
    materialize("claude/linux", &env.home());
    let before = TreeSnapshot::of(env.root());
    for args in [
        &["backup", "--dry-run"][..],
        &["--json", "backup", "-n", "claude"],
    ] {
        env.run(args).exits(3);
        before.assert_same(&TreeSnapshot::of(env.root()), "a dry run wrote something");
    }
    let dry = env.run(&["backup", "--dry-run"]);
    let real = env.run(&["backup"]).exits(3);
    let last = dry.stdout.lines().last().unwrap();
    assert!(last.starts_with("Would"), "{dry}");
    // The same lines as the real run, but for what only a made archive has.
    assert!(
        dry.stdout.contains("6 skills") && real.stdout.contains("6 skills"),
        "{dry}{real}"
    );
}

#[test]
fn the_project_is_the_nearest_repository_and_never_the_home_itself() {
    let mut env = TestEnv::small();
    env.write("src/app/CLAUDE.md", "instructions of the app\n");
    env.write("src/app/deep/er/main.rs", "");
    env.write("src/app/.git/HEAD", "ref: refs/heads/main\n");
    env.write("other/AGENTS.md", "instructions of the other\n");
    env.write("CLAUDE.md", "not a project's\n");
    fs::create_dir(env.home().join(".git")).unwrap();
    let has_project = |report: &Value| {
        report["targets"]
            .as_array()
            .unwrap()
            .iter()
            .any(|target| target["target"] == "project")
    };
    let kept = |env: &TestEnv, report: &Value| {
        let into = tempfile::tempdir_in(env.root()).unwrap();
        tools::extract(&archive_of(env, report, "project"), into.path());
        TreeSnapshot::of(&into.path().join("project"))
            .paths()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert!(!has_project(&env.backup(0, &[])), "the home itself");
    env.go_to(env.home().join("src/app/deep/er"));
    let report = env.backup(0, &[]);
    assert_eq!(kept(&env, &report), ["CLAUDE.md"], "the nearest repository");
    assert!(!has_project(&env.backup(0, &["--no-project"])));
    let other = env.home().join("other");
    let report = env.backup(0, &["--project", other.to_str().unwrap()]);
    assert_eq!(kept(&env, &report), ["AGENTS.md"], "the named directory");
    env.go_to(&other);
    let report = env.backup(0, &["project"]);
    assert_eq!(
        kept(&env, &report),
        ["AGENTS.md"],
        "not in the home's repository"
    );
}
