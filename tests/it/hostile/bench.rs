//! Where hostile archives are tried: one home with things that must never change,
//! beside the tree that is restored.

use super::case::{Case, Look, Verdict, holds, nothing_else};
use crate::support::coverage::coverage;
use crate::support::env::archive_of;
use crate::support::tarball::{Archive, SKILL};
use crate::support::{Output, TestEnv, TreeSnapshot};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a shell puts up before it becomes the program: no written file beyond 64 MiB, and
/// where there is such a limit a gigabyte of address space, twice what the engine of the
/// adapters needs.
const LIMITS: &str = if cfg!(target_os = "linux") {
    "ulimit -v 1048576 && ulimit -f 131072 && exec \"$@\""
} else {
    "ulimit -f 131072 && exec \"$@\""
};
/// Far beyond what any case takes, far below what a bomb would.
const PATIENCE: Duration = Duration::from_secs(60);
/// The tree that is restored.
const TARGET: &str = "home/.claude";
/// Takeback's own directories.
const OWN: [&str; 2] = ["vault", "home/.local/state/takeback"];

/// A home that hostile archives are restored into.
pub(super) struct Bench {
    pub(super) env: TestEnv,
    /// The manifest of a backup made here.
    origin: Value,
    limited: bool,
    /// What is there before each case.
    before: Surroundings,
    failures: Vec<String>,
}

/// Everything that a refused archive must leave as it is.
#[derive(Default)]
struct Surroundings {
    watched: TreeSnapshot,
    /// Names of what takeback itself keeps.
    own: BTreeSet<String>,
}

impl Bench {
    /// Makes the home, and proves that a correct archive is restored into it.
    #[track_caller]
    pub(super) fn new() -> Self {
        Self::in_home(TestEnv::new())
    }

    /// The same with a program that somebody runs whom file permissions bind.
    #[track_caller]
    pub(super) fn for_nobody() -> Self {
        Self::in_home(TestEnv::new().for_nobody())
    }

    /// The same without limits, for archives that are large and in order.
    pub(super) fn unlimited(mut self) -> Self {
        self.limited = false;
        self
    }

    #[track_caller]
    fn in_home(env: TestEnv) -> Self {
        env.write(".claude/settings.json", "{}");
        // Of everything, so that each adapter is compiled before limits are put up.
        let report = env.backup(0, &[]);
        let origin = manifest_of(&archive_of(&env, &report, "claude"));
        fs::create_dir(env.root().join("in")).unwrap();
        for canary in [
            ".bashrc",
            ".ssh/authorized_keys",
            "x",
            "evil",
            ".claude-other/x",
        ] {
            env.write(canary, "canary\n");
        }
        fs::write(env.root().join("x"), "canary\n").unwrap();
        let (before, failures) = (Surroundings::default(), Vec::new());
        let mut bench = Self {
            env,
            origin,
            limited: true,
            before,
            failures,
        };
        bench.reset();
        let valid = bench.put("valid", &bench.archive().bytes());
        let done = bench.restore(&valid, &[]).exits(0);
        let wrong = bench.look_at(&[holds("notes.md", "alpha\n"), nothing_else()]);
        assert!(
            wrong.is_empty(),
            "a correct archive is not restored: {wrong:?}\n{done}"
        );
        bench.reset();
        bench
    }

    /// A correct archive for this home.
    pub(super) fn archive(&self) -> Archive {
        Archive::valid(&self.origin)
    }

    /// Writes an archive to where no restore may write.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.env.root().join("in").join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Restores an archive without asking.
    pub(super) fn restore(&self, archive: &Path, more: &[&str]) -> Output {
        let mut args = vec![
            "restore",
            "claude",
            "--yes",
            "--from",
            archive.to_str().unwrap(),
        ];
        args.extend(more);
        let limits = ["sh", "-c", LIMITS, "sh"];
        let prefix: &[&str] = if self.limited { &limits } else { &[] };
        Output::of(self.env.on_vault(prefix, &args))
    }

