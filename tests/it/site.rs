//! The documentation site: that it can be built, that no link in it leads nowhere, and that
//! its commands say what it says they say.

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

/// Pages whose commands are run by another test, and which.
const ELSEWHERE: [(&str, &str); 1] = [("adapters.md", "manual.rs")];

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

/// Follows one page from an empty home, or the one it asks for.
fn follow(name: &str) -> usize {
    let path = docs().join(name);
    let page = Page::read(&path);
    let mut shell = Shell::new(page.home.as_deref());
    let mut said = Vec::new();
    for block in &page.blocks {
        match block {
            Block::Before(script) => shell.prepare(script),
            Block::Script(lines) => lines.iter().for_each(|line| shell.works(name, line)),
            Block::Session(steps) => {
                for step in steps {
                    match shell.shown(step) {
                        Ok(()) => {}
                        Err(other) if std::env::var_os(BLESS).is_some() => said.push((step, other.said)),
                        Err(other) => panic!("{name}: $ {}\n{other}", step.command),
                    }
                }
            }
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
    let pages: Vec<String> = contents().into_iter().filter(|name| wanted(name)).collect();
    assert!(!pages.is_empty(), "no page is called like that");
    let commands = pages.iter().map(|name| follow(name)).sum();
    coverage(
        &format!("site-{which}"),
        &[("commands of the documentation run", commands)],
    );
}

#[test]
fn the_recipes_can_be_followed() {
    follow_all("recipes", |name| name.starts_with("recipes/"));
}

#[test]
fn the_pages_can_be_followed() {
    let other = |name: &str| ELSEWHERE.iter().any(|(page, _)| *page == name);
    follow_all("pages", |name| !name.starts_with("recipes/") && !other(name));
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
