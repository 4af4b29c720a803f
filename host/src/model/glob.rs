//! Globs with the one meaning the contract gives them.

use super::limits::{PATH_BYTES, PATH_DEPTH};
use super::plain_glob::PlainGlob;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A glob that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is not a usable glob: {why}")]
pub struct GlobError {
    /// The glob as given.
    pub glob: String,
    /// What is wrong.
    pub why: String,
}

/// Bytes of all paths in a list of globs, up to which it need not be compiled to know that it
/// is not too large for that.
const SMALL: usize = 64 << 10;

/// A list of globs. `*` and `?` stay inside a component, `**` crosses.
#[derive(Clone, Debug)]
pub struct GlobList {
    source: Vec<String>,
    matcher: Matcher,
}

#[derive(Clone, Debug)]
enum Matcher {
    /// All of them are plain.
    Plain(Vec<PlainGlob>),
    Compiled(Box<Compiled>),
}

#[derive(Clone, Debug)]
struct Compiled {
    whole: GlobSet,
    prefixes: GlobSet,
    /// Prefixes that say something about their last component.
    named: GlobSet,
}

impl GlobList {
    /// Checks globs, and compiles those that need it.
    ///
    /// # Errors
    /// When one has a bad syntax, is absolute, empty, or has `.` or `..` components.
    pub fn new<S: AsRef<str>>(globs: &[S]) -> Result<Self, GlobError> {
        let source: Vec<String> = globs.iter().map(|glob| glob.as_ref().to_owned()).collect();
        // A list that is too large to be compiled is refused, whatever is in it.
        let paths = |glob: &String| glob.len() * (glob.matches('/').count() + 1);
        let small = source.iter().map(paths).sum::<usize>() <= SMALL;
        let plain = || {
            let plain = |glob: &String| PlainGlob::new(glob).filter(|_| check_text(glob).is_ok());
            source.iter().map(plain).collect::<Option<Vec<_>>>()
        };
        let matcher = match small.then(plain).flatten() {
            Some(plain) => Matcher::Plain(plain),
            None => Matcher::Compiled(Box::new(Compiled::new(&source)?)),
        };
        Ok(Self { source, matcher })
    }

    /// No globs.
    #[must_use]
    pub fn none() -> Self {
        let (source, matcher) = (Vec::new(), Matcher::Plain(Vec::new()));
        Self { source, matcher }
    }

    /// The globs as written.
    #[must_use]
    pub fn source(&self) -> &[String] {
        &self.source
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Whether one matches this path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Plain(globs) => globs.iter().any(|glob| glob.matches(path)),
            Matcher::Compiled(compiled) => compiled.whole.is_match(path),
        }
    }

    /// Whether one matches this path or a directory above it.
    #[must_use]
    pub fn matches_from_above(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Plain(globs) => globs.iter().any(|glob| glob.matches_from_above(path)),
            Matcher::Compiled(compiled) => {
                let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
                above.any(|dir| compiled.whole.is_match(dir)) || compiled.whole.is_match(path)
            }
        }
    }

    /// Whether a glob speaks of this directory, rather than only of everything below some
    /// other: `a/*` and `a/b` are spoken of by `a/*/c`, and by `**/b/c` only what is
    /// called `b`.
    #[must_use]
    pub fn speaks_of(&self, dir: &str) -> bool {
        match &self.matcher {
            Matcher::Plain(globs) => globs.iter().any(|glob| glob.speaks_of(dir)),
            Matcher::Compiled(compiled) => compiled.named.is_match(dir),
        }
    }

    /// Whether something below this directory could match.
    #[must_use]
    pub fn may_match_below(&self, dir: &str) -> bool {
        dir.is_empty()
            || match &self.matcher {
                Matcher::Plain(globs) => globs.iter().any(|glob| glob.may_match_below(dir)),
                Matcher::Compiled(compiled) => compiled.prefixes.is_match(dir),
            }
    }
}

impl Compiled {
    fn new(globs: &[String]) -> Result<Self, GlobError> {
        let mut whole = GlobSetBuilder::new();
        let mut prefixes = GlobSetBuilder::new();
        let mut named = GlobSetBuilder::new();
        for glob in globs {
            check_text(glob)?;
            whole.add(compile(glob, glob)?);
            for (end, _) in glob.match_indices('/') {
                let prefix = compile(&glob[..end], glob)?;
                prefixes.add(prefix.clone());
                if !glob[..end].ends_with("**") {
                    named.add(prefix);
                }
            }
            // Below a `**` every directory may hold a match.
            if let Some(at) = glob.find("**") {
                prefixes.add(compile(&glob[..at + 2], glob)?);
            }
        }
        let build = |set: GlobSetBuilder| {
            set.build().map_err(|e| GlobError {
                glob: String::new(),
                why: e.kind().to_string(),
            })
        };
        Ok(Self {
            whole: build(whole)?,
            prefixes: build(prefixes)?,
            named: build(named)?,
        })
    }
}

