//! The command itself: started as it was typed, and waited for. What the terminal sends goes
//! to it and to this process at once; what is sent to this process alone is passed on.

use super::super::context::Context;
use super::super::error::CommandError;
use super::super::signals;
use rustix::fs::Mode;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

/// How a command ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
    /// It was never there.
    NotStarted {
        /// The exit code that says so.
        status: u8,
        /// Why.
        why: String,
    },
}

impl Ended {
    /// The exit code that tells how, as shells have it.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Code(code) => *code,
            Self::Signal(signal) => 128 + (signal & 0x7f),
            Self::NotStarted { status, .. } => *status,
        }
    }
}

/// Runs a command to its end, with the umask that the person has.
pub(super) fn run(
    context: &Context,
    words: &[OsString],
    umask: Mode,
) -> Result<Ended, CommandError> {
    signals::lend(&context.stop, || {
        let posts = Posts::open()?;
        Ok(match start(words, umask) {
            Ok(child) => posts.wait(child)?,
            Err(e) => not_started(&e),
        })
    })?
}

fn start(words: &[OsString], umask: Mode) -> std::io::Result<Child> {
    let Some((program, args)) = words.split_first() else {
        return Err(ErrorKind::NotFound.into());
    };
    let mut command = Command::new(program);
    command.args(args);
    // What it creates is not takeback's.
    let own = rustix::process::umask(umask);
    let child = command.spawn();
    rustix::process::umask(own);
    child
}

fn not_started(e: &std::io::Error) -> Ended {
    let status = if e.kind() == ErrorKind::NotFound {
        127
    } else {
        126
    };
    let why = match e.kind() {
        ErrorKind::NotFound => "there is no such command".to_owned(),
        ErrorKind::PermissionDenied => "it may not be run".to_owned(),
        _ => e.to_string(),
    };
    Ended::NotStarted { status, why }
}

/// Takes signals while the command runs.
struct Posts {
    ids: Vec<SigId>,
    posts: Vec<(Signal, UnixStream)>,
}

impl Posts {
    /// Takes them from here on; what comes before the command is there waits.
    fn open() -> Result<Self, CommandError> {
        let signals = [
            (SIGHUP, Signal::HUP),
            (SIGINT, Signal::INT),
            (SIGQUIT, Signal::QUIT),
            (SIGTERM, Signal::TERM),
            (SIGUSR1, Signal::USR1),
            (SIGUSR2, Signal::USR2),
        ];
        let mut all = Self {
            ids: Vec::new(),
            posts: Vec::new(),
        };
        for (number, signal) in signals {
            let made = UnixStream::pair().and_then(|(read, write)| {
                all.posts.push((signal, read));
                signal_hook::low_level::pipe::register(number, write)
            });
            all.ids.push(made.map_err(|e| signals::deaf(&e))?);
        }
        Ok(all)
    }

    /// Waits for the command, and passes on what comes meanwhile.
    fn wait(mut self, mut child: Child) -> Result<Ended, CommandError> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let alive = Arc::new(Mutex::new(pid));
        for (signal, post) in self.posts.drain(..) {
            let alive = Arc::clone(&alive);
            std::thread::spawn(move || pass_on(signal, post, &alive));
        }
        // Its number must stay its own until nothing is sent to it any more.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Some(pid) = pid
            && matches!(
                rustix::process::waitid(WaitId::Pid(pid), options),
                Err(rustix::io::Errno::INTR)
            )
        {}
        *alive.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let status = child.wait().map_err(|e| signals::deaf(&e))?;
        Ok(ended(status))
    }
}

impl Drop for Posts {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}

fn ended(status: ExitStatus) -> Ended {
    let small = |number: i32| u8::try_from(number & 0xff).unwrap_or(u8::MAX);
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code(small(code)),
        (None, signal) => Ended::Signal(small(signal.unwrap_or(0))),
    }
}

/// Passes one signal on, whenever it comes, until nobody listens for it any more.
fn pass_on(signal: Signal, mut post: UnixStream, alive: &Mutex<Option<Pid>>) {
    let mut letters = [0];
    while post.read_exact(&mut letters).is_ok() {
        let alive = alive.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pid) = *alive else { return };
        // A key pressed on the terminal has reached the command already.
        let typed = matches!(signal, Signal::INT | Signal::QUIT);
        if !(typed && is_in_front()) {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

/// Whether the terminal sends what is typed to this process's group, of which the command is.
fn is_in_front() -> bool {
    let ours = rustix::process::getpgrp();
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let groups = [
        rustix::termios::tcgetpgrp(&stdin),
        rustix::termios::tcgetpgrp(&stdout),
        rustix::termios::tcgetpgrp(&stderr),
    ];
    groups.into_iter().flatten().next() == Some(ours)
}
