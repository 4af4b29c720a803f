//! A recovery as a file: note lines that begin with `#`, and lines to paste into
//! Claude Code. Nothing else, because whatever stands here may be pasted whole: a
//! pasted `!` would start a shell, a `/` a command.

use crate::{
    commands::{Command, Phase},
    model::{Parse, Recovery},
    words,
};
use alloc::{format, string::String, vec::Vec};

/// The file's name.
pub const FILE_NAME: &str = "restore-plugins.txt";

/// Most bytes of the file, below the host's 256 KiB.
const MAX_TEXT: usize = 250_000;

/// Longest note line without its mark.
const MAX_NOTE: usize = 190;

/// The file's text.
pub fn saved(recovery: &Recovery) -> String {
    let mut page = Page::default();
    page.note("What brings Claude Code's plugins back after a restore.");
    page.note("Paste these lines into Claude Code one at a time. In a terminal the same commands");
    page.note(
        "begin with 'claude plugin' instead of '/plugin', and /reload-plugins is not needed.",
    );
    page.note("Marketplaces and plugins run code with your rights: look at each source first.");
    page.note("A marketplace names itself: if its name differs now, change what follows the @.");
    page.damage(recovery);
    page.list(
        "Odd, but not in the way:",
        recovery.warnings.iter().map(|w| words::warning(*w)),
    );
    page.commands(recovery, Phase::First);
    page.list(
        "Marketplaces to add by hand:",
        recovery.manual.iter().map(words::by_hand),
    );
    page.commands(recovery, Phase::AfterManual);
    page.list("Left out:", recovery.skipped.iter().map(words::refused));
    let was = |install: &crate::model::Install| {
        install
            .was
            .as_ref()
            .map(|was| format!("{} {was}", install.id))
    };
    page.list(
        "Versions there were, for information (a command cannot ask for one):",
        recovery.installs.iter().filter_map(was),
    );
    page.finish()
}

/// The text so far. Once it is full it stays as it is.
#[derive(Default)]
struct Page {
    text: String,
    full: bool,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.full |= self.text.len() + line.len() >= MAX_TEXT;
        if !self.full {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// Adds a note, over several lines if it is long. Every character that is not
    /// printable ASCII has been escaped before; this only makes sure.
    fn note(&mut self, note: &str) {
        let clean = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
        let clean: Vec<char> = note.chars().map(clean).collect();
        for (index, part) in clean.chunks(MAX_NOTE).enumerate() {
            let mark = if index == 0 { "# " } else { "#   " };
            let line: String = mark.chars().chain(part.iter().copied()).collect();
            self.line(&line);
        }
    }

    fn list(&mut self, heading: &str, notes: impl Iterator<Item = String>) {
        for (index, note) in notes.enumerate() {
            if index == 0 {
                self.heading(heading);
            }
            self.note(&note);
        }
    }

    fn heading(&mut self, heading: &str) {
        self.line("#");
        self.note(heading);
    }

    fn damage(&mut self, recovery: &Recovery) {
        let files = [
            ("plugins/installed_plugins.json", recovery.parse.installed),
            ("plugins/known_marketplaces.json", recovery.parse.known),
            ("settings.json", recovery.parse.settings),
        ];
        let bad = |(_, state): &(&str, Parse)| !matches!(state, Parse::Ok | Parse::Missing);
        let notes = files.into_iter().filter(bad);
        let notes = notes.map(|(name, state)| format!("{name} {}.", words::damage(state)));
        self.list("Not read, so something may be missing below:", notes);
    }

    fn commands(&mut self, recovery: &Recovery, phase: Phase) {
        let place = |command: Command<'_>| match command {
            Command::Install(install) => {
                words::inside(install).map(|place| format!("{} {place}", install.id))
            }
            Command::Add(_) | Command::Disable(_) => None,
        };
        let lines = recovery.slash(phase);
        if !lines.is_empty() {
            self.heading(match phase {
                Phase::First => "To paste:",
                Phase::AfterManual => "To paste once the marketplaces above are there:",
            });
        }
        for note in recovery.commands(phase).into_iter().filter_map(place) {
            self.note(&note);
        }
        lines.iter().for_each(|line| self.line(line));
    }

    fn finish(mut self) -> String {
        if self.full {
            self.text
                .push_str("# The rest is left out: the manifest is too long.\n");
        }
        self.text
    }
}
