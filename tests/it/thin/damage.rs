//! Damage to a thin file, to what it leans on, and to a record, bit by bit: `verify` finds
//! it, and says what it costs.

use super::{Made, history, large_home};
use crate::support::TestEnv;
use crate::support::coverage::coverage;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Four snapshots: two thin ones, one that leans on the other.
fn world() -> (TestEnv, Vec<Made>) {
    let env = large_home();
    let made = history(&env, 4);
    (env, made)
}

/// Turns over one bit at each of these places, one after the other, and looks at what
/// `verify` says of it.
fn each_flip(
    env: &TestEnv,
    path: &Path,
    name: &str,
    places: impl Iterator<Item = usize>,
    found: impl Fn(&Value) -> bool,
) {
    let whole = fs::read(path).unwrap();
    let mut count = 0;
    for (number, at) in places.enumerate() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (number % 8);
        fs::write(path, bytes).unwrap();
        let output = env.run(&["--json", "verify"]);
        assert_eq!(output.code, 6, "byte {at}, bit {}", number % 8);
        let report = output.json();
        assert!(found(&report), "byte {at}, bit {}: {report}", number % 8);
        count += 1;
    }
    fs::write(path, whole).unwrap();
    env.run(&["verify"]).exits(0);
    assert!(count > 20, "only {count} places");
    coverage(&name.replace(' ', "-"), &[(name, count)]);
}

/// What a report says of a snapshot's archive.
fn of<'a>(report: &'a Value, id: &str) -> &'a Value {
    let mut all = report["archives"].as_array().unwrap().iter();
    all.find(|one| one["snapshot"] == id).unwrap()
}

#[test]
fn any_bit_of_a_thin_file() {
    let (env, made) = world();
    let path = env.snapshot(&made[1].id).join("claude.thin");
    let bytes = fs::read(&path).unwrap();
    let recipe = bytes.windows(2).position(|two| two == b"\n\n").unwrap() + 2;
    let places = (0..recipe)
        .step_by(7)
        .chain((recipe..bytes.len()).step_by(bytes.len() / 25));
    each_flip(&env, &path, "flips thin file", places, |report| {
        let (own, leans) = (of(report, &made[1].id), of(report, &made[0].id));
        let costs = own["costs"].as_array().unwrap();
        // What leans on it is only lost where it uses the very bytes, but never trusted.
        own["ok"] == false
            && costs == &[Value::from(made[0].id.clone())]
            && leans["costs"] == Value::Array(Vec::new())
    });
}

#[test]
fn any_bit_of_what_it_leans_on() {
    let (env, made) = world();
    let path = env.snapshot(&made[2].id).join("claude.tar.gz");
    let size = fs::metadata(&path).unwrap().len() as usize;
    let places = (0..10)
        .chain((10..size - 8).step_by(size / 25))
        .chain(size - 8..size);
    each_flip(&env, &path, "flips base", places, |report| {
        let own = of(report, &made[2].id);
        own["ok"] == false && own["costs"].as_array().map(Vec::len) == Some(2)
    });
}

#[test]
fn any_bit_of_a_record() {
    let (env, made) = world();
    let path = env.snapshot(&made[1].id).join("snapshot.toml");
    let size = fs::metadata(&path).unwrap().len() as usize;
    each_flip(
        &env,
        &path,
        "flips record",
        (0..size).step_by(15),
        |report| report["damaged_records"].as_array().map(Vec::len) == Some(1),
    );
}

#[test]
fn a_restore_names_the_file_that_is_to_blame_and_what_it_costs() {
    let (env, made) = world();
    let path = env.snapshot(&made[2].id).join("claude.tar.gz");
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let newer = String::from_utf8_lossy(b"takeback-thin 2").into_owned();
    for (what, damage) in [("damaged", Some(&bytes)), ("is missing", None)] {
        match damage {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let before = fs::read(env.home().join(".claude/skills/s3/SKILL.md")).unwrap();
        let words = [
            "restore",
            "claude",
            "--from",
            &made[0].id,
            "--yes",
            "--force",
        ];
        let output = env.run(&words).exits(6).says(what).says(&made[2].id);
        let output = output.says(&format!("{}, {}", made[0].id, made[1].id));
        assert!(output.stderr.contains("claude.tar.gz"), "{output}");
        let after = fs::read(env.home().join(".claude/skills/s3/SKILL.md")).unwrap();
        assert_eq!(before, after);
        // The others are as good as ever.
        env.run(&["verify", &made[3].id]).exits(0);
    }
    fs::write(&path, whole).unwrap();
    let thin = env.snapshot(&made[0].id).join("claude.thin");
    let mut text = fs::read(&thin).unwrap();
    text[..newer.len()].copy_from_slice(newer.as_bytes());
    fs::write(&thin, text).unwrap();
    env.run(&["show", &made[0].id])
        .exits(6)
        .says("newer version");
}

#[test]
fn a_sample_reads_only_so_many() {
    let (env, _) = world();
    let read = |share: &str| {
        let report = env
            .run(&["--json", "verify", "--sample", share])
            .exits(0)
            .json();
        report["archives"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(
        [read("1%"), read("50%"), read("75"), read("100%")],
        [1, 2, 3, 4]
    );
    env.run(&["verify", "--sample", "0%"]).exits(2);
}

#[test]
fn what_others_hold_as_well_can_be_mended() {
    let (env, made) = world();
    let path = env.snapshot(&made[2].id).join("claude.tar.gz");
    let whole = fs::read(&path).unwrap();
    let mut mended = 0;
    // Also the header, the end and the checksum, which are no pieces.
    for at in (0..20).map(|part| part * (whole.len() - 1) / 19) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        fs::write(&path, &bytes).unwrap();
        let output = env.run(&["--json", "repair"]);
        let state = of(&output.json(), &made[2].id)["state"].clone();
        let now = fs::read(&path).unwrap();
        match output.code {
            0 => assert!(now == whole && state == "mended", "byte {at}"),
            // Its manifest is its own, and so is the skill that was changed.
            6 => assert!(now == bytes && state == "lost", "byte {at}"),
            code => panic!("byte {at}: exit code {code}"),
        }
        mended += usize::from(output.code == 0);
        fs::write(&path, &whole).unwrap();
    }
    assert!(mended > 12, "only {mended} of 20");
    fs::remove_file(&path).unwrap();
    env.run(&["repair"]).exits(6).says("still damaged");
    fs::write(&path, &whole).unwrap();
    env.run(&["repair"])
        .exits(0)
        .says("0 mended, 0 still damaged");
    let names = fs::read_dir(env.snapshot(&made[2].id)).unwrap();
    assert_eq!(names.count(), 3);
}
