//! Adding something to lists inside a JSON document, and taking it out again, with every
//! other byte as it was.

use serde_json::Value;
use std::ops::Range;

/// Why a document is left alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// It is not JSON, or its outermost value is no object.
    NotJson,
    /// Something of another kind stands on the way; holds its name.
    OtherKind(String),
}

/// The document with `item` at the end of the list at `way`, unless it is in there already.
pub(super) fn add(text: &str, way: &[&str], item: &Value) -> Result<String, Odd> {
    if text.trim().is_empty() {
        let whole = nested(way, item);
        return Ok(format!("{}\n", pretty(&whole, "  ", 0)));
    }
    let root = parse(text)?;
    let unit = indentation(text);
    let mut node = &root;
    for (depth, name) in way.iter().enumerate() {
        if node.kind != Kind::Object {
            return Err(Odd::OtherKind(way[..depth].join(".")));
        }
        match node
            .items
            .iter()
            .find(|one| one.key.as_deref() == Some(name))
        {
            Some(found) => node = found,
            None => {
                let rest = nested(&way[depth + 1..], item);
                let key = Value::from(*name);
                let value = pretty(&rest, &unit, depth + 1);
                return Ok(insert(text, node, &format!("{key}: {value}"), &unit, depth));
            }
        }
    }
    if node.kind != Kind::Array {
        return Err(Odd::OtherKind(way.join(".")));
    }
    if node
        .items
        .iter()
        .any(|one| value(text, one).as_ref() == Some(item))
    {
        return Ok(text.to_owned());
    }
    let depth = way.len();
    Ok(insert(
        text,
        node,
        &pretty(item, &unit, depth + 1),
        &unit,
        depth,
    ))
}

/// The document without `item` in the list at `way`, and without what is empty then; `None`
/// when it is not in there.
pub(super) fn remove(text: &str, way: &[&str], item: &Value) -> Result<Option<String>, Odd> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let root = parse(text)?;
    let mut path: Vec<(&Node, usize)> = Vec::new();
    let mut node = &root;
    for name in way {
        let found = node
            .items
            .iter()
            .position(|one| one.key.as_deref() == Some(name));
        let Some(found) = found else { return Ok(None) };
        path.push((node, found));
        node = &node.items[found];
    }
    let ours = |one: &Node| value(text, one).as_ref() == Some(item);
    let Some(at) = node.items.iter().position(ours) else {
        return Ok(None);
    };
    path.push((node, at));
    // What would be left empty goes as well, but for the document itself.
    while path.len() > 1 && path.last().is_some_and(|(node, _)| node.items.len() == 1) {
        path.pop();
    }
    let Some((node, at)) = path.pop() else {
        return Ok(None);
    };
    let cut = cut(node, at);
    Ok(Some([&text[..cut.start], &text[cut.end..]].concat()))
}

/// The bytes of one item, with one of the commas beside it.
fn cut(node: &Node, at: usize) -> Range<usize> {
    match (at.checked_sub(1), node.items.get(at + 1)) {
        (Some(before), _) => node.items[before].span.end..node.items[at].span.end,
        (None, Some(next)) => node.items[at].start..next.start,
        (None, None) => node.span.start + 1..node.span.end - 1,
    }
}

fn insert(text: &str, into: &Node, what: &str, unit: &str, depth: usize) -> String {
    let inner = format!("\n{}", unit.repeat(depth + 1));
    match into.items.last() {
        Some(last) => {
            let (before, after) = text.split_at(last.span.end);
            format!("{before},{inner}{what}{after}")
        }
        None => {
            let (before, after) = (&text[..into.span.start + 1], &text[into.span.end - 1..]);
            format!("{before}{inner}{what}\n{}{after}", unit.repeat(depth))
        }
    }
}

/// The value inside objects of these names, the innermost in a list.
fn nested(way: &[&str], item: &Value) -> Value {
    let mut value = Value::Array(vec![item.clone()]);
    for name in way.iter().rev() {
        value = Value::Object([((*name).to_owned(), value)].into_iter().collect());
    }
    value
}

/// A value over several lines, those after the first indented.
fn pretty(value: &Value, unit: &str, depth: usize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let bare = line.trim_start_matches(' ');
        let own = (line.len() - bare.len()) / 2;
        out += &format!("\n{}{bare}", unit.repeat(depth + own));
    }
    out
}

