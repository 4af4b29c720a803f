//! Gives two rules the same id; the host must refuse the declaration and name the id.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "duplicate-rules";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![honest_rule(Self::ID), honest_rule(Self::ID)]))
    }
}

guest!(It);
