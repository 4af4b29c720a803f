//! Traps in `declare`; the host must fail this adapter alone.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "traps";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        trap()
    }
}

guest!(It);
