//! A component of an entirely different world; the host must refuse it before it
//! runs and say which exports are missing.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::string::String;

#[cfg(target_family = "wasm")]
#[rustfmt::skip] // Not ours to format.
#[path = "../../../adapters/sdk/src/runtime.rs"]
mod runtime;

wit_bindgen::generate!({
    inline: "
        package other:thing;
        world thing { export run: func() -> string; }
    ",
});

struct It;

impl Guest for It {
    fn run() -> String {
        "hello".into()
    }
}

#[cfg(target_family = "wasm")]
export!(It);
