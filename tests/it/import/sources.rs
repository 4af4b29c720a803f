//! Each kind of source, from its making to the restored tree.

use super::*;

#[test]
fn an_archive_of_claude_code_backup_comes_back_byte_for_byte() {
    let mut old = Elsewhere::new();
    old.fill();
    let archive = old.claude_code_backup(true, "");
    let was = (TreeSnapshot::of(&old.old), TreeSnapshot::of(&old.project));
    let report = old.import(0, &[archive.to_str().unwrap()]);
    let image = only(&report);
    assert_eq!(image["layout"], "claude-code-backup", "{report:#}");
    assert_eq!(image["time"], UTC);
    assert_eq!(image["time_from"], "its manifest");
    assert_eq!(image["user"], "ada");
    // The time in the name is the local one of then, as the scripts name their archives.
    assert_eq!(image["snapshot"], LOCAL);
    old.env.run(&["verify"]).exits(0);
    old.env
        .run(&["restore", "claude", "--home-only", "--yes"])
        .exits(0);
    same(&was.0, &TreeSnapshot::of(&old.env.home()).without(".local"));
    fs::rename(&old.project, old.env.root().join("kept")).unwrap();
    fs::create_dir(&old.project).unwrap();
    old.env.go_to(old.project.clone());
    old.env.run(&["restore", "project", "--yes"]).exits(0);
    let is = TreeSnapshot::of(&old.project);
    for path in was.1.paths() {
        let path = Path::new(&path);
        assert_eq!(was.1.0.get(path), is.0.get(path), "{}", path.display());
    }
}

#[test]
fn what_its_links_led_to_and_its_second_names_are_files() {
    let old = Elsewhere::new();
    old.fill();
    // skillshare's way: skills are links. `tar -h` writes the second way to the same file as a
    // hard link.
    let skill = old.env.root().join("source/two");
    Elsewhere::write(&skill.join("SKILL.md"), "---\nname: two\n---\n");
    let skills = old.old.join(".claude/skills");
    symlink(&skill, skills.join("two")).unwrap();
    symlink(&skill, skills.join("three")).unwrap();
    let archive = old.claude_code_backup(false, "");
    let listing = sh("tar", &["-tvzf", archive.to_str().unwrap()], &old.old);
    assert!(listing.contains("link to"), "{listing}");
    old.import(0, &[archive.to_str().unwrap()]);
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    for name in ["two", "three"] {
        let path = old.env.home().join(".claude/skills").join(name);
        assert!(path.is_dir() && !path.is_symlink());
        let text = fs::read_to_string(path.join("SKILL.md")).unwrap();
        assert_eq!(text, "---\nname: two\n---\n");
    }
}

#[test]
fn credentials_are_left_out_and_named_unless_they_are_asked_for() {
    let old = Elsewhere::new();
    old.fill();
    let login = old.old.join(".claude/.credentials.json");
    Elsewhere::write(&login, "{\"claudeAiOauth\": {}}\n");
    Elsewhere::write(&old.old.join(".claude/statsig-like.bin"), "?");
    let archive = old.claude_code_backup(false, "full");
    let archive = archive.to_str().unwrap();
    let said = old.env.run(&["import", archive]).exits(0);
    let said = said.says("left out credentials (taken with --include-credentials)");
    said.says("home/.claude/statsig-like.bin, 1 file (no adapter knows it)");
    let report = old.import(0, &[archive, "--include-credentials", "--again"]);
    let snapshot = only(&report)["snapshot"].as_str().unwrap();
    assert_eq!(snapshot, format!("{LOCAL}-2"));
    old.env
        .run(&["restore", "claude", "--from", snapshot, "--yes"])
        .exits(0);
    let restored = old.env.home().join(".claude/.credentials.json");
    assert_eq!(fs::read(restored).unwrap(), fs::read(login).unwrap());
}

