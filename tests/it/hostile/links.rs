//! Rows 18 to 32: links that lead out, lead in circles, hide behind others, or are hard.

use super::case::{Case, at, leads_to, refused, refused_with, restored};
use crate::support::tarball::{Archive, Member, record};

pub(super) fn cases() -> Vec<Case> {
    [
        escaping(),
        chains(),
        replaced(),
        honest(),
        targets(),
        hidden(),
        defeats(),
        hard(),
        swapped(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A link that the manifest lists, so that only where it leads can be wrong.
fn link(row: u8, name: &str, says: &str, links: Vec<(String, String)>) -> Case {
    refused(row, name, says, move |archive| {
        let add =
            |archive: Archive, (name, target): &(String, String)| archive.plus_link(name, target);
        links.iter().fold(archive, add).bytes()
    })
}

fn one(target: &str) -> Vec<(String, String)> {
    vec![(at("l"), target.to_owned())]
}

fn escaping() -> Vec<Case> {
    let targets = [
        "/",
        "/etc",
        "/home",
        "..",
        "../..",
        "../../..",
        "../../../../.ssh",
        "../../settings.json",
        "../../../.claude/skills/alpha/notes.md",
        "../../../../../../../../etc/passwd",
    ];
    let mut cases: Vec<Case> = targets
        .map(|target| link(18, target, &at("l"), one(target)))
        .into();
    let through = |target: &'static str| {
        let name = format!("{target}, written through");
        refused(18, &name, &at("l"), move |archive| {
            archive
                .plus_link(&at("l"), target)
                .plus([Member::file(at("l/x"), "evil")])
                .bytes()
        })
    };
    cases.extend(["../../../../.ssh", "/tmp", "../beta", "sub"].map(through));
    cases
}

fn chains() -> Vec<Case> {
    let pair = |a: &str, b: &str| vec![(at("a"), a.to_owned()), (at("b"), b.to_owned())];
    vec![
        link(19, "current/..", &at("l"), one("current/..")),
        link(19, "in place, then up", &at("l"), one("./..")),
        link(19, "its own parent", &at("l"), one(".")),
        link(
            19,
            "two hops, the second up",
            &at("b"),
            pair("b", "a/../../../.."),
        ),
        link(19, "two hops, both inside", &at("a"), pair(".", "a/..")),
        link(19, "up through a name", &at("l"), one("sub/../../../../x")),
    ]
}

fn replaced() -> Vec<Case> {
    let then = |row, name: &str, link_name: &'static str, member: Member| {
        refused(row, name, &at("")[..at("").len() - 1], move |archive| {
            archive
                .plus_link(&at(link_name), "notes.md")
                .plus([member.clone()])
                .bytes()
        })
    };
    let before = |name: &str, member: Member| {
        refused(20, name, &at("l"), move |archive| {
            archive
                .plus([member.clone()])
                .plus_link(&at("l"), "notes.md")
                .bytes()
        })
    };
    vec![
        then(20, "link, then file", "l", Member::file(at("l"), "evil")),
        then(20, "link, then directory", "l", Member::dir(at("l/"))),
        then(
            20,
            "link, then the link again",
            "l",
            Member::link(at("l"), "notes.md"),
        ),
        then(
            20,
            "link, then file below it",
            "l",
            Member::file(at("l/x"), "evil"),
        ),
        before("file, then link", Member::file(at("l"), "evil")),
        before("directory, then link", Member::dir(at("l/"))),
        then(21, "by case", "Data", Member::file(at("data"), "evil")),
        then(
            21,
            "by case, directory",
            "Data",
            Member::file(at("data/x"), "evil"),
        ),
        then(
            21,
            "by normalisation",
            "\u{e9}",
            Member::file(at("e\u{301}"), "evil"),
        ),
        link(22, "to itself", &at("l"), one("l")),
        link(22, "two in a circle", &at("a"), {
            vec![(at("a"), "b".to_owned()), (at("b"), "a".to_owned())]
        }),
    ]
}

/// What honest archives hold is made as it was; a target that is not in the archive
/// could be anything that waits at the destination.
fn honest() -> Vec<Case> {
    let kept = |target: &'static str| {
        restored(23, target, vec![leads_to("l", target)], move |archive| {
            let beta = "home/.claude/skills/beta/";
            let skill = Member::file(format!("{beta}SKILL.md"), "beta");
            let members = [Member::dir(beta), skill];
            archive.plus(members).plus_link(&at("l"), target).bytes()
        })
    };
    vec![
        kept("notes.md"),
        kept("../beta/SKILL.md"),
        kept("../beta"),
        link(
            23,
            "to what is not in the archive",
            &at("l"),
            one("only-at-the-destination"),
        ),
        refused_with(23, "not in the manifest's list", &at("l"), {
            vec![Member::link(at("l"), "notes.md")]
        }),
        refused(
            23,
            "in the list, but not in the archive",
            &at("l"),
            |archive| archive.listing_link(&at("l"), "notes.md").bytes(),
        ),
        refused(23, "listed with another target", &at("l"), |archive| {
            let other = Member::link(at("l"), "notes.md");
            archive
                .listing_link(&at("l"), "SKILL.md")
                .plus([other])
                .bytes()
        }),
    ]
}

/// A link whose target stands in an extension before it, over a harmless one.
fn extended(archive: Archive, target: &str, head: Member) -> Vec<u8> {
    archive
        .listing_link(&at("l"), target)
        .plus([head, Member::link(at("l"), "notes.md")])
        .bytes()
}

