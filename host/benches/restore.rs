//! What a restore costs beside the least that could be called one: GNU tar extracting the
//! same archive, and one `sync`. Both as whole processes, in turn, on the same disk.
//!
//! Run with `cargo bench -p takeback --bench restore`, with the number of files after `--`
//! (500 unless said otherwise). Both ways are measured twice: where the files were removed
//! before, and where each stands there with other content. Where something is overwritten,
//! takeback also makes and reads back a safety snapshot; tar does nothing of the kind.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(
    clippy::disallowed_methods,
    reason = "it makes and removes the trees it measures on"
)]

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 15;
/// Bytes of each file.
const SIZE: usize = 4096;
/// Files in one directory.
const IN_ONE: usize = 10;

struct Place {
    root: PathBuf,
    files: usize,
    moved: Cell<usize>,
}

impl Place {
    fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    fn tree(&self) -> PathBuf {
        self.home().join(".claude/skills")
    }

    fn takeback(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_takeback"));
        command
            .arg("--vault")
            .arg(self.root.join("vault"))
            .args(args);
        command
            .env_clear()
            .env("HOME", self.home())
            .current_dir(self.home());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Writes every file; `fill` tells one version from another.
    fn write(&self, fill: u8) {
        let mut noise: u32 = 0x9e37_79b9;
        for number in 0..self.files {
            let dir = self.tree().join(format!("skill-{:04}", number / IN_ONE));
            fs::create_dir_all(&dir).expect("a directory");
            let mut next = || {
                noise ^= noise << 13;
                noise ^= noise >> 17;
                noise ^= noise << 5;
                b'a' + (noise % 23) as u8
            };
            let mut text: Vec<u8> = (0..SIZE).map(|_| next()).collect();
            text[0] = fill;
            fs::write(dir.join(format!("{number}.md")), text).expect("a file");
        }
    }

    fn archive(&self) -> PathBuf {
        let backups = fs::read_dir(self.root.join("vault/backups")).expect("the vault");
        let mut names: Vec<PathBuf> = backups.flatten().map(|entry| entry.path()).collect();
        names.sort();
        names[0].join("claude.tar.gz")
    }

    fn prepare(&self, overwrite: bool, round: usize) {
        if overwrite {
            self.write(b'0' + (round % 10) as u8);
        } else {
            // Out of the way rather than deleted: for some seconds ext4 goes around inodes
            // that were just freed, and what is measured would be that.
            let gone = self
                .root
                .join(format!("gone-{}", self.moved.replace(self.moved.get() + 1)));
            fs::rename(self.tree(), gone).expect("the tree");
        }
        run(&mut Command::new("sync"));
    }

    fn check(&self) {
        let last = self.files - 1;
        let dir = self.tree().join(format!("skill-{:04}", last / IN_ONE));
        let text = fs::read(dir.join(format!("{last}.md"))).expect("the last file");
        assert!(text.len() == SIZE && text[0] == b'z', "it was not restored");
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("a program that starts");
    assert!(status.success(), "{command:?} ended with {status}");
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn compare(place: &Place, overwrite: bool) {
    let archive = place.archive();
    let from = archive.to_str().expect("a path of text");
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        place.prepare(overwrite, round);
        let restore = [
            "restore", "claude", "--from", "latest", "--force", "--only", "skills",
        ];
        let one = timed(|| run(&mut place.takeback(&restore)));
        place.check();
        place.prepare(overwrite, round + 1);
        let other = timed(|| {
            let mut tar = Command::new("tar");
            tar.args(["--strip-components=1", "-xzf", from, "home"])
                .current_dir(place.home());
            run(&mut tar);
            run(&mut Command::new("sync"));
        });
        place.check();
        ours.push(one);
        theirs.push(other);
        ratios.push(one / other);
    }
    let what = if overwrite { "overwriting" } else { "creating" };
    println!(
        "{what:<12} {} files of {SIZE} bytes: takeback {:.1} ms, tar and sync {:.1} ms; median of {ROUNDS} paired ratios {:.2}",
        place.files,
        median(&mut ours),
        median(&mut theirs),
        median(&mut ratios),
    );
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let temp = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR")))
        .expect("a temporary directory");
    let place = Place {
        root: temp.path().to_owned(),
        files: asked.unwrap_or(500),
        moved: Cell::new(0),
    };
    fs::create_dir_all(place.home()).expect("a home");
    place.write(b'z');
    run(&mut place.takeback(&["backup", "claude"]));
    compare(&place, false);
    compare(&place, true);
}
