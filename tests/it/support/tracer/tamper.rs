//! Calls that are made other than the program wants them, through their arguments.

use super::arch::Frame;
use super::calls::{Length, set_word, word};
use nix::sys::ptrace;
use nix::unistd::Pid;

/// Gives a call arguments with which it cannot do anything: no descriptor, no address.
pub(super) fn spoil(thread: Pid, mut frame: Frame) -> nix::Result<()> {
    *frame.argument(0) = u64::MAX;
    *frame.argument(1) = u64::MAX;
    ptrace::setregs(thread, frame.0)
}

/// Makes a write shorter. Gives the word of memory that was changed for it, as it was.
pub(super) fn shorten(
    thread: Pid,
    mut frame: Frame,
    bytes: Option<(Length, u64)>,
    most: u64,
) -> nix::Result<Option<(u64, u64)>> {
    let Some((length, bytes)) = bytes else {
        panic!("only a write can be short");
    };
    let mut memory = None;
    match length {
        Length::Argument(index) => *frame.argument(index) = bytes.min(most),
        Length::Buffers(list, count) => {
            // Only the first buffer, and of it no more than is asked for.
            let at = *frame.argument(list) + 8;
            let first = word(thread, at).unwrap_or_default();
            set_word(thread, at, first.min(most));
            *frame.argument(count) = 1;
            memory = Some((at, first));
        }
    }
    ptrace::setregs(thread, frame.0)?;
    Ok(memory)
}
