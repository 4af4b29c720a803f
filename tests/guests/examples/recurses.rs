//! Calls itself without end; the host must stop it when its stack is used up.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "recurses";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![Rule {
            id: format!("{}", descend(1)),
            ..honest_rule(Self::ID)
        }]))
    }
}

/// The addition after the call and the black box keep this from becoming a loop.
#[expect(unconditional_recursion, reason = "this is what the guest is for")]
fn descend(depth: u64) -> u64 {
    core::hint::black_box(descend(core::hint::black_box(depth + 1)) + depth)
}

guest!(It);
