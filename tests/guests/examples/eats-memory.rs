//! Asks for memory for ever; the host must stop it at its limit.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "eats-memory";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        let mut hoard = Vec::new();
        loop {
            hoard.push(core::hint::black_box(vec![1_u8; 1 << 20]));
        }
    }
}

guest!(It);
