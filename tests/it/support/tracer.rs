//! Runs a program and stops it at every system call that is about to change a file, in
//! the order in which they are made. What becomes of each call is up to the test: it is
//! made, refused, cut short, or the last thing that ever happens.
//!
//! Threads and processes that the program starts are followed, and calls are counted over
//! all of them. A call of another thread may be made while one stands still: what must be
//! exact is exact for a program that changes files from one thread.

mod arch;
mod calls;
mod tamper;

use super::Output;
use arch::Frame;
use calls::{Change, change, filter, set_word};
use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::JoinHandle;
use tamper::{shorten, spoil};

/// What a command for [`trace`] begins with: it stops before it becomes the program, so
/// that no call is made before somebody looks.
pub(crate) const STOPPED: [&str; 4] = ["sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"];

/// A system call that is about to change the file system.
pub(crate) struct Call {
    /// How many such calls were made before.
    pub(crate) index: usize,
    pub(crate) name: &'static str,
    /// What it changes; of two names the new one. As far as it can be told.
    pub(crate) path: PathBuf,
    /// The old one of two names.
    pub(crate) from: Option<PathBuf>,
    /// How many bytes it is to write.
    pub(crate) bytes: Option<u64>,
}

impl Call {
    /// Whether it changes something at or below a place.
    pub(crate) fn touches(&self, place: &Path) -> bool {
        let from = self.from.as_ref();
        self.path.starts_with(place) || from.is_some_and(|from| from.starts_with(place))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {}, {}(", self.index, self.name)?;
        if let Some(from) = &self.from {
            write!(f, "{} -> ", from.display())?;
        }
        write!(f, "{}", self.path.display())?;
        if let Some(bytes) = self.bytes {
            write!(f, ", {bytes} bytes")?;
        }
        f.write_str(")")
    }
}

/// Whether this is takeback's log.
fn is_log(path: &Path) -> bool {
    path.ends_with("takeback/log.jsonl")
}

/// What becomes of a call.
pub(crate) enum Act<'a> {
    /// It is made.
    Go,
    /// Everything is killed; the call is not made.
    KillBefore,
    /// Everything is killed as soon as the call was made.
    KillAfter,
    /// A write writes this many bytes at most, then everything is killed.
    Tear(u64),
    /// It is not made, and gives this error.
    Fail(Errno),
    /// A write writes this many bytes at most, and says so.
    Short(u64),
    /// This happens first, while the thread stands still.
    Pause(Box<dyn FnOnce() + 'a>),
}

/// A program that has ended.
pub(crate) struct Traced {
    pub(crate) output: Output,
    /// Every call that the test was asked about.
    pub(crate) calls: Vec<Call>,
}

/// Runs a command that begins with [`STOPPED`] to its end and asks `decide` about each
/// call that would change a file outside `ignored`, but for takeback's log: that is written when
/// everything is over, and `status/log.rs` has what happens when it cannot be.
#[expect(
    clippy::zombie_processes,
    reason = "the tracer waits for the whole group, and not by this handle"
)]
pub(crate) fn trace<'a>(
    mut command: Command,
    ignored: &Path,
    decide: impl FnMut(&Call) -> Act<'a>,
) -> Traced {
    let text = format!("{command:?}");
    // A group of its own: what belongs to it can be waited for and killed as a whole,
    // whatever other tests do in this process meanwhile.
    command.process_group(0);
    let mut child = start(command).unwrap_or_else(|e| panic!("{text}: {e}"));
    let stdout = child.stdout.take().map(reader);
    let stderr = child.stderr.take().map(reader);
    let mut tracer = Tracer::attach(&child, ignored, decide);
    while tracer.step() {}
    let bytes = |reader: Option<JoinHandle<Vec<u8>>>| {
        reader.map_or_else(Vec::new, |reader| reader.join().unwrap())
    };
    let done = std::process::Output {
        status: ExitStatus::from_raw(tracer.status),
        stdout: bytes(stdout),
        stderr: bytes(stderr),
    };
    Traced {
        output: Output::from_done(text, done),
        calls: std::mem::take(&mut tracer.calls),
    }
}

