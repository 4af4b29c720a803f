//! The trees everything is measured on: the same bytes, names and times on every machine, and
//! the changes of a day of work.
//!
//! All of it lies below `.claude`, in places that its adapter takes under `--full`: a tree of
//! which takeback left something out would be no comparison.

use crate::text::{Pool, Random};
use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What a tree is like.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Some months with a coding agent, times a factor: 1 is about 5,900 files and 250 MB.
    Typical(f64),
    /// So many files of about 1 KB.
    Many(usize),
    /// 200 transcripts with so many bytes together.
    Large(usize),
}

/// Seconds since 1970 around which files were last changed.
const LAST_CHANGE: u64 = 1_750_000_000;

/// Makes a tree below `<home>/.claude`.
pub(crate) fn make(home: &Path, shape: Shape) {
    let mut tree = Maker {
        root: home.join(".claude"),
        pool: Pool::new(3000),
        random: Random::new("tree", 1),
        written: 0,
    };
    match shape {
        Shape::Typical(factor) => {
            let times = |count: usize| (count as f64 * factor).ceil() as usize;
            tree.sessions(times(236), factor);
            tree.plugins(7, times(360), factor);
            tree.documents(times(1270));
            tree.leftovers(times(800), factor);
        }
        Shape::Many(count) => tree.many(count),
        Shape::Large(bytes) => tree.large(bytes),
    }
}

struct Maker {
    root: PathBuf,
    pool: Pool,
    random: Random,
    written: u64,
}

impl Maker {
    fn put(&mut self, path: &str, bytes: &[u8], mode: u32) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a place in the tree")).expect("a directory");
        fs::write(&path, bytes).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
        self.written += 1;
        stamp(&path, LAST_CHANGE - self.written * 61 % 9_000_000);
    }

    fn put_text(&mut self, path: &str, size: usize) {
        let text = self.pool.text(&mut self.random, size);
        self.put(path, text.as_bytes(), 0o644);
    }

    fn put_transcript(&mut self, path: &str, size: usize) {
        let text = self.pool.transcript(&mut self.random, size);
        self.put(path, text.as_bytes(), 0o600);
    }

    fn put_noise(&mut self, path: &str, size: usize) {
        let bytes = self.random.bytes(size);
        self.put(path, &bytes, 0o644);
    }

    fn name(&mut self) -> String {
        self.random.pick(&self.pool.names).clone()
    }

    /// Transcripts, three of them far larger than the rest, with what belongs to them.
    fn sessions(&mut self, count: usize, factor: f64) {
        for number in 0..count {
            let size = match number {
                0 => (55e6 * factor) as usize,
                1 => (24e6 * factor) as usize,
                2 => (12e6 * factor) as usize,
                _ => self.random.around(350_000.0, 2.7),
            };
            let (project, id) = (self.random.below(22), self.random.uuid());
            let session = format!("projects/-home-ada-src-app{project}/{id}");
            self.put_transcript(&format!("{session}.jsonl"), size);
            for part in 0..self.random.below(3) * usize::from(number % 4 == 0) {
                let size = self.random.around(60_000.0, 2.5);
                self.put_transcript(&format!("{session}/subagents/agent-{part}.jsonl"), size);
            }
            for part in 0..self.random.below(6) * usize::from(number % 5 == 0) {
                let size = self.random.around(30_000.0, 2.2);
                self.put_text(&format!("{session}/tool-results/{part}.txt"), size);
            }
        }
    }

    /// Packed clones, which do not compress, and packages of small sources.
    fn plugins(&mut self, count: usize, sources: usize, factor: f64) {
        for number in 0..count {
            let clone = format!("plugins/marketplaces/market-{number}");
            let size = self.random.around(1_400_000.0 * factor, 2.0);
            self.put_noise(&format!("{clone}/objects/pack-{number}.pack"), size);
            for file in 0..sources / 8 {
                let (name, size) = (self.name(), self.random.around(3500.0, 2.2));
                self.put_text(&format!("{clone}/skills/{name}-{file}/SKILL.md"), size);
            }
            for file in 0..sources {
                let (name, size) = (self.name(), self.random.around(1300.0, 3.0).min(60_000));
                let package = file / 9;
                let path = format!("plugins/cache/server-{number}/lib/{package}/{name}-{file}.js");
                self.put_text(&path, size);
            }
        }
    }

    /// Skills, agents and commands.
    fn documents(&mut self, count: usize) {
        for number in 0..count {
            let (name, size) = (self.name(), self.random.around(4000.0, 2.2));
            let path = match number % 4 {
                0 => format!("agents/{name}-{number}.md"),
                1 => format!("commands/{name}-{number}.md"),
                _ => format!("skills/{name}-{}/part-{number}.md", number / 8),
            };
            self.put_text(&path, size);
        }
    }

    /// Lists of tasks, pasted images, logs of jobs.
    fn leftovers(&mut self, count: usize, factor: f64) {
        for number in 0..count {
            let size = 2 + self.random.below(1200);
            let id = self.random.uuid();
            self.put_text(&format!("tasks/{id}.json"), size);
            if number % 30 == 0 {
                let size = self.random.around(180_000.0, 2.0).min(2_000_000);
                self.put_noise(&format!("paste-cache/{number}.png"), size);
            }
            if number % 7 == 0 {
                let size = self.random.around(60_000.0 * factor.min(1.0), 2.5);
                self.put_text(&format!("jobs/{number}.log"), size);
            }
            if number % 2 == 0 {
                let size = self.random.around(3500.0, 3.2);
                self.put_text(&format!("plans/{number}.md"), size);
            }
        }
    }

    fn many(&mut self, count: usize) {
        for number in 0..count {
            let size = self.random.around(850.0, 1.9).clamp(12, 12_000);
            let (group, name) = (number / 4000, self.name());
            let ending = ["json", "md", "ts", "txt"][number % 4];
            let dir = format!("skills/group-{group}/skill-{}", number / 100);
            self.put_text(&format!("{dir}/{name}-{number}.{ending}"), size);
        }
    }

    /// One of them holds a fifth.
    fn large(&mut self, bytes: usize) {
        for number in 0..200 {
            let size = if number == 0 {
                bytes / 5
            } else {
                bytes * 4 / 5 / 199
            };
            let project = number % 20;
            let path = format!("projects/-home-ada-src-app{project}/session-{number}.jsonl");
            self.put_transcript(&path, size);
        }
    }
}

