//! From the bytes of a terminal to keys. Pure.

use super::events::Key;

/// Bytes of a key that are waited for: the longest that mean something here have far fewer.
const LONGEST: usize = 32;

/// Takes bytes in and gives keys out.
#[derive(Default)]
pub(super) struct Keys {
    waiting: Vec<u8>,
}

impl Keys {
    /// Takes bytes that came.
    pub(super) fn take_in(&mut self, bytes: &[u8]) {
        self.waiting.extend(bytes);
    }

    /// Forgets what came.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// The next key that means something. When `quiet`, nothing follows what came: then Escape
    /// is a key, and not the beginning of another one.
    pub(super) fn next(&mut self, quiet: bool) -> Option<Key> {
        while !self.waiting.is_empty() {
            let (used, key) = match decode(&self.waiting) {
                Some(found) => found,
                None if quiet || self.waiting.len() >= LONGEST => {
                    let alone = self.waiting == [0x1b];
                    (self.waiting.len(), alone.then_some(Key::Back))
                }
                None => return None,
            };
            self.waiting.drain(..used);
            if key.is_some() {
                return key;
            }
        }
        None
    }
}

/// The first key and its bytes; `None` where more must come.
fn decode(bytes: &[u8]) -> Option<(usize, Option<Key>)> {
    let one = |key| Some((1, Some(key)));
    match bytes {
        [0x1b, b'[', rest @ ..] => {
            let end = rest.iter().position(|byte| (0x40..0x7f).contains(byte))?;
            Some((end + 3, sequence(&rest[..end], rest[end])))
        }
        [0x1b, b'O', last, ..] => Some((3, sequence(b"", *last))),
        [0x1b, b'O'] | [0x1b] => None,
        // Escape, and then another key; or Alt with it.
        [0x1b, ..] => one(Key::Back),
        [b'\r' | b'\n', ..] => one(Key::Enter),
        [0x7f | 0x08, ..] => one(Key::Back),
        [0x03, ..] => one(Key::Interrupt),
        [0x1a, ..] => one(Key::Suspend),
        [byte @ b' '..=b'~', ..] => one(Key::Letter(char::from(*byte))),
        // No other key means anything here, Ctrl with a letter included.
        [0..=0x7f, ..] => Some((1, None)),
        [first, rest @ ..] => {
            let more = match first {
                0xc0..=0xdf => 1,
                0xe0..=0xef => 2,
                0xf0..=0xf7 => 3,
                _ => 0,
            };
            (rest.len() >= more).then_some((1 + more, None))
        }
        [] => None,
    }
}

fn sequence(parameters: &[u8], last: u8) -> Option<Key> {
    Some(match (parameters, last) {
        (_, b'A') => Key::Up,
        (_, b'B') => Key::Down,
        (_, b'C') => Key::Enter,
        (_, b'D') => Key::Back,
        (_, b'H') | (b"1" | b"7", b'~') => Key::Home,
        (_, b'F') | (b"4" | b"8", b'~') => Key::End,
        (b"5", b'~') => Key::PageUp,
        (b"6", b'~') => Key::PageDown,
        (b"", b'M') => Key::Enter,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], quiet: bool) -> Vec<Key> {
        let mut keys = Keys::default();
        keys.take_in(bytes);
        std::iter::from_fn(|| keys.next(quiet)).collect()
    }

    #[test]
    fn keys_are_what_terminals_send() {
        use Key::*;
        for (bytes, wanted) in [
            (
                &b"\x1b[A\x1bOB\x1b[C\x1b[D"[..],
                &[Up, Down, Enter, Back][..],
            ),
            (
                b"\x1b[5~\x1b[6~\x1b[H\x1b[4~",
                &[PageUp, PageDown, Home, End],
            ),
            (b"\x1b[1;5A", &[Up]),
            (b"q \r\x7f", &[Letter('q'), Letter(' '), Enter, Back]),
            (b"\x03\x1a", &[Interrupt, Suspend]),
            // Ctrl-R and an umlaut mean nothing, and are no letters.
            (b"\x12\xc3\xbcr", &[Letter('r')]),
            (b"\x1b[200~", &[]),
            (b"\xff\x1b[Zx", &[Letter('x')]),
        ] {
            assert_eq!(all(bytes, true), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn escape_is_a_key_when_nothing_follows() {
        assert_eq!(all(b"\x1b", false), []);
        assert_eq!(all(b"\x1b", true), [Key::Back]);
        let mut keys = Keys::default();
        keys.take_in(b"\x1b");
        assert_eq!(keys.next(false), None);
        keys.take_in(b"[");
        assert_eq!(keys.next(false), None);
        keys.take_in(b"B");
        assert_eq!(keys.next(false), Some(Key::Down));
        // What never ends is not waited for.
        assert_eq!(all(&[b"\x1b[".as_slice(), &[b'1'; 40]].concat(), false), []);
    }
}
