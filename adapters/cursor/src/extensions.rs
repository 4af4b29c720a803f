//! Cursor's lists of installed extensions. They come out of an archive, so they
//! may hold anything; nothing of them reaches a command unchecked.

use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::Value;

/// A real list is a few hundred bytes for each extension. A bigger one is not
/// parsed: it could cost more memory than an adapter is given.
const MAX_BYTES: usize = 2 << 20;
/// More than anybody installs; what exceeds it is counted.
const MAX_LISTED: usize = 1000;
const MAX_ID: usize = 128;

/// What the lists say, in order of appearance and without repetition.
#[derive(Default)]
pub(crate) struct Extensions {
    /// Ids to install from the gallery.
    pub(crate) gallery: Vec<String>,
    /// Ids that came from a file or folder.
    pub(crate) by_hand: Vec<String>,
    /// Entries that cannot be named or are too many.
    pub(crate) unusable: usize,
    /// Lists that could not be read.
    pub(crate) unreadable: usize,
    seen: BTreeSet<String>,
}

impl Extensions {
    /// Takes in one list.
    pub(crate) fn read(&mut self, content: &[u8]) {
        let parsed = (content.len() <= MAX_BYTES)
            .then(|| serde_json::from_slice::<Value>(content).ok())
            .flatten();
        match parsed.as_ref().and_then(Value::as_array) {
            Some(entries) => entries.iter().for_each(|entry| self.add(entry)),
            None => self.unreadable += 1,
        }
    }

    fn add(&mut self, entry: &Value) {
        let text = |record, field| entry.get(record)?.get(field)?.as_str();
        let Some(id) = text("identifier", "id").filter(|id| is_id(id)) else {
            self.unusable += 1;
            return;
        };
        if !self.seen.insert(id.to_ascii_lowercase()) {
            return;
        }
        if self.gallery.len() + self.by_hand.len() >= MAX_LISTED {
            self.unusable += 1;
            return;
        }
        // Entries from before `source` existed have the gallery's id instead.
        let from_gallery = match text("metadata", "source") {
            Some(source) => source == "gallery",
            None => text("metadata", "id").is_some(),
        };
        let list = if from_gallery {
            &mut self.gallery
        } else {
            &mut self.by_hand
        };
        list.push(id.to_owned());
    }

    /// The commands, one for each gallery extension.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.gallery
            .iter()
            .map(|id| "cursor --install-extension ".to_string() + id)
            .collect()
    }
}

/// `^[A-Za-z0-9][A-Za-z0-9-]*\.[A-Za-z0-9][A-Za-z0-9._-]*$`, and of bearable length.
/// Nothing in it means anything to a shell, and it cannot be taken for an option.
fn is_id(id: &str) -> bool {
    let word = |text: &str, also: &[u8]| {
        text.as_bytes()
            .first()
            .is_some_and(u8::is_ascii_alphanumeric)
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    id.len() <= MAX_ID
        && id
            .split_once('.')
            .is_some_and(|(publisher, name)| word(publisher, b"-") && word(name, b"._-"))
}

#[cfg(test)]
mod tests {
    use super::{Extensions, MAX_BYTES, MAX_LISTED, is_id};

    fn read(content: &[u8]) -> Extensions {
        let mut extensions = Extensions::default();
        extensions.read(content);
        extensions
    }

    #[test]
    fn ids_that_a_shell_could_misread_are_refused() {
        for good in ["rust-lang.rust-analyzer", "a.b", "1a-.b._-", "x.y.z"] {
            assert!(is_id(good), "{good}");
        }
        let long = "a.".to_owned() + &"b".repeat(200);
        let bad = [
            "",
            ".",
            "a.",
            ".b",
            "ab",
            "-a.b",
            "a.-b",
            "a b.c",
            "a.b;c",
            "a.b\n",
            "a.b\r",
            "a.$x",
            "a_b.c",
            "ä.b",
            "a.`b`",
            "a.b\u{202e}",
            "--x.y",
            &long,
        ];
        for bad in bad {
            assert!(!is_id(bad), "{bad:?}");
        }
    }

    #[test]
    fn hostile_lists_do_no_harm() {
        let deep = "[".repeat(100_000);
        let huge = vec![b' '; MAX_BYTES + 1];
        let broken: [&[u8]; 6] = [b"", b"{}", b"[", b"\xff\xfe", deep.as_bytes(), &huge];
        for content in broken {
            let extensions = read(content);
            assert_eq!((extensions.unreadable, extensions.commands().len()), (1, 0));
        }
        let odd = br#"[null, 1, "x", {}, {"identifier":{"id":7}}, {"identifier":"a.b"}]"#;
        assert_eq!(read(odd).unusable, 6);
    }

    #[test]
    fn sources_repetitions_and_numbers() {
        let list = br#"[
            {"identifier":{"id":"a.new"},"metadata":{"source":"gallery"}},
            {"identifier":{"id":"A.New"},"metadata":{"source":"gallery"}},
            {"identifier":{"id":"a.old"},"metadata":{"id":"0"}},
            {"identifier":{"id":"a.file"},"metadata":{"id":"0","source":"vsix"}},
            {"identifier":{"id":"a.unknown"}}]"#;
        let extensions = read(list);
        assert_eq!(extensions.gallery, ["a.new", "a.old"]);
        assert_eq!(extensions.by_hand, ["a.file", "a.unknown"]);

        let entry = |n| format!(r#"{{"identifier":{{"id":"a.b{n}"}}}}"#);
        let many: Vec<String> = (0..MAX_LISTED + 5).map(entry).collect();
        let extensions = read(format!("[{}]", many.join(",")).as_bytes());
        assert_eq!(
            (extensions.by_hand.len(), extensions.unusable),
            (MAX_LISTED, 5)
        );
    }
}
