//! Which symbolic links may stand in an archive.

use super::RelPath;
use super::limits::LINK_TARGET_BYTES;

/// Whether a link's target, read without looking at any disk, stays inside `root`. Only
/// leading `..` are understood: behind a name, `..` means something else when the name
/// is itself a link.
///
/// # Errors
/// Says why it does not.
pub fn link_stays_inside(root: &RelPath, link: &RelPath, target: &str) -> Result<(), &'static str> {
    if target.is_empty() || target.len() > LINK_TARGET_BYTES {
        return Err("its target is empty or too long");
    }
    if target.starts_with('/') {
        return Err("its target is absolute");
    }
    let mut dir = link.parent().unwrap_or_default();
    let mut rest = target;
    while let Some(after) = rest
        .strip_prefix("../")
        .or_else(|| (rest == "..").then_some(""))
    {
        if dir == *root {
            return Err("its target lies outside");
        }
        dir = dir.parent().ok_or("its target lies outside")?;
        rest = after;
    }
    if dir.below(root).is_none() {
        return Err("its target lies outside");
    }
    if rest.is_empty() {
        return Err("its target is a directory it lies in");
    }
    dir.append_text(rest)
        .map(|_| ())
        .map_err(|_| "its target is not a plain path")
}

/// The path a link's target names, read without looking at any disk; `None` when it is
/// no plain path or climbs above the base.
#[must_use]
pub fn link_target(link: &RelPath, target: &str) -> Option<RelPath> {
    let mut dir = link.parent().unwrap_or_default();
    let mut rest = target;
    while let Some(after) = rest.strip_prefix("../") {
        dir = dir.parent()?;
        rest = after;
    }
    match rest {
        ".." => dir.parent(),
        rest => dir.append_text(rest).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside_their_rule() {
        let root = RelPath::new(".claude/skills").unwrap();
        let link = RelPath::new(".claude/skills/a/b").unwrap();
        for good in ["c", "../d", "../d/e", "c/d"] {
            assert_eq!(link_stays_inside(&root, &link, good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/etc",
            "../..",
            "../../x",
            "../../skills/x",
            "c/../../../x",
            "c/..",
            ".",
            "./x",
            "..",
            "a//b",
            "a\\b",
            "C:x",
            "x\n",
            "../../../../../etc/passwd",
        ] {
            assert!(link_stays_inside(&root, &link, bad).is_err(), "{bad}");
        }
        // What it leads to is a path, too.
        let (deep, rest) = ("d/".repeat(40) + "l", "d/".repeat(40) + "x");
        let link = RelPath::new(&deep).unwrap();
        assert!(link_stays_inside(&RelPath::root(), &link, &rest).is_err());
        assert_eq!(link_target(&link, &rest), None);
    }
}
