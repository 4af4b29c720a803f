//! `verify` finds every damage, names the snapshot and the target, and ends with 6;
//! what is whole is still whole beside it.

use crate::support::TestEnv;
use crate::support::env::target;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// Snapshots that are damaged at once: a run of the program costs more than a change.
const SNAPSHOTS: usize = 20;
/// Places of an archive in which a bit is turned over.
const POSITIONS: usize = 400;

/// Archives that are files of their own: where nothing changed two snapshots share one.
fn backup(env: &TestEnv) -> String {
    let number = env.snapshots().len().to_string();
    for tool in [".claude", ".cursor"] {
        if env.home().join(tool).is_dir() {
            env.write(&format!("{tool}/skills/number/SKILL.md"), &number);
        }
    }
    env.backup(0, &[])["snapshot"].as_str().unwrap().to_owned()
}

fn archive(env: &TestEnv, id: &str) -> PathBuf {
    env.snapshot(id).join("claude.tar.gz")
}

/// The archives that a document of `verify` calls damaged, as `snapshot target`.
fn damaged(report: &Value) -> BTreeSet<String> {
    let archives = report["archives"].as_array().unwrap().iter();
    let bad = archives.filter(|archive| archive["ok"] == false);
    bad.map(|archive| {
        assert!(
            archive["why"].as_str().is_some_and(|why| !why.is_empty()),
            "{archive}"
        );
        format!(
            "{} {}",
            archive["snapshot"].as_str().unwrap(),
            archive["target"].as_str().unwrap()
        )
    })
    .collect()
}

#[test]
fn a_whole_vault_is_said_to_be_whole() {
    let env = TestEnv::small();
    env.write(".cursor/skills/a/SKILL.md", "x");
    for _ in 0..2 {
        backup(&env);
    }
    env.run(&["verify"])
        .exits(0)
        .says("4 archives")
        .says("0 damaged");
    let json = env.run(&["--json", "verify"]).exits(0).json();
    assert_eq!(
        (&json["schema_version"], &json["message_type"]),
        (&1.into(), &"verify".into())
    );
    assert_eq!(json["archives"].as_array().map(Vec::len), Some(4));
    assert!(damaged(&json).is_empty());
}

#[test]
fn one_turned_bit_anywhere_is_found() {
    let env = TestEnv::small();
    let ids: Vec<String> = (0..SNAPSHOTS).map(|_| backup(&env)).collect();
    let whole: Vec<Vec<u8>> = ids
        .iter()
        .map(|id| fs::read(archive(&env, id)).unwrap())
        .collect();
    let all: BTreeSet<String> = ids.iter().map(|id| format!("{id} claude")).collect();
    for round in 0..POSITIONS / SNAPSHOTS {
        let mut turned = Vec::new();
        for (index, (id, whole)) in ids.iter().zip(&whole).enumerate() {
            let position = round * SNAPSHOTS + index;
            // Every byte of the gzip header and trailer, and places all over the rest.
            let at = match position {
                0..=9 => position,
                10..=17 => whole.len() - (18 - position),
                _ => position * whole.len() / POSITIONS,
            };
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (position % 8);
            fs::write(archive(&env, id), bytes).unwrap();
            turned.push(format!("{id}: byte {at} of {}", whole.len()));
        }
        let report = env.run(&["--json", "verify"]).exits(6).json();
        assert_eq!(damaged(&report), all, "{turned:#?}");
    }
    for (id, whole) in ids.iter().zip(&whole) {
        fs::write(archive(&env, id), whole).unwrap();
    }
    env.run(&["verify"]).exits(0);
}

#[test]
fn an_archive_that_is_cut_or_longer_is_found() {
    let env = TestEnv::small();
    let id = backup(&env);
    let path = archive(&env, &id);
    let whole = fs::read(&path).unwrap();
    let mut cases: Vec<Vec<u8>> = [
        0,
        1,
        9,
        10,
        11,
        whole.len() / 2,
        whole.len() - 9,
        whole.len() - 8,
        whole.len() - 1,
    ]
    .map(|length| whole[..length].to_vec())
    .into();
    let tails: [&[u8]; 4] = [b"\0", b"x", &[0; 1024], &whole];
    cases.extend(tails.map(|tail| [whole.as_slice(), tail].concat()));
    cases.push([b"x", whole.as_slice()].concat());
    for bytes in cases {
        fs::write(&path, &bytes).unwrap();
        let output = env.run(&["verify"]).exits(6);
        let found = output
            .stdout
            .lines()
            .any(|line| line.contains(&id) && line.contains("claude"));
        assert!(found, "{} of {} bytes\n{output}", bytes.len(), whole.len());
    }
}

