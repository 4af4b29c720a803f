//! Values of JSON, with the comments and trailing commas that editors allow.

use super::{BlankError, Scalar};

/// Levels of arrays and objects at the most.
const DEPTH: usize = 128;

pub(super) fn scalars(text: &str) -> Result<Vec<Scalar>, BlankError> {
    let mut scan = Scan {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        path: Vec::new(),
        found: Vec::new(),
    };
    let whole = scan.value().and_then(|()| scan.space());
    match whole {
        Some(()) if scan.at == text.len() => Ok(scan.found),
        _ => Err(BlankError::Invalid("JSON")),
    }
}

/// `None` from any of its functions: this is not JSON.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    path: Vec<String>,
    found: Vec<Scalar>,
}

impl Scan<'_> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is = self.next() == Some(byte);
        self.at += usize::from(is);
        is
    }

    /// Passes over space and comments.
    fn space(&mut self) -> Option<()> {
        loop {
            let rest = self.text.get(self.at..)?;
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/")? + 2;
            } else if self.next().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            } else {
                return Some(());
            }
        }
    }

    fn value(&mut self) -> Option<()> {
        self.space()?;
        match self.next()? {
            b'{' | b'[' if self.path.len() >= DEPTH => None,
            b'{' => self.members(b'}', |scan, _| scan.key()),
            b'[' => self.members(b']', |_, number| Some(number.to_string())),
            b'"' => {
                let start = self.at;
                self.string()?;
                let empty = self.at == start + 2;
                self.take(start, (!empty).then_some("\"\""));
                Some(())
            }
            _ => self.word(),
        }
    }

    /// The members of an object or array, up to its end; `name` tells what each is called.
    fn members(&mut self, end: u8, name: fn(&mut Self, usize) -> Option<String>) -> Option<()> {
        self.at += 1;
        for number in 0.. {
            self.space()?;
            if self.eat(end) {
                return Some(());
            }
            let name = name(self, number)?;
            self.path.push(name);
            self.value()?;
            self.path.pop();
            self.space()?;
            if !self.eat(b',') {
                return self.eat(end).then_some(());
            }
        }
        None
    }

    fn key(&mut self) -> Option<String> {
        let start = self.at;
        self.string()?;
        let key = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
        self.space()?;
        self.eat(b':').then_some(key)
    }

    /// Passes over a string.
    fn string(&mut self) -> Option<()> {
        if !self.eat(b'"') {
            return None;
        }
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// A number or one of the language's words.
    fn word(&mut self) -> Option<()> {
        let start = self.at;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        while self.next().is_some_and(is_part) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at)?;
        let blank = match word {
            "true" | "false" | "null" | "0" => None,
            _ => {
                serde_json::from_str::<serde_json::Number>(word).ok()?;
                Some("0")
            }
        };
        self.take(start, blank);
        Some(())
    }

    fn take(&mut self, start: usize, blank: Option<&'static str>) {
        self.found.push(Scalar {
            path: self.path.clone(),
            at: start..self.at,
            blank,
        });
    }
}
