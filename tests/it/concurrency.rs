//! Several takebacks at once, and one that was killed: the second is told who is at work or
//! waits, nobody takes another's work for leftovers, and a lock dies with its process.

mod many;
mod waiting;

use crate::support::TestEnv;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};

/// Takeback's state directory.
fn state(env: &TestEnv) -> PathBuf {
    env.home().join(".local/state/takeback")
}

/// The names in the directory of operations.
fn operations(env: &TestEnv) -> Vec<String> {
    let entries = fs::read_dir(state(env).join("operations")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Takes a lock file as takeback does, until it is dropped.
fn hold(lock: &Path, who: &str) -> File {
    let file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(lock)
        .unwrap();
    file.try_lock().unwrap();
    fs::write(lock, who).unwrap();
    file
}

/// A home whose `CLAUDE.md` was "first" and is "second", both in a snapshot, with takeback's
/// directories made.
fn two_snapshots() -> TestEnv {
    let env = TestEnv::small();
    env.write(".claude/CLAUDE.md", "first");
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "second");
    env.backup(0, &["claude"]);
    env.run(&["restore", "claude", "--dry-run"]).exits(0);
    env
}

const FIRST: [&str; 5] = ["restore", "claude", "--from", "latest~1", "--yes"];

fn text(env: &TestEnv) -> String {
    fs::read_to_string(env.home().join(".claude/CLAUDE.md")).unwrap()
}

/// The operations that are listed, newest first, as `kind of`.
fn listed(env: &TestEnv) -> Vec<String> {
    let document = env.run(&["--json", "undo", "--list"]).exits(0).json();
    let text = |one: &Value| {
        let of = one["of"].as_str().unwrap_or("-");
        format!("{} {of}", one["kind"].as_str().unwrap())
    };
    let operations = document["operations"].as_array().unwrap();
    operations.iter().map(text).collect()
}

/// The program at work, with its output to be read line by line.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(env: &TestEnv, args: &[&str]) -> Self {
        let mut command = env.on_vault(&[], args);
        command.stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Reads to the first line with this in it.
    #[track_caller]
    fn until(&mut self, part: &str) {
        let mut line = String::new();
        while !line.contains(part) {
            line.clear();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "it never said {part:?}");
        }
    }

    /// Waits until it has opened a file, where the system can say so.
    fn until_open(&mut self, path: &Path) {
        let handles = PathBuf::from(format!("/proc/{}/fd", self.child.id()));
        let leads_there =
            |handle: fs::DirEntry| fs::read_link(handle.path()).is_ok_and(|to| to == path);
        while handles.exists()
            && !fs::read_dir(&handles).is_ok_and(|all| all.flatten().any(leads_there))
        {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "it ended without opening {}",
                path.display()
            );
            std::thread::yield_now();
        }
    }

    /// Waits for its end.
    fn code(mut self) -> Option<i32> {
        // What it has still to say must have somewhere to go.
        let _ = std::io::copy(&mut self.stdout, &mut std::io::sink());
        self.child.wait().unwrap().code()
    }
}
