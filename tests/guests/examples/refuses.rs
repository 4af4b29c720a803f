//! Declines politely; the host must pass on its reason and carry on with the others.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "refuses";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Err(Refusal::Other("not here".into()))
    }
}

guest!(It);