#[test]
fn an_archive_in_the_place_of_another_is_found() {
    let env = TestEnv::small();
    env.write(".cursor/skills/one/SKILL.md", "x");
    let first = backup(&env);
    env.write(".claude/CLAUDE.md", "other");
    let second = backup(&env);
    let whole = fs::read(archive(&env, &first)).unwrap();
    fs::copy(archive(&env, &second), archive(&env, &first)).unwrap();
    let report = env.run(&["--json", "verify"]).exits(6).json();
    assert_eq!(damaged(&report), [format!("{first} claude")].into());
    // Also when the record was changed to fit.
    let record = env.snapshot(&first).join("snapshot.toml");
    let text = fs::read_to_string(&record).unwrap();
    let other = fs::read_to_string(env.snapshot(&second).join("snapshot.toml")).unwrap();
    fs::write(&record, other.replace(&second, &first)).unwrap();
    let cursor = env.snapshot(&second).join("cursor.tar.gz");
    fs::copy(cursor, env.snapshot(&first).join("cursor.tar.gz")).unwrap();
    let report = env.run(&["--json", "verify"]).exits(6).json();
    assert_eq!(
        damaged(&report),
        [format!("{first} claude"), format!("{first} cursor")].into()
    );
    fs::write(&record, text).unwrap();
    fs::write(archive(&env, &first), whole).unwrap();
    fs::copy(
        archive(&env, &first),
        env.snapshot(&first).join("cursor.tar.gz"),
    )
    .unwrap();
    let report = env.run(&["--json", "verify"]).exits(6).json();
    assert_eq!(damaged(&report), [format!("{first} cursor")].into());
}

#[test]
fn an_archive_that_is_missing_or_no_file_is_found_and_the_others_are_whole() {
    let env = TestEnv::small();
    env.write(".cursor/skills/one/SKILL.md", "x");
    let (first, second) = (backup(&env), backup(&env));
    let path = archive(&env, &first);
    let whole = fs::read(&path).unwrap();
    let check = |what: &str| {
        let report = env.run(&["--json", "verify"]).exits(6).json();
        assert_eq!(
            damaged(&report),
            [format!("{first} claude")].into(),
            "{what}"
        );
        assert_eq!(
            report["archives"].as_array().map(Vec::len),
            Some(4),
            "{what}"
        );
        env.run(&["verify", &second]).exits(0);
        env.run(&["verify", &first]).exits(6).says("claude");
        env.run(&["list"]).exits(0);
        env.run(&["show", &second]).exits(0);
        let show = env.run(&["show", &first, "claude"]);
        assert!(
            show.code != 0 && show.stderr.contains("claude.tar.gz"),
            "{what}: {show}"
        );
    };
    fs::remove_file(&path).unwrap();
    check("missing");
    fs::create_dir(&path).unwrap();
    check("a directory");
    fs::remove_dir(&path).unwrap();
    let elsewhere = env.root().join("elsewhere.tar.gz");
    fs::write(&elsewhere, whole).unwrap();
    symlink(&elsewhere, &path).unwrap();
    check("a link to the right bytes");
    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    check("a pipe");
}

#[test]
fn a_damaged_record_is_named_and_hides_nothing_else() {
    let env = TestEnv::small();
    let (good, bad) = (backup(&env), backup(&env));
    let path = env.snapshot(&bad).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = |key: &str| {
        let found = text
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_else(|| panic!("{key}: {text}"));
        found.to_owned()
    };
    let other_id = text.replace(&format!("id = \"{bad}\""), &format!("id = \"{good}\""));
    let damages: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("cut", text.as_bytes()[..text.len() / 2].to_vec()),
        ("not text", b"\xff\xfe".to_vec()),
        ("not toml", b"= = =".to_vec()),
        ("another's", other_id.into_bytes()),
        (
            "odd kind",
            text.replace(&line("kind"), "kind = \"odd\"").into_bytes(),
        ),
        (
            "odd digest",
            text.replace(&line("sha256"), "sha256 = \"12\"")
                .into_bytes(),
        ),
        (
            "odd file",
            text.replace(&line("file = "), "file = \"../../../etc/passwd\"")
                .into_bytes(),
        ),
        (
            "odd target",
            text.replace(&line("name"), "name = \"../x\"").into_bytes(),
        ),
        (
            "beyond the last",
            text.replace(&line("sequence"), "sequence = 18446744073709551615")
                .into_bytes(),
        ),
        ("endless", vec![b'#'; 2 << 20]),
    ];
    for (what, bytes) in damages {
        fs::write(&path, bytes).unwrap();
        env.run(&["verify"]).exits(6).says(&bad);
        let report = env.run(&["--json", "verify"]).exits(6).json();
        assert_eq!(
            report["damaged_records"].as_array().map(Vec::len),
            Some(1),
            "{what}: {report}"
        );
        assert!(damaged(&report).is_empty(), "{what}");
        let list = env.run(&["--json", "list"]).exits(6).json();
        assert_eq!(
            list["snapshots"].as_array().map(Vec::len),
            Some(1),
            "{what}"
        );
        assert_eq!(list["snapshots"][0]["id"], good, "{what}");
        assert!(
            list["damaged"][0].as_str().unwrap().contains(&bad),
            "{what}: {list}"
        );
        env.run(&["show", &good]).exits(0).says(&bad);
    }
    // The next backup neither fails nor takes its name.
    let next = backup(&env);
    assert!(next != bad && next != good);
}

#[test]
fn a_record_that_tells_other_sizes_is_found() {
    let env = TestEnv::small();
    let id = backup(&env);
    let path = env.snapshot(&id).join("snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    let report = env.run(&["--json", "list"]).json();
    let digest = target(&report["snapshots"][0], "claude")["sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = digest.chars().rev().collect::<String>();
    fs::write(&path, text.replace(&digest, &other)).unwrap();
    env.run(&["verify"]).exits(6).says(&id).says("claude");
    for key in ["size", "expanded", "entries"] {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{key} = ")))
            .unwrap();
        fs::write(&path, text.replace(line, &format!("{key} = 1"))).unwrap();
        env.run(&["verify"]).exits(6).says(&id).says("claude");
    }
}