fn targets() -> Vec<Case> {
    let long = "t".repeat(5000);
    let pax = |name: &str, target: &str| {
        let target = target.to_owned();
        refused(24, name, "", move |archive| {
            extended(archive, &target, Member::pax(record("linkpath", &target)))
        })
    };
    let simple = [
        ("escape code", "\x1b[2J"),
        ("line break", "a\nb"),
        ("backslash", r"a\b"),
    ];
    let proc = ["/proc/self/root", "/proc/self/cwd/x"];
    let mut cases: Vec<Case> = simple
        .map(|(name, target)| link(24, name, &at("l"), one(target)))
        .into();
    cases.extend([
        link(24, "empty", &at("l"), one("")),
        pax("5000 bytes", &long),
        pax("NUL by PAX", "notes.md\0/etc"),
        refused(24, "NUL by GNU", "", |archive| {
            extended(archive, "notes.md", Member::gnu(b'K', "notes.md\0/etc"))
        }),
        refused_with(24, "NUL in the header", "", {
            vec![Member::link(at("l"), "notes.md\0/etc/passwd")]
        }),
    ]);
    cases.extend(proc.map(|target| link(25, target, &at("l"), one(target))));
    cases
}

/// Makes an extension that names a target.
type Head = fn(&str) -> Member;

fn hidden() -> Vec<Case> {
    let heads: [(&str, Head); 2] = [
        ("PAX", |target| Member::pax(record("linkpath", target))),
        ("GNU", |target| Member::gnu(b'K', target)),
    ];
    let case = |(name, head): (&str, Head), target: &'static str| {
        refused(
            26,
            &format!("{name} to {target}"),
            &at("l"),
            move |archive| extended(archive, target, head(target)),
        )
    };
    let both = |target| heads.map(|head| case(head, target));
    ["/etc", "../../../../.ssh"]
        .into_iter()
        .flat_map(both)
        .collect()
}

/// CVE-2025-4517 and its kin: so many hops through so long names that a check which
/// resolves the path gives up, and the writer does not.
fn defeats() -> Vec<Case> {
    let long = "d".repeat(247);
    let hop = |n: usize| char::from(b'a' + u8::try_from(n).unwrap()).to_string();
    let prefix = |n: usize| (long.clone() + "/").repeat(n);
    let mut members = vec![];
    let mut links = vec![];
    // Three levels fit the limit on paths; the hops multiply them.
    for n in 0..3 {
        let dir = at(&(prefix(n) + &long));
        members.extend([Member::pax(record("path", &dir)), Member::dir("x")]);
        links.push((at(&(prefix(n) + &hop(n))), long.clone()));
    }
    let up = (0..3).map(hop).collect::<Vec<_>>().join("/") + &"/..".repeat(8);
    links.push((at("escape"), up));
    let through = Member::file(at("escape/evil"), "evil");
    let late = "late, after a file through it";
    vec![
        refused(27, "realpath gives up", "escape", move |archive| {
            let archive = archive.plus(members.clone());
            let add = |archive: Archive, (name, target): &(String, String)| {
                let head = [record("path", name), record("linkpath", target)].concat();
                let head = Member::pax(head);
                archive
                    .listing_link(name, target)
                    .plus([head, Member::link("x", target)])
            };
            links
                .iter()
                .fold(archive, add)
                .plus([through.clone()])
                .bytes()
        }),
        refused(27, late, &at("l"), |archive| {
            archive
                .plus([Member::file(at("l/x"), "evil")])
                .plus_link(&at("l"), "notes.md")
                .bytes()
        }),
        refused(
            27,
            "made later under a link's target",
            &at("l"),
            |archive| {
                archive
                    .plus_link(&at("l"), "p/q/..")
                    .plus_link(&at("p/q"), "../..")
                    .bytes()
            },
        ),
    ]
}

fn hard() -> Vec<Case> {
    let says = "hard link";
    let case = |row, name: &str, target: &str| {
        refused_with(row, name, says, vec![Member::hard_link(at("h"), target)])
    };
    let to_link = |name: &str, target: &'static str| {
        refused(28, name, says, move |archive| {
            let hard = Member::hard_link(at("h"), at(target));
            archive.plus_link(&at("l"), "notes.md").plus([hard]).bytes()
        })
    };
    let with_body = Member {
        body: b"hidden".as_slice().into(),
        ..Member::hard_link(at("h"), at("notes.md"))
    };
    vec![
        case(28, "absolute", "/etc/passwd"),
        case(28, "climbing", "../../.ssh/authorized_keys"),
        to_link("to a link", "l"),
        to_link("through a link", "l/x"),
        case(
            29,
            "to a file only the destination has",
            "home/.ssh/authorized_keys",
        ),
        case(30, "to itself", &at("h")),
        case(30, "to nothing", &at("nothing")),
        case(30, "to nothing at all", ""),
        case(30, "to a directory", &at("")),
        refused_with(30, "to a later member", says, {
            vec![
                Member::hard_link(at("h"), at("z")),
                Member::file(at("z"), "z"),
            ]
        }),
        refused_with(30, "with a body", says, vec![with_body]),
        case(31, "to an earlier member", &at("notes.md")),
        refused_with(31, "in the place of an earlier member", says, {
            vec![Member::hard_link(at("notes.md"), at("SKILL.md"))]
        }),
    ]
}

fn swapped() -> Vec<Case> {
    let swap =
        |archive: Archive, member: Member| archive.minus(&at("notes.md")).plus([member]).bytes();
    let as_link = || Member::link(at("notes.md"), "SKILL.md");
    vec![
        refused(32, "a link for a file", &at("notes.md"), move |archive| {
            swap(archive, as_link())
        }),
        refused(
            32,
            "a link for a file, still in the checksum list",
            &at("notes.md"),
            move |archive| swap(archive, as_link().listed_as(at("notes.md"))),
        ),
        refused(32, "a file for a link", &at("notes.md"), |archive| {
            archive.listing_link(&at("notes.md"), "SKILL.md").bytes()
        }),
    ]
}