fn stamp(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let times = FileTimes::new().set_modified(time);
    let file = File::open(path).expect("a file");
    file.set_times(times).expect("a time");
}

/// Every file below a directory with its size, in the order of their paths.
pub(crate) fn files(root: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut look = vec![root.to_owned()];
    while let Some(dir) = look.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let meta = entry.metadata().expect("a file that stays");
            if meta.is_dir() {
                look.push(entry.path());
            } else {
                found.push((entry.path(), meta.len()));
            }
        }
    }
    found.sort();
    found
}

/// Number and bytes of the files below a directory.
pub(crate) fn tally(root: &Path) -> (usize, u64) {
    let found = files(root);
    (found.len(), found.iter().map(|(_, size)| size).sum())
}

/// Changes one file in a hundred: of these, 40 % grow at the end (transcripts first), 30 % are
/// edited, 15 % added, 10 % removed and 5 % touched only. The same round makes the same change.
pub(crate) fn change(home: &Path, round: u64) {
    let pool = Pool::new(300);
    let mut random = Random::new("change", round);
    let mut left = Left::of(&home.join(".claude"));
    let all = left.logs.len() + left.rest.len();
    let part = |percent: usize| (all * percent).div_ceil(10_000);
    let mut time = LAST_CHANGE + 3600 * (1 + round);
    let mut done = |path: &Path| {
        time += 1;
        stamp(path, time);
    };
    for _ in 0..part(40) {
        let (path, more) = if left.logs.is_empty() {
            let size = 20 + random.below(600);
            (left.draw(&mut random), pool.text(&mut random, size))
        } else {
            let size = random.around(60_000.0, 2.5).min(2_000_000);
            let path = draw(&mut random, &mut left.logs);
            (path, pool.transcript(&mut random, size))
        };
        let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
        file.write_all(more.as_bytes()).expect("more of it");
        done(&path);
    }
    for _ in 0..part(30) {
        let path = left.draw(&mut random);
        edit(&path, &pool.sentence(&mut random), &mut random);
        done(&path);
    }
    for number in 0..part(15) {
        let size = random.around(2500.0, 2.5).clamp(40, 200_000);
        let text = pool.text(&mut random, size);
        // Beside a file that is drawn, which itself stays as it is.
        let path = left.draw(&mut random);
        let path = path.with_file_name(format!("new-{round}-{number}.md"));
        fs::write(&path, text).expect("a new file");
        done(&path);
    }
    for _ in 0..part(10) {
        fs::remove_file(left.draw(&mut random)).expect("a file less");
    }
    for _ in 0..part(5) {
        done(&left.draw(&mut random));
    }
}

/// What a round has not changed yet.
struct Left {
    /// Transcripts, which only ever grow where there is something else to change.
    logs: Vec<(PathBuf, u64)>,
    rest: Vec<(PathBuf, u64)>,
}

impl Left {
    fn of(root: &Path) -> Self {
        let is_log = |(path, _): &(PathBuf, u64)| path.extension().is_some_and(|e| e == "jsonl");
        let (logs, mut rest): (Vec<_>, Vec<_>) = files(root).into_iter().partition(is_log);
        // No editor writes packs anew.
        rest.retain(|(_, size)| *size < 1_000_000);
        Self { logs, rest }
    }

    fn draw(&mut self, random: &mut Random) -> PathBuf {
        let from = if self.rest.is_empty() {
            &mut self.logs
        } else {
            &mut self.rest
        };
        draw(random, from)
    }
}

fn draw(random: &mut Random, from: &mut Vec<(PathBuf, u64)>) -> PathBuf {
    let at = random.below(from.len());
    from.swap_remove(at).0
}

/// As tools do it: a new file, renamed over the old one.
fn edit(path: &Path, sentence: &str, random: &mut Random) {
    let mut bytes = fs::read(path).expect("a file");
    let at = random.below(bytes.len() + 1);
    let end = bytes.len().min(at + random.below(60));
    bytes.splice(at..end, sentence.bytes());
    let beside = path.with_extension("new~");
    fs::write(&beside, bytes).expect("its next version");
    fs::rename(beside, path).expect("the exchange");
}
