//! Ctrl-C and its kin: the first asks the work to stop and clean up, the second ends
//! the process at once.

use super::error::{CommandError, ExitStatus};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static RECEIVED: std::sync::OnceLock<Arc<AtomicUsize>> = std::sync::OnceLock::new();

/// Whether the work is to stop.
#[derive(Clone)]
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    /// Whether the next signal ends the process at once.
    #[cfg(feature = "browse")]
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
    let failed = |e: std::io::Error| {
        CommandError::new(
            ExitStatus::Failed,
            format!("cannot listen for signals: {e}"),
        )
    };
    let asked = Arc::new(AtomicBool::new(false));
    let ends = match patient {
        true => Arc::new(AtomicBool::new(false)),
        false => Arc::clone(&asked),
    };
    let received = RECEIVED.get_or_init(|| Arc::new(AtomicUsize::new(0)));
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15), (SIGHUP, 1)] {
        let (flag, seen) = (Arc::clone(&asked), Arc::clone(received));
        // In this order: the second signal finds the flag set and ends the process.
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&ends))
            .and_then(|_| signal_hook::flag::register_usize(signal, seen, number))
            .and_then(|_| signal_hook::flag::register(signal, flag))
            .map_err(failed)?;
    }
    Ok(Stop {
        asked,
        #[cfg(feature = "browse")]
        ends,
    })
}

/// The exit status of a run that a signal stopped.
pub(super) fn status() -> ExitStatus {
    let signal = RECEIVED
        .get()
        .map_or(2, |seen| seen.load(Ordering::Relaxed));
    ExitStatus::Signal(u8::try_from(signal).unwrap_or(2))
}
