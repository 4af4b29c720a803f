//! What is different between two trees, and between two contents of one file: by lines, by
//! keys, by records. Works on what it is handed, and finds the same on every machine.
//!
//! What is absent: where trees and contents come from, and how differences are shown.
//! Secrets are taken out before anything is compared, so no difference can hold one.

mod content;
mod json;
mod jsonl;
mod secrets;
#[cfg(test)]
mod tests;
mod text;
mod toml;
mod tree;
mod value;

pub use content::{Content, Difference, Subject, Unseen, compare};
pub use jsonl::{Record, RecordChange, Records};
pub use secrets::{SecretChange, SecretFate};
pub use text::{Hunk, Line, LineFate};
pub use tree::{Change, FileChange, Node, Side, Totals, changes, totals, version};
pub use value::KeyChange;
