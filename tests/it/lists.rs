//! `list`, `show` and the choice of a snapshot: newest first by the records alone, the
//! same in text and in JSON, and without running any adapter.

use crate::support::TestEnv;
use crate::support::env::target;
use std::fs;
use std::os::unix::fs::symlink;

/// A home with five skills and two agents in one tool, five skills in another.
fn two_tools() -> TestEnv {
    let env = TestEnv::new();
    for name in ["a", "b", "c", "d", "e"] {
        env.skill(name);
        env.write(&format!(".cursor/skills/{name}/SKILL.md"), "skill");
    }
    env.write(".claude/agents/one.md", "agent");
    env.write(".claude/agents/deep/two.md", "agent");
    env
}

/// The name of the snapshot a backup makes.
fn backup(env: &TestEnv, args: &[&str]) -> String {
    env.backup(0, args)["snapshot"].as_str().unwrap().to_owned()
}

/// Changes something in a snapshot's record.
fn edit_record(env: &TestEnv, id: &str, from: &str, to: &str) {
    let path = env.snapshot(id).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "no {from:?} in {text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Splits `5 skills, 2 agents, 2.1 MB    remark` into what is counted, size and remark.
fn parts(line: &str) -> (Vec<String>, String, String) {
    let (contents, remark) = line.split_once("    ").unwrap_or((line, ""));
    let mut counts: Vec<String> = contents.split(", ").map(str::to_owned).collect();
    let size = counts.pop().unwrap();
    (counts, size, remark.to_owned())
}

/// Whether a size reads like `640 kB` or `2.1 MB`.
fn is_size(text: &str) -> bool {
    let Some((number, unit)) = text.split_once(' ') else {
        return false;
    };
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    ["B", "kB", "MB", "GB"].contains(&unit) && digits(whole) && digits(tenth) && tenth.len() == 1
}

#[test]
fn list_looks_like_the_sample() {
    let env = two_tools();
    let older = backup(&env, &["--note", "before the big clean-up"]);
    env.skill("f");
    let newer = backup(&env, &[]);
    edit_record(&env, &older, "pinned = false", "pinned = true");
    let output = env.run(&["list"]).exits(0);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{output}");
    assert_eq!(
        [lines[0], lines[3]],
        [newer.as_str(), older.as_str()],
        "{output}"
    );
    let unchanged = format!("unchanged since {older}");
    for (line, name, skills, agents, remark) in [
        (lines[1], "claude", "6 skills", Some("2 agents"), ""),
        (lines[2], "cursor", "5 skills", None, unchanged.as_str()),
        (
            lines[4],
            "claude",
            "5 skills",
            Some("2 agents"),
            "pinned: before the big clean-up",
        ),
        (
            lines[5],
            "cursor",
            "5 skills",
            None,
            "pinned: before the big clean-up",
        ),
    ] {
        let rest = line
            .strip_prefix(&format!("  {name}    "))
            .unwrap_or_else(|| panic!("{output}"));
        let (counts, size, said) = parts(rest);
        let wanted: Vec<&str> = [skills].into_iter().chain(agents).collect();
        assert_eq!(counts, wanted, "{output}");
        assert!(
            is_size(&size),
            "{size:?} does not read like 2.1 MB\n{output}"
        );
        assert_eq!(said, remark, "{output}");
    }
    assert!(output.stderr.is_empty(), "{output}");
    assert_eq!(
        env.run(&["backup", "--list"]).exits(0).stdout,
        output.stdout
    );
}

#[test]
fn notes_and_gaps_are_shown() {
    let env = two_tools();
    symlink("nowhere", env.home().join(".claude/skills/dangling")).unwrap();
    env.backup(3, &["--note", "a note"]);
    let output = env.run(&["list"]).exits(0).says("a note").says("1 gap");
    assert_eq!(
        output
            .stdout
            .lines()
            .filter(|line| line.contains("1 gap"))
            .count(),
        1,
        "{output}"
    );
    let json = env.run(&["--json", "list"]).exits(0).json();
    let snapshot = &json["snapshots"][0];
    assert_eq!(
        (&snapshot["complete"], &snapshot["note"]),
        (&false.into(), &"a note".into())
    );
    assert_eq!(target(snapshot, "claude")["troubles"], 1);
    assert_eq!(target(snapshot, "cursor")["troubles"], 0);
}

#[test]
fn the_document_says_what_the_text_says() {
    let env = two_tools();
    let (older, newer) = (
        backup(&env, &[]),
        backup(&env, &["claude", "--note", "second"]),
    );
    let json = env.run(&["--json", "list"]).exits(0).json();
    assert_eq!(
        (&json["schema_version"], &json["message_type"]),
        (&1.into(), &"list".into())
    );
    assert_eq!(json["vault"], env.vault().to_str().unwrap());
    assert_eq!(json["damaged"].as_array().map(Vec::len), Some(0));
    let snapshots = json["snapshots"].as_array().unwrap();
    let ids: Vec<&str> = snapshots
        .iter()
        .map(|s| s["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [&newer, &older]);
    assert_eq!(
        (&snapshots[0]["note"], &snapshots[1]["note"]),
        (&"second".into(), &().into())
    );
    for snapshot in snapshots {
        assert_eq!(
            (&snapshot["complete"], &snapshot["kind"]),
            (&true.into(), &"manual".into())
        );
        let time = snapshot["time"].as_str().unwrap();
        // The zone of these tests is UTC, so name and time are the same moment.
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .take(14)
                .collect::<String>()
        };
        assert_eq!(digits(time), digits(snapshot["id"].as_str().unwrap()));
        for archive in snapshot["targets"].as_array().unwrap() {
            let file = env
                .snapshot(snapshot["id"].as_str().unwrap())
                .join(archive["file"].as_str().unwrap());
            assert_eq!(archive["size"], fs::metadata(&file).unwrap().len());
            let digest = <sha2::Sha256 as sha2::Digest>::digest(fs::read(&file).unwrap());
            assert_eq!(archive["sha256"], crate::support::tree::hex(&digest));
        }
    }
}

#[test]
fn list_can_be_about_one_target() {
    let env = two_tools();
    let (both, one) = (backup(&env, &[]), backup(&env, &["claude"]));
    let output = env.run(&["list", "cursor"]).exits(0);
    assert!(
        output.stdout.contains(&both) && !output.stdout.contains(&format!("{one}\n")),
        "{output}"
    );
    assert!(!output.stdout.contains("  claude"), "{output}");
    let json = env.run(&["--json", "list", "claude"]).exits(0).json();
    assert_eq!(json["snapshots"].as_array().map(Vec::len), Some(2));
    env.run(&["list", "cluade"])
        .exits(10)
        .says("cluade")
        .says("did you mean claude");
}

#[test]
fn a_vault_that_is_empty_or_not_there_lists_nothing() {
    let env = TestEnv::new();
    let output = env.run(&["list"]).exits(0).says("takeback backup");
    assert!(output.stdout.is_empty(), "{output}");
    let json = env.run(&["--json", "list"]).exits(0).json();
    assert_eq!(json["snapshots"].as_array().map(Vec::len), Some(0));
    assert!(!env.vault().exists(), "looking makes no vault");
    env.run(&["show", "latest"])
        .exits(10)
        .says("takeback backup");
    env.run(&["verify"]).exits(10);
}

#[test]
fn order_comes_from_the_records_and_not_from_names_or_file_times() {
    let env = two_tools();
    let (first, second) = (backup(&env, &[]), backup(&env, &[]));
    // The clock was set back between the two.
    let early = "2001-02-03_04-05-06";
    edit_record(&env, &second, &second, early);
    fs::rename(env.snapshot(&second), env.snapshot(early)).unwrap();
    let old = fs::File::open(env.snapshot(early)).unwrap();
    old.set_modified(std::time::UNIX_EPOCH).unwrap();
    let output = env.run(&["list"]).exits(0);
    let (newer, older) = (output.stdout.find(early), output.stdout.find(&first));
    assert!(newer.is_some() && newer < older, "{output}");
}

#[test]
fn what_is_no_snapshot_is_not_listed() {
    let env = two_tools();
    let id = backup(&env, &[]);
    let backups = env.vault().join("backups");
    fs::create_dir(backups.join("2026-01-01_00-00-00")).unwrap();
    fs::create_dir(backups.join("notes")).unwrap();
    fs::copy(
        env.snapshot(&id).join("snapshot.toml"),
        backups.join("notes/snapshot.toml"),
    )
    .unwrap();
    fs::write(backups.join("2026-01-02_00-00-00"), "a file").unwrap();
    symlink(env.snapshot(&id), backups.join("2026-01-03_00-00-00")).unwrap();
    let json = env.run(&["--json", "list"]).exits(0).json();
    let ids: Vec<&str> = json["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [id]);
}

#[test]
fn show_tells_what_is_inside_by_class() {
    let env = two_tools();
    env.write(".claude/settings.json", "{}\n");
    env.write(".claude/CLAUDE.md", "instructions");
    env.write(".claude/history.jsonl", "{}\n");
    env.write(".claude/.credentials.json", "{}");
    let id = backup(&env, &[]);
    let json = env.run(&["--json", "show"]).exits(0).json();
    assert_eq!(
        (&json["schema_version"], &json["message_type"]),
        (&1.into(), &"show".into())
    );
    assert_eq!(json["snapshot"]["id"], id);
    let classes = target(&json, "claude")["classes"].as_array().unwrap();
    let files: Vec<(&str, u64)> = classes
        .iter()
        .map(|class| {
            (
                class["class"].as_str().unwrap(),
                class["files"].as_u64().unwrap(),
            )
        })
        .collect();
    let wanted = [
        ("settings", 1),
        ("instructions", 1),
        ("skills", 5),
        ("agents", 2),
        ("history", 1),
    ];
    assert_eq!(files, wanted);
    assert_eq!(classes[0]["paths"][0], "home/.claude/settings.json");
    assert_eq!(classes[0]["bytes"], 3);
    assert_eq!(
        target(&json, "claude")["left_out"][0]["class"],
        "credentials"
    );
    let text = env.run(&["show", "latest", "claude"]).exits(0);
    let shown: Vec<&str> = text
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    let words = |line: &&str| {
        line.split_whitespace()
            .take(3)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let shown: Vec<String> = shown.iter().map(words).collect();
    let wanted = [
        "settings 1 file,",
        "instructions 1 file,",
        "skills 5 files,",
        "agents 2 files,",
        "history 1 file,",
    ];
    assert_eq!(shown, wanted, "{text}");
    assert!(!text.stdout.contains("cursor"), "{text}");
    env.run(&["-v", "show"])
        .exits(0)
        .says("home/.claude/agents/deep/two.md");
}

#[test]
fn a_snapshot_can_be_named_in_many_ways() {
    let env = two_tools();
    let (first, second) = (backup(&env, &[]), backup(&env, &["claude"]));
    let shown = |args: &[&str]| {
        let mut all = vec!["--json", "show"];
        all.extend(args);
        env.run(&all).exits(0).json()["snapshot"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(shown(&[]), second);
    assert_eq!(shown(&["latest"]), second);
    assert_eq!(shown(&["latest~1"]), first);
    assert_eq!(shown(&[&first]), first);
    assert_eq!(shown(&[&second]), second);
    assert_eq!(
        shown(&["latest", "cursor"]),
        first,
        "the newest that holds the target"
    );
    if first[..10] == second[..10] {
        assert_eq!(shown(&[&first[..10]]), second, "the newest of the day");
        let prefix = &first[..11];
        env.run(&["show", prefix])
            .exits(2)
            .says(&first)
            .says(&second);
    }
    env.run(&["show", "latest~2"]).exits(10).says("2 snapshots");
    env.run(&["show", "1999-01-01"])
        .exits(10)
        .says("1999-01-01");
    env.run(&["show", "no-such"]).exits(10).says("no-such");
    env.run(&["show", "latest", "cluade"])
        .exits(10)
        .says("did you mean claude");
}

#[test]
fn looking_runs_no_adapter_and_changes_nothing() {
    let mut env = two_tools();
    backup(&env, &[]);
    let cache = env.root().join("fresh-cache");
    env.set("XDG_CACHE_HOME", &cache);
    let before = crate::support::TreeSnapshot::of(env.root());
    for args in [&["list"][..], &["show"], &["verify"], &["--json", "list"]] {
        env.run(args).exits(0);
        before.assert_same(
            &crate::support::TreeSnapshot::of(env.root()),
            "something changed",
        );
    }
    assert!(!cache.exists());
    // A backup does: so the cache's absence shows that nothing was compiled.
    backup(&env, &["claude"]);
    assert!(cache.is_dir());
}
