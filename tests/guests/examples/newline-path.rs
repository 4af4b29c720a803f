//! Has a line break in a path, to write a line of its own into a list; the host must
//! refuse the rule.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "newline-path";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![bad_rule(home(
            ".newline-path/a\n/etc/passwd",
        ))]))
    }
}

guest!(It);
