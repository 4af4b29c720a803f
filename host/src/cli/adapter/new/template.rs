//! The files of a new project: those of the example in its language, under another name.
//! The examples are built and run by the tests, so what is copied from them works.

use super::super::super::args::Language;

/// A path in the project, and the example's text.
type File = (&'static str, &'static str);

/// Embeds a file of `examples`.
macro_rules! example {
    ($path:literal) => {
        include_str!(concat!("../../../../../examples/", $path))
    };
}

const CONTRACT: File = (
    "wit/adapter.wit",
    include_str!("../../../../../wit/adapter.wit"),
);

const RUST: &[File] = &[
    (".gitignore", example!("adapter-rust/.gitignore")),
    ("Cargo.lock", example!("adapter-rust/Cargo.lock")),
    ("Cargo.toml", example!("adapter-rust/Cargo.toml")),
    ("src/lib.rs", example!("adapter-rust/src/lib.rs")),
    ("src/runtime.rs", example!("adapter-rust/src/runtime.rs")),
    CONTRACT,
];

const JS: &[File] = &[
    (".gitignore", example!("adapter-js/.gitignore")),
    ("adapter.js", example!("adapter-js/adapter.js")),
    ("package.json", example!("adapter-js/package.json")),
    CONTRACT,
];

const PYTHON: &[File] = &[
    (".gitignore", example!("adapter-python/.gitignore")),
    ("adapter.py", example!("adapter-python/adapter.py")),
    (
        "requirements.txt",
        example!("adapter-python/requirements.txt"),
    ),
    CONTRACT,
];

const TOML: &[File] = &[("notepad9.toml", example!("adapter-toml/notepad9.toml"))];

/// A home directory with the tool in it, for `adapter check --fixture`.
const FIXTURE: &[File] = &[
    (
        "fixture/linux/.notepad9/cache/pages",
        example!("notepad9-home/.notepad9/cache/pages"),
    ),
    (
        "fixture/linux/.notepad9/extensions.json",
        example!("notepad9-home/.notepad9/extensions.json"),
    ),
    (
        "fixture/linux/.notepad9/history.jsonl",
        example!("notepad9-home/.notepad9/history.jsonl"),
    ),
    (
        "fixture/linux/.notepad9/settings.json",
        example!("notepad9-home/.notepad9/settings.json"),
    ),
    (
        "fixture/linux/.notepad9/skills/sum/SKILL.md",
        example!("notepad9-home/.notepad9/skills/sum/SKILL.md"),
    ),
    (
        "fixture/linux/.notepad9/snippets/closing.txt",
        example!("notepad9-home/.notepad9/snippets/closing.txt"),
    ),
];

/// What is different about a language.
struct Kit {
    files: &'static [File],
    /// The example's README, of which some sections are taken over.
    readme: &'static str,
    /// What is edited.
    source: &'static str,
    /// What a build makes.
    made: &'static str,
}

fn kit(language: Language) -> Kit {
    match language {
        Language::Rust => Kit {
            files: RUST,
            readme: example!("adapter-rust/README.md"),
            source: "src/lib.rs",
            made: "target/wasm32-wasip2/release/notepad9_adapter.wasm",
        },
        Language::Js => Kit {
            files: JS,
            readme: example!("adapter-js/README.md"),
            source: "adapter.js",
            made: "notepad9.wasm",
        },
        Language::Python => Kit {
            files: PYTHON,
            readme: example!("adapter-python/README.md"),
            source: "adapter.py",
            made: "notepad9.wasm",
        },
        Language::Toml => Kit {
            files: TOML,
            readme: example!("adapter-toml/README.md"),
            source: "notepad9.toml",
            made: "notepad9.toml",
        },
    }
}

/// The files of a project for a tool, with their paths below the project's directory.
pub(super) fn files(language: Language, id: &str) -> Vec<(String, String)> {
    let kit = kit(language);
    let readme = ("README.md", &*readme(&kit));
    let all = kit.files.iter().chain(FIXTURE).copied().chain([readme]);
    all.map(|(path, text)| (renamed(path, id), renamed(text, id)))
        .collect()
}

