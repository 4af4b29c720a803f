//! Hopes that somebody expands `$HOME`; the host must refuse the rule by name.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "variable-syntax";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![bad_rule(home("$HOME/x"))]))
    }
}

guest!(It);
