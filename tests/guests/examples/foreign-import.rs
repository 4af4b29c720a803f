//! A proper adapter that also imports `evil:host/api`; the host must refuse it by
//! that name before it runs.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::vec::Vec;

#[cfg(target_family = "wasm")]
#[rustfmt::skip] // Not ours to format.
#[path = "../../../adapters/sdk/src/runtime.rs"]
mod runtime;

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package evil:host;
        interface api { open: func(path: string) -> list<u8>; }
        world guest { import api; include takeback:adapter/adapter@0.1.0; }
    ",
    world: "evil:host/guest",
    generate_all,
});

struct It;

/// The import is used, or the linker would drop it.
impl Guest for It {
    fn describe() -> Identity {
        evil::host::api::open("/etc/passwd");
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
