//! Asking. No terminal means no.

use super::error::{CommandError, ExitStatus};
use std::io::{BufRead, IsTerminal, Write};

/// Asks a question below what was shown; only a typed yes is one.
pub(super) fn confirm(question: &str, no_input: bool, flag: &str) -> Result<(), CommandError> {
    let stdin = std::io::stdin();
    if no_input || !stdin.is_terminal() {
        let why = if no_input {
            "asking is switched off"
        } else {
            "there is no terminal to ask on"
        };
        let message = format!("cancelled, for {why}; nothing was changed");
        return Err(CommandError::new(ExitStatus::Cancelled, message)
            .hint(format!("run it again with {flag} if you agree")));
    }
    // What was typed before the plan was shown is no answer to it.
    let _ = rustix::termios::tcflush(&stdin, rustix::termios::QueueSelector::IFlush);
    let mut err = anstream::stderr();
    let _ = write!(err, "{question} [y/N] ");
    let _ = err.flush();
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    let yes = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if read.is_ok() && yes {
        return Ok(());
    }
    Err(CommandError::new(
        ExitStatus::Cancelled,
        "cancelled; nothing was changed",
    ))
}
