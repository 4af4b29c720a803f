//! Globs of nothing but names, `*`, `?` and `**`: almost all there are. They are matched as
//! they stand, name by name, so that nothing has to be compiled before the first match.
//!
//! What is absent: classes and alternatives. Globs with those are left to `globset`, whose
//! meaning this keeps to the letter.

/// One name of a glob, or what stands for any number of them.
#[derive(Clone, Debug)]
enum Part {
    /// `**`: any number of names; at the end of a glob at least one.
    Many,
    /// This name.
    Name(Box<str>),
    /// A name of this form, with `*` and `?` in it.
    Form(Box<str>),
}

/// A glob that needs no regular expression.
#[derive(Clone, Debug)]
pub(super) struct PlainGlob {
    parts: Vec<Part>,
    /// The text that everything it matches begins with. To look for it first makes finding
    /// one of 100,000 paths five times as fast.
    lead: Box<str>,
}

impl PlainGlob {
    /// Reads a glob whose text was checked; `None` when it is not plain.
    pub(super) fn new(glob: &str) -> Option<Self> {
        if glob.contains(['[', ']', '{', '}']) {
            return None;
        }
        let part = |name: &str| match name {
            "**" => Some(Part::Many),
            _ if name.contains("**") => None,
            _ if name.contains(['*', '?']) => Some(Part::Form(name.into())),
            _ => Some(Part::Name(name.into())),
        };
        let parts: Vec<Part> = glob.split('/').map(part).collect::<Option<_>>()?;
        let names = parts.iter().map_while(|part| match part {
            Part::Name(name) => Some(&**name),
            Part::Many | Part::Form(_) => None,
        });
        let lead = names.collect::<Vec<_>>().join("/").into();
        Some(Self { parts, lead })
    }

    /// Whether it matches this path.
    pub(super) fn matches(&self, path: &str) -> bool {
        path.starts_with(&*self.lead) && fits(&self.parts, path)
    }

    /// Whether it matches this path or a directory above it.
    pub(super) fn matches_from_above(&self, path: &str) -> bool {
        let above = || path.match_indices('/').map(|(end, _)| &path[..end]);
        path.starts_with(&*self.lead)
            && (self.matches(path) || above().any(|dir| self.matches(dir)))
    }

    /// Whether one of the directories above what it matches may be this one.
    pub(super) fn may_match_below(&self, dir: &str) -> bool {
        // Below a `**` every directory may hold a match.
        let open = self
            .parts
            .iter()
            .position(|part| matches!(part, Part::Many));
        let whole = open.is_some_and(|at| at + 1 == self.parts.len());
        let longest = self.parts.len() - usize::from(!whole);
        (1..=longest).any(|count| fits(&self.parts[..count], dir))
    }

    /// Whether one of the directories it names on the way to what it matches is this one.
    pub(super) fn speaks_of(&self, dir: &str) -> bool {
        let named = |count: &usize| !matches!(self.parts[count - 1], Part::Many);
        (1..self.parts.len())
            .filter(named)
            .any(|count| fits(&self.parts[..count], dir))
    }
}

/// The first name of a path, and what is behind it.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('/')
        .map_or((path, None), |(name, rest)| (name, Some(rest)))
}

/// Whether a path consists of these parts. A `**` first takes no name and then, as often as
/// what is behind it does not fit, one more; only the last one has to be gone back to.
fn fits(parts: &[Part], path: &str) -> bool {
    let (mut at, mut rest) = (0, Some(path));
    let mut retry: Option<(usize, &str)> = None;
    loop {
        match (parts.get(at), rest) {
            (None, None) => return true,
            (Some(Part::Many), Some(_)) if at + 1 == parts.len() => return true,
            (Some(Part::Many), Some(here)) => {
                at += 1;
                retry = Some((at, here));
                continue;
            }
            (Some(part), Some(here)) => {
                let (name, behind) = split(here);
                let same = match part {
                    Part::Name(text) => **text == *name,
                    Part::Form(form) => name_fits(form.as_bytes(), name.as_bytes()),
                    Part::Many => false,
                };
                if same {
                    (at, rest) = (at + 1, behind);
                    continue;
                }
            }
            _ => {}
        }
        let Some((again, here)) = retry else {
            return false;
        };
        let Some(behind) = split(here).1 else {
            return false;
        };
        (at, rest, retry) = (again, Some(behind), Some((again, behind)));
    }
}

/// The same within one name: `*` takes any number of bytes, `?` one.
fn name_fits(form: &[u8], name: &[u8]) -> bool {
    let (mut at, mut byte) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while byte < name.len() {
        match form.get(at) {
            Some(b'*') => {
                at += 1;
                retry = Some((at, byte));
            }
            Some(one) if *one == b'?' || *one == name[byte] => (at, byte) = (at + 1, byte + 1),
            _ => {
                let Some((again, from)) = retry else {
                    return false;
                };
                (at, byte, retry) = (again, from + 1, Some((again, from + 1)));
            }
        }
    }
    form[at..].iter().all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use globset::{GlobBuilder, GlobMatcher};

    fn compiled(glob: &str) -> GlobMatcher {
        let mut builder = GlobBuilder::new(glob);
        let builder = builder.literal_separator(true).backslash_escape(false);
        builder.build().unwrap().compile_matcher()
    }

    /// Every list of at most so many of these, as a path.
    fn paths(names: &[&str], most: usize) -> Vec<String> {
        let mut all: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut from = 0;
        for _ in 1..most {
            let until = all.len();
            for above in from..until {
                let below = names.iter().map(|name| format!("{}/{name}", all[above]));
                let below: Vec<String> = below.collect();
                all.extend(below);
            }
            from = until;
        }
        all
    }

    #[test]
    fn a_plain_glob_means_what_the_compiled_one_means() {
        let globs = paths(&["**", "*", "a", "a?b*"], 4);
        let there = paths(&["a", "ab", "acba", "\u{e9}"], 4);
        for glob in &globs {
            let (plain, compiled) = (PlainGlob::new(glob).unwrap(), compiled(glob));
            for path in &there {
                let expected = compiled.is_match(path);
                assert_eq!(plain.matches(path), expected, "{glob} and {path}");
                let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
                let expected = expected || above.any(|dir| compiled.is_match(dir));
                assert_eq!(plain.matches_from_above(path), expected, "{glob}, {path}");
            }
        }
    }

    #[test]
    fn forms_of_a_name_mean_what_the_compiled_ones_mean() {
        let letters = ["*", "?", "a", "b"];
        let mut forms = vec![String::new()];
        for _ in 0..4 {
            let longer = |form: &String| letters.map(|letter| format!("{form}{letter}"));
            forms = forms.iter().flat_map(longer).collect();
        }
        let plain = forms
            .iter()
            .filter_map(|form| Some((PlainGlob::new(form)?, form)));
        for (plain, form) in plain {
            let compiled = compiled(form);
            for name in [
                "", "a", "ab", "ba", "aab", "abab", "bbbbb", "abaab", "a\u{e9}b",
            ] {
                assert_eq!(
                    plain.matches(name),
                    compiled.is_match(name),
                    "{form} {name}"
                );
            }
        }
    }
}
