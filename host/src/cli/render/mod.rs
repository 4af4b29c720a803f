//! How results look: the same values, as text for people or as one JSON document.
//! stdout is data, stderr is for people.

pub(super) mod difference;
pub(super) mod human;
pub(super) mod json;
mod operations;

#[cfg(feature = "browse")]
mod held;

#[cfg(feature = "browse")]
pub(super) use held::{held, hold, pause};

use super::error::CommandError;
use anstyle::{AnsiColor, Style};
use std::io::Write;

/// How to speak.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Voice {
    pub(in crate::cli) json: bool,
    pub(in crate::cli) quiet: bool,
    pub(in crate::cli) verbose: bool,
}

const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(in crate::cli) const BOLD: Style = Style::new().bold();

impl Voice {
    /// One line of data.
    pub(in crate::cli) fn line(&self, text: impl std::fmt::Display) {
        // A reader that has gone away is no reason to fail.
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// Many lines of data, written together.
    pub(in crate::cli) fn lines(&self, mut lines: impl Iterator<Item = String>) {
        let mut out = std::io::BufWriter::new(anstream::stdout().lock());
        // A reader that has gone away is no reason to fail.
        let _ = lines
            .try_for_each(|line| writeln!(out, "{line}"))
            .and_then(|()| out.flush());
    }

    /// One line for people; not with `--quiet`.
    pub(in crate::cli) fn say(&self, text: impl std::fmt::Display) {
        if !self.quiet && !self.json {
            tell(&text.to_string());
        }
    }

    /// Whether what is said may have colour.
    #[cfg(feature = "browse")]
    pub(in crate::cli) fn coloured(&self) -> bool {
        use anstream::ColorChoice;
        let chosen = ColorChoice::global();
        let out = std::io::stdout();
        !matches!(
            (chosen, anstream::AutoStream::choice(&out)),
            (ColorChoice::Never, _) | (_, ColorChoice::Never)
        )
    }

    /// One more line for people, with `--verbose`.
    pub(in crate::cli) fn detail(&self, text: impl std::fmt::Display) {
        if self.verbose {
            self.say(text);
        }
    }

    /// Something the person should know, also with `--quiet`.
    pub(in crate::cli) fn warn(&self, text: &str) {
        tell(&format!("{WARNING}warning:{WARNING:#} {text}"));
    }
}

/// Says something to the person, now or when there is a place for it.
fn tell(text: &str) {
    #[cfg(feature = "browse")]
    if held::keep(text) {
        return;
    }
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Shows why a command failed, and the way out.
pub(in crate::cli) fn error(error: &CommandError, as_json: bool) {
    let mut causes = error.source.chain().map(ToString::to_string);
    let first = causes.next().unwrap_or_default();
    // A transparent error and its source say the same.
    let mut causes: Vec<String> = causes.collect();
    causes.dedup();
    causes.retain(|cause| !first.contains(cause.as_str()));
    if as_json {
        json::print(&json::Error {
            schema_version: json::SCHEMA,
            message_type: "error",
            code: error.status.code(),
            error: first.clone(),
            causes: causes.clone(),
            hints: error.hints.clone(),
        });
    }
    let mut err = anstream::stderr();
    let text = std::iter::once(first)
        .chain(causes)
        .collect::<Vec<_>>()
        .join(": ");
    let _ = writeln!(err, "{ERROR}error:{ERROR:#} {text}");
    for hint in &error.hints {
        let _ = writeln!(err, "{BOLD}hint:{BOLD:#} {hint}");
    }
}