/// Starts a command whose calls can be looked at. The filter that makes this possible is
/// passed on to whatever a thread starts, and can never be taken off again, so it is a
/// thread that does nothing else.
fn start(mut command: Command) -> std::io::Result<Child> {
    let filtered = std::thread::spawn(move || {
        seccompiler::apply_filter(&filter()).unwrap();
        command.spawn()
    });
    filtered.join().unwrap()
}

/// Reads a stream to its end, so that nobody waits for room in it.
fn reader(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// What is left to do when a call returns.
struct Pending {
    /// The registers as the program set them.
    before: Frame,
    then: Then,
}

enum Then {
    Kill,
    Answer(Errno),
    /// Gives back what was changed to cut a write short; a word of memory too.
    GiveBack(Option<(u64, u64)>),
}

struct Tracer<D> {
    /// The program's first process, and its group.
    leader: Pid,
    /// What nobody counts, as it is called and as it really is.
    ignored: [PathBuf; 2],
    decide: D,
    calls: Vec<Call>,
    pending: BTreeMap<i32, Pending>,
    /// The shell has become the program.
    started: bool,
    killed: bool,
    ended: bool,
    /// How the leader ended, as `wait` has it.
    status: i32,
}

impl<'a, D: FnMut(&Call) -> Act<'a>> Tracer<D> {
    fn attach(child: &Child, ignored: &Path, decide: D) -> Self {
        let leader = Pid::from_raw(child.id().cast_signed());
        let stopped = waitpid(leader, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert!(
            matches!(stopped, WaitStatus::Stopped(..)),
            "a command for the tracer stops itself first: {stopped:?}"
        );
        let follow = Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACEEXEC;
        let options = follow
            | Options::PTRACE_O_TRACESECCOMP
            | Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(leader, options).unwrap();
        Self {
            leader,
            ignored: [
                ignored.to_owned(),
                ignored
                    .canonicalize()
                    .unwrap_or_else(|_| ignored.to_owned()),
            ],
            decide,
            calls: Vec::new(),
            pending: BTreeMap::new(),
            started: false,
            killed: false,
            ended: false,
            status: 0,
        }
    }

    /// Waits for one thing to happen; false when nobody is left.
    fn step(&mut self) -> bool {
        let group = Pid::from_raw(-self.leader.as_raw());
        let happened = match waitpid(group, Some(WaitPidFlag::__WALL)) {
            Ok(happened) => happened,
            Err(Errno::EINTR) => return true,
            Err(Errno::ECHILD) => {
                self.ended = true;
                return false;
            }
            Err(e) => panic!("waiting for {}: {e}", self.leader),
        };
        match happened {
            WaitStatus::Exited(pid, code) if pid == self.leader => self.status = code << 8,
            WaitStatus::Signaled(pid, signal, _) if pid == self.leader => {
                self.status = signal as i32;
            }
            // What was killed needs no leave to go on, and gets none.
            _ if self.killed => {}
            WaitStatus::PtraceSyscall(thread) => gone_is_fine(self.exit(thread)),
            WaitStatus::Stopped(thread, signal) => {
                gone_is_fine(self.resume(thread, Some(signal)));
            }
            WaitStatus::PtraceEvent(thread, signal, event) => {
                gone_is_fine(self.event(thread, signal, event));
            }
            _ => {}
        }
        true
    }

    /// Lets a thread go on, to the end of its call where something is left to do then.
    fn resume(&self, thread: Pid, signal: Option<Signal>) -> nix::Result<()> {
        if self.killed {
            return Ok(());
        }
        if self.pending.contains_key(&thread.as_raw()) {
            ptrace::syscall(thread, signal)
        } else {
            ptrace::cont(thread, signal)
        }
    }

    fn event(&mut self, thread: Pid, signal: Signal, event: i32) -> nix::Result<()> {
        match event {
            libc::PTRACE_EVENT_SECCOMP => self.entry(thread)?,
            libc::PTRACE_EVENT_EXEC => self.started = true,
            // Stopped as a whole, as it is at first.
            libc::PTRACE_EVENT_STOP if signal != Signal::SIGTRAP => {
                kill(thread, Signal::SIGCONT)?;
            }
            _ => {}
        }
        self.resume(thread, None)
    }

    /// A thread is about to make a call.
    fn entry(&mut self, thread: Pid) -> nix::Result<()> {
        let mut frame = Frame(ptrace::getregs(thread)?);
        let Some(change) = self.started.then(|| change(thread, &mut frame)).flatten() else {
            return Ok(());
        };
        let bytes = change.bytes;
        let Some(act) = self.ask(change) else {
            return Ok(());
        };
        let before = frame;
        let then = match act {
            Act::Go => return Ok(()),
            Act::Pause(happens) => {
                happens();
                return Ok(());
            }
            Act::KillBefore => {
                spoil(thread, frame)?;
                return self.kill();
            }
            Act::KillAfter => Then::Kill,
            Act::Fail(errno) => {
                spoil(thread, frame)?;
                Then::Answer(errno)
            }
            Act::Short(most) => Then::GiveBack(shorten(thread, frame, bytes, most)?),
            Act::Tear(most) => {
                shorten(thread, frame, bytes, most)?;
                Then::Kill
            }
        };
        self.pending
            .insert(thread.as_raw(), Pending { before, then });
        Ok(())
    }

    /// Puts a change to the test, unless it is one that nobody counts.
    fn ask(&mut self, change: Change) -> Option<Act<'a>> {
        let call = Call {
            index: self.calls.len(),
            name: change.name,
            path: change.path,
            from: change.from,
            bytes: change.bytes.map(|(_, bytes)| bytes),
        };
        if self
            .ignored
            .iter()
            .any(|ignored| call.path.starts_with(ignored) || is_log(&call.path))
        {
            return None;
        }
        let act = (self.decide)(&call);
        self.calls.push(call);
        Some(act)
    }

    /// A call has returned.
    fn exit(&mut self, thread: Pid) -> nix::Result<()> {
        let Some(mut pending) = self.pending.remove(&thread.as_raw()) else {
            return self.resume(thread, None);
        };
        let mut frame = Frame(ptrace::getregs(thread)?);
        let result = match pending.then {
            Then::Kill => return self.kill(),
            Then::Answer(errno) => (-i64::from(errno as i32)).cast_unsigned(),
            Then::GiveBack(memory) => {
                if let Some((at, value)) = memory {
                    set_word(thread, at, value);
                }
                *frame.result()
            }
        };
        // A program may count on it that a call leaves its arguments where they are.
        for index in 0..6 {
            *frame.argument(index) = *pending.before.argument(index);
        }
        *frame.result() = result;
        ptrace::setregs(thread, frame.0)?;
        self.resume(thread, None)
    }

    fn kill(&mut self) -> nix::Result<()> {
        self.killed = true;
        killpg(self.leader, Signal::SIGKILL)
    }
}

impl<D> Drop for Tracer<D> {
    /// A test that fails in the middle leaves no process behind.
    fn drop(&mut self) {
        if !self.ended {
            let _ = killpg(self.leader, Signal::SIGKILL);
            let group = Pid::from_raw(-self.leader.as_raw());
            while waitpid(group, Some(WaitPidFlag::__WALL)) != Err(Errno::ECHILD) {}
        }
    }
}

/// A thread may be killed at any time, also by another one.
fn gone_is_fine(done: nix::Result<()>) {
    match done {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(e) => panic!("tracing: {e}"),
    }
}
