//! Where a processor keeps a system call's number, its arguments and its result. Nothing
//! else of the tracer knows processors.

use nix::libc::user_regs_struct as Registers;

/// The registers of a stopped thread.
#[derive(Clone, Copy)]
pub(super) struct Frame(pub(super) Registers);

#[cfg(target_arch = "x86_64")]
impl Frame {
    /// The number of the call that is being made.
    pub(super) fn number(&self) -> i64 {
        self.0.orig_rax.cast_signed()
    }

    /// One of the six arguments.
    pub(super) fn argument(&mut self, index: usize) -> &mut u64 {
        match index {
            0 => &mut self.0.rdi,
            1 => &mut self.0.rsi,
            2 => &mut self.0.rdx,
            3 => &mut self.0.r10,
            4 => &mut self.0.r8,
            _ => &mut self.0.r9,
        }
    }

    /// What the call gives back: a value, or an error number below zero.
    pub(super) fn result(&mut self) -> &mut u64 {
        &mut self.0.rax
    }
}

#[cfg(target_arch = "aarch64")]
impl Frame {
    /// The number of the call that is being made.
    pub(super) fn number(&self) -> i64 {
        self.0.regs[8].cast_signed()
    }

    /// One of the six arguments.
    pub(super) fn argument(&mut self, index: usize) -> &mut u64 {
        &mut self.0.regs[index.min(5)]
    }

    /// What the call gives back: a value, or an error number below zero. It takes the
    /// place of the first argument.
    pub(super) fn result(&mut self) -> &mut u64 {
        &mut self.0.regs[0]
    }
}
