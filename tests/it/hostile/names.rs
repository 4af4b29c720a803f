//! Rows 55 to 58: names that meet. What reads an archive and what writes it must mean
//! the same file by a name.

use super::case::{ALPHA, Case, Verdict, at, has_mode, holds, refused_with, restored_with};
use crate::support::tarball::{Member, SKILL};

pub(super) fn cases() -> Vec<Case> {
    [twice(), folded(), inside(), repeated()]
        .into_iter()
        .flatten()
        .collect()
}

fn file(name: &str) -> Member {
    Member::file(at(name), name)
}

fn dir(name: &str) -> Member {
    Member::dir(at(name))
}

fn refused(row: u8, name: &str, members: Vec<Member>) -> Case {
    refused_with(row, name, ALPHA, members)
}

fn twice() -> Vec<Case> {
    let other = |name| Member::file(at(name), "evil");
    let outside = || Member::file("elsewhere/x", "x");
    let two = vec![outside(), outside()];
    vec![
        refused(55, "the same file twice", vec![file("x"), file("x")]),
        refused(55, "one file, two contents", vec![other("x"), file("x")]),
        refused(55, "a file of the archive again", vec![other("SKILL.md")]),
        refused(55, "by `.`", vec![file("x"), file("./x")]),
        refused(55, "by `//`", vec![file("x"), file("/x")]),
        refused_with(55, "outside the trees", "elsewhere/x", two),
    ]
}

/// Where the file system keeps both; where it does not, one would replace the other.
fn folded() -> Vec<Case> {
    let pairs = [
        ("README", "readme"),
        ("\u{e9}t\u{e9}", "e\u{301}te\u{301}"),
        ("stra\u{df}e", "STRASSE"),
    ];
    let case = |(a, b): (&str, &str)| {
        let (name, members) = (format!("{a} and {b}"), vec![file(a), file(b)]);
        if cfg!(not(target_os = "linux")) {
            return refused(56, &name, members);
        }
        let looks = vec![holds(a, a), holds(b, b)];
        // One of the two is named; which one is the program's choice.
        let says = [format!("alpha/{a}"), format!("alpha/{b}")];
        let verdict = Verdict::Warned(says.into(), looks);
        Case {
            verdict,
            ..refused(56, &name, members)
        }
    };
    pairs.map(case).into()
}

fn inside() -> Vec<Case> {
    let case = |name, members| refused(57, name, members);
    vec![
        case("a file and one below it", vec![file("x"), file("x/y")]),
        case("a file below a later one", vec![file("x/y"), file("x")]),
        case("a file, then a directory", vec![file("x"), dir("x/")]),
        case("a directory, then a file", vec![dir("x/"), file("x")]),
        case("a directory where a file is", vec![dir("SKILL.md/")]),
        case("a child of a file", vec![file("SKILL.md/evil")]),
    ]
}

fn repeated() -> Vec<Case> {
    let bare = Member {
        mode: b"0000700\0".to_vec(),
        ..dir("")
    };
    let first = vec![has_mode("", 0o755)];
    let kept = vec![holds("SKILL.md", SKILL)];
    vec![
        restored_with(58, "a directory twice", first, vec![bare]),
        restored_with(58, "a directory without its slash", kept, {
            vec![Member::dir(ALPHA)]
        }),
    ]
}
