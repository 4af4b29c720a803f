//! Asking. No terminal means no.

use super::error::{CommandError, ExitStatus};
use std::io::{BufRead, IsTerminal, Write};

/// Asks a question below what was shown; only a typed yes is one.
pub(super) fn confirm(question: &str, no_input: bool, flag: &str) -> Result<(), CommandError> {
    let yes = |answer: &str| matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes");
    ask(&format!("{question} [y/N]"), no_input, flag, yes)
}

/// Whether nobody can be asked.
pub(super) fn is_nobody_there(no_input: bool) -> bool {
    no_input || !std::io::stdin().is_terminal()
}

/// Asks for a word to be typed, for what nobody should do by habit.
pub(super) fn confirm_word(question: &str, word: &str, flag: &str) -> Result<(), CommandError> {
    ask(question, false, flag, |answer| answer == word)
}

fn ask(
    question: &str,
    no_input: bool,
    flag: &str,
    is_yes: impl Fn(&str) -> bool,
) -> Result<(), CommandError> {
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
    let _ = write!(err, "{question} ");
    let _ = err.flush();
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    if read.is_ok() && is_yes(answer.trim()) {
        return Ok(());
    }
    Err(CommandError::new(
        ExitStatus::Cancelled,
        "cancelled; nothing was changed",
    ))
}
