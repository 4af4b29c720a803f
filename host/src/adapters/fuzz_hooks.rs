//! The conversion of what adapters say, for `tests/fuzz`, which looks at it from outside.
//! Compiled for fuzzing and for this crate's own tests; no other build has it.

use super::{bindings, convert};
use crate::model::{AdapterIdentity, Declaration, Digest, Hint};

pub use bindings::v0_1::takeback::adapter::types as wire;

/// What [`Adapter::declare`](super::Adapter::declare) makes of an answer before it is
/// admitted.
///
/// # Errors
/// Says what of it is malformed.
pub fn declaration(said: wire::Declaration) -> Result<Declaration, String> {
    convert::declaration(said)
}

/// What [`Runtime::load`](super::Runtime::load) makes of an adapter's description.
///
/// # Errors
/// Says what of it is malformed.
pub fn identity(said: wire::Identity, digest: Digest) -> Result<AdapterIdentity, String> {
    convert::identity(said, digest)
}

/// What [`Adapter::after_restore`](super::Adapter::after_restore) makes of an answer.
///
/// # Errors
/// Says what of it is malformed.
pub fn hints(said: Vec<wire::Hint>) -> Result<Vec<Hint>, String> {
    convert::hints(said)
}
