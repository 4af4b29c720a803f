//! Paths with types. A [`RelPath`] is legal on every system and stays below its
//! base; an [`ArchivePath`] is one with its base's name in front. Nothing else
//! may become part of a path on disk.

use super::base::Base;
use super::limits::{COMPONENT_BYTES, PATH_BYTES, PATH_DEPTH};
use std::cmp::Ordering;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why text is not a path that takeback handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing at all, or an empty component (`a//b`, `a/`).
    #[error("it has an empty component")]
    Empty,
    /// Starts with `/`.
    #[error("it is absolute")]
    Absolute,
    /// A `.` component.
    #[error("it has a `.` component")]
    Current,
    /// A `..` component.
    #[error("it has a `..` component")]
    Parent,
    /// A backslash: a separator on Windows, a letter elsewhere.
    #[error("it has a backslash")]
    Backslash,
    /// A drive letter such as `C:`.
    #[error("it begins with a drive letter")]
    Drive,
    /// A control character or NUL.
    #[error("it has a control character")]
    Control,
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// Longer than the limit.
    #[error(
        "it is longer than {PATH_BYTES} bytes, or a component is longer than {COMPONENT_BYTES}"
    )]
    TooLong,
    /// Deeper than the limit.
    #[error("it is deeper than {PATH_DEPTH} directories")]
    TooDeep,
    /// The first component names no base directory.
    #[error("it is outside the known trees (home, config, data, state, project, var)")]
    UnknownTree,
}

/// A path below some directory: UTF-8, `/` between components, nothing that could
/// leave the directory or mean something else on another system. May be empty. A copy
/// shares the text: a run holds the path of one file in many lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// The directory itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Checks a path; it must have at least one component.
    ///
    /// # Errors
    /// Names what is wrong with it.
    pub fn new(text: &str) -> Result<Self, PathError> {
        Self::check(text)?;
        Ok(Self(text.into()))
    }

    fn check(text: &str) -> Result<(), PathError> {
        if text.len() > PATH_BYTES {
            return Err(PathError::TooLong);
        }
        if text.starts_with('/') {
            return Err(PathError::Absolute);
        }
        check_letters(text)?;
        if matches!(text.as_bytes(), [d, b':', ..] if d.is_ascii_alphabetic()) {
            return Err(PathError::Drive);
        }
        let mut depth = 0;
        for component in text.split('/') {
            check_component(component)?;
            depth += 1;
        }
        if depth > PATH_DEPTH {
            Err(PathError::TooDeep)
        } else {
            Ok(())
        }
    }

    /// The path one component further down.
    ///
    /// # Errors
    /// When the name is not a legal component or the path grows too long.
    pub fn join(&self, name: &str) -> Result<Self, PathError> {
        if name.contains('/') {
            return Err(PathError::Empty);
        }
        if self.0.is_empty() {
            return Self::new(name);
        }
        // This path was checked when it was made; what is new is the name and the whole.
        if self.0.len() + 1 + name.len() > PATH_BYTES {
            return Err(PathError::TooLong);
        }
        check_letters(name)?;
        check_component(name)?;
        if self.depth() + 1 > PATH_DEPTH {
            return Err(PathError::TooDeep);
        }
        Ok(Self([&*self.0, "/", name].concat().into()))
    }

    /// The number of components.
    fn depth(&self) -> usize {
        match self.is_root() {
            true => 0,
            false => self.0.bytes().filter(|b| *b == b'/').count() + 1,
        }
    }

    /// The path with another below it.
    ///
    /// # Errors
    /// When the whole grows too long or too deep.
    pub fn append(&self, below: &Self) -> Result<Self, PathError> {
        match (self.is_root(), below.is_root()) {
            (true, _) => Ok(below.clone()),
            (_, true) => Ok(self.clone()),
            _ => Self::new(&format!("{}/{}", self.0, below.0)),
        }
    }

    /// The path with what stands behind it as text; empty text changes nothing.
    ///
    /// # Errors
    /// When the text is no legal path.
    pub fn append_text(&self, below: &str) -> Result<Self, PathError> {
        if below.is_empty() {
            Ok(self.clone())
        } else {
            self.append(&Self::new(below)?)
        }
    }

    /// Whether this is the directory itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as a system path (on Windows `/` is understood).
    #[must_use]
    pub fn as_path(&self) -> &Path {
        Path::new(&*self.0)
    }

    /// The components, none of them special.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|component| !component.is_empty())
    }

    /// The path without its last component; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.above().map(|up| Self(up.into()))
    }

    /// The text of the path without its last component; `None` for the root.
    #[must_use]
    pub fn above(&self) -> Option<&str> {
        let up = || self.0.rsplit_once('/').map_or("", |(up, _)| up);
        (!self.is_root()).then(up)
    }

    /// The last component; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }

    /// What remains below `above`; `None` when this path is not inside it.
    #[must_use]
    pub fn below(&self, above: &Self) -> Option<Self> {
        if above.is_root() {
            return Some(self.clone());
        }
        self.text_below(above).map(|rest| Self(rest.into()))
    }

    /// The text of what remains below `above`, empty for `above` itself; `None` when this
    /// path is not inside it.
    #[must_use]
    pub fn text_below(&self, above: &Self) -> Option<&str> {
        if above.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(&*above.0)?;
        match rest.strip_prefix('/') {
            Some(rest) => Some(rest),
            None => rest.is_empty().then_some(""),
        }
    }

    /// Whether this path is `above` or inside it.
    #[must_use]
    pub fn is_at_or_below(&self, above: &Self) -> bool {
        self.text_below(above).is_some()
    }
}

