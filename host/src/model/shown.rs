//! The one way foreign text reaches a screen: escaped, on one line, of bounded length.

use super::limits::SHOWN_CHARS;
use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::path::Path;

/// Text that did not come from this program, made safe to print: control and
/// invisible characters become escapes, a backslash is doubled, the length is
/// cut, and text with spaces or quotes is put in quotes.
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(self.0.len());
        if is_plain(self.0) {
            text.push_str(self.0);
        } else {
            for (count, c) in self.0.chars().enumerate() {
                if count == SHOWN_CHARS {
                    text.push('…');
                    break;
                }
                escape_into(&mut text, c);
            }
        }
        let quote = self.0.is_empty() || self.0.contains([' ', '"', '\'']);
        if quote {
            f.pad(&format!("\"{}\"", text.replace('"', "\\\"")))
        } else {
            f.pad(&text)
        }
    }
}

impl Shown<'_> {
    /// For text that was escaped when it was written down: backslashes stay single,
    /// what could steer a terminal is escaped all the same.
    #[must_use]
    pub fn again(text: &str) -> String {
        Self::sentence(text).replace("\\\\", "\\")
    }

    /// One line of a file, as far as `most` characters: as it is, tabs and backslashes too, but
    /// for what could steer a terminal or hide.
    #[must_use]
    pub fn line(text: &str, most: usize) -> String {
        let mut out = String::new();
        for (count, c) in text.chars().enumerate() {
            match c {
                _ if count == most => {
                    out.push('…');
                    break;
                }
                '\t' | '\\' => out.push(c),
                c => escape_into(&mut out, c),
            }
        }
        out
    }

    /// The same without quotes: for sentences.
    #[must_use]
    pub fn sentence(text: &str) -> String {
        let mut out = String::new();
        text.chars()
            .take(SHOWN_CHARS)
            .for_each(|c| escape_into(&mut out, c));
        out
    }
}

/// Whether text is shown as it is, as almost all paths are.
fn is_plain(text: &str) -> bool {
    text.len() <= SHOWN_CHARS && text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'\\')
}

fn escape_into(text: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = match c {
        '\\' => text.write_str("\\\\"),
        '\n' => text.write_str("\\n"),
        '\t' => text.write_str("\\t"),
        '\r' => text.write_str("\\r"),
        c if (c as u32) < 0x80 && c.is_control() => write!(text, "\\x{:02x}", c as u32),
        c if invisible(c) => write!(text, "\\u{{{:x}}}", c as u32),
        c => text.write_char(c),
    };
}

/// Characters that change how others are shown, or cannot be seen: C1 controls, zero
/// width and bidirectional marks, line separators, tags, private use, noncharacters.
fn invisible(c: char) -> bool {
    matches!(c as u32,
        0x80..=0x9f | 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e
        | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff | 0xfff0..=0xfffb | 0xe000..=0xf8ff
        | 0xe0000..=0x10ffff)
        || (c as u32) & 0xfffe == 0xfffe
}

/// A system path made safe to print; bytes that are not UTF-8 become `\xff`.
pub struct ShownPath<'a>(pub &'a Path);

impl<'a> ShownPath<'a> {
    /// The same for a single name.
    #[must_use]
    pub fn name(name: &'a OsStr) -> Self {
        Self(Path::new(name))
    }
}

impl ShownPath<'_> {
    /// The path with the home directory written as `~`.
    #[must_use]
    pub fn from_home(path: &Path, home: &Path) -> String {
        match path.strip_prefix(home) {
            Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
            Ok(rest) => ShownPath(&Path::new("~").join(rest)).to_string(),
            Err(_) => ShownPath(path).to_string(),
        }
    }
}

impl fmt::Display for ShownPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.0.to_str() {
            return Shown(text).fmt(f);
        }
        let mut text = String::new();
        for chunk in self.0.as_os_str().as_encoded_bytes().utf8_chunks() {
            chunk
                .valid()
                .chars()
                .for_each(|c| escape_into(&mut text, c));
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        for (raw, shown) in [
            ("plain.md", "plain.md"),
            ("a b", "\"a b\""),
            ("", "\"\""),
            ("\x1b[2J", "\\x1b[2J"),
            ("a\r\nb\t", "a\\r\\nb\\t"),
            ("\u{202e}txt", "\\u{202e}txt"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("back\\slash", "back\\\\slash"),
            ("q\"q", "\"q\\\"q\""),
            ("caf\u{e9}", "café"),
            ("\u{200b}", "\\u{200b}"),
            ("\u{7f}", "\\x7f"),
        ] {
            assert_eq!(Shown(raw).to_string(), shown);
        }
    }

    #[test]
    fn a_line_of_a_file_stays_as_it_is_but_for_what_steers() {
        assert_eq!(Shown::line("a\t\\ \"b\"", 99), "a\t\\ \"b\"");
        assert_eq!(Shown::line("\x1b[2J\u{202e}\r", 99), "\\x1b[2J\\u{202e}\\r");
        assert_eq!(Shown::line("abcd", 3), "abc…");
        assert_eq!(Shown::line("abc", 3), "abc");
    }

    #[test]
    fn long_text_is_cut() {
        let shown = Shown(&"x".repeat(500)).to_string();
        assert_eq!(shown.chars().count(), SHOWN_CHARS + 1);
        assert!(shown.ends_with('…'));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_are_shown_as_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let name = OsStr::from_bytes(b"a\xff\x1bb");
        assert_eq!(ShownPath::name(name).to_string(), "a\\xff\\x1bb");
    }
}
