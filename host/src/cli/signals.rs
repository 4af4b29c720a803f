//! Ctrl-C and its kin: the first asks the work to stop and clean up, the second ends
//! the process at once.

use super::error::{CommandError, ExitStatus};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static RECEIVED: std::sync::OnceLock<Arc<AtomicUsize>> = std::sync::OnceLock::new();

/// Whether the work is to stop.
#[derive(Clone)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(super) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Starts to listen.
pub(super) fn install() -> Result<Stop, CommandError> {
    let failed = |e: std::io::Error| {
        CommandError::new(
            ExitStatus::Failed,
            format!("cannot listen for signals: {e}"),
        )
    };
    let stop = Arc::new(AtomicBool::new(false));
    let received = RECEIVED.get_or_init(|| Arc::new(AtomicUsize::new(0)));
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15), (SIGHUP, 1)] {
        let (flag, seen) = (Arc::clone(&stop), Arc::clone(received));
        // In this order: the second signal finds the flag set and ends the process.
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register_usize(signal, seen, number))
            .and_then(|_| signal_hook::flag::register(signal, flag))
            .map_err(failed)?;
    }
    Ok(Stop(stop))
}

/// The exit status of a run that a signal stopped.
pub(super) fn status() -> ExitStatus {
    let signal = RECEIVED
        .get()
        .map_or(2, |seen| seen.load(Ordering::Relaxed));
    ExitStatus::Signal(u8::try_from(signal).unwrap_or(2))
}
