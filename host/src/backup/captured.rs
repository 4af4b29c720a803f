//! What reading a file gives.

use crate::model::{Identity, Meta, TroubleKind};
use std::io::Read;

/// A file's content, ready to be archived.
pub(super) struct Captured {
    pub(super) content: Box<dyn Read>,
    pub(super) size: u64,
    pub(super) meta: Meta,
    /// The file's identity, if its content is all that was captured.
    pub(super) identity: Option<Identity>,
    /// What is uncertain about it.
    pub(super) trouble: Option<(TroubleKind, String)>,
}

/// Why a file cannot be captured at all.
pub(super) type Gap = (TroubleKind, String);
