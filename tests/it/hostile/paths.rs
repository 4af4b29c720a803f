//! Rows 1 to 17: paths that climb, are absolute, mean something elsewhere, are too long,
//! or only look dangerous.

use super::case::{
    ALPHA, Case, at, holds, ignored_with, nothing_else, refused, refused_with, restored_with,
    warned_with,
};
use crate::support::tarball::{Archive, Member, record};
use crate::support::tree::What;

pub(super) fn cases() -> Vec<Case> {
    [
        climbing(),
        absolute(),
        empty(),
        literal(),
        outside(),
        portable(),
        sizes(),
        bytes(),
        odd(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn file(name: impl AsRef<[u8]>) -> Member {
    Member::file(name, "evil\n")
}

fn climbing() -> Vec<Case> {
    let names = [
        "../x",
        "home/.claude/skills/../../../x",
        "./../x",
        "home//../x",
        "..",
        "home/..",
    ];
    let plain = names.map(|name| refused_with(1, name, name, vec![file(name)]));
    let trailing = at("..");
    let inside = at("y/../z");
    let (dir, prefix) = ("home/.claude/skills/../../evil/", "home/.claude/..");
    let link = "home/.claude/skills/../../evil";
    let in_prefix = Member {
        prefix: prefix.into(),
        ..file("x").listed_as("home/.claude/../x")
    };
    let more = [
        refused_with(1, "trailing, file", &trailing, vec![file(&trailing)]),
        refused_with(
            1,
            "trailing, directory",
            &trailing,
            vec![Member::dir(&trailing)],
        ),
        refused_with(2, "stays inside", &inside, vec![file(&inside)]),
        refused_with(3, "GNU long name", "../x", {
            vec![Member::gnu(b'L', "../x"), file("home/x").listed_as("../x")]
        }),
        refused_with(3, "PAX path", "../x", {
            vec![
                Member::pax(record("path", "../x")),
                file("home/x").listed_as("../x"),
            ]
        }),
        refused_with(3, "ustar prefix", "home/.claude/../x", vec![in_prefix]),
        refused_with(3, "directory", dir, vec![Member::dir(dir)]),
        refused_with(3, "link", link, vec![Member::link(link, "notes.md")]),
    ];
    plain.into_iter().chain(more).collect()
}

/// The home directory as the manifest names it.
fn home(archive: &Archive) -> String {
    archive.manifest()["home"].as_str().unwrap().to_owned()
}

fn absolute() -> Vec<Case> {
    let plain = |before: &'static str| {
        move |archive: Archive| {
            let name = format!("{before}{}/evil-absolute", home(&archive));
            archive.plus([file(name)]).bytes()
        }
    };
    let extended = |head: fn(&str) -> Member| {
        move |archive: Archive| {
            let name = format!("{}/evil-absolute", home(&archive));
            let member = file("home/x").listed_as(&name);
            archive.plus([head(&name), member]).bytes()
        }
    };
    vec![
        refused(4, "/x", "evil-absolute", plain("")),
        refused(4, "//x", "evil-absolute", plain("/")),
        refused(4, "/./x", "evil-absolute", plain("/.")),
        refused(
            4,
            "PAX path",
            "evil-absolute",
            extended(|name| Member::pax(record("path", name))),
        ),
        refused(
            4,
            "GNU long name",
            "evil-absolute",
            extended(|name| Member::gnu(b'L', name)),
        ),
        refused_with(
            4,
            "directory",
            "/evil-absolute/",
            vec![Member::dir("/evil-absolute/")],
        ),
    ]
}

/// What names the place itself is skipped, and its mode is given to nothing.
fn empty() -> Vec<Case> {
    let bare = |name: &str| Member {
        mode: b"0000000\0".to_vec(),
        ..Member::dir(name)
    };
    let skipped = |name| restored_with(5, name, vec![nothing_else()], vec![bare(name)]);
    [".", "./", ""].map(skipped).into_iter().collect()
}

fn literal() -> Vec<Case> {
    let kept = |row, name: &str| {
        restored_with(row, name, vec![holds(name, "evil\n")], vec![file(at(name))])
    };
    let mut cases: Vec<Case> = ["%2e%2e/x", "\u{ff0e}\u{ff0e}/x", "…/x"]
        .map(|n| kept(6, n))
        .into();
    let overlong = [ALPHA.as_bytes(), b"/\xc0\xae\xc0\xae/x"].concat();
    cases.push(refused_with(
        6,
        "overlong dots",
        "UTF-8",
        vec![file(overlong)],
    ));
    cases.extend(["~/x", "$HOME/x", "${HOME}/x", "file:/x"].map(|name| kept(7, name)));
    cases.extend(
        ["~/x", "$HOME/x"]
            .map(|name| ignored_with(7, &format!("{name} outside"), name, vec![file(name)])),
    );
    cases.push(refused_with(
        7,
        "file://x",
        "file://x",
        vec![file("file://x")],
    ));
    cases
}

fn outside() -> Vec<Case> {
    let ignored = |row, name: &str| ignored_with(row, name, name, vec![file(name)]);
    let uncovered = |row, name| refused_with(row, name, name, vec![file(name)]);
    let root = |name: &'static str, member: Member| {
        refused(11, name, name, move |archive| {
            let lower = [
                "skills/alpha/notes.md",
                "skills/alpha/SKILL.md",
                "skills/alpha/",
                "skills/",
            ];
            let below = |archive: Archive, part| archive.minus(&format!("home/.claude/{part}"));
            let archive = lower.into_iter().fold(archive, below);
            archive.plus([member.clone()]).bytes()
        })
    };
    vec![
        ignored(8, "elsewhere/x"),
        ignored(8, "etc/passwd"),
        ignored(8, "a-file-at-the-top"),
        ignored_with(
            8,
            "a directory",
            "elsewhere",
            vec![Member::dir("elsewhere/")],
        ),
        // Known trees are the bases; a sibling in one is in the tree, and not covered.
        ignored(9, "homes/.claude/x"),
        uncovered(9, "home/.claude-evil/x"),
        ignored(10, "Home/.claude/skills/x"),
        uncovered(10, "home/.CLAUDE/skills/x"),
        root("home/.claude/skills", file("home/.claude/skills")),
        root(
            "home/.claude/skills",
            Member::link("home/.claude/skills", "../.claude-other"),
        ),
        root("home", file("home")),
        root("home", Member::link("home", "elsewhere")),
    ]
}

fn portable() -> Vec<Case> {
    let backslashes = [r"C:\x", r"\\server\share\x", r"\\?\C:\x", r"home\..\..\x"];
    let mut cases: Vec<Case> = backslashes
        .map(|name| refused_with(12, name, &name.replace('\\', r"\\"), vec![file(name)]))
        .into();
    cases.extend([r"a\b", r"..\..\x", r"y/..\x"].map(|name| {
        refused_with(
            12,
            name,
            &at(name).replace('\\', r"\\"),
            vec![file(at(name))],
        )
    }));
    cases.extend(["C:x", "c:/x"].map(|name| refused_with(12, name, name, vec![file(name)])));
    let streams = ["f:s", "d::$INDEX_ALLOCATION"].map(|name| (13, name));
    let devices = [
        "CON",
        "NUL.txt",
        "COM\u{b9}",
        "dot.",
        "space ",
        "LONGNA~1.TXT",
    ];
    let warned = |(row, name): (u8, &str)| {
        let looks = vec![holds(name, "evil\n")];
        warned_with(row, name, name, looks, vec![file(at(name))])
    };
    cases.extend(
        streams
            .into_iter()
            .chain(devices.map(|name| (14, name)))
            .map(warned),
    );
    cases
}

fn sizes() -> Vec<Case> {
    let long_path = |name: String| {
        vec![
            Member::pax(record("path", &name)),
            file("x").listed_as(&name),
        ]
    };
    let dirs = |count: usize| "d/".repeat(count) + "x";
    let wide = |count: usize| "w".repeat(count);
    let long = |count: usize| (wide(200) + "/").repeat(4) + &wide(count);
    let spare = 1024 - at("").len() - 4 * 201;
    let keeps = |name: &str, path: String| {
        let look = holds(&path, "evil\n");
        restored_with(15, name, vec![look], long_path(at(&path)))
    };
    vec![
        refused_with(15, "1025 bytes", ALPHA, long_path(at(&long(spare + 1)))),
        keeps("1024 bytes", long(spare)),
        refused_with(15, "100,000 bytes", ALPHA, long_path(at(&dirs(50_000)))),
        refused_with(15, "65 components", ALPHA, long_path(at(&dirs(60)))),
        keeps("64 components", dirs(59)),
        refused_with(
            15,
            "component of 256 bytes",
            ALPHA,
            long_path(at(&wide(256))),
        ),
        keeps("component of 255 bytes", wide(255)),
    ]
}

fn bytes() -> Vec<Case> {
    let name = [ALPHA.as_bytes(), b"/caf\xe9"].concat();
    let member = || file("home/x").listed_as(&name);
    vec![
        refused_with(16, "header", "UTF-8", vec![file(&name)]),
        refused_with(
            16,
            "PAX path",
            "UTF-8",
            vec![Member::pax(record("path", &name)), member()],
        ),
        refused_with(
            16,
            "GNU long name",
            "UTF-8",
            vec![Member::gnu(b'L', &name), member()],
        ),
        refused_with(16, "directory", "UTF-8", vec![Member::dir(&name)]),
        refused_with(16, "lone surrogate", "UTF-8", {
            vec![file([ALPHA.as_bytes(), b"/\xed\xa0\x80"].concat())]
        }),
    ]
}

/// What a shell or a program would take for something else is a name like any other.
fn odd() -> Vec<Case> {
    let names = [
        "-rf",
        "--checkpoint-action=exec=sh x.sh",
        "@x",
        "$(touch pwned)",
        "`id`",
        "a;b&c|d",
        "%s%n%p",
        "'q\"",
        "*",
        "[x]",
        "{a,b}",
        "two words",
        " leading",
        "#x",
        "!x",
        "~",
        "\u{e9}",
        "...",
        "..x",
        ".hidden",
        "CLAUDE.local.md",
        "\u{1f600}",
    ];
    let kept =
        |name: &str| restored_with(17, name, vec![holds(name, "evil\n")], vec![file(at(name))]);
    let mut cases: Vec<Case> = names.map(kept).into();
    let dir_look = Box::new(|tree: &crate::support::TreeSnapshot| {
        let found = tree
            .0
            .get(std::path::Path::new("skills/alpha/-x"))
            .map(|node| node.what == What::Directory);
        (found != Some(true)).then(|| "no directory -x".to_owned())
    });
    cases.push(restored_with(
        17,
        "a directory -x",
        vec![dir_look],
        vec![Member::dir(at("-x/"))],
    ));
    cases
}
