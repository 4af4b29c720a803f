//! Declares more than its scope says; the host must refuse the rule by name.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "outside-scope";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![
            honest_rule(Self::ID),
            bad_rule(home(".another-tool/settings.json")),
        ]))
    }
}

guest!(It);
