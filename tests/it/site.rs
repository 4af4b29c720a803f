//! The documentation site: that it can be built, that no link in it leads nowhere, and that
//! its commands say what it says they say. `docs/testing.md` says how pages are followed.

mod compare;
mod page;
mod shell;

use crate::support::coverage::coverage;
use crate::support::tools;
use page::{Block, Page};
use shell::Shell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Commands that cannot be run as a page shows them, by their beginning, and the test that runs
/// them: an editor, a whole screen, an installed systemd, a source in the network, another shell.
const ELSEWHERE: [(&str, &str, &str); 5] = [
    (
        "browse.md",
        "takeback browse",
        "the_first_restore_follows_only_what_the_screen_says",
    ),
    (
        "schedule.md",
        "takeback schedule install",
        "what_is_installed_can_be_seen_and_taken_away_again",
    ),
    (
        "schedule.md",
        "takeback schedule status",
        "an_unplugged_disk_is_no_failure_and_is_not_filled_in_its_absence",
    ),
    (
        "shell.md",
        "takeback restore claude --from 2026-11-2<TAB>",
        "shells_complete_snapshots_targets_and_flags",
    ),
    (
        "shell.md",
        "man takeback-restore",
        "the_manual_has_a_page_for_every_command_without_a_fault",
    ),
];

/// Pages for those who work on the program, and why nobody follows them here.
const APART: [(&str, &str); 4] = [
    (
        "adapters.md",
        "tests/it/manual.rs follows it, once for each language",
    ),
    (
        "adapters-trust.md",
        "needs a registry and a web server, which tests/it/trust has",
    ),
    ("performance.md", "measures for minutes"),
    ("testing.md", "says how these tests are run"),
];

/// How commands begin that build, check or measure the program. They are run whenever it is.
const WORK: [&str; 9] = [
    "cargo ",
    "tests/",
    ".ci/",
    "apt-get ",
    "rustup ",
    "npm ",
    "python3 tests/",
    "TAKEBACK_BLESS=1 cargo ",
    "TAKEBACK_BLESS_SITE=1 cargo ",
];

/// What pages that stand apart show besides, and the test that runs it.
const APART_TOO: [(&str, &str, &str); 2] = [
    (
        "adapters-trust.md",
        "takeback adapter ",
        "what_is_published_can_be_added_by_version_and_by_digest",
    ),
    (
        "adapters-trust.md",
        "takeback adapter update",
        "more_than_was_granted_is_shown_and_never_had_with_a_bare_yes",
    ),
];

/// The two blocks of `README.md` that build the program.
const BUILDS: [&str; 2] = ["cargo run --release --locked -- backup", "tests/run"];

fn docs() -> PathBuf {
    takeback_artifacts::repository().join("docs")
}

/// Every page of the table of contents, by its path below `docs`.
fn contents() -> Vec<String> {
    let summary = std::fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    page::links(&summary)
}

/// Set to write what is said into the pages instead of comparing; read what changed before
/// committing it.
const BLESS: &str = "TAKEBACK_BLESS_SITE";

/// Follows one page from an empty home, or the one it asks for, and counts its commands.
fn follow(name: &str) -> usize {
    let path = docs().join(name);
    let page = Page::read(&path);
    let mut shell = Shell::new(page.home.as_deref());
    let mut said = Vec::new();
    for block in &page.blocks {
        match block {
            Block::Before(script) => shell.prepare(script),
            Block::Script(lines) => {
                let lines = lines.iter().filter(|line| !BUILDS.contains(&line.as_str()));
                lines.for_each(|line| shell.works(name, line));
            }
            Block::Session(steps) => {
                for step in steps {
                    match shell.shown(step) {
                        Ok(()) => {}
                        Err(other) if other.fine && std::env::var_os(BLESS).is_some() => {
                            said.push((step, other.said))
                        }
                        Err(other) => panic!("{name}: $ {}\n{other}", step.command),
                    }
                }
            }
            Block::Elsewhere(_) => {}
        }
    }
    if !said.is_empty() {
        page::rewrite(&path, &said);
    }
    page.commands()
}

/// Follows these pages, and counts their commands.
#[track_caller]
fn follow_all(which: &str, wanted: impl Fn(&str) -> bool) {
    let mut pages = contents();
    pages.push("../README.md".to_owned());
    pages.retain(|name| wanted(name));
    assert!(!pages.is_empty(), "no page is called like that");
    let mut wrong = Vec::new();
    let mut commands = 0;
    for name in &pages {
        // Every page that is wrong is worth knowing, not the first only.
        match std::panic::catch_unwind(|| follow(name)) {
            Ok(count) => commands += count,
            Err(_) => wrong.push(name),
        }
    }
    assert!(wrong.is_empty(), "not as they say: {wrong:?}");
    coverage(
        &format!("site-{which}"),
        &[("commands of the documentation run", commands)],
    );
}

