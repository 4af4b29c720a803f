//! Ctrl-C and its kin: the first asks the work to stop and clean up, the second ends
//! the process at once.

use super::error::{CommandError, ExitStatus};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

static RECEIVED: std::sync::OnceLock<Arc<AtomicUsize>> = std::sync::OnceLock::new();

/// What listens now.
static LISTENING: Mutex<Vec<SigId>> = Mutex::new(Vec::new());

/// Whether the work is to stop.
#[derive(Clone)]
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    /// Whether the next signal ends the process at once.
    ends: Arc<AtomicBool>,
}

impl Stop {
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Lets the next signal end the process, where the second one does not.
    #[cfg(feature = "browse")]
    pub(super) fn end_at_next(&self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}

/// Starts to listen. With `patient`, no number of signals ends the process at once, until
/// somebody says so: it has a terminal to give back first.
pub(super) fn install(patient: bool) -> Result<Stop, CommandError> {
    let asked = Arc::new(AtomicBool::new(false));
    let ends = match patient {
        true => Arc::new(AtomicBool::new(false)),
        false => Arc::clone(&asked),
    };
    let stop = Stop { asked, ends };
    listen(&stop)?;
    Ok(stop)
}

/// Ends listening while `work` sees to signals itself, and then listens again.
pub(super) fn lend<T>(stop: &Stop, work: impl FnOnce() -> T) -> Result<T, CommandError> {
    let ids = std::mem::take(&mut *LISTENING.lock().unwrap_or_else(PoisonError::into_inner));
    for id in ids {
        signal_hook::low_level::unregister(id);
    }
    let done = work();
    listen(stop)?;
    Ok(done)
}

/// The error where the system does not let us listen.
pub(super) fn deaf(e: &std::io::Error) -> CommandError {
    let message = format!("cannot listen for signals: {e}");
    CommandError::new(ExitStatus::Failed, message)
}

fn listen(stop: &Stop) -> Result<(), CommandError> {
    let failed = |e: std::io::Error| deaf(&e);
    let mut ids = LISTENING.lock().unwrap_or_else(PoisonError::into_inner);
    let received = RECEIVED.get_or_init(|| Arc::new(AtomicUsize::new(0)));
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15), (SIGHUP, 1)] {
        let (flag, seen) = (Arc::clone(&stop.asked), Arc::clone(received));
        // In this order: the second signal finds the flag set and ends the process.
        let ends = Arc::clone(&stop.ends);
        let made = [
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, ends),
            signal_hook::flag::register_usize(signal, seen, number),
            signal_hook::flag::register(signal, flag),
        ];
        for id in made {
            ids.push(id.map_err(failed)?);
        }
    }
    Ok(())
}

/// The exit status of a run that a signal stopped.
pub(super) fn status() -> ExitStatus {
    let signal = RECEIVED
        .get()
        .map_or(2, |seen| seen.load(Ordering::Relaxed));
    ExitStatus::Signal(u8::try_from(signal).unwrap_or(2))
}
