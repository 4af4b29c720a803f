//! What only some modules may do.

use super::source::{code, files, identifier, is_tests, read};
use std::path::Path;

/// Something only some places may do.
struct Ban {
    words: &'static [&'static str],
    homes: &'static [&'static str],
    why: &'static str,
}

const BANS: [Ban; 5] = [
    Ban {
        words: &[
            "std::fs::",
            "File::open(",
            "File::create(",
            "File::options(",
            "OpenOptions",
        ],
        homes: &["fs/"],
        why: "fs is the only door to the disk: below a held directory, through no link",
    },
    Ban {
        words: &["process::Command", "process::exit"],
        homes: &["cli/", "main.rs"],
        why: "no module of the engine starts programs or ends this one",
    },
    Ban {
        words: &[
            "println!",
            "print!",
            "eprint!",
            "dbg!",
            "io::stdout",
            "io::stderr",
            "io::stdin",
        ],
        homes: &["cli/", "main.rs"],
        why: "only the command line talks to the person",
    },
    Ban {
        words: &[
            "env::var",
            "env::args",
            "env::current_dir",
            "env::temp_dir",
            "env::home_dir",
        ],
        homes: &["cli/", "main.rs"],
        why: "what the engine knows of its surroundings comes in as HostFacts",
    },
    Ban {
        words: &["wasmtime::", "wasmparser::"],
        homes: &["adapters/"],
        why: "only adapters knows WebAssembly",
    },
];

/// Uses of banned words that are right after all.
const ALLOWED: [(&str, &str, &str); 3] = [
    (
        "",
        "std::fs::File",
        "a handle that fs gave out; it says nothing about paths",
    ),
    (
        "",
        "std::fs::{File, TryLockError}",
        "the same, and the answer of a lock",
    ),
    ("", "std::fs::TryLockError", "the answer of a lock"),
];

/// What one file of `host/src` does that is not its business.
fn wrong_doings(path: &Path, code: &str) -> Vec<String> {
    let inside = path.strip_prefix("host/src").unwrap().to_str().unwrap();
    let mut wrong = Vec::new();
    for ban in BANS
        .iter()
        .filter(|ban| !ban.homes.iter().any(|home| inside.starts_with(home)))
    {
        for (number, line) in code.lines().enumerate() {
            let mut line = line.to_owned();
            for (file, text, _) in ALLOWED.iter().filter(|(file, ..)| inside.starts_with(file)) {
                debug_assert!(!text.is_empty(), "{file}");
                line = without_word(&line, text);
            }
            if let Some(word) = ban.words.iter().find(|word| line.contains(**word)) {
                wrong.push(format!(
                    "{}:{}: {word}: {}",
                    path.display(),
                    number + 1,
                    ban.why
                ));
            }
        }
    }
    wrong
}

/// The line without a path, unless the path goes on behind it.
fn without_word(line: &str, word: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let goes_on = after.starts_with("::") || !identifier(after).is_empty();
        out.push_str(before);
        out.push_str(if goes_on { word } else { "" });
        rest = after;
    }
    out + rest
}

#[test]
fn what_only_one_module_may_do_is_done_nowhere_else() {
    let sources = files(&["host/src"], "rs");
    let sources = sources.iter().filter(|path| !is_tests(path));
    let wrong: Vec<String> = sources
        .flat_map(|path| wrong_doings(path, &code(&read(path))))
        .collect();
    assert!(
        wrong.is_empty(),
        "the list is in {}:\n{}",
        file!(),
        wrong.join("\n")
    );
}

#[test]
fn the_check_of_doings_notices_what_it_must() {
    for (path, text, wrong) in [
        ("host/src/vault/lock.rs", "use std::fs::File;", 0),
        (
            "host/src/vault/lock.rs",
            "use std::fs::{File, TryLockError};",
            0,
        ),
        ("host/src/vault/lock.rs", "let f: std::fs::File = x;", 0),
        ("host/src/vault/lock.rs", "std::fs::File::open(x)", 1),
        ("host/src/vault/lock.rs", "File::open(x)", 1),
        ("host/src/vault/lock.rs", "std::fs::read(x)", 1),
        ("host/src/vault/lock.rs", "use std::fs::{self, File};", 1),
        ("host/src/vault/lock.rs", "println!(\"x\")", 1),
        ("host/src/scan/walk.rs", "std::env::var(\"HOME\")", 1),
        ("host/src/scan/walk.rs", "std::env::consts::OS", 0),
        ("host/src/scan/walk.rs", "std::process::Command::new(x)", 1),
        ("host/src/scan/walk.rs", "std::process::id()", 0),
        ("host/src/fs/dir.rs", "std::fs::read(x)", 0),
        ("host/src/cli/list.rs", "println!(\"x\")", 0),
    ] {
        let found = wrong_doings(Path::new(path), text);
        assert_eq!(found.len(), wrong, "{text}: {found:?}");
    }
}
