//! Uses a glob where only a path may stand; the host must refuse the rule by name.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "wild-glob";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![tree(
            "bad",
            home(".wild-glob/*"),
            Class::Settings,
        )]))
    }
}

guest!(It);
