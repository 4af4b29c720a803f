//! What cannot be kept as it is: reported with its kind, by exit code 3, in the text, in
//! JSON and in the manifest. It never stops a backup, and it is never silent.

use crate::support::blocks::{members, named};
use crate::support::env::{archive_of, target};
use crate::support::{TestEnv, TreeSnapshot, tools};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

/// The troubles of a target: paths and kinds.
fn troubles(report: &Value, name: &str) -> BTreeMap<String, String> {
    let list = target(report, name)["troubles"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.iter()
        .map(|trouble| (text(&trouble["path"]), text(&trouble["kind"])))
        .collect()
}

/// What an archive holds: whole names.
fn names(env: &TestEnv, report: &Value, name: &str) -> Vec<String> {
    let members = members(&archive_of(env, report, name));
    named(&members).into_iter().map(|(name, _)| name).collect()
}

/// The manifest of an archive.
fn manifest(env: &TestEnv, report: &Value, name: &str) -> Value {
    serde_json::from_slice(&members(&archive_of(env, report, name))[0].content).unwrap()
}

/// Makes a backup of `claude` and checks that exactly these troubles are in the report,
/// in the manifest and in the text.
fn check_gaps(env: &TestEnv, expected: &[(&str, &str)]) -> Value {
    let report = env.backup(3, &["claude"]);
    let wanted: BTreeMap<String, String> = expected
        .iter()
        .map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned()))
        .collect();
    assert_eq!(troubles(&report, "claude"), wanted);
    assert_eq!(report["complete"], false, "{report:#}");
    let manifest = manifest(env, &report, "claude");
    assert_eq!(manifest["troubles"], target(&report, "claude")["troubles"]);
    let names = names(env, &report, "claude");
    assert!(
        names.contains(&"home/.claude/skills/one/SKILL.md".to_owned()),
        "{names:?}"
    );
    for (path, _) in expected {
        assert!(
            !names.iter().any(|name| name.trim_end_matches('/') == *path),
            "{path} is kept"
        );
    }
    let text = env.run(&["backup", "claude"]).exits(3);
    for (path, _) in expected {
        let last = path.rsplit('/').next().unwrap();
        assert!(
            (text.stdout.clone() + &text.stderr).contains(last),
            "{last} is not named\n{text}"
        );
    }
    report
}