fn check_text(glob: &str) -> Result<(), GlobError> {
    let why = if glob.is_empty() {
        "it is empty"
    } else if glob.starts_with('/') {
        "it is absolute"
    } else if glob.split('/').any(|part| matches!(part, "." | ".." | "")) {
        "it has an empty, `.` or `..` component"
    } else if glob.len() > PATH_BYTES || glob.split('/').count() > PATH_DEPTH {
        // Every directory on its way is compiled, too, so length counts twice.
        "it is longer or deeper than any path"
    } else if glob.contains('\\') || glob.bytes().any(|b| b.is_ascii_control()) {
        "it has a backslash or a control character"
    } else {
        return Ok(());
    };
    Err(GlobError {
        glob: glob.to_owned(),
        why: why.to_owned(),
    })
}

fn compile(part: &str, glob: &str) -> Result<globset::Glob, GlobError> {
    let built = GlobBuilder::new(part)
        .literal_separator(true)
        .backslash_escape(false)
        .build();
    built.map_err(|e| GlobError {
        glob: glob.to_owned(),
        why: e.kind().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_inside_a_component() {
        let globs = GlobList::new(&["*.md", "a/*/b.txt", "c/**"]).unwrap();
        for yes in ["x.md", "a/q/b.txt", "c/x", "c/x/y"] {
            assert!(globs.matches(yes), "{yes}");
        }
        for no in ["d/x.md", "a/q/r/b.txt", "c", "b.txt"] {
            assert!(!globs.matches(no), "{no}");
        }
    }

    #[test]
    fn only_promising_directories_are_entered() {
        let globs = GlobList::new(&["a/*/b.txt", "c/**/d.md"]).unwrap();
        for yes in ["", "a", "a/x", "c", "c/x", "c/x/y/z"] {
            assert!(globs.may_match_below(yes), "{yes}");
        }
        for no in ["b", "a/x/y", "d/c"] {
            assert!(!globs.may_match_below(no), "{no}");
        }
    }

    #[test]
    fn what_only_lies_below_a_double_star_is_not_spoken_of() {
        let globs = GlobList::new(&["**/.claude/skills/**", "*/memory/**"]).unwrap();
        for yes in [
            ".claude",
            "apps/.claude",
            "apps/.claude/skills",
            "slug",
            "slug/memory",
        ] {
            assert!(globs.speaks_of(yes), "{yes}");
        }
        for no in ["a/b", ".claude/x", "venv/bin/python"] {
            assert!(!globs.speaks_of(no), "{no}");
        }
    }

    #[test]
    fn a_list_means_the_same_whether_it_is_compiled_or_not() {
        let parts = ["**", "*", "a", "b*", "*.c"];
        let pairs = || parts.iter().flat_map(|x| parts.iter().map(move |y| (x, y)));
        let globs = pairs().flat_map(|(x, y)| [format!("{x}/{y}"), format!("{x}/a/{y}/b")]);
        let dirs = [
            "a", "b", "x", "a/b", "b/a", "x/a/b", "a/a/x.c", "x/y/a", "b/a/x/y",
        ];
        for glob in globs.chain(parts.map(str::to_owned)) {
            let list = GlobList::new(&[&glob]).unwrap();
            assert!(matches!(list.matcher, Matcher::Plain(_)), "{glob}");
            let compiled = Compiled::new(std::slice::from_ref(&glob)).unwrap();
            for dir in dirs {
                assert_eq!(
                    list.matches(dir),
                    compiled.whole.is_match(dir),
                    "{glob} {dir}"
                );
                assert_eq!(
                    list.speaks_of(dir),
                    compiled.named.is_match(dir),
                    "{glob} {dir}"
                );
                let below = compiled.prefixes.is_match(dir);
                assert_eq!(list.may_match_below(dir), below, "{glob} {dir}");
            }
        }
    }

    #[test]
    fn a_list_that_may_be_too_large_is_compiled_to_see() {
        let many = |count: usize| GlobList::new(&vec!["a/b/*"; count]).unwrap();
        let most = SMALL / 15;
        assert!(matches!(many(most).matcher, Matcher::Plain(_)));
        assert!(matches!(many(most + 1).matcher, Matcher::Compiled(_)));
    }

    #[test]
    fn unusable_globs_are_named() {
        for bad in ["", "/x", "../x", "a//b", "a\\b", "[", "{a,b", "{a/b,c}/d"] {
            let error = GlobList::new(&[bad]).unwrap_err();
            assert_eq!(error.glob, bad);
        }
        let (deep, long) = ("d/".repeat(64) + "*", "x".repeat(1025));
        for bad in [&deep, &long] {
            assert!(GlobList::new(&[bad]).is_err(), "{} bytes", bad.len());
        }
        assert!(GlobList::new(&[&deep[2..], &long[1..]]).is_ok());
    }
}
