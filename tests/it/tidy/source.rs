//! Source files as text: which there are, and which part of them is code.

use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Files below some folders of the repository, by their paths from its top; what is
/// built is left out.
pub(super) fn files(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let top = repository();
    let mut found = Vec::new();
    let mut look: Vec<PathBuf> = folders.iter().map(|folder| top.join(folder)).collect();
    while let Some(dir) = look.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap_or_default();
            if path.is_symlink()
                || matches!(
                    name,
                    "target" | ".git" | ".tools" | "fixtures" | "node_modules"
                )
            {
                continue;
            } else if path.is_dir() {
                look.push(path);
            } else if path.extension().is_some_and(|ext| ext == extension) {
                found.push(path.strip_prefix(&top).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}

/// Where the tests of a file begin, which are at its end; the end where there are none.
pub(super) fn tests_at(text: &str) -> usize {
    text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len())
}

/// The code of a file: comments emptied, and everything from its tests on left out.
pub(super) fn code(text: &str) -> String {
    let tests = tests_at(text);
    let line = |line: &str| match line.find("//") {
        Some(at) if line[..at].ends_with([' ', '\t']) || at == 0 => line[..at].to_owned(),
        _ => line.to_owned(),
    };
    text[..tests]
        .lines()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether a whole file holds nothing but tests.
pub(super) fn is_tests(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

pub(super) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

pub(super) fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}
