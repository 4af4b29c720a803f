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
