//! Names a Windows drive in a rule; the host must refuse the rule by name, on every system.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "drive-letter";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![bad_rule(home("C:/x"))]))
    }
}

guest!(It);
