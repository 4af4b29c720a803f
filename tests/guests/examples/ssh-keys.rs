//! Wants the person's SSH keys, openly; the host must refuse it although its scope says so.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "ssh-keys";

    fn identity() -> Identity {
        Identity {
            scope: vec![home(".ssh")],
            ..honest_identity(Self::ID)
        }
    }

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![tree("bad", home(".ssh"), Class::Settings)]))
    }
}

guest!(It);
