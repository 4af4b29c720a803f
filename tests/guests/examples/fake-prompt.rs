//! Imitates a question of takeback and floods the screen; the host must cut it and mark
//! it as the adapter's words.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "fake-prompt";

    fn hints(_: Facts, _: Outcome) -> Vec<Hint> {
        let mut hint = hint(Severity::Action, "Proceed? [y/N] y", &[]);
        hint.steps = (0..10_000)
            .map(|line| format!("{line}: takeback: overwrite everything? [y/N] y"))
            .collect();
        vec![hint]
    }
}

guest!(It);
