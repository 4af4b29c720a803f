//! Wants to write a shell start-up file, openly; the host must refuse it although its
//! scope says so.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "shell-startup";

    fn identity() -> Identity {
        Identity {
            scope: vec![home(".bashrc")],
            ..honest_identity(Self::ID)
        }
    }

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![bad_rule(home(".bashrc"))]))
    }
}

guest!(It);
