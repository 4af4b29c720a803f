//! Never answers `describe`; the host must stop it at the deadline.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "loops-in-describe";

    fn identity() -> Identity {
        loop {
            core::hint::black_box(0);
        }
    }
}

guest!(It);
