//! Files that somebody uses: a restore or an undo says who it is, waits for them where that
//! is wanted, and never touches a database that somebody has open.

mod newer;
mod root;
mod running;

use crate::support::TestEnv;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};

/// Another program that runs until it is let go or dropped.
struct Other {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Other {
    /// Starts one; it must print a line when it is ready, and end when its input does.
    fn start(program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut ready = [0];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut ready)
            .unwrap();
        let stdin = child.stdin.take();
        Self { child, stdin }
    }

    /// A shell that does something, says that it is ready, and waits.
    fn shell(script: &str, args: &[&str]) -> Self {
        let script = format!("{script}\necho ready; read _ || :");
        Self::start("sh", &[&["-c", &script, "sh"], args].concat())
    }

    /// Lets it end, and waits for that.
    fn end(mut self) {
        drop(self.stdin.take());
        self.child.wait().unwrap();
    }

    fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program at work, what it says to people to be read line by line.
struct Waiting {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Waiting {
    /// Starts it, and reads until it says that it waits.
    #[track_caller]
    fn start(env: &TestEnv, args: &[&str], says: &str) -> Self {
        let mut command = env.on_vault(&[], args);
        command.stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(says) {
            line.clear();
            let read = stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "it never said {says:?}");
        }
        assert!(child.try_wait().unwrap().is_none(), "it does not wait");
        Self { child, stderr }
    }

    /// Its exit code, and what it said since.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

/// A home whose backup has "backed up" in `CLAUDE.md` and `history.jsonl`, both of which
/// were changed since, and back to an older time, so that nothing is newer here.
fn changed_since() -> TestEnv {
    let env = TestEnv::small();
    let files = [".claude/CLAUDE.md", ".claude/history.jsonl"];
    for file in files {
        env.write(file, "backed up\n");
    }
    env.backup(0, &["claude"]);
    for file in files {
        make_old(&env.write(file, "changed\n"));
    }
    env.run(&["restore", "claude", "--dry-run"]).exits(0);
    env
}

fn make_old(path: &Path) {
    fs::File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH)
        .unwrap();
}

fn text(env: &TestEnv, path: &str) -> String {
    fs::read_to_string(env.home().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

const RESTORE: [&str; 3] = ["restore", "claude", "--yes"];
const FORCE: [&str; 3] = ["restore", "claude", "--force"];