/// What the first indented line begins with.
fn indentation(text: &str) -> String {
    let space = |line: &str| {
        let bare = line.trim_start_matches([' ', '\t']);
        line[..line.len() - bare.len()].to_owned()
    };
    let mut found = text.lines().map(space).filter(|space| !space.is_empty());
    found.next().unwrap_or_else(|| "  ".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Scalar,
}

/// A value, and where it is.
#[derive(Debug)]
struct Node {
    kind: Kind,
    /// Its name, in an object.
    key: Option<String>,
    /// Where its name begins, or itself.
    start: usize,
    span: Range<usize>,
    items: Vec<Self>,
}

fn value(text: &str, node: &Node) -> Option<Value> {
    serde_json::from_str(text.get(node.span.clone())?).ok()
}

fn parse(text: &str) -> Result<Node, Odd> {
    // It is JSON, and not too deep, before anything is looked for in it.
    serde_json::from_str::<Value>(text).map_err(|_| Odd::NotJson)?;
    let mut scan = Scan { text, at: 0 };
    match scan.value(None) {
        Some(root) if root.kind == Kind::Object => Ok(root),
        _ => Err(Odd::NotJson),
    }
}

/// Finds where values are in a text that is known to be JSON.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<u8> {
        while self.text.as_bytes().get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self, key: Option<(usize, String)>) -> Option<Node> {
        let (kind, end) = match self.next()? {
            b'{' => (Kind::Object, b'}'),
            b'[' => (Kind::Array, b']'),
            _ => (Kind::Scalar, 0),
        };
        let begin = self.at;
        let items = if kind == Kind::Scalar {
            self.scalar()?;
            Vec::new()
        } else {
            self.at += 1;
            self.items(kind, end)?
        };
        let (start, key) = key.map_or((begin, None), |(start, key)| (start, Some(key)));
        Some(Node {
            kind,
            key,
            start,
            span: begin..self.at,
            items,
        })
    }

    fn items(&mut self, kind: Kind, end: u8) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                byte if byte == end => {
                    self.at += 1;
                    return Some(items);
                }
                b',' => self.at += 1,
                _ => {
                    let key = match kind {
                        Kind::Object => Some(self.key()?),
                        _ => None,
                    };
                    items.push(self.value(key)?);
                }
            }
        }
    }

    fn key(&mut self) -> Option<(usize, String)> {
        let start = self.at;
        self.scalar()?;
        let key = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
        self.next()?;
        self.at += 1;
        Some((start, key))
    }

    /// Passes over a string, a number or a word.
    fn scalar(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        if *bytes.get(self.at)? != b'"' {
            let part = |byte: &u8| !byte.is_ascii_whitespace() && !b",]}".contains(byte);
            while bytes.get(self.at).is_some_and(part) {
                self.at += 1;
            }
            return Some(());
        }
        self.at += 1;
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WAY: [&str; 2] = ["hooks", "SessionStart"];

    fn item() -> Value {
        json!({"hooks": [{"type": "command", "command": "x"}]})
    }

    #[test]
    fn what_is_added_can_be_taken_out_and_the_rest_stays() {
        let texts = [
            "{}",
            "{\n}\n",
            "{\"z\":1,\"a\":[1,2, {\"x\":\"}],\\\"\"}]}",
            "{\n    \"model\": \"opus\",\n    \"env\": {}\n}\n",
            "{\n\t\"b\": 1.50,\n\t\"hooks\": {\n\t\t\"Stop\": [ ]\n\t}\n}",
            "{\"hooks\":{\"SessionStart\":[{\"hooks\":[]}]}, \"\\u00e9\": \"\u{e9}\"}\r\n",
        ];
        for text in texts {
            let with = add(text, &WAY, &item()).unwrap();
            let value: Value = serde_json::from_str(&with).unwrap();
            let list = value["hooks"]["SessionStart"].as_array().unwrap();
            assert_eq!(list.last(), Some(&item()), "{with}");
            assert_eq!(add(&with, &WAY, &item()).unwrap(), with);
            let out = remove(&with, &WAY, &item()).unwrap().unwrap();
            let same: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(same, serde_json::from_str::<Value>(text).unwrap());
            if text != "{\n}\n" {
                assert_eq!(out, text);
            }
            assert_eq!(remove(text, &WAY, &item()).unwrap(), None);
        }
    }

    #[test]
    fn it_goes_from_the_middle_too() {
        let text = add("{\"a\": 1}", &WAY, &item()).unwrap();
        let text = add(&text, &WAY, &json!(2)).unwrap();
        let out = remove(&text, &WAY, &item()).unwrap().unwrap();
        let value: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value, json!({"a": 1, "hooks": {"SessionStart": [2]}}));
    }

    #[test]
    fn an_empty_file_becomes_a_document() {
        let text = add("", &WAY, &item()).unwrap();
        assert!(text.starts_with("{\n  \"hooks\": {\n    \"SessionStart\": [\n"));
        assert_eq!(remove(&text, &WAY, &item()).unwrap().unwrap().trim(), "{}");
    }

    #[test]
    fn what_is_odd_is_left_alone() {
        for text in ["[]", "1", "{", "// x\n{}", "{\"a\":1,}"] {
            assert_eq!(add(text, &WAY, &item()), Err(Odd::NotJson), "{text}");
        }
        for text in ["{\"hooks\": 1}", "{\"hooks\": []}"] {
            assert_eq!(
                add(text, &WAY, &item()),
                Err(Odd::OtherKind("hooks".to_owned()))
            );
        }
        assert_eq!(
            add("{\"hooks\": {\"SessionStart\": {}}}", &WAY, &item()),
            Err(Odd::OtherKind("hooks.SessionStart".to_owned()))
        );
    }
}
