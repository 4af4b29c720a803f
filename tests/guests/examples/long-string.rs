//! Describes itself in 100 MiB; the host must stop reading long before the end.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "long-string";

    fn identity() -> Identity {
        Identity {
            description: String::from_utf8(vec![b'a'; 100 << 20]).unwrap_or_default(),
            ..honest_identity(Self::ID)
        }
    }
}

guest!(It);
