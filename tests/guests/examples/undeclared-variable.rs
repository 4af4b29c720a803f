//! Uses an environment variable it never asked for; the host must refuse the rule by name.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "undeclared-variable";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![bad_rule(at(
            Base::Variable("SSH_AUTH_SOCK".into()),
            "x",
        ))]))
    }
}

guest!(It);
