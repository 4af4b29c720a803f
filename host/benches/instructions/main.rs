//! How many instructions takeback executes for each of its jobs, beside committed counts.
//!
//! Times move with whatever else a machine does; these counts hardly do, so that a loop that
//! became slower shows on any machine. `cargo bench -p takeback --bench instructions` counts
//! under valgrind, prints by how much each count moved, and fails when one grew by more than
//! [`BOUND`]; with `-- --bless` it writes the counts to `reference.toml` beside this file.
//! The profiles stay in `callgrind` of the build's folder for temporary files.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(
    clippy::disallowed_methods,
    reason = "it makes the trees it measures on and writes the reference"
)]

#[path = "../peers/text.rs"]
mod text;
#[path = "../peers/trees.rs"]
#[expect(dead_code, reason = "some of it serves the other benchmark only")]
mod trees;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use trees::Shape;

/// By how many per cent a count may grow.
const BOUND: f64 = 3.0;

/// The jobs, in the order they are done, with the arguments of each.
const JOBS: [(&str, &[&str]); 9] = [
    ("walk", &["backup", "claude", "--full", "--dry-run"]),
    ("first", &["backup", "claude", "--full"]),
    ("unchanged", &["backup", "claude", "--full"]),
    ("changed", &["backup", "claude", "--full"]),
    ("later", &["backup", "claude", "--full"]),
    ("restore", &["restore", "claude", "--yes", "--force"]),
    (
        "one",
        &[
            "restore",
            "claude",
            "--yes",
            "--force",
            "--path",
            ".claude/skills/new",
        ],
    ),
    ("list", &["list"]),
    ("verify", &["verify"]),
];

/// A home directory, a vault, and where profiles go.
struct Scene {
    name: &'static str,
    root: PathBuf,
    profiles: PathBuf,
}

impl Scene {
    /// Does every job once and gives its count.
    fn counts(&self, shape: Shape) -> Vec<(String, u64)> {
        let home = self.root.join("home");
        trees::make(&home, shape);
        let dir = home.join(".claude/skills/new");
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(dir.join("SKILL.md"), "one small file").expect("a file");
        // Compiles all adapters for the processor that valgrind shows.
        self.run("warm", &home, &["backup", "--dry-run"]);
        let count = |(job, words): &(&str, &[&str])| {
            match *job {
                "changed" => trees::change(&home, 1),
                "later" => trees::change(&home, 2),
                _ => {}
            }
            let fresh = self.root.join(job);
            let home = if words[0] == "restore" { &fresh } else { &home };
            let count = self.run(job, home, words);
            (format!("{}-{job}", self.name), count)
        };
        JOBS.iter().map(count).collect()
    }

    /// Runs takeback under valgrind; the number of instructions of all its threads.
    fn run(&self, job: &str, home: &Path, words: &[&str]) -> u64 {
        fs::create_dir_all(home).expect("a home");
        let profile = self.profiles.join(format!("{}-{job}", self.name));
        let mut out = std::ffi::OsString::from("--callgrind-out-file=");
        out.push(&profile);
        let output = Command::new("valgrind")
            .args(["--quiet", "--tool=callgrind"])
            .arg(out)
            .arg(env!("CARGO_BIN_EXE_takeback"))
            .arg("--quiet")
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("TAKEBACK_VAULT", self.root.join("vault"))
            .env("XDG_CACHE_HOME", self.root.join("cache"))
            .env("TZ", "UTC")
            .current_dir(home)
            .output()
            .expect("valgrind starts: the package `valgrind` has it");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{job}: {said}");
        let text = fs::read_to_string(&profile).expect("a profile");
        let totals = text.lines().find_map(|line| line.strip_prefix("totals:"));
        let total = totals.and_then(|number| number.trim().parse().ok());
        total.expect("a profile with a total")
    }
}

/// What the counts depend on besides the program.
fn made_with() -> String {
    let ask = |program: &str| {
        let output = Command::new(program).arg("--version").output();
        let text = output.map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&text).trim().to_owned()
    };
    let arch = std::env::consts::ARCH;
    format!("{}, {}, {arch}", ask("rustc"), ask("valgrind"))
}

/// Prints each count beside the reference; whether none grew too much.
fn compare(counts: &[(String, u64)], reference: &toml::Table) -> bool {
    let mut good = true;
    println!("| job | million instructions | reference | moved | |");
    println!("| --- | ---: | ---: | ---: | --- |");
    for (job, count) in counts {
        let before = reference.get(job).and_then(toml::Value::as_integer);
        let millions = *count as f64 / 1e6;
        let Some(before) = before else {
            good = false;
            println!("| {job} | {millions:.1} | none | | NEW: bless it |");
            continue;
        };
        let before = before as f64 / 1e6;
        let moved = (millions / before - 1.0) * 100.0;
        let verdict = match moved {
            moved if moved > BOUND => "SLOWER",
            moved if moved < -BOUND => "faster: bless it",
            _ => "",
        };
        good &= moved <= BOUND;
        println!("| {job} | {millions:.1} | {before:.1} | {moved:+.1} % | {verdict} |");
    }
    good
}

fn main() -> ExitCode {
    let bless = std::env::args().any(|word| word == "--bless");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/reference.toml");
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let profiles = tmp.join("callgrind");
    fs::create_dir_all(&profiles).expect("a directory for profiles");
    let temp = tempfile::Builder::new()
        .prefix("count-")
        .tempdir_in(tmp)
        .expect("a temporary directory");
    let mut counts = Vec::new();
    for (name, shape) in [
        ("many", Shape::Many(2000)),
        ("large", Shape::Large(8_000_000)),
    ] {
        let root = temp.path().join(name);
        let profiles = profiles.clone();
        counts.extend(
            Scene {
                name,
                root,
                profiles,
            }
            .counts(shape),
        );
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    let reference: toml::Table = text.parse().expect("a reference that can be read");
    let good = compare(&counts, &reference);
    let here = made_with();
    let there = reference
        .get("made_with")
        .and_then(toml::Value::as_str)
        .unwrap_or("nothing");
    if here != there {
        println!("\nThe reference was made with {there}, this with {here}: compare with care.");
    }
    if bless {
        let lines = counts
            .iter()
            .map(|(job, count)| format!("{job} = {count}\n"));
        let text = format!(
            "# Written by `cargo bench -p takeback --bench instructions -- --bless`.\n\
             made_with = \"{here}\"\n{}",
            lines.collect::<String>()
        );
        fs::write(&file, text).expect("the reference");
        println!("\nWrote {}", file.display());
        return ExitCode::SUCCESS;
    }
    ExitCode::from(u8::from(!good))
}