    /// Removes what was restored, and looks at everything else.
    pub(super) fn reset(&mut self) {
        let _ = fs::remove_dir_all(self.env.root().join(TARGET));
        self.before = self.surroundings();
    }

    fn surroundings(&self) -> Surroundings {
        let root = self.env.root();
        let mut watched = TreeSnapshot::of(root).without("in");
        let mut own = BTreeSet::new();
        for dir in OWN {
            own.extend(watched.below(dir).paths());
            watched = watched.without(dir);
        }
        Surroundings { watched, own }
    }

    /// Tries every case and fails with all that went wrong.
    #[track_caller]
    pub(super) fn check(mut self, name: &str, cases: Vec<Case>) {
        coverage(name, &[("attack archives", cases.len())]);
        for case in cases {
            let wrong = self.attempt(&case);
            let label = |what| format!("row {} ({}): {what}", case.row, case.name);
            self.failures.extend(wrong.into_iter().map(label));
        }
        self.finish();
    }

    /// The watch itself: what a hostile archive might leave is seen, wherever it lies.
    #[track_caller]
    pub(super) fn check_that_changes_show(mut self) {
        let garbage = self.put("garbage", b"garbage");
        let done = self.restore(&garbage, &[]);
        let quiet = self.look_refused(&done, 6, &["garbage"]);
        assert!(quiet.is_empty(), "{quiet:?}");
        let places = [
            "x",
            "home/.ssh/authorized_keys",
            "home/evil",
            "home/new/evil",
            "home/.claude/skills/evil",
            "home/.local/state/takeback/staging/left",
            "vault/backups/left",
        ];
        for place in places {
            let file = self.env.root().join(place);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "evil").unwrap();
            let wrong = self.look_refused(&done, 6, &[]).join(" ");
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(wrong.contains(name), "{place} was not noticed: {wrong}");
            self.reset();
        }
        assert!(!"\x1b\u{9b}\u{202e}\u{200b}\r\x07\u{7f}".contains(|c| !steers(c)));
        assert!(!"plain, \u{e9}\n".contains(steers));
    }

    /// Notes something that went wrong.
    pub(super) fn fails(&mut self, what: String) {
        self.failures.push(what);
    }

    /// Fails when anything went wrong.
    #[track_caller]
    pub(super) fn finish(&self) {
        let failures = &self.failures;
        assert!(
            failures.is_empty(),
            "{} failures:\n{}",
            failures.len(),
            failures.join("\n")
        );
    }

    fn attempt(&mut self, case: &Case) -> Vec<String> {
        let archive = self.put("case.tar.gz", &(case.build)(self.archive()));
        let started = Instant::now();
        let done = self.restore(&archive, &[]);
        let mut wrong = manners(&done);
        if started.elapsed() > PATIENCE {
            wrong.push(format!("it took {} s", started.elapsed().as_secs()));
        }
        wrong.extend(match &case.verdict {
            Verdict::Refused(says) => self.look_refused(&done, 6, &["case.tar.gz", says]),
            Verdict::Forbidden(says) => self.look_refused(&done, 4, &["case.tar.gz", says]),
            Verdict::Restored(looks) => self.look_restored(&done, &[0], &[], looks),
            Verdict::Ignored(says, looks) => {
                self.look_restored(&done, &[3], std::slice::from_ref(says), looks)
            }
            Verdict::Warned(says, looks) => self.look_restored(&done, &[0, 3], says, looks),
        });
        self.reset();
        wrong
    }

    /// What is wrong with a refusal.
    pub(super) fn look_refused(&self, done: &Output, code: i32, says: &[&str]) -> Vec<String> {
        let mut wrong = Vec::new();
        let after = self.surroundings();
        let changed = self.before.watched.diff(&after.watched);
        if done.code != code {
            let changes = changed.len();
            let what = format!(
                "exit code {} instead of {code}, {changes} changes",
                done.code
            );
            return vec![format!("{what}; {}", brief(done))];
        }
        if let Some(part) = says.iter().find(|part| !done.stderr.contains(**part)) {
            wrong.push(format!(
                "the message does not name {part:?}; {}",
                brief(done)
            ));
        }
        if !(1..=2).contains(&done.stderr.lines().count()) {
            wrong.push(format!(
                "{} lines of message; {}",
                done.stderr.lines().count(),
                brief(done)
            ));
        }
        if !changed.is_empty() {
            wrong.push(format!("something changed: {}", changed.join("; ")));
        }
        let left: Vec<&String> = after.own.difference(&self.before.own).collect();
        if !left.is_empty() {
            wrong.push(format!("it left behind {left:?}"));
        }
        wrong
    }

    /// What is wrong with a restore that should have happened.
    fn look_restored(
        &self,
        done: &Output,
        codes: &[i32],
        says: &[String],
        looks: &[Look],
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        if !codes.contains(&done.code) {
            wrong.push(format!(
                "exit code {} instead of {codes:?}; {}",
                done.code,
                brief(done)
            ));
            return wrong;
        }
        if !says.is_empty() && !says.iter().any(|part| warns_of(done, part)) {
            wrong.push(format!("no warning names {says:?}; {}", brief(done)));
        }
        wrong.extend(self.look_at(&[holds("SKILL.md", SKILL)]));
        wrong.extend(self.look_at(looks));
        let elsewhere = |all: &TreeSnapshot| {
            let mut rest = all.clone().without(TARGET);
            // A new tree gives its directory a new time.
            rest.0.get_mut(Path::new("home")).unwrap().mtime = (0, 0);
            rest
        };
        let after = self.surroundings();
        let changed = elsewhere(&self.before.watched).diff(&elsewhere(&after.watched));
        if !changed.is_empty() {
            wrong.push(format!(
                "something changed elsewhere: {}",
                changed.join("; ")
            ));
        }
        wrong
    }

    fn look_at(&self, looks: &[Look]) -> Vec<String> {
        let tree = TreeSnapshot::of(&self.env.root().join(TARGET));
        looks.iter().filter_map(|look| look(&tree)).collect()
    }
}