/// Component by component: what is in a directory comes right behind it. In the order of
/// bytes `a-b` would stand between `a` and `a/b`, and GNU tar gives a directory its time
/// when it meets the first entry that is not in it.
impl Ord for RelPath {
    fn cmp(&self, other: &Self) -> Ordering {
        // No letter of a path is below the separator's zero.
        let weight = |byte: u8| if byte == b'/' { 0 } else { byte };
        let (one, other) = (self.0.as_bytes(), other.0.as_bytes());
        let at = shared(one, other);
        match (one.get(at), other.get(at)) {
            (Some(one), Some(other)) => weight(*one).cmp(&weight(*other)),
            _ => one.len().cmp(&other.len()),
        }
    }
}

/// How many bytes two texts begin with alike. Eight at a time: paths are compared more often
/// than anything else is done with them, and byte by byte that was a fifth of a small restore.
fn shared(one: &[u8], other: &[u8]) -> usize {
    let (wide, _) = one.as_chunks::<8>();
    let (other_wide, _) = other.as_chunks::<8>();
    let same = wide
        .iter()
        .zip(other_wide)
        .take_while(|(a, b)| a == b)
        .count()
        * 8;
    let bytes = one[same..].iter().zip(&other[same..]);
    same + bytes.take_while(|(a, b)| a == b).count()
}

impl PartialOrd for RelPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn check_letters(text: &str) -> Result<(), PathError> {
    if text.bytes().any(|b| b.is_ascii_control()) {
        return Err(PathError::Control);
    }
    match text.contains('\\') {
        true => Err(PathError::Backslash),
        false => Ok(()),
    }
}

fn check_component(component: &str) -> Result<(), PathError> {
    match component {
        "" => Err(PathError::Empty),
        "." => Err(PathError::Current),
        ".." => Err(PathError::Parent),
        _ if component.len() > COMPONENT_BYTES => Err(PathError::TooLong),
        _ => Ok(()),
    }
}

/// A path as archives name it: the base's name, then a path below it, such as
/// `home/.claude/settings.json` or `var/CLAUDE_CONFIG_DIR/settings.json`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchivePath {
    base: Base,
    rel: RelPath,
}

impl ArchivePath {
    /// Puts a base and a path together.
    #[must_use]
    pub fn new(base: Base, rel: RelPath) -> Self {
        Self { base, rel }
    }

    /// Reads a path out of an archive. The only way from archive bytes to a path.
    ///
    /// # Errors
    /// When any rule of [`RelPath`] is broken or the first component is no base.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        RelPath::check(text)?;
        let (tree, rest) = Base::split(text);
        let base = match tree.split_once('/') {
            Some((_, variable)) => Base::variable(variable),
            None => Base::plain(tree),
        };
        let base = base.ok_or(PathError::UnknownTree)?;
        Ok(Self::new(base, RelPath(rest.into())))
    }

    /// The path one component further down.
    ///
    /// # Errors
    /// When the name is not a legal component, or the whole fits no archive.
    pub fn join(&self, name: &str) -> Result<Self, PathError> {
        let path = Self::new(self.base.clone(), self.rel.join(name)?);
        path.check_whole()?;
        Ok(path)
    }

    /// Checks that an archive can hold the path: the base's name counts, too.
    ///
    /// # Errors
    /// When the whole is too long or too deep.
    pub fn check_whole(&self) -> Result<(), PathError> {
        let (tree, below) = (self.base.tree(), !self.rel.is_root());
        if tree.len() + usize::from(below) + self.rel.0.len() > PATH_BYTES {
            return Err(PathError::TooLong);
        }
        match tree.split('/').count() + self.rel.depth() > PATH_DEPTH {
            true => Err(PathError::TooDeep),
            false => Ok(()),
        }
    }

    /// The base directory.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The path below the base.
    #[must_use]
    pub fn rel(&self) -> &RelPath {
        &self.rel
    }

    /// Where it lies when the base is at `base_dir`.
    #[must_use]
    pub fn under(&self, base_dir: &Path) -> PathBuf {
        base_dir.join(self.rel.as_path())
    }
}

