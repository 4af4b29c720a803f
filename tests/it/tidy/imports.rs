//! Who may import whom.

use super::source::{code, files, identifier, is_tests, line_of, read, repository};
use std::path::Path;

/// What each module of `host/src` may import, in reading order. A new edge is a decision:
/// it is made here, where it is seen.
const EDGES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("fs", &["model"]),
    ("adapters", &["model"]),
    ("fetch", &["model"]),
    ("archive", &["model"]),
    ("scan", &["fs", "model"]),
    ("in_use", &["fs", "model"]),
    ("vault", &["archive", "fs", "model"]),
    ("portable", &["archive", "model"]),
    ("secrets", &["portable", "model"]),
    (
        "backup",
        &[
            "secrets", "vault", "archive", "adapters", "scan", "fs", "model",
        ],
    ),
    ("import", &["backup", "archive", "fs", "model"]),
    ("operation", &["fs", "model"]),
    ("diff", &["portable", "model"]),
    (
        "restore",
        &[
            "operation",
            "diff",
            "backup",
            "vault",
            "archive",
            "adapters",
            "in_use",
            "scan",
            "fs",
            "model",
        ],
    ),
    (
        "guard",
        &[
            "restore",
            "operation",
            "backup",
            "archive",
            "scan",
            "fs",
            "model",
        ],
    ),
];

/// What the command line may use of the engine: not the walk. `archive` and `fs` because the command line opens the archives and configuration files that
/// people name, by the same door as everything else.
const CLI_USES: &[&str] = &[
    "adapters",
    "archive",
    "backup",
    "diff",
    "fetch",
    "fs",
    "guard",
    "import",
    "in_use",
    "model",
    "operation",
    "portable",
    "restore",
    "secrets",
    "vault",
];

/// The names that follow each `prefix::` in code, with their lines: one name, every name
/// of a group, or `*`.
fn names_behind(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
            continue;
        }
        let rest = code[at + prefix.len()..].trim_start();
        let names = match rest.strip_prefix('{') {
            Some(group) => first_names(group),
            None if rest.starts_with('*') => vec!["*".to_owned()],
            None => vec![identifier(rest)],
        };
        found.extend(names.into_iter().map(|name| (line_of(code, at), name)));
    }
    found
}

/// The first name of each item of a group, up to the group's end.
fn first_names(group: &str) -> Vec<String> {
    let (mut names, mut depth, mut fresh) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            '*' if fresh => {
                names.push("*".to_owned());
                fresh = false;
            }
            c if fresh && (c.is_alphanumeric() || c == '_') => {
                names.push(identifier(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

/// The module of a file of `host/src`, and how deep the file's own module lies.
fn module(path: &Path) -> (String, usize) {
    let inside = path.strip_prefix("host/src").unwrap().with_extension("");
    let parts: Vec<&str> = inside.iter().map(|part| part.to_str().unwrap()).collect();
    let depth = parts.len() - usize::from(parts.last() == Some(&"mod"));
    (parts[0].to_owned(), depth)
}

/// What is wrong with the imports of one file.
fn wrong_imports(path: &Path, code: &str) -> Vec<String> {
    let (module, depth) = module(path);
    let mut wrong = Vec::new();
    let mut check = |line: usize, name: &str, allowed: &[&str], of: &str| {
        if name != module && !allowed.contains(&name) {
            let reason = format!("{module} may use {allowed:?} of {of}, not `{name}`");
            wrong.push(format!("{}:{line}: {reason}", path.display()));
        }
    };
    if matches!(module.as_str(), "cli" | "main") {
        for (line, name) in names_behind(code, "takeback::") {
            check(line, &name, CLI_USES, "the engine");
        }
        for (line, name) in names_behind(code, "crate::") {
            check(line, &name, &["cli"], "the program");
        }
        return wrong;
    }
    let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == module) else {
        if module != "lib" {
            wrong.push(format!(
                "{}: the module `{module}` is not in the table",
                path.display()
            ));
        }
        return wrong;
    };
    for (line, name) in names_behind(code, "crate::") {
        check(line, &name, allowed, "the engine");
    }
    // As many `super` as modules lead out of the module, to the same end as `crate`.
    for (line, name) in names_behind(code, &"super::".repeat(depth)) {
        check(line, &name, allowed, "the engine");
    }
    wrong
}

#[test]
fn imports_go_one_way_only() {
    let sources = files(&["host/src"], "rs");
    let sources = sources.iter().filter(|path| !is_tests(path));
    let wrong: Vec<String> = sources
        .flat_map(|path| wrong_imports(path, &code(&read(path))))
        .collect();
    assert!(
        wrong.is_empty(),
        "the table is in {}:\n{}",
        file!(),
        wrong.join("\n")
    );
}

#[test]
fn the_table_of_imports_has_no_way_back() {
    for (index, (module, uses)) in EDGES.iter().enumerate() {
        for used in *uses {
            let at = EDGES.iter().position(|(name, _)| name == used);
            assert!(at.is_some_and(|at| at < index), "{module} -> {used}");
        }
    }
    for (module, _) in EDGES {
        assert!(
            repository().join("host/src").join(module).is_dir(),
            "there is no {module}"
        );
    }
}

#[test]
fn the_check_of_imports_notices_every_way_to_write_one() {
    for (path, text, wrong) in [
        (
            "host/src/fs/dir.rs",
            "use crate::model::Meta;\nuse super::error::FsError;",
            0,
        ),
        ("host/src/fs/dir.rs", "use crate::vault::Vault;", 1),
        (
            "host/src/fs/dir.rs",
            "let x = crate::vault::Vault::open(p);",
            1,
        ),
        (
            "host/src/fs/dir.rs",
            "use crate::{model::{A, B}, vault::Vault, scan};",
            2,
        ),
        ("host/src/fs/dir.rs", "use crate::*;", 1),
        ("host/src/fs/dir.rs", "use crate::{model, *};", 1),
        ("host/src/fs/dir.rs", "use super::super::vault::Vault;", 1),
        ("host/src/fs/mod.rs", "use super::vault::Vault;", 1),
        (
            "host/src/adapters/convert/text.rs",
            "use super::super::error::AdapterError;",
            0,
        ),
        (
            "host/src/adapters/convert/text.rs",
            "use super::super::super::vault::Vault;",
            1,
        ),
        (
            "host/src/cli/list.rs",
            "use takeback::vault::Vault;\nuse crate::cli::args::Args;",
            0,
        ),
        (
            "host/src/cli/list.rs",
            "use takeback::{scan::Place, vault};",
            1,
        ),
        ("host/src/gadgets/mod.rs", "", 1),
        (
            "host/src/fs/dir.rs",
            "//! use crate::vault::Vault;\n// crate::scan::x\n",
            0,
        ),
        (
            "host/src/fs/dir.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::vault::Vault;\n}",
            0,
        ),
    ] {
        let found = wrong_imports(Path::new(path), &code(text));
        assert_eq!(found.len(), wrong, "{text}: {found:?}");
    }
}
