//! For tests, and only in builds with debug assertions, which are not shipped: what else
//! runs on the machine is not seen, so that a tool somebody has open stops no test.

use super::processes::{proc_of, read_some};
use std::sync::OnceLock;

static TOP: OnceLock<u32> = OnceLock::new();

/// From now on only the process `top` is seen, with those it started and those they did.
/// The first call counts.
pub fn see_only_below(top: u32) {
    let _ = TOP.set(top);
}

/// Whether a process is seen.
pub(super) fn is_seen(pid: u32) -> bool {
    let Some(top) = TOP.get() else { return true };
    std::iter::successors(Some(pid), |pid| parent(*pid)).any(|pid| pid == *top)
}

fn parent(pid: u32) -> Option<u32> {
    let status = read_some(&proc_of(pid).join("status"))?;
    let status = String::from_utf8_lossy(&status);
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    line.trim().parse().ok()
}