/// Whether a line other than those of the plan has this text.
fn warns_of(done: &Output, says: &str) -> bool {
    let mut lines = done.stderr.lines().chain(done.stdout.lines());
    let planned = |line: &str| {
        ["create ", "link "]
            .iter()
            .any(|word| line.trim().starts_with(word))
    };
    lines.any(|line| line.contains(says) && !planned(line))
}

/// What no run may show, whatever it was given.
pub(crate) fn manners(done: &Output) -> Vec<String> {
    let mut wrong = Vec::new();
    for (stream, text) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
        if let Some(c) = text.chars().find(|c| steers(*c)) {
            wrong.push(format!("U+{:04X} on {stream}; {}", c as u32, brief(done)));
        }
        if text.contains("panicked") || text.contains("RUST_BACKTRACE") {
            wrong.push(format!("a panic on {stream}; {}", brief(done)));
        }
    }
    wrong
}

/// Characters that steer a terminal, reorder text or hide in it.
fn steers(c: char) -> bool {
    let invisible = matches!(c as u32,
        0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff | 0xe0000..=0xe007f);
    invisible || (c.is_control() && c != '\n')
}

/// An output on one line: what went wrong, and how it ended.
fn brief(done: &Output) -> String {
    let message: String = done.stderr.chars().take(400).collect();
    let end: Vec<&str> = done.stdout.lines().rev().take(2).collect();
    format!("stderr {message:?}, stdout ends {end:?}")
}

/// The manifest in an archive that the program made.
pub(super) fn manifest_of(archive: &Path) -> Value {
    let mut tar = Vec::new();
    GzDecoder::new(fs::File::open(archive).unwrap())
        .read_to_end(&mut tar)
        .unwrap();
    assert!(
        tar.starts_with(b"manifest.json\0"),
        "{} begins otherwise",
        archive.display()
    );
    let size = std::str::from_utf8(&tar[124..135]).unwrap();
    let size = usize::from_str_radix(size, 8).unwrap();
    serde_json::from_slice(&tar[512..512 + size]).unwrap()
}
