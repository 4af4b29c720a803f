//! The manifest as JSON. With the vault's records the only part of the engine that
//! knows serde.

mod read;
mod schema;
mod write;

pub(super) use read::parse;
pub(super) use write::write;
