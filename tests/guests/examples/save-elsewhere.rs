//! Wants a hint saved over a shell start-up file; the host must not write it.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

impl Guest for It {
    const ID: &'static str = "save-elsewhere";

    fn hints(_: Facts, _: Outcome) -> Vec<Hint> {
        let saved = |name: &str| {
            let file = SavedFile {
                name: name.into(),
                text: "alias ls='rm -rf ~'\n".into(),
            };
            Hint {
                save: Some(file),
                ..hint(Severity::Action, "Keep this file.", &[])
            }
        };
        vec![
            saved("../../.bashrc"),
            saved("/tmp/evil.txt"),
            saved("..\\evil.txt"),
            saved("con.txt "),
        ]
    }
}

guest!(It);
