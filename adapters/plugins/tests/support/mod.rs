//! What the tests share: the cases, the road from a case to the adapter's answer, and
//! the grammars of the fixtures, written once more so that the adapter cannot agree
//! with itself.

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf};
use takeback_adapter::{
    Adapter, Disposition, Facts, Hint, OperatingSystem, Outcome, ReadBackFile, Shell,
};
use takeback_adapter_plugins::{Plugins, model::Files};

/// The three inputs: file name and rule.
pub(crate) const INPUTS: [(&str, &str); 3] = [
    ("installed_plugins.json", "installed-plugins"),
    ("known_marketplaces.json", "known-marketplaces"),
    ("settings.json", "settings"),
];

/// What `rules.json` says of commands; the functions below are these.
const COMMAND_GRAMMAR: [&str; 3] = [
    "^/plugin marketplace add [A-Za-z0-9_][A-Za-z0-9@:/._#~-]{0,500}$",
    "^/plugin (install|disable) [A-Za-z0-9][A-Za-z0-9._-]{0,127}@[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
    "^/reload-plugins$",
];
const NOTE_GRAMMAR: &str = "^#[\\x20-\\x7e]{0,199}$";

/// One case: its inputs and what must come out.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) inputs: BTreeMap<&'static str, Vec<u8>>,
    pub(crate) expected: Value,
}

impl Case {
    pub(crate) fn os(&self) -> OperatingSystem {
        match self.expected["os"].as_str().unwrap() {
            "linux" => OperatingSystem::Linux,
            "macos" => OperatingSystem::Macos,
            "windows" => OperatingSystem::Windows,
            other => unreachable!("{}: no system is called {other}", self.name),
        }
    }

    pub(crate) fn files(&self) -> Files<'_> {
        let [installed, known, settings] =
            INPUTS.map(|(file, _)| self.inputs.get(file).map(Vec::as_slice));
        Files {
            installed,
            known,
            settings,
        }
    }

    pub(crate) fn never(&self) -> Vec<&str> {
        let never = self.expected["never"].as_array().unwrap();
        never.iter().map(|text| text.as_str().unwrap()).collect()
    }
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tools/plugin-manifests")
}

pub(crate) fn rules() -> Value {
    serde_json::from_slice(&fs::read(folder().join("rules.json")).unwrap()).unwrap()
}

/// Every case folder that is shipped.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| {
            let expected = fs::read(path.join("expected.json")).unwrap();
            let read = |name: &'static str| Some((name, fs::read(path.join(name)).ok()?));
            Case {
                name: path.file_name().unwrap().to_str().unwrap().into(),
                inputs: INPUTS.iter().filter_map(|(file, _)| read(file)).collect(),
                expected: serde_json::from_slice(&expected).unwrap(),
            }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

pub(crate) fn facts(os: OperatingSystem) -> Facts {
    let home = match os {
        OperatingSystem::Linux => "/home/ada",
        OperatingSystem::Macos => "/Users/ada",
        OperatingSystem::Windows => "C:\\Users\\Ada",
    };
    Facts {
        os,
        home: home.into(),
        project: None,
        variables: Vec::new(),
        existing: Vec::new(),
    }
}

/// An outcome in which these files came from another home.
pub(crate) fn outcome(inputs: &BTreeMap<&'static str, Vec<u8>>) -> Outcome {
    let file = |(name, rule): &(&'static str, &str)| {
        Some(ReadBackFile {
            rule: (*rule).into(),
            path: String::new(),
            disposition: Disposition::Withheld,
            content: inputs.get(name)?.clone(),
        })
    };
    Outcome {
        rules: Vec::new(),
        files: INPUTS.iter().filter_map(file).collect(),
        home_changed: true,
        machine_changed: true,
    }
}

pub(crate) fn answer(os: OperatingSystem, inputs: &BTreeMap<&'static str, Vec<u8>>) -> Vec<Hint> {
    Plugins::after_restore(facts(os), outcome(inputs))
}

/// Checks that the functions below are the grammars of the fixtures.
pub(crate) fn assert_grammars_are_current() {
    let rules = rules();
    assert_eq!(
        rules["command_line_grammar"],
        serde_json::json!(COMMAND_GRAMMAR)
    );
    assert_eq!(rules["note_line_grammar"], NOTE_GRAMMAR);
}

