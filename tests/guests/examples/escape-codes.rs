//! Speaks in terminal codes: colours, clipboard, carriage return, reversed text; none may
//! reach a terminal.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

/// Clears the screen, fills the clipboard (OSC 52), renames the window, overwrites
/// the line, reverses the text and hides a word; C1 codes do the same in one byte.
const CODES: &str = concat!(
    "\x1b[2J\x1b]52;c;ZXZpbA==\x07\x1b]0;owned\x07all well\rFAILED\u{8}",
    "\u{202e}gnp\u{2066}\u{200b}\u{9b}31m\u{7f}"
);

fn coded(word: &str) -> String {
    format!("{word} {CODES}")
}

impl Guest for It {
    const ID: &'static str = "escape-codes";

    fn identity() -> Identity {
        Identity {
            name: coded("name"),
            description: coded("description"),
            ..honest_identity(Self::ID)
        }
    }

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        let notes = vec![coded("note")];
        Ok(Declaration {
            notes,
            ..declares(vec![honest_rule(Self::ID)])
        })
    }

    fn hints(_: Facts, _: Outcome) -> Vec<Hint> {
        let command = CommandBlock {
            shell: Shell::Terminal,
            heading: coded("heading"),
            lines: vec![coded("true")],
        };
        let file = SavedFile {
            name: "codes.txt".into(),
            text: coded("text"),
        };
        vec![Hint {
            commands: vec![command],
            save: Some(file),
            ..hint(Severity::Info, &coded("summary"), &[&coded("step")])
        }]
    }
}

guest!(It);
