//! Wants the home directory itself, in its scope and in a rule; the host must refuse it.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "home-itself";

    fn identity() -> Identity {
        Identity {
            scope: vec![home("")],
            ..honest_identity(Self::ID)
        }
    }

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![tree("bad", home(""), Class::Settings)]))
    }
}

guest!(It);