/// Whether a page is one for those who work on the program.
fn apart(name: &str) -> bool {
    APART.iter().any(|(page, _)| *page == name)
}

#[test]
fn the_recipes_can_be_followed() {
    follow_all("recipes", |name| name.starts_with("recipes/"));
}

#[test]
fn the_pages_can_be_followed() {
    follow_all("pages", |name| {
        !name.starts_with("recipes/") && !name.starts_with("..") && !apart(name)
    });
}

#[test]
fn the_session_of_the_readme_can_be_followed() {
    follow_all("readme", |name| name == "../README.md");
}

/// The text of everything in `tests/it`.
fn all_tests() -> String {
    let mut text = String::new();
    let mut folders = vec![takeback_artifacts::repository().join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

/// What a page leaves to another test is in the table, everything in the table is left out
/// somewhere, and the test is there.
#[test]
fn what_is_not_run_here_is_run_by_another_test() {
    let tests = all_tests();
    let mut used = BTreeSet::new();
    for name in contents().iter().filter(|name| !apart(name)) {
        for command in Page::read(&docs().join(name)).elsewhere() {
            let row = ELSEWHERE
                .iter()
                .find(|(page, beginning, _)| name == page && command.starts_with(beginning));
            used.insert(*row.unwrap_or_else(|| panic!("{name}: nobody runs: {command}")));
        }
    }
    assert_eq!(used, BTreeSet::from(ELSEWHERE));
    for (page, command, test) in ELSEWHERE.iter().chain(&APART_TOO) {
        let there = tests.contains(&format!("fn {test}("));
        assert!(there, "{page}: {command}: there is no test {test}");
    }
    coverage(
        "site-elsewhere",
        &[(
            "commands of the documentation that another test runs",
            used.len(),
        )],
    );
}

/// A page that stands apart shows nothing but work on the program, or what a test is known to run.
#[test]
fn pages_that_stand_apart_show_nothing_that_nobody_runs() {
    for (name, why) in APART {
        if name == "adapters.md" {
            assert!(all_tests().contains("docs/adapters.md"));
            continue;
        }
        let text = std::fs::read_to_string(docs().join(name)).unwrap();
        let commands = page::typed(&text);
        assert!(!commands.is_empty(), "{name} can be followed: {why}");
        for command in commands {
            let work = WORK.iter().any(|beginning| command.starts_with(beginning));
            let known = APART_TOO
                .iter()
                .any(|(page, beginning, _)| *page == name && command.starts_with(beginning));
            assert!(work || known, "{name}: nobody runs: {command}");
        }
    }
}

#[test]
fn the_book_can_be_built() {
    tools::require("mdbook");
    let out = tempfile::tempdir().unwrap();
    let done = Command::new("mdbook")
        .arg("build")
        .arg(docs())
        .arg("--dest-dir")
        .arg(out.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(!said.contains("WARN"), "{said}");
    for name in contents() {
        let made = out.path().join(&name).with_extension("html");
        let made = if name.ends_with("README.md") {
            made.with_file_name("index.html")
        } else {
            made
        };
        assert!(made.is_file(), "{name} is not in the book");
    }
}

/// Every page there is stands in the table of contents, or is for those who work on the
/// program only.
#[test]
fn every_page_is_in_the_contents() {
    let listed: BTreeSet<String> = contents().into_iter().collect();
    let mut there = BTreeSet::new();
    for dir in ["", "recipes", "decisions"] {
        for entry in std::fs::read_dir(docs().join(dir)).unwrap() {
            let path = Path::new(dir).join(entry.unwrap().file_name());
            let name = path.to_str().unwrap().to_owned();
            if name.ends_with(".md") && name != "SUMMARY.md" {
                there.insert(name);
            }
        }
    }
    assert_eq!(listed, there);
}

/// A link leads to a file of the repository, and where it names a heading, to that.
#[test]
fn no_link_leads_nowhere() {
    let root = takeback_artifacts::repository();
    let mut pages: Vec<PathBuf> = contents().iter().map(|name| docs().join(name)).collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)));
    let mut bad = Vec::new();
    let mut count = 0;
    for path in &pages {
        let text = std::fs::read_to_string(path).unwrap();
        for link in page::links(&text) {
            if link.contains("://") {
                continue;
            }
            count += 1;
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let to = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let found = heading.is_empty() && to.exists()
                || std::fs::read_to_string(&to)
                    .is_ok_and(|text| page::headings(&text).contains(heading));
            if !found {
                bad.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(count > 50, "only {count} links were found");
}