#[test]
fn what_may_not_be_read_is_reported() {
    let env = TestEnv::without_privileges();
    let closed = env.write(".claude/skills/closed.md", "x");
    env.write(".claude/skills/closed-dir/SKILL.md", "x");
    for path in [closed, env.home().join(".claude/skills/closed-dir")] {
        fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    }
    let paths = [
        "home/.claude/skills/closed-dir",
        "home/.claude/skills/closed.md",
    ];
    check_gaps(&env, &paths.map(|path| (path, "unreadable")));
    let dir = env.home().join(".claude/skills/closed-dir");
    fs::set_permissions(dir, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn pipes_and_sockets_are_reported_and_never_opened() {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills");
    tools::run(&dir, "mkfifo", &["pipe"]);
    let socket = UnixListener::bind(dir.join("socket")).unwrap();
    let paths = ["home/.claude/skills/pipe", "home/.claude/skills/socket"];
    check_gaps(&env, &paths.map(|path| (path, "special")));
    socket.set_nonblocking(true).unwrap();
    assert!(socket.accept().is_err(), "somebody connected");
}

#[test]
fn links_that_lead_nowhere_or_too_far_are_reported() {
    let env = TestEnv::small();
    fs::create_dir_all(env.home().join(".ssh")).unwrap();
    env.write(".ssh/id_ed25519", "FAKE_SECRET_in_a_key");
    fs::write(env.root().join("outside.txt"), "outside the home").unwrap();
    let dir = env.home().join(".claude/skills");
    for (name, leads_to) in [
        ("dangling", "nowhere/at/all"),
        ("escape", "/etc/passwd"),
        ("climb", "../../../outside.txt"),
        ("keys", "../../.ssh"),
        ("key", "../../.ssh/id_ed25519"),
        ("loop", "loop"),
        ("pong", "ping"),
        ("ping", "pong"),
        ("up", ".."),
        ("home", "../.."),
    ] {
        symlink(leads_to, dir.join(name)).unwrap();
    }
    let report = env.backup(3, &["claude"]);
    let found = troubles(&report, "claude");
    let kind = |name: &str| {
        found
            .get(&format!("home/.claude/skills/{name}"))
            .map(String::as_str)
    };
    assert_eq!(kind("dangling"), Some("dangling-link"), "{found:#?}");
    assert_eq!(kind("climb"), Some("link-outside"), "{found:#?}");
    for name in ["keys", "key", "escape"] {
        assert!(
            matches!(kind(name), Some("off-limits" | "link-outside")),
            "{name}: {found:#?}"
        );
    }
    for name in ["loop", "ping", "pong", "up"] {
        assert_eq!(kind(name), Some("link-loop"), "{name}: {found:#?}");
    }
    // The whole home through a link: its own loop is found, and nothing of the keys.
    assert!(
        found
            .keys()
            .any(|path| path.starts_with("home/.claude/skills/home")),
        "{found:#?}"
    );
    let content: Vec<u8> = members(&archive_of(&env, &report, "claude"))
        .into_iter()
        .flat_map(|m| m.content)
        .collect();
    let content = String::from_utf8_lossy(&content);
    assert!(!content.contains("FAKE_SECRET_in_a_key") && !content.contains("root:"));
    assert!(!content.contains("outside the home"));
    env.run(&["verify"]).exits(0);
}

#[test]
fn links_into_the_home_are_followed_and_noted() {
    let env = TestEnv::small();
    env.write("shared/skill/SKILL.md", "shared");
    env.write("shared/skill/deep/notes.md", "notes");
    env.write("shared/agent.md", "agent");
    let dir = env.home().join(".claude");
    symlink("../../shared/skill", dir.join("skills/linked")).unwrap();
    symlink(env.home().join("shared/skill"), dir.join("skills/absolute")).unwrap();
    fs::create_dir(dir.join("agents")).unwrap();
    symlink("../../shared/agent.md", dir.join("agents/agent.md")).unwrap();
    let report = env.backup(0, &["claude"]);
    let followed = target(&report, "claude")["followed"].as_array().unwrap();
    let of = |path: &str| {
        followed
            .iter()
            .find(|f| f["path"] == path)
            .map(|f| f["target"].clone())
    };
    assert_eq!(
        of("home/.claude/skills/linked"),
        Some("../../shared/skill".into())
    );
    assert_eq!(
        of("home/.claude/agents/agent.md"),
        Some("../../shared/agent.md".into())
    );
    assert!(of("home/.claude/skills/absolute").is_some());
    assert_eq!(followed.len(), 3, "{followed:?}");
    let manifest = manifest(&env, &report, "claude");
    assert_eq!(manifest["followed"], target(&report, "claude")["followed"]);
    let into = env.root().join("out");
    tools::extract(&archive_of(&env, &report, "claude"), &into);
    for (path, content) in [
        ("skills/linked/SKILL.md", "shared"),
        ("skills/linked/deep/notes.md", "notes"),
        ("skills/absolute/SKILL.md", "shared"),
        ("agents/agent.md", "agent"),
    ] {
        let full = into.join("home/.claude").join(path);
        assert!(
            full.symlink_metadata().unwrap().is_file(),
            "{path} is a real file"
        );
        assert_eq!(fs::read_to_string(full).unwrap(), content);
    }
}

#[test]
fn a_linked_root_is_kept_when_it_lies_in_the_home() {
    for (leads_to, code) in [("home/dotfiles/claude", 0), ("elsewhere/claude", 3)] {
        let env = TestEnv::small();
        let real = env.root().join(leads_to);
        fs::create_dir_all(real.parent().unwrap()).unwrap();
        fs::rename(env.home().join(".claude"), &real).unwrap();
        symlink(&real, env.home().join(".claude")).unwrap();
        env.write(".claude.json", "{}\n");
        let report = env.backup(code, &["claude"]);
        let names = names(&env, &report, "claude");
        let kept = names.contains(&"home/.claude/skills/one/SKILL.md".to_owned());
        assert_eq!(kept, code == 0, "{leads_to}: {names:?}");
        let found = troubles(&report, "claude");
        assert_eq!(
            found.values().any(|kind| kind == "link-outside"),
            code == 3,
            "{found:?}"
        );
    }
}

#[test]
fn names_that_archives_cannot_hold_are_reported_and_escaped() {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills");
    let bad: [&[u8]; 7] = [
        b"bad\xff.md",
        b"back\\slash.md",
        b"new\nline.md",
        b"esc\x1b[31mred.md",
        b"bell\x07.md",
        b"del\x7f.md",
        b"tab\there.md",
    ];
    for name in bad {
        fs::write(dir.join(OsStr::from_bytes(name)), "x").unwrap();
    }
    let folder = dir.join(OsStr::from_bytes(b"folder\xfe"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("SKILL.md"), "x").unwrap();
    fs::write(dir.join("over\u{202e}ride.md"), "x").unwrap();
    let shown = [
        "bad\\xff.md",
        "back\\\\slash.md",
        "new\\nline.md",
        "esc\\x1b[31mred.md",
        "bell\\x07.md",
        "del\\x7f.md",
        "tab\\there.md",
        "folder\\xfe",
    ];
    let expected: Vec<String> = shown
        .iter()
        .map(|name| format!("home/.claude/skills/{name}"))
        .collect();
    let expected: Vec<(&str, &str)> = expected.iter().map(|p| (p.as_str(), "bad-name")).collect();
    let report = check_gaps(&env, &expected);
    let names = names(&env, &report, "claude");
    assert!(
        names.contains(&"home/.claude/skills/over\u{202e}ride.md".to_owned()),
        "{names:?}"
    );
}

#[test]
fn nothing_that_steers_a_terminal_is_ever_printed() {
    let env = TestEnv::small();
    let dir = env.home().join(".claude/skills");
    for name in [
        "a\x1b]0;title\x07.md",
        "b\u{9b}31m.md",
        "c\u{202e}txt.md",
        "d\u{2028}.md",
    ] {
        // Each as a trouble of its own: a link to nothing, with an odd target as well.
        symlink("\x1b[2J/nowhere", dir.join(name)).unwrap();
    }
    let project = env.home().join("pro\x1b[31mject");
    fs::create_dir(&project).unwrap();
    fs::write(project.join("CLAUDE.md"), "x").unwrap();
    let project = project.to_str().unwrap();
    let note = "note with \x1b[31mcolour\x07 and \u{9b}2J";
    for args in [
        &["backup", "--dry-run"][..],
        &["--json", "backup", "--dry-run"],
        &["backup", "--note", note, "--project", project],
        &["--json", "backup", "--note", note, "--project", project],
        &["list"],
        &["--json", "list"],
        &["show", "latest"],
        &["--json", "show", "latest"],
        &["verify"],
        &["--json", "verify"],
        &["backup", "no\x1b[31msuch"],
        &["--json", "backup", "no\x1b[31msuch"],
        &["backup", "--adapter", "/no\x1b[31msuch"],
        &["show", "no\x1b[31msuch"],
        &["restore", "no\x1b[31msuch"],
        &["--no\x1b[31msuch"],
        &["backup", "--project", "/no\x1b[31msuch"],
    ] {
        let output = env.run(args);
        let steers = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2028}".contains(c);
        for stream in [&output.stdout, &output.stderr] {
            assert!(!stream.contains(steers), "{args:?}: {stream:?}");
        }
        assert!(
            output.stdout.len() + output.stderr.len() > 0,
            "{args:?} says nothing"
        );
    }
}

#[test]
fn what_is_left_out_on_purpose_is_told_with_its_reason() {
    let env = TestEnv::small();
    env.write(".claude/.credentials.json", "{}");
    env.write(".claude/plugins/cache/kit/x.txt", "code");
    env.write(".claude/debug/x.txt", "log");
    env.write(".claude/history.jsonl", "{}\n");
    let report = env.backup(0, &["claude", "--no-history"]);
    let left: BTreeMap<String, String> = target(&report, "claude")["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| {
            [&left["class"], &left["reason"]]
                .map(|v| v.as_str().unwrap().to_owned())
                .into()
        })
        .collect();
    let classes: Vec<&str> = left.keys().map(String::as_str).collect();
    assert_eq!(classes, ["cache", "code-cache", "credentials", "history"]);
    assert!(
        left["credentials"].contains("--include-credentials"),
        "{left:?}"
    );
    assert!(left["code-cache"].contains("--full"), "{left:?}");
    assert_eq!(
        manifest(&env, &report, "claude")["left_out"],
        target(&report, "claude")["left_out"]
    );
    let text = env.run(&["backup", "claude"]).exits(0);
    assert!(
        (text.stdout.clone() + &text.stderr).contains("--include-credentials"),
        "{text}"
    );
    let unknown = env.write(".claude/brand-new-thing/x", "x");
    let report = env.backup(0, &["claude"]);
    assert_eq!(
        target(&report, "claude")["undeclared"][0],
        "home/.claude/brand-new-thing"
    );
    assert!(unknown.is_file());
}

#[test]
fn a_partial_backup_does_not_take_the_place_of_a_good_one() {
    let env = TestEnv::small();
    let good = env.backup(0, &[]);
    let before = TreeSnapshot::of(&env.snapshot(good["snapshot"].as_str().unwrap()));
    symlink("nowhere", env.home().join(".claude/skills/dangling")).unwrap();
    let partial = env.backup(3, &[]);
    let after = TreeSnapshot::of(&env.snapshot(good["snapshot"].as_str().unwrap()));
    before.assert_same(&after, "the good snapshot changed");
    let record = env
        .snapshot(partial["snapshot"].as_str().unwrap())
        .join("snapshot.toml");
    let record: toml::Table = fs::read_to_string(record).unwrap().parse().unwrap();
    assert_eq!(record["complete"].as_bool(), Some(false));
    assert_eq!(env.snapshots().len(), 2);
}

#[test]
fn links_of_a_project_that_no_rule_speaks_of_are_no_gaps() {
    let mut env = TestEnv::new();
    env.write("src/app/CLAUDE.md", "project");
    env.write("dotfiles/project/skills/s/SKILL.md", "skill");
    let project = env.home().join("src/app");
    fs::create_dir_all(project.join("venv-like/bin")).unwrap();
    symlink("/usr/bin/env", project.join("venv-like/bin/python")).unwrap();
    symlink("/nowhere", project.join("dangling")).unwrap();
    symlink("../../dotfiles/project", project.join(".claude")).unwrap();
    env.go_to(&project);
    let report = env.backup(0, &["project"]);
    let names = names(&env, &report, "project");
    assert!(
        names.contains(&"project/.claude/skills/s/SKILL.md".to_owned()),
        "a linked folder that rules speak of is followed: {names:?}"
    );
}
