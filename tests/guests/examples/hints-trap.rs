//! Declares well and traps after a restore; the restore must stand and say that hints are missing.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "hints-trap";

    fn hints(_: Facts, _: Outcome) -> Vec<Hint> {
        trap()
    }
}

guest!(It);
