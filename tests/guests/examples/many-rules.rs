//! Declares half a million rules; the host must stop reading them early.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "many-rules";

    /// A million would meet the memory limit before the limit on answers.
    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        let rule = || file("", home(""), Class::Settings);
        Ok(declares((0..500_000).map(|_| rule()).collect()))
    }
}

guest!(It);
