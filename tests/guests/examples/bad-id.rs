//! Calls itself `../evil`, to land outside the vault; the host must refuse the identity.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "bad-id";

    fn identity() -> Identity {
        Identity {
            id: "../evil".into(),
            ..honest_identity(Self::ID)
        }
    }
}

guest!(It);
