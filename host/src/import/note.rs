//! `manifest.txt` of claude-code-backup: `key: value` lines, written for people and never read
//! back by its own program.

use crate::model::HostFacts;
use std::path::{Path, PathBuf};

/// Its name at the top of an archive.
pub(super) const NAME: &str = "manifest.txt";
/// Its first line.
const TITLE: &str = "claude-code-backup manifest";
/// Bytes of a name of a machine or user.
const NAME_BYTES: usize = 255;

/// What is used of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// Time in UTC, as written.
    pub(super) utc: Option<String>,
    /// The same in local time, as written.
    pub(super) local: Option<String>,
    pub(super) host: Option<String>,
    pub(super) user: Option<String>,
    pub(super) project: Option<PathBuf>,
}

impl Note {
    /// Reads it; `None` when it is something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()?.trim_end() != TITLE {
            return None;
        }
        let mut note = Self::default();
        // What follows the first empty line are lists of names.
        for line in lines.take_while(|line| !line.trim().is_empty()) {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match key {
                "timestamp_utc" => note.utc = Some(value.to_owned()),
                "timestamp_local" => note.local = Some(value.to_owned()),
                "hostname" => note.host = name(value),
                "username" => note.user = name(value),
                "working_directory" => note.project = HostFacts::clean(Path::new(value)),
                _ => {}
            }
        }
        Some(note)
    }
}

/// A name that may be shown and kept; the scripts write `unknown` where they found none.
fn name(value: &str) -> Option<String> {
    let fine = !value.is_empty()
        && value != "unknown"
        && value.len() <= NAME_BYTES
        && !value.chars().any(char::is_control);
    fine.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_lines_are_understood() {
        let text = "claude-code-backup manifest\n===========================\n\
            backup_tool_version: 0.2.0\ntimestamp_utc:       2026-06-14T10:11:12Z\n\
            timestamp_local:     2026-06-14 12:11:12 CEST\nhostname:            mill\n\
            username:            ada\nplatform:            linux\n\
            working_directory:   /home/ada/code/site\n\nincluded_files:\n  - hostname: no\n";
        let note = Note::parse(text).unwrap();
        assert_eq!(note.utc.as_deref(), Some("2026-06-14T10:11:12Z"));
        assert_eq!(note.local.as_deref(), Some("2026-06-14 12:11:12 CEST"));
        assert_eq!(note.host.as_deref(), Some("mill"));
        assert_eq!(note.user.as_deref(), Some("ada"));
        let project = Path::new("/home/ada/code/site");
        assert_eq!(note.project.as_deref(), Some(project));
    }

    #[test]
    fn what_lies_is_not_believed() {
        assert_eq!(Note::parse("something else\nhostname: x\n"), None);
        let text = "claude-code-backup manifest\nhostname: a\u{1b}[31m\nusername: unknown\n\
            working_directory: ../../etc\n";
        assert_eq!(Note::parse(text), Some(Note::default()));
    }
}
