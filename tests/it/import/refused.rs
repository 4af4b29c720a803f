//! Sources are hostile: what is refused whole, what is passed over, and what is not believed.

use super::*;
use crate::support::tarball::{Gzip, Member, record, tar};

const PLACE: &str = ".claude/skills/one";

fn skill() -> Member {
    Member::file(format!("{PLACE}/SKILL.md"), "x\n")
}

/// A source with a skill and these members behind it.
fn with(old: &Elsewhere, members: Vec<Member>) -> PathBuf {
    let all: Vec<Member> = std::iter::once(skill()).chain(members).collect();
    let path = old.backups.join("home.tar.gz");
    fs::write(&path, Gzip::of(&tar(&all, 2)).bytes()).unwrap();
    path
}

#[test]
fn what_could_lead_out_is_refused_with_all_around_it() {
    let file = |name: &str| Member::file(name, "evil\n");
    let below = format!("{PLACE}/link/x");
    let link = |target: &str| Member::link(format!("{PLACE}/link"), target);
    let long = format!("{}/../x", "d".repeat(120));
    for (why, members) in [
        ("climbs", vec![file("../x")]),
        ("climbs inside", vec![file(".claude/../.ssh/x")]),
        ("is absolute", vec![file("/etc/x")]),
        ("climbs by GNU", vec![Member::gnu(b'L', &long), file("x")]),
        (
            "climbs by PAX",
            vec![Member::pax(record("path", "../x")), file("x")],
        ),
        ("below a link", vec![link("/tmp"), file(&below)]),
        ("a link over a directory", vec![file(&below), link("/tmp")]),
        ("twice", vec![skill()]),
        ("sparse", vec![Member::of(b'S', format!("{PLACE}/s"))]),
        (
            "a hard link out",
            vec![Member::hard_link("h", "/etc/passwd")],
        ),
        ("a hard link up", vec![Member::hard_link("h", "../x")]),
        ("a hard link to nothing", vec![Member::hard_link("h", "n")]),
        (
            "a hard link with content",
            vec![Member {
                body: b"evil"[..].into(),
                ..Member::hard_link("h", format!("{PLACE}/SKILL.md"))
            }],
        ),
        (
            "a hard link to a link",
            vec![
                link("SKILL.md"),
                Member::hard_link("h", format!("{PLACE}/link")),
            ],
        ),
    ] {
        let old = Elsewhere::new();
        let path = with(&old, members);
        let path = path.to_str().unwrap();
        let before = TreeSnapshot::of(&old.env.home());
        let done = old.env.run(&["import", path]);
        assert_eq!(done.code, 6, "{why}: {done}");
        let done = old
            .env
            .run(&["restore", "claude", "--from", path, "--force"]);
        assert_eq!(done.code, 6, "{why}: {done}");
        let home = TreeSnapshot::of(&old.env.home()).without(".local");
        let differ = before.diff(&home);
        // Only the home's own time changes, for takeback's places are made in it.
        assert!(differ.len() <= 1, "{why}: {differ:?}");
        assert!(old.env.snapshots().is_empty(), "{why}");
    }
}

#[test]
fn bombs_and_damage_are_refused() {
    let old = Elsewhere::new();
    let zeros = Member::file(format!("{PLACE}/zeros"), "").of_zeros(2 << 30);
    let bomb = with(&old, vec![zeros]);
    let said = old.env.run(&["import", bomb.to_str().unwrap()]).exits(6);
    said.says("raise the limit with");
    old.fill();
    let archive = old.claude_code_backup(false, "");
    let whole = fs::read(&archive).unwrap();
    fs::remove_file(format!("{}.sha256", archive.display())).unwrap();
    for cut in [whole.len() / 2, whole.len() - 1, 10] {
        fs::write(&archive, &whole[..cut]).unwrap();
        old.env.run(&["import", archive.to_str().unwrap()]).exits(6);
    }
    let text = old.backups.join("notes.txt");
    fs::write(&text, "no archive\n").unwrap();
    let said = old.env.run(&["import", text.to_str().unwrap()]).exits(6);
    said.says("neither a tar nor");
    old.env.run(&["import", "/nowhere/x.tar"]).exits(10);
    assert!(old.env.snapshots().is_empty());
}

#[test]
fn a_checksum_that_lies_beside_an_archive_counts() {
    let old = Elsewhere::new();
    old.fill();
    let archive = old.claude_code_backup(false, "");
    let beside = PathBuf::from(format!("{}.sha256", archive.display()));
    let name = archive.file_name().unwrap().to_str().unwrap();
    fs::write(beside, format!("{}  {name}\n", "00".repeat(32))).unwrap();
    let said = old.env.run(&["import", archive.to_str().unwrap()]).exits(6);
    said.says("is not what the checksum beside it says");
}

