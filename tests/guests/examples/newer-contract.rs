//! Speaks version 0.9.0 of the contract, otherwise the same to the letter; the host
//! must refuse it before it runs and name both versions.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::vec::Vec;

#[cfg(target_family = "wasm")]
#[rustfmt::skip] // Not ours to format.
#[path = "../../../adapters/sdk/src/runtime.rs"]
mod runtime;

include!(concat!(env!("OUT_DIR"), "/newer_contract.rs"));

struct It;

/// Whoever runs it gets a trap: nothing here is ever to be answered.
impl Guest for It {
    fn describe() -> Identity {
        unreachable!()
    }

    fn declare(_: Facts) -> Result<Declaration, Refusal> {
        unreachable!()
    }

    fn after_restore(_: Facts, _: Outcome) -> Vec<Hint> {
        unreachable!()
    }
}

#[cfg(target_family = "wasm")]
export!(It);
