//! Has `one` for a version; the host must refuse the identity.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "bad-version";

    fn identity() -> Identity {
        Identity {
            version: "one".into(),
            ..honest_identity(Self::ID)
        }
    }
}

guest!(It);