fn is_word(text: &str, first: &str, rest: &str, max: usize) -> bool {
    let among = |c: char, extra: &str| c.is_ascii_alphanumeric() || extra.contains(c);
    text.chars().count() <= max
        && text.chars().next().is_some_and(|c| among(c, first))
        && text.chars().skip(1).all(|c| among(c, rest))
}

fn is_id(text: &str) -> bool {
    let name = |name: &str| is_word(name, "", "._-", 128);
    text.split_once('@')
        .is_some_and(|(plugin, market)| name(plugin) && name(market))
}

fn is_argument(text: &str) -> bool {
    is_word(text, "_", "@:/._#~-", 501)
}

pub(crate) fn is_slash_line(line: &str) -> bool {
    if let Some(source) = line.strip_prefix("/plugin marketplace add ") {
        return is_argument(source);
    }
    let id = line
        .strip_prefix("/plugin install ")
        .or(line.strip_prefix("/plugin disable "));
    id.map_or(line == "/reload-plugins", is_id)
}

pub(crate) fn is_terminal_line(line: &str) -> bool {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["claude", "plugin", "marketplace", "add", source] => is_argument(source),
        ["claude", "plugin", "install" | "disable", id] => is_id(id),
        [
            "claude",
            "plugin",
            "install",
            id,
            "--scope",
            "project" | "local",
        ] => is_id(id),
        _ => false,
    }
}

pub(crate) fn is_note_line(line: &str) -> bool {
    line.strip_prefix('#')
        .is_some_and(|note| note.len() <= 199 && note.bytes().all(|b| (0x20..=0x7e).contains(&b)))
}

/// Every line of the hints that is meant to be pasted.
pub(crate) fn command_lines(hints: &[Hint]) -> Vec<String> {
    let mut lines = Vec::new();
    for hint in hints {
        lines.extend(hint.commands.iter().flat_map(|block| block.lines.clone()));
        let text = hint.save.iter().flat_map(|file| file.text.lines());
        lines.extend(text.filter(|line| !line.starts_with('#')).map(String::from));
    }
    lines
}

/// Checks everything that must hold whatever the manifests were.
pub(crate) fn assert_sound(what: &str, hints: &[Hint]) {
    for hint in hints {
        for block in &hint.commands {
            assert!(!block.lines.is_empty(), "{what}: an empty block");
            let good = match block.shell {
                Shell::Terminal => is_terminal_line,
                Shell::Tool => is_slash_line,
            };
            for line in &block.lines {
                assert!(good(line), "{what}: {line:?} is no command");
            }
        }
        if let Some(file) = &hint.save {
            assert_eq!(file.name, "restore-plugins.txt", "{what}");
            assert!(
                file.text.ends_with('\n'),
                "{what}: the last line is not ended"
            );
            for line in file.text.split_terminator('\n') {
                assert!(
                    is_note_line(line) || is_slash_line(line),
                    "{what}: {line:?} must not be in the file"
                );
            }
        }
    }
    assert_within_limits(what, hints);
}

/// Checks what the host demands of any answer, and that all of it is printable ASCII.
fn assert_within_limits(what: &str, hints: &[Hint]) {
    let (mut items, mut bytes) = (hints.len(), 0);
    let mut string = |text: &str| {
        assert!(text.len() <= 4096, "{what}: a text of {} bytes", text.len());
        assert!(
            text.bytes().all(|b| (0x20..=0x7e).contains(&b)),
            "{what}: {text:?} is not printable"
        );
        items += 1;
        bytes += text.len();
    };
    for hint in hints {
        string(&hint.summary);
        hint.steps.iter().for_each(|step| string(step));
        for block in &hint.commands {
            string(&block.heading);
            block.lines.iter().for_each(|line| string(line));
        }
    }
    let saved = hints.iter().filter_map(|hint| hint.save.as_ref());
    for file in saved {
        assert!(
            file.text.len() <= 256 << 10,
            "{what}: a file of {} bytes",
            file.text.len()
        );
        bytes += file.text.len();
    }
    assert!(items <= 10_000, "{what}: {items} items");
    assert!(bytes <= 1 << 20, "{what}: {bytes} bytes");
}
