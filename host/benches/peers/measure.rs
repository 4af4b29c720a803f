//! Runs one program to its end and says what it took: wall time, processor time of it and its
//! children, memory of the largest of them.
//!
//! The kernel adds up for each process what its children took. So that one run does not count
//! for the next, the bench starts itself once more for each, and that process starts the program.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// The first argument of the bench when it is to measure one program.
pub(crate) const FLAG: &str = "--measured";

/// A program to run: with nothing in its environment but what is named here.
pub(crate) struct Task {
    /// Program and arguments.
    pub(crate) words: Vec<OsString>,
    /// Variables.
    pub(crate) env: Vec<(&'static str, OsString)>,
    /// Where it runs.
    pub(crate) dir: PathBuf,
}

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of processor time, in user space and kernel.
    pub(crate) cpu: f64,
    /// MiB of memory of the largest process.
    pub(crate) peak: f64,
}

impl Task {
    /// Runs it.
    ///
    /// # Panics
    ///
    /// When it does not end with success: a figure for that would be worth nothing.
    pub(crate) fn run(&self) -> Cost {
        let bench = std::env::current_exe().expect("the bench itself");
        let mut command = Command::new(bench);
        command
            .arg(FLAG)
            .args(&self.words)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.dir)
            .stdin(Stdio::null());
        let output = command.output().expect("the bench itself starts");
        let (said, failed) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{:?}: {failed}", self.words);
        let mut numbers = said.split_whitespace().map(str::parse);
        let mut next = || numbers.next().and_then(Result::ok).expect("three numbers");
        Cost {
            wall: next(),
            cpu: next(),
            peak: next(),
        }
    }
}

/// Runs the program of these words, prints what it took, and ends as it ended.
pub(crate) fn measure(words: &[OsString]) -> ExitCode {
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status();
    let wall = start.elapsed().as_secs_f64();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => {
            eprintln!("ended with {status}");
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    }
    let usage: Usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("what the children took");
    let cpu = (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6;
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") {
        1.0
    } else {
        1024.0
    };
    let peak = usage.max_rss() as f64 * unit / (1024.0 * 1024.0);
    println!("{wall} {cpu} {peak}");
    ExitCode::SUCCESS
}
