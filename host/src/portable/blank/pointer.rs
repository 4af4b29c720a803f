//! JSON pointers that may have `*` in their names.

/// A pointer, as the names it goes through.
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    pub(super) fn new(text: &str) -> Self {
        let names = text.split('/').skip(1);
        Self(
            names
                .map(|name| name.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }

    /// Whether it names the value at this path, or something around it.
    pub(super) fn names(&self, path: &[String]) -> bool {
        path.len() >= self.0.len() && self.0.iter().zip(path).all(|(name, own)| fits(name, own))
    }
}

/// A path as a pointer is written.
pub(super) fn written(path: &[String]) -> String {
    let escaped = path
        .iter()
        .map(|name| name.replace('~', "~0").replace('/', "~1"));
    escaped.flat_map(|name| ["/".to_owned(), name]).collect()
}

/// Whether a name fits a pattern, in which `*` stands for any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut left) = name.strip_prefix(start) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_one_name() {
        let names = |pointer: &str, path: &[&str]| {
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            Pointer::new(pointer).names(&path)
        };
        assert!(names("/mcp/*/env/*", &["mcp", "a", "env", "T"]));
        assert!(names("/mcp/*/env", &["mcp", "a", "env", "T"]));
        assert!(!names("/mcp/*/env/*", &["mcp", "a", "env"]));
        assert!(!names("/mcp/*/env", &["mcp", "a", "b", "env"]));
        assert!(names("/*.apiKey", &["example.apiKey"]));
        assert!(names("/*key*", &["my-key-2"]));
        assert!(names("/a*b*c", &["abbc"]) && !names("/a*b*c", &["acb"]));
        assert!(names("/a~1b/~0", &["a/b", "~"]));
        assert!(names("", &["anything"]));
        assert_eq!(written(&["a/b".into(), "~".into()]), "/a~1b/~0");
    }
}
