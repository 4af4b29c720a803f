//! Secrets in files: the fields that adapters declare as such, and keys that can be told by
//! their shape. Findings say where and of which kind, and never hold what was found.
//!
//! What is absent: where the bytes come from, what is done about a finding, and any guess: what
//! merely could be a secret is not one.

mod pattern;
mod watch;

pub use watch::{Finding, SecretKind, Watch, watched};
