//! Choices taken from an input's bytes. When they are used up every choice is the first,
//! so that any bytes stand for something and fewer bytes for something simpler.

use arbitrary::Unstructured;

/// Parts of names that mean something to somebody.
const NASTY: [&str; 40] = [
    "a",
    "b",
    "x.md",
    "SKILL.md",
    "..",
    ".",
    "",
    "...",
    "..x",
    " ",
    "a ",
    "a.",
    "~",
    "$HOME",
    "*",
    "**",
    "?",
    "[a]",
    "{a,b}",
    "-rf",
    "C:",
    "a:b",
    "CON",
    "nul.txt",
    "a\\b",
    "\u{1b}[2J",
    "a\nb",
    "\u{7f}",
    "\u{202e}x",
    "\u{e9}",
    "e\u{301}",
    "\u{17f}",
    "\u{212a}",
    "A",
    "\0",
    "%2e%2e",
    "\u{ff0e}\u{ff0e}",
    ".git",
    "node_modules",
    "x.db-wal",
];

/// An input being used up.
pub(crate) struct Dice<'a>(Unstructured<'a>);

impl<'a> Dice<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    /// A number up to and including `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        self.0.int_in_range(0..=most).unwrap_or_default()
    }

    /// True in `of` of 256 cases.
    pub(crate) fn chance(&mut self, of: u8) -> bool {
        let byte: u8 = self.0.arbitrary().unwrap_or_default();
        // Used up means no.
        byte > u8::MAX - of
    }

    pub(crate) fn number<T: arbitrary::Arbitrary<'a> + Default>(&mut self) -> T {
        self.0.arbitrary().unwrap_or_default()
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let at = self.up_to(from.len() - 1);
        from[at].clone()
    }

    /// So many things, `most` at most.
    pub(crate) fn list<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.up_to(most);
        (0..count).map(|_| make(self)).collect()
    }

    /// One of these, or rarely something that nobody should ever say.
    pub(crate) fn word(&mut self, usual: &[&str]) -> String {
        if !self.chance(24) {
            return self.pick(usual).to_owned();
        }
        match self.up_to(7) {
            0 => "x".repeat(self.up_to(300)),
            1 => {
                let length = self.up_to(12);
                String::from_utf8_lossy(self.0.bytes(length).unwrap_or_default()).into_owned()
            }
            _ => self.pick(&NASTY).to_owned(),
        }
    }

    /// Words with `/` between them, or rarely anything else.
    pub(crate) fn path(&mut self, usual: &[&str], depth: usize) -> String {
        let mut text = self.list(depth, |dice| dice.word(usual)).join("/");
        if self.chance(8) {
            text = match self.up_to(3) {
                0 => format!("/{text}"),
                1 => format!("{text}/"),
                2 => format!("{text}/{}", "d/".repeat(self.up_to(70))) + "f",
                _ => text.replace('/', "//"),
            };
        }
        text
    }

    /// A path of usual words, never anything odd.
    pub(crate) fn plain(&mut self, usual: &[&str], depth: usize) -> String {
        let mut words = vec![self.pick(usual)];
        words.extend(self.list(depth, |dice| dice.pick(usual)));
        words.join("/")
    }
}
