//! Whether a command said what the page shows. What is different each time may be different:
//! the names of snapshots, times, ages, sizes and digests. A snapshot that was named once has
//! the same name in the rest of the page.

use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A snapshot's name, as in the program's `model`.
const NAME: &str = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(?:-\d+)?";

/// What is different each time, most special first.
static VARYING: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let kinds = [
        (NAME, NAME),
        (
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?",
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?",
        ),
        (
            r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?",
            r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?",
        ),
        (r"\d{4}-W\d\d", r"\d{4}-W\d\d"),
        (r"\d{4}-\d\d\b", r"\d{4}-\d\d"),
        (
            r"\b\d+(\.\d+)? (B|kB|MB|GB)\b",
            r"\d+(?:\.\d+)? (?:B|kB|MB|GB)",
        ),
        (r"\b[0-9a-f]{12,64}\b", r"[0-9a-f]{12,64}"),
        (
            r"\b\d+ ?(s|min|h|d|seconds?|minutes?|hours?|days?|weeks?)( ago| old)\b",
            r"\d+ ?\w+(?: ago| old)",
        ),
    ];
    kinds
        .into_iter()
        .map(|(here, there)| (Regex::new(&format!("^(?:{here})")).unwrap(), there))
        .collect()
});

/// What the snapshots of a page are really called.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// The command with the real names in it.
    pub(super) fn real(&self, command: &str) -> String {
        let pairs = self.0.iter();
        pairs.fold(command.to_owned(), |text, (shown, real)| {
            text.replace(shown, real)
        })
    }

    /// What was said, with the names that the page has.
    pub(super) fn shown(&self, said: &str) -> String {
        let pairs = self.0.iter();
        pairs.fold(said.to_owned(), |text, (shown, real)| {
            text.replace(real, shown)
        })
    }

    /// Compares line by line, and learns names.
    ///
    /// # Errors
    ///
    /// The first line that was not said.
    pub(super) fn compare(&mut self, shown: &[String], said: &str) -> Result<(), String> {
        let said: Vec<String> = said.lines().map(tidy).filter(|l| !l.is_empty()).collect();
        let shown: Vec<String> = shown
            .iter()
            .map(|l| tidy(l))
            .filter(|l| !l.is_empty())
            .collect();
        let mut at = 0;
        let mut any = false;
        for line in &shown {
            if line == "..." {
                any = true;
                continue;
            }
            let found = said[at..].iter().position(|one| self.same(line, one));
            match found {
                Some(skipped) if any || skipped == 0 => at += skipped + 1,
                _ => return Err(line.clone()),
            }
            any = false;
        }
        if any || at == said.len() {
            Ok(())
        } else {
            Err(format!("too much: {}", said[at]))
        }
    }

    fn same(&mut self, shown: &str, said: &str) -> bool {
        let mut pattern = String::from("^");
        let mut new = Vec::new();
        let mut rest = shown;
        while !rest.is_empty() {
            let varying = VARYING
                .iter()
                .find_map(|(here, there)| Some((here.find(rest)?.as_str(), *there)));
            match varying {
                Some((text, NAME)) => {
                    match self.0.get(text) {
                        Some(real) => pattern += &regex::escape(real),
                        None => {
                            pattern += &format!("({NAME})");
                            new.push(text.to_owned());
                        }
                    }
                    rest = &rest[text.len()..];
                }
                Some((text, there)) => {
                    pattern += there;
                    rest = &rest[text.len()..];
                }
                None => {
                    let next = rest.chars().next().unwrap();
                    pattern += &regex::escape(&next.to_string());
                    rest = &rest[next.len_utf8()..];
                }
            }
        }
        let Some(found) = Regex::new(&(pattern + "$")).unwrap().captures(said) else {
            return false;
        };
        for (text, real) in new.into_iter().zip(found.iter().skip(1).flatten()) {
            self.0.insert(text, real.as_str().to_owned());
        }
        true
    }
}

/// How columns are filled with spaces depends on what is in them.
fn tidy(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a page with these lines is right where this is said.
fn agrees(shown: &[&str], said: &str) -> bool {
    let shown: Vec<String> = shown.iter().map(|line| (*line).to_owned()).collect();
    Names::default().compare(&shown, said).is_ok()
}

#[test]
fn what_is_different_each_time_may_be_different() {
    let shown = [
        "2026-11-22_00-57-55",
        "  claude  8.1 kB  2 hours ago  c384bb3b0cb1",
    ];
    assert!(agrees(
        &shown,
        "2027-01-02_03-04-05-2\n  claude    12 B    3 days ago    5899ce5ca392\n"
    ));
    assert!(agrees(&["a", "...", "d"], "a\nb\nc\nd\n"));
}

#[test]
fn what_the_page_does_not_say_is_noticed() {
    let two = ["2026-11-22_00-57-55", "2026-11-22_00-57-55"];
    assert!(!agrees(&two, "2026-11-23_01-01-01\n2026-11-23_02-02-02\n"));
    assert!(!agrees(&["5 skills"], "6 skills\n"));
    assert!(!agrees(&["a"], "a\nb\n"));
    assert!(!agrees(&["a", "b"], "a\n"));
    assert!(!agrees(&["a", "..."], "b\na\n"));
    assert!(!agrees(&[], "a\n"));
}
