//! Grammars of everything that may stand in a command, and the only spellings in
//! which anything else is shown. A manifest is hostile until it has passed here.

use alloc::{
    format,
    string::{String, ToString},
};
use takeback_adapter::OperatingSystem;

/// Longest plugin or marketplace name, as Claude Desktop's sync accepts it.
const MAX_NAME: usize = 128;

/// Longest argument of `marketplace add`, as the fixtures' command grammar has it.
const MAX_ARGUMENT: usize = 501;

/// Longest version that is repeated to the person.
const MAX_VERSION: usize = 64;

/// Longest path that Linux knows; nothing longer is a project.
const MAX_PATH: usize = 4096;

/// Longest spelling of a refused entry before it is cut.
const SHOWN: usize = 60;

/// Longest spelling of a path before it is cut: enough to find a project again.
const SHOWN_PATH: usize = 240;

/// Marketplaces that are no source: their plugins come from folders, from the
/// account or from the command line.
const PSEUDO: [&str; 3] = ["inline", "skills-dir", "synced"];

/// Names that Claude Code only loads from Anthropic's own repositories (docs page
/// plugin-marketplaces, "Reserved names"; the list as of 2.1.205).
const RESERVED: [&str; 16] = [
    "agent-skills",
    "anthropic-agent-skills",
    "anthropic-marketplace",
    "anthropic-plugins",
    "claude-code-marketplace",
    "claude-code-plugins",
    "claude-community",
    "claude-for-financial-services",
    "claude-for-legal",
    "claude-plugins-community",
    "claude-plugins-official",
    "financial-services-plugins",
    "first-party-plugins",
    "healthcare",
    "knowledge-work-plugins",
    "life-sciences",
];

/// Whether the text is a plugin or marketplace name that may stand in a command.
pub fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Splits `plugin@marketplace`; nothing if either side is not a name.
pub fn split_id(id: &str) -> Option<(&str, &str)> {
    id.split_once('@')
        .filter(|(plugin, market)| is_name(plugin) && is_name(market))
}

/// Whether a marketplace name stands for something that no command installs from.
pub fn is_pseudo(market: &str) -> bool {
    PSEUDO.contains(&market)
}

/// Whether only Anthropic may use a marketplace name.
pub fn is_reserved(market: &str) -> bool {
    RESERVED
        .iter()
        .any(|name| name.eq_ignore_ascii_case(market))
}

/// Whether the text may follow `marketplace add`. The last gate: what the checks of
/// each kind of source let through is measured once more, by the plain grammar.
pub fn is_argument(text: &str) -> bool {
    text.len() <= MAX_ARGUMENT
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"@:/._#~-".contains(&b))
}

/// Whether the text is a version worth repeating: `unknown` is what Claude Code
/// writes when there is none.
pub fn is_version(text: &str) -> bool {
    text != "unknown"
        && text.len() <= MAX_VERSION
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".+_-".contains(&b))
}

/// Whether the text is a directory of this system as a tool would record it:
/// absolute, without `..`, without anything that could end a line.
pub fn is_project_path(os: OperatingSystem, path: &str) -> bool {
    let absolute = match os {
        OperatingSystem::Windows => is_windows_absolute(path),
        OperatingSystem::Linux | OperatingSystem::Macos => path.starts_with('/'),
    };
    absolute
        && path.len() <= MAX_PATH
        && !path.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        && path.split(['/', '\\']).all(|part| part != "..")
}

fn is_windows_absolute(path: &str) -> bool {
    let drive =
        matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    drive || path.starts_with("\\\\")
}

/// Spells refused text as an ASCII JSON string, cut short: the only form in which
/// it is ever shown.
pub fn shown(text: &str) -> String {
    spell(text, SHOWN, |_| true)
}

/// Spells a path like [`shown`], and what shells act on as escapes too: a path
/// stands near commands and may be copied with them.
pub fn shown_path(path: &str) -> String {
    spell(path, SHOWN_PATH, |c| {
        c.is_ascii_alphanumeric() || " /\\._-+,=@:".contains(c)
    })
}

/// Writes an ASCII JSON string. One of more than `limit` characters is cut three
/// before it, never inside an escape, and ends in dots.
fn spell(text: &str, limit: usize, plain: impl Fn(char) -> bool) -> String {
    let keep = limit.saturating_sub(3);
    let mut whole = String::from("\"");
    let mut kept = 1;
    for c in text.chars() {
        whole.push_str(&escape(c, &plain));
        if whole.len() <= keep {
            kept = whole.len();
        }
        if whole.len() >= limit {
            whole.truncate(kept);
            whole.push_str("...");
            break;
        }
    }
    whole.push('"');
    whole
}

fn escape(c: char, plain: &impl Fn(char) -> bool) -> String {
    match c {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\u{8}' => "\\b".into(),
        '\u{c}' => "\\f".into(),
        ' '..='~' if plain(c) => c.to_string(),
        _ => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
    }
}
