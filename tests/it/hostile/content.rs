//! Rows 90 and 91: content that is not what the lists in the archive say.

use super::case::{ALPHA, Case, at, refused};
use crate::support::tarball::{Archive, Gzip, Member, tar};

pub(super) fn cases() -> Vec<Case> {
    [contents(), lists(), unlisted()]
        .into_iter()
        .flatten()
        .collect()
}

/// The archive as changed, with the checksum list of the unchanged one.
fn with_old_sums(row: u8, name: &str, says: &str, change: fn(Archive) -> Archive) -> Case {
    refused(row, name, says, move |archive| {
        let sums = archive.sums();
        with_sums(&change(archive), &sums)
    })
}

fn with_sums(archive: &Archive, sums: &[u8]) -> Vec<u8> {
    let list = Member {
        listed: None,
        ..Member::file("SHA256SUMS", sums)
    };
    Gzip::of(&tar(&[archive.members.as_slice(), &[list]].concat(), 2)).bytes()
}

fn set(mut archive: Archive, name: &str, content: &str) -> Archive {
    archive.member(name).body = content.as_bytes().into();
    archive
}

fn contents() -> Vec<Case> {
    let notes = || at("notes.md");
    vec![
        with_old_sums(90, "one letter changed", &notes(), |a| {
            set(a, &at("notes.md"), "alphb\n")
        }),
        with_old_sums(90, "one byte shorter", &notes(), |a| {
            set(a, &at("notes.md"), "alpha")
        }),
        with_old_sums(90, "one byte longer", &notes(), |a| {
            set(a, &at("notes.md"), "alpha\n\n")
        }),
        with_old_sums(90, "no content", &notes(), |a| set(a, &at("notes.md"), "")),
        with_old_sums(90, "a file is missing", &notes(), |a| {
            a.minus(&at("notes.md"))
        }),
        with_old_sums(90, "another name", ALPHA, |mut archive| {
            archive.member(&at("notes.md")).name = at("other.md").into_bytes();
            archive
        }),
        with_old_sums(90, "a directory for a file", &notes(), |archive| {
            archive
                .minus(&at("notes.md"))
                .plus([Member::dir(at("notes.md/"))])
        }),
        with_old_sums(90, "two contents swapped", ALPHA, |mut archive| {
            let notes = archive.member(&at("notes.md")).body.clone();
            let skill = std::mem::replace(&mut archive.member(&at("SKILL.md")).body, notes);
            archive.member(&at("notes.md")).body = skill;
            archive
        }),
        with_old_sums(90, "another manifest", "manifest.json", |archive| {
            archive.edit(|manifest| manifest["host"] = "elsewhere".into())
        }),
    ]
}

/// Lists that are themselves wrong.
fn lists() -> Vec<Case> {
    let list = |name: &str, change: fn(String) -> String| {
        refused(90, name, "", move |archive| {
            let sums = String::from_utf8(archive.sums()).unwrap();
            with_sums(&archive, change(sums).as_bytes())
        })
    };
    let line = |path: &str| format!("{}  {path}\n", "0".repeat(64));
    let extra = line(&at("missing.md"));
    let manifest = line("manifest.json");
    vec![
        list("an empty list", |_| String::new()),
        list("a list that is cut", |sums| {
            sums[..sums.len() - 10].to_owned()
        }),
        list("a list without its first line", |sums| {
            sums.split_once('\n').unwrap().1.to_owned()
        }),
        list("digests in capitals", |sums| sums.to_uppercase()),
        list("digests of another length", |sums| {
            sums.replace("  ", "0  ")
        }),
        list("a line twice", |sums| {
            sums.clone() + sums.lines().next().unwrap() + "\n"
        }),
        list("no list at all", |_| "nothing\n".to_owned()),
        refused(90, "a line too many", "missing.md", move |archive| {
            let sums = [archive.sums(), extra.clone().into_bytes()].concat();
            with_sums(&archive, &sums)
        }),
        refused(90, "a second line for the manifest", "", move |archive| {
            let sums = [archive.sums(), manifest.clone().into_bytes()].concat();
            with_sums(&archive, &sums)
        }),
        refused(90, "the list is missing", "", |archive| {
            Gzip::of(&tar(&archive.members, 2)).bytes()
        }),
        refused(90, "the list stands twice", "", |archive| {
            let list = archive.sealed().pop().unwrap();
            Gzip::of(&tar(&[archive.sealed(), vec![list]].concat(), 2)).bytes()
        }),
        refused(90, "the list is not last", "", |archive| {
            let list = archive.sealed().pop().unwrap();
            let mut members = archive.members;
            members.insert(1, list);
            Gzip::of(&tar(&members, 2)).bytes()
        }),
        refused(90, "the list is a link", "", |archive| {
            let list = Member::link("SHA256SUMS", "home/.claude/settings.json");
            Gzip::of(&tar(&archive.plus([list]).members, 2)).bytes()
        }),
    ]
}

/// Members nobody announced.
fn unlisted() -> Vec<Case> {
    let extra = |name: &str, path: String, listed: bool| {
        let says = path.clone();
        refused(91, name, &says, move |archive| {
            let file = Member::file(&path, "evil");
            let listed = listed.then(|| path.clone().into_bytes());
            archive.plus([Member { listed, ..file }]).bytes()
        })
    };
    vec![
        extra("not in the checksum list", at("evil.md"), false),
        extra(
            "covered by no rule",
            "home/.claude/evil.md".to_owned(),
            true,
        ),
        extra(
            "covered by no rule, elsewhere",
            "home/.config/evil".to_owned(),
            true,
        ),
        extra(
            "covered by no rule, in a base of its own",
            "project/CLAUDE.md".to_owned(),
            true,
        ),
        extra(
            "outside the trees, not in the checksum list",
            "elsewhere/x".to_owned(),
            false,
        ),
        refused(
            91,
            "a directory covered by no rule",
            "home/.config",
            |archive| archive.plus([Member::dir("home/.config/")]).bytes(),
        ),
    ]
}