#[test]
fn directories_of_skillshare_become_a_snapshot_for_each_time() {
    let old = Elsewhere::new();
    let backups = old.backups.join("backups");
    for (stamp, names) in [
        ("2026-01-19_10-00-00", &["one"][..]),
        ("2026-01-20_15-30-00", &["one", "two"][..]),
    ] {
        for (target, name) in names
            .iter()
            .flat_map(|name| [("claude", name), ("cursor", name)])
        {
            let skill = backups.join(stamp).join(target).join(name);
            Elsewhere::write(&skill.join("SKILL.md"), format!("---\nname: {name}\n---\n"));
            Elsewhere::write(&skill.join("scripts/run.sh"), "#!/bin/sh\n");
        }
    }
    Elsewhere::write(&backups.join("2026-01-20_15-30-00/nobody/x/SKILL.md"), "x");
    dress_all(&backups);
    let newest = backups.join("2026-01-20_15-30-00/claude");
    let was = TreeSnapshot::of(&newest);
    // A tool nobody knows is named, and counts.
    let report = old.import(3, &[backups.to_str().unwrap()]);
    let images = report["sources"][0]["images"].as_array().unwrap();
    let names: Vec<&str> = images
        .iter()
        .map(|i| i["snapshot"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["2026-01-19_10-00-00", "2026-01-20_15-30-00"]);
    assert_eq!(images[1]["strange"][0], "nobody");
    assert_eq!(images[1]["layout"], "skillshare");
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    let skills = old.env.home().join(".claude/skills");
    same(&was, &TreeSnapshot::of(&skills));
    let older = [
        "restore",
        "claude",
        "--from",
        "2026-01-19",
        "--exact",
        "--yes",
    ];
    old.env.run(&older).exits(0);
    assert!(!skills.join("two/SKILL.md").exists() && skills.join("one/SKILL.md").exists());
    // One of them alone is recognised by its own name.
    let one = backups.join("2026-01-19_10-00-00");
    let report = old.import(0, &[one.to_str().unwrap()]);
    assert_eq!(only(&report)["outcome"], "already-imported", "{report:#}");
}

#[test]
fn a_mackup_folder_is_a_home() {
    let old = Elsewhere::new();
    let folder = old.backups.join("Mackup");
    Elsewhere::write(&folder.join(".claude/CLAUDE.md"), "Be brief.\n");
    Elsewhere::write(&folder.join(".claude/skills/one/SKILL.md"), "x\n");
    Elsewhere::write(&folder.join(".gitconfig"), "[user]\n");
    dress_all(&folder);
    let report = old.import(0, &[folder.to_str().unwrap()]);
    let image = only(&report);
    assert_eq!(image["layout"], "mackup");
    assert_eq!(image["time_from"], "its newest file");
    let left = image["left"].as_array().unwrap();
    assert_eq!(left[0]["place"], "home/.gitconfig", "{report:#}");
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    let was = TreeSnapshot::of(&folder.join(".claude"));
    same(&was, &TreeSnapshot::of(&old.env.home().join(".claude")));
}

/// Makes a tar of the old home with these words.
fn tar(old: &Elsewhere, name: &str, words: &[&str]) -> PathBuf {
    let path = old.backups.join(name);
    let mut all = vec!["-cf", path.to_str().unwrap()];
    if name.ends_with("gz") {
        all.insert(0, "-z");
    }
    all.extend(words);
    sh("tar", &all, &old.old);
    path
}

#[test]
fn tars_of_a_home_in_every_format_and_form_come_back_byte_for_byte() {
    let old = Elsewhere::new();
    old.fill();
    Elsewhere::write(&old.old.join("Documents/letter.txt"), "Dear ...\n");
    symlink("CLAUDE.md", old.old.join(".claude/skills/one/link.md")).unwrap();
    symlink("SKILL.md", old.old.join(".claude/skills/one/ALIAS.md")).unwrap();
    for link in ["link.md", "ALIAS.md"] {
        let path = old.old.join(".claude/skills/one").join(link);
        let words = ["-h", "-d", "@1770000000", path.to_str().unwrap()];
        sh("touch", &words, &old.old);
    }
    dress_all(&old.old);
    let was = TreeSnapshot::of(&old.old).below(".claude");
    let old_name = old.old.file_name().unwrap().to_str().unwrap().to_owned();
    for (number, (format, words)) in [
        ("gnu", &["."][..]),
        ("pax", &["."][..]),
        ("gnu", &[".claude", ".claude.json", "Documents"][..]),
        ("pax", &["-C", "..", &old_name][..]),
    ]
    .into_iter()
    .enumerate()
    {
        let env = Elsewhere::new();
        let name = [
            "home.tar",
            "home.tar.gz",
            "part-2026-01-02.tgz",
            "above.tar",
        ][number];
        let format = format!("--format={format}");
        let mut all = vec![format.as_str()];
        all.extend(words);
        let archive = tar(&old, name, &all);
        // The one link that leads nowhere is a gap, as it would be in a backup.
        let report = env.import(3, &[archive.to_str().unwrap()]);
        let image = only(&report);
        assert_eq!(image["layout"], "home", "{report:#}");
        let claude = image["targets"].as_array().unwrap();
        let claude = claude.iter().find(|t| t["target"] == "claude").unwrap();
        assert_eq!(claude["troubles"][0]["kind"], "dangling-link");
        env.env.run(&["restore", "claude", "--yes"]).exits(0);
        let is = TreeSnapshot::of(&env.env.home().join(".claude"));
        // GNU's own format has whole seconds, which these files have; the gap is the only
        // difference.
        let differ = was.diff(&is);
        assert_eq!(differ.len(), 1, "{name}: {}", differ.join("\n"));
        assert!(differ[0].contains("link.md"), "{differ:?}");
    }
}

#[test]
fn the_content_of_a_tools_directory_goes_where_somebody_says() {
    let old = Elsewhere::new();
    old.fill();
    let archive = tar(&old, "claude.tar.gz", &["-C", ".claude", "."]);
    let archive = archive.to_str().unwrap();
    let said = old.env.run(&["import", archive]).exits(10);
    said.says("--at DIR");
    let was = TreeSnapshot::of(&old.old.join(".claude"));
    old.import(0, &[archive, "--at", "~/.claude/"]);
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    same(&was, &TreeSnapshot::of(&old.env.home().join(".claude")));
}

#[test]
fn of_several_homes_one_must_be_named() {
    let old = Elsewhere::new();
    for name in ["ada", "ben"] {
        let path = old.old.join("home").join(name).join(".claude/CLAUDE.md");
        Elsewhere::write(&path, name);
    }
    let archive = tar(&old, "homes.tar", &["home"]);
    let archive = archive.to_str().unwrap();
    old.env
        .run(&["import", archive])
        .exits(2)
        .says("home/ada, home/ben");
    let report = old.import(0, &[archive, "--root", "home/ben"]);
    assert_eq!(only(&report)["outcome"], "imported");
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    let text = fs::read_to_string(old.env.home().join(".claude/CLAUDE.md")).unwrap();
    assert_eq!(text, "ben");
}

#[test]
fn a_restore_takes_a_foreign_source_as_it_is_and_can_be_taken_back() {
    let old = Elsewhere::new();
    old.fill();
    let archive = old.claude_code_backup(false, "");
    let archive = archive.to_str().unwrap();
    let before = old.env.write(".claude/CLAUDE.md", "Mine.\n");
    // A directory that was there keeps what it was like, but for what is made in it.
    let but_claude = |dir: &Path| {
        let mut tree = TreeSnapshot::of(dir).without(".local");
        tree.0.remove(Path::new(".claude"));
        tree
    };
    let dry = ["restore", "claude", "--from", archive, "--dry-run"];
    let dry = old.env.run(&dry).exits(0);
    dry.says("claude-code-backup").says("replace");
    assert_eq!(fs::read_to_string(&before).unwrap(), "Mine.\n");
    let restore = ["restore", "claude", "--from", archive, "--force"];
    old.env.run(&restore).exits(0);
    let was = but_claude(&old.old);
    same(&was, &but_claude(&old.env.home()));
    old.env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(fs::read_to_string(&before).unwrap(), "Mine.\n");
    assert!(!old.env.home().join(".claude/skills").exists());
    // A directory is a source, too.
    let old_home = old.old.to_str().unwrap();
    let restore = ["restore", "claude", "--from", old_home, "--force"];
    old.env.run(&restore).exits(0);
    same(&was, &but_claude(&old.env.home()));
}