/// The example's text, speaking of another tool.
fn renamed(text: &str, id: &str) -> String {
    let snake = id.replace('-', "_");
    let mut words: Vec<String> = id.split('-').map(str::to_owned).collect();
    if let Some(first) = words.first_mut() {
        first[..1].make_ascii_uppercase();
    }
    text.replace(", an editor that does not exist", "")
        .replace(", a tool that does not exist", "")
        .replace("../../wit", "wit")
        .replace("NOTEPAD9", &snake.to_ascii_uppercase())
        .replace("notepad9_adapter", &format!("{snake}_adapter"))
        .replace("Notepad 9", &words.join(" "))
        .replace("notepad9", id)
}

/// The project's own README: what is needed and how it is built are the example's words.
fn readme(kit: &Kit) -> String {
    let mut text = format!(
        "# A takeback adapter for Notepad 9\n\n`{}` says what Notepad 9 keeps where. It is the \
         example of takeback under another name: replace what it says by what is true of your \
         tool, and the files in `fixture` by some that your tool wrote.\n",
        kit.source
    );
    for heading in ["## Needs", "## Build", "## How the contract looks"] {
        let section = section(kit.readme, heading);
        text.extend(
            section
                .into_iter()
                .flat_map(|section| ["\n", section, "\n"]),
        );
    }
    let (made, packed) = (kit.made, "notepad9-0.1.0.wasm");
    text += &format!(
        "\n## Check\n\n```sh\ntakeback adapter check {made} --fixture fixture\n```\n\nIt says \
         what would be kept on Linux, macOS and Windows, which of the files in `fixture` fall \
         under which rule, and whether takeback would accept the adapter.\n"
    );
    let add = if kit.made.ends_with(".toml") {
        made
    } else {
        text += &format!(
            "\n## Pack\n\n```sh\ntakeback adapter pack {made} --output {packed}\n```\n\nThe file \
             that others get: it names itself, its version and its licence.\n"
        );
        packed
    };
    text + &format!(
        "\n## Use\n\n```sh\ntakeback adapter add {add}\ntakeback backup notepad9\n```\n"
    )
}

/// A section of a README with its heading; lines that lead out of the project are left out.
fn section<'a>(readme: &'a str, heading: &str) -> Option<&'a str> {
    let start = readme.find(heading)?;
    let rest = &readme[start..];
    let end = rest[2..].find("\n## ").map_or(rest.len(), |end| end + 2);
    Some(rest[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 4] = [
        Language::Rust,
        Language::Js,
        Language::Python,
        Language::Toml,
    ];

    #[test]
    fn nothing_of_the_example_s_name_or_place_is_left() {
        for language in ALL {
            let files = files(language, "my-tool").into_iter();
            for (path, text) in files.filter(|(path, _)| path != CONTRACT.0) {
                let all = format!("{path}\n{text}").to_lowercase();
                for left in ["notepad", "../..", "does not exist", "two levels up"] {
                    assert!(!all.contains(left), "{language:?}, {path}: {left}");
                }
            }
        }
    }

    #[test]
    fn every_readme_says_how_to_build_check_and_use() {
        for language in ALL {
            let files = files(language, "my-tool");
            let (_, readme) = files.iter().find(|(path, _)| path == "README.md").unwrap();
            for heading in ["## Needs", "## Check", "## Use"] {
                assert!(readme.contains(heading), "{language:?}: {readme}");
            }
            assert!(readme.contains("my-tool") && readme.contains("My tool"));
            let builds = language != Language::Toml;
            assert_eq!(readme.contains("## Build"), builds, "{readme}");
            assert_eq!(readme.contains("adapter pack"), builds, "{readme}");
        }
    }

    #[test]
    fn the_fixture_is_the_example_s_home() {
        let files = files(Language::Js, "zed2");
        let there = |path: &str| files.iter().any(|(known, _)| known == path);
        assert!(there("fixture/linux/.zed2/settings.json"));
        assert!(there("wit/adapter.wit"));
        assert!(there("adapter.js"));
    }
}
