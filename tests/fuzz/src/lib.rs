//! What is fuzzed, as plain functions that panic when a property is broken: one for each
//! target. The libFuzzer binaries in `fuzz_targets/` call them, and the tests of `host`
//! include this file and replay the committed seeds, so nothing here knows libFuzzer.

mod dice;
mod gzip;
mod paths;
mod sealed;
#[path = "../../it/support/tree.rs"]
#[expect(dead_code, reason = "the tests of the program use more of it")]
mod tree;

pub mod declaration;
pub mod header;
pub mod manifest;
pub mod restore;

#[cfg(test)]
mod replay;
