//! How the engine tells what it is doing without knowing who listens.

use super::TargetId;

/// Receives progress and troubles that do not stop the work.
pub trait Observer {
    /// A stage of the work on a target begins; `files` and `bytes` are its expected size.
    fn stage(&self, target: &TargetId, what: &'static str, files: u64, bytes: u64);
    /// One file of so many bytes is done.
    fn file_done(&self, bytes: u64);
    /// The stage is over.
    fn stage_done(&self);
    /// Something the person should know now.
    fn warn(&self, message: &str);
    /// Whether the person asked to stop.
    fn interrupted(&self) -> bool;
}

/// Says nothing and never stops.
pub struct Quiet;

impl Observer for Quiet {
    fn stage(&self, _: &TargetId, _: &'static str, _: u64, _: u64) {}
    fn file_done(&self, _: u64) {}
    fn stage_done(&self) {}
    fn warn(&self, _: &str) {}
    fn interrupted(&self) -> bool {
        false
    }
}
