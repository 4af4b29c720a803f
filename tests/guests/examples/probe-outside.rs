//! Asks whether a file outside its scope exists; the host must refuse the identity.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "probe-outside";

    fn identity() -> Identity {
        Identity {
            probes: vec![home(".ssh/id_ed25519")],
            ..honest_identity(Self::ID)
        }
    }
}

guest!(It);
