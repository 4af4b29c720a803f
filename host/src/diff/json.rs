//! Values of JSON, with the comments and trailing commas that editors allow. Numbers stay as
//! they are written: two that a machine would round to one are two.

use super::value::{Value, quoted};
use std::collections::BTreeMap;

/// Levels of arrays and objects at the most.
const DEPTH: usize = 128;

/// The values of a file; `None` when it is not JSON, or a name stands twice in one object.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut scan = Scan {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        depth: 0,
    };
    let value = scan.value()?;
    scan.space()?;
    (scan.at == text.len()).then_some(value)
}

/// `None` from any of its functions: this is not JSON.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
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

    fn value(&mut self) -> Option<Value> {
        self.space()?;
        match self.next()? {
            b'{' | b'[' if self.depth >= DEPTH => None,
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => Some(Value::Leaf(quoted(&self.string()?))),
            _ => self.word(),
        }
    }

    fn object(&mut self) -> Option<Value> {
        let mut members = BTreeMap::new();
        self.members(b'}', |scan| {
            let name = scan.string()?;
            scan.space()?;
            let value = scan.eat(b':').then(|| scan.value()).flatten()?;
            members.insert(name, value).is_none().then_some(())
        })?;
        Some(Value::Table(members))
    }

    fn array(&mut self) -> Option<Value> {
        let mut elements = Vec::new();
        self.members(b']', |scan| {
            elements.push(scan.value()?);
            Some(())
        })?;
        Some(Value::List(elements))
    }

    /// Passes over what stands between commas, up to its end.
    fn members(&mut self, end: u8, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.depth += 1;
        loop {
            self.space()?;
            if self.eat(end) {
                break;
            }
            one(self)?;
            self.space()?;
            if !self.eat(b',') {
                self.eat(end).then_some(())?;
                break;
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
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
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    /// A number or one of the language's words.
    fn word(&mut self) -> Option<Value> {
        let start = self.at;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        while self.next().is_some_and(is_part) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at)?;
        let number = || serde_json::from_str::<f64>(word).is_ok();
        let known = matches!(word, "true" | "false" | "null") || number();
        known.then(|| Value::Leaf(word.to_owned()))
    }
}
