//! Never answers `declare`; the host must stop it at the deadline.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "loops-in-declare";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        loop {
            core::hint::black_box(0);
        }
    }
}

guest!(It);