#[test]
fn archives_of_takeback_are_never_read_as_anything_else() {
    let old = Elsewhere::new();
    old.env.write(".claude/CLAUDE.md", "Mine.\n");
    let report = old.env.backup(0, &["claude"]);
    let archive = crate::support::env::archive_of(&old.env, &report, "claude");
    let said = old.env.run(&["import", archive.to_str().unwrap()]).exits(6);
    said.says("takeback restore TARGET --from");
    // Without its manifest it is a damaged one, not a tar of somebody's.
    let list = Member::file("SHA256SUMS", "");
    let odd = with(&old, vec![list]);
    let odd = odd.to_str().unwrap();
    old.env.run(&["import", odd]).exits(6);
    let restore = ["restore", "claude", "--from", odd, "--force"];
    old.env.run(&restore).exits(6);
}

#[test]
fn what_no_archive_holds_is_named_and_the_rest_imported() {
    let old = Elsewhere::new();
    let path = with(
        &old,
        vec![
            Member::of(b'6', format!("{PLACE}/pipe")),
            Member::of(b'3', format!("{PLACE}/device")),
            Member::file(format!("{PLACE}/back\\slash"), "x"),
            Member::link(format!("{PLACE}/out"), "/etc/passwd"),
            Member::link(format!("{PLACE}/up"), "../../../../../etc/passwd"),
            Member {
                mode: b"0006777\0".to_vec(),
                ..Member::file(format!("{PLACE}/root.sh"), "#!/bin/sh\n")
            },
        ],
    );
    let report = old.import(3, &[path.to_str().unwrap()]);
    let passed: Vec<&str> = report["sources"][0]["passed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["why"].as_str().unwrap())
        .collect();
    let expected = [
        "it is a pipe",
        "it is a character device",
        "it has a backslash",
    ];
    assert_eq!(passed, expected, "{report:#}");
    let troubles = only(&report)["targets"][0]["troubles"].as_array().unwrap();
    let kinds: Vec<&str> = troubles
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 2, "{report:#}");
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    let home = old.env.home().join(PLACE);
    let names = TreeSnapshot::of(&home).paths();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["SKILL.md", "root.sh"]
    );
    let mode = fs::metadata(home.join("root.sh"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o775);
}

#[test]
fn a_link_to_the_persons_own_files_brings_none_of_them_in() {
    let old = Elsewhere::new();
    let secret = old.env.write(".ssh/id_ed25519", "MY_OWN_KEY\n");
    let path = with(
        &old,
        vec![
            Member::link(format!("{PLACE}/key"), secret.to_str().unwrap()),
            Member::link(format!("{PLACE}/root"), "/proc/self/root"),
        ],
    );
    old.import(3, &[path.to_str().unwrap()]);
    let held = TreeSnapshot::of(&old.env.vault());
    for file in held.paths() {
        let bytes = fs::read(old.env.vault().join(&file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("MY_OWN_KEY"), "{file}");
    }
    old.env.run(&["restore", "claude", "--yes"]).exits(0);
    assert!(!old.env.home().join(PLACE).join("key").exists());
}

#[test]
fn times_that_cannot_be_right_are_said_and_not_taken() {
    let old = Elsewhere::new();
    let note = "claude-code-backup manifest\ntimestamp_utc: 2126-01-01T00:00:00Z\n\
        hostname: \u{1b}[31mred\nworking_directory: ../../x\n\n";
    let members = [
        Member::file("manifest.txt", note),
        Member::file("home/.claude/CLAUDE.md", "x\n"),
    ];
    let path = old
        .backups
        .join("claude-code-backup-2026-03-04_05-06-07_x.tar");
    fs::write(&path, tar(&members, 2).to_vec()).unwrap();
    let done = old.env.run(&["--json", "import", path.to_str().unwrap()]);
    let report = done.exits(0).json();
    let image = only(&report);
    assert_eq!(image["snapshot"], "2026-03-04_05-06-07");
    assert_eq!(image["time_from"], "its name");
    assert_eq!(image["time_refused"], "2126-01-01 00:00:00");
    assert_eq!(image["host"], Value::Null);
    assert_eq!(image["project"], Value::Null);
    let said = old
        .env
        .run(&["import", path.to_str().unwrap(), "--again"])
        .exits(0);
    said.says("cannot be right");
}

#[test]
fn nothing_is_left_in_the_cache() {
    let mut old = Elsewhere::new();
    let cache = old.env.root().join("cache");
    old.env.set("XDG_CACHE_HOME", &cache);
    old.fill();
    let archive = old.claude_code_backup(false, "");
    let archive = archive.to_str().unwrap();
    old.import(0, &[archive]);
    let restore = ["restore", "claude", "--from", archive, "--force"];
    old.env.run(&restore).exits(0);
    let left = TreeSnapshot::of(&cache.join("takeback/import")).paths();
    assert!(left.is_empty(), "{left:?}");
}