impl fmt::Display for ArchivePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tree = self.base.tree();
        if self.rel.is_root() {
            f.pad(&tree)
        } else {
            f.pad(&[&*tree, "/", self.rel.as_str()].concat())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_base_counts_in_an_archive() {
        let deep = RelPath::new(&("d/".repeat(62) + "d")).unwrap();
        let path = ArchivePath::new(Base::Home, deep);
        assert_eq!(path.check_whole(), Ok(()));
        assert_eq!(path.join("x"), Err(PathError::TooDeep));
        assert!(path.rel().join("x").is_ok());
        let long = RelPath::new(&("w".repeat(200) + "/").repeat(5)[..1004]).unwrap();
        let path = ArchivePath::new(Base::Home, long);
        let fits = path.join(&"x".repeat(14)).unwrap();
        assert_eq!(ArchivePath::parse(&fits.to_string()), Ok(fits));
        assert_eq!(path.join(&"x".repeat(15)), Err(PathError::TooLong));
    }

    #[test]
    fn what_is_in_a_directory_comes_right_behind_it() {
        let mut paths = [
            "a-b", "a/z", "a", "a.b/c", "a/b/c", "a/b", "a/b-c", "ab", "B", "\u{e9}",
        ]
        .map(|text| RelPath::new(text).unwrap());
        paths.sort();
        assert_eq!(
            paths.map(|path| path.to_string()),
            [
                "B", "a", "a/b", "a/b/c", "a/b-c", "a/z", "a-b", "a.b/c", "ab", "\u{e9}"
            ]
        );
    }

    #[test]
    fn paths_compare_by_their_components() {
        let mut state = 7_u32;
        let mut roll = |sides: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % sides
        };
        let mut path = || {
            let part = |length: u32, roll: &mut dyn FnMut(u32) -> u32| -> String {
                let letter = |_| ['a', 'b', '-', '.', 'z', ' '][roll(6) as usize];
                "q".to_owned() + &(0..length).map(letter).collect::<String>()
            };
            let depth = 1 + roll(4);
            let parts = (0..depth).map(|_| {
                let length = roll(12);
                part(length, &mut roll)
            });
            let text = parts.collect::<Vec<_>>().join("/");
            RelPath::new(&text).unwrap()
        };
        for _ in 0..5000 {
            let (one, other) = (path(), path());
            let parts = |path: &RelPath| path.as_str().split('/').map(str::to_owned).collect();
            let (a, b): (Vec<String>, Vec<String>) = (parts(&one), parts(&other));
            assert_eq!(one.cmp(&other), a.cmp(&b), "{one} and {other}");
        }
    }

    #[test]
    fn hostile_paths_are_refused() {
        let long = "a/".repeat(600) + "a";
        let deep = "a/".repeat(64) + "a";
        let wide = "x".repeat(256);
        for (text, why) in [
            ("", PathError::Empty),
            ("/etc", PathError::Absolute),
            ("//x", PathError::Absolute),
            ("a//b", PathError::Empty),
            ("a/", PathError::Empty),
            (".", PathError::Current),
            ("./x", PathError::Current),
            ("..", PathError::Parent),
            ("a/../b", PathError::Parent),
            ("a/..", PathError::Parent),
            ("a\\b", PathError::Backslash),
            ("..\\x", PathError::Backslash),
            ("C:/x", PathError::Drive),
            ("c:x", PathError::Drive),
            ("a\nb", PathError::Control),
            ("a\0b", PathError::Control),
            ("a\u{7f}", PathError::Control),
            (&long, PathError::TooLong),
            (&deep, PathError::TooDeep),
            (&wide, PathError::TooLong),
        ] {
            assert_eq!(RelPath::new(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn literal_oddities_stay_literal() {
        for text in [
            "%2e%2e/x",
            "~/x",
            "$HOME",
            "-rf",
            "@x",
            "a b",
            "…/x",
            ".claude-evil",
        ] {
            assert_eq!(
                RelPath::new(text).map(|p| p.as_str().to_owned()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn archive_paths_name_a_known_tree() {
        for text in [
            "home/.claude/x",
            "project/CLAUDE.md",
            "var/CLAUDE_CONFIG_DIR/x",
            "home",
        ] {
            let path = ArchivePath::parse(text).unwrap();
            assert_eq!(path.to_string(), text);
        }
        for text in [
            "homes/x",
            "x",
            "var",
            "var/lower-case/x",
            "var/A B/x",
            "Home/x",
        ] {
            assert_eq!(
                ArchivePath::parse(text),
                Err(PathError::UnknownTree),
                "{text}"
            );
        }
    }

    #[test]
    fn below_compares_components_not_text() {
        let claude = RelPath::new(".claude").unwrap();
        let inside = RelPath::new(".claude/skills/a").unwrap();
        let beside = RelPath::new(".claude-evil/x").unwrap();
        assert_eq!(inside.below(&claude).unwrap().as_str(), "skills/a");
        assert_eq!(claude.below(&claude), Some(RelPath::root()));
        assert_eq!(beside.below(&claude), None);
    }
}
