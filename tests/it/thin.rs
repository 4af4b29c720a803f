//! Old archives become thin and give back the very bytes they were made of: by the program,
//! and by twenty lines of Python that the vault's own README brings along.

mod damage;
mod kept;

use crate::support::odd::noise;
use crate::support::{TestEnv, tools};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A snapshot as it was when it was made.
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) digest: String,
    /// The bytes of its archive.
    pub(crate) bytes: Vec<u8>,
}

/// A home with enough in it for archives of several pieces.
pub(crate) fn large_home() -> TestEnv {
    let env = TestEnv::small();
    let noise = noise(400_000);
    for (number, part) in noise.chunks(5_000).take(30).enumerate() {
        env.write(&format!(".claude/skills/s{number}/SKILL.md"), part);
    }
    env.write(".claude/skills/large/data.bin", &noise[100_000..]);
    configure(&env, "");
    env
}

/// Writes the configuration. How much is done does not depend on how busy the machine is.
pub(crate) fn configure(env: &TestEnv, text: &str) -> PathBuf {
    let text = format!("upkeep_seconds = 3600\n{text}");
    env.write(".config/takeback/config.toml", text)
}

/// Makes a snapshot after a small change.
pub(crate) fn change_and_back_up(env: &TestEnv, number: usize) -> Made {
    env.write(".claude/skills/s3/SKILL.md", format!("changed {number}"));
    let report = env.backup(0, &["claude"]);
    let id = report["snapshot"].as_str().unwrap().to_owned();
    let bytes = fs::read(env.snapshot(&id).join("claude.tar.gz")).unwrap();
    let digest = hex(&bytes);
    assert_eq!(report["targets"][0]["sha256"], digest.as_str());
    Made { id, digest, bytes }
}

/// So many snapshots, the oldest first.
pub(crate) fn history(env: &TestEnv, count: usize) -> Vec<Made> {
    (0..count)
        .map(|number| change_and_back_up(env, number))
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    crate::support::tree::hex(&Sha256::digest(bytes))
}

/// The form of each snapshot's archive of claude, oldest first.
pub(crate) fn forms(env: &TestEnv) -> Vec<String> {
    let list = env.run(&["--json", "list"]).exits(0).json();
    let snapshots = list["snapshots"].as_array().unwrap().iter().rev();
    let form = |one: &Value| one["targets"][0]["form"].as_str().unwrap().to_owned();
    snapshots.map(form).collect()
}

/// Exports a snapshot and gives what was written.
pub(crate) fn export(env: &TestEnv, id: &str) -> Vec<u8> {
    let path = env.root().join("exported.tar.gz");
    let words = [
        "export",
        id,
        "claude",
        "--force",
        "-o",
        path.to_str().unwrap(),
    ];
    env.run(&words).exits(0);
    fs::read(path).unwrap()
}

#[test]
fn every_snapshot_comes_back_byte_for_byte_whatever_its_form() {
    let env = large_home();
    let made = history(&env, 5);
    assert_eq!(forms(&env), ["thin", "thin", "thin", "plain", "plain"]);
    for (number, one) in made.iter().enumerate() {
        assert_eq!(export(&env, &one.id), one.bytes, "{}", one.id);
        env.run(&["show", &one.id]).exits(0).says("32 files");
        let from = ["restore", "claude", "--from", &one.id, "--yes", "--force"];
        env.run(&from).exits(0);
        let text = fs::read_to_string(env.home().join(".claude/skills/s3/SKILL.md"));
        assert_eq!(text.unwrap(), format!("changed {number}"));
    }
    env.run(&["verify"]).exits(0).says("0 damaged");
    let stored = fs::metadata(env.snapshot(&made[0].id).join("claude.thin")).unwrap();
    assert!(
        stored.len() < made[0].bytes.len() as u64 / 3,
        "{}",
        stored.len()
    );
    // Neither the plain file nor its index is left.
    let names = fs::read_dir(env.snapshot(&made[0].id)).unwrap();
    assert_eq!(names.count(), 2);
}

#[test]
fn python_rebuilds_a_thin_archive_with_what_the_readme_says() {
    let env = large_home();
    let made = history(&env, 5);
    let readme = fs::read_to_string(env.vault().join("README.txt")).unwrap();
    let program: Vec<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("    import "))
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    assert!((15..30).contains(&program.len()), "{}", program.len());
    let script = env.root().join("rebuild.py");
    fs::write(&script, program.join("\n")).unwrap();
    for one in &made[..3] {
        let out = env.root().join("rebuilt.tar.gz");
        let thin = env.snapshot(&one.id).join("claude.thin");
        let vault = env.vault();
        let words = [&script, &vault, &thin, &out].map(|path| path.to_str().unwrap());
        tools::run(Path::new("/"), "python3", &words);
        assert_eq!(hex(&fs::read(&out).unwrap()), one.digest, "{}", one.id);
        fs::remove_file(out).unwrap();
    }
}

#[test]
fn export_writes_whole_files_only_and_replaces_none_unasked() {
    let env = large_home();
    let made = history(&env, 3);
    let path = env.root().join("out.tar.gz");
    let to = path.to_str().unwrap();
    env.run(&["export", &made[0].id, "claude", "-o", to])
        .exits(0);
    assert_eq!(fs::read(&path).unwrap(), made[0].bytes);
    env.run(&["export", &made[1].id, "claude", "-o", to])
        .exits(4)
        .says("--force");
    assert_eq!(fs::read(&path).unwrap(), made[0].bytes);
    env.run(&["export", "latest", "claude", "-o", to, "--force"])
        .exits(0);
    assert_eq!(fs::read(&path).unwrap(), made[2].bytes);
    env.run(&["export", "latest", "cursor", "-o", to]).exits(10);
    env.run(&["export", "2020", "claude", "-o", to]).exits(10);
    // stdout has the bytes and nothing else.
    let mut command = env.on_vault(&[], &["export", &made[0].id, "claude", "-o", "-"]);
    assert_eq!(command.output().unwrap().stdout, made[0].bytes);
    // A damaged archive is not given out, not even half.
    let thin = env.snapshot(&made[0].id).join("claude.thin");
    let mut bytes = fs::read(&thin).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&thin, bytes).unwrap();
    let gone: PathBuf = env.root().join("gone.tar.gz");
    let words = [
        "export",
        &made[0].id,
        "claude",
        "-o",
        gone.to_str().unwrap(),
    ];
    env.run(&words).exits(6).says(&made[0].id);
    assert!(!gone.exists());
}
