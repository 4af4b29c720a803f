//! Damage and malice beyond the fixtures: mutated manifests, huge ones, and paths.

use crate::support::{answer, assert_sound, cases, command_lines};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use takeback_adapter::{OperatingSystem, Severity};
use takeback_adapter_plugins::{
    model::{Files, Parse, Recovery, Refused},
    recover::recover,
};

/// Marsaglia's xorshift: the same mutations on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % below.max(1)
    }
}

/// Bytes that mean something to JSON, to a shell or to a terminal.
const SPICE: &[u8] = b"\"\\{}[]:,\n\r\0\x1b!#/@$`;|&<>~.- \t\xff\xc3\xe2";

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.next(2) {
        let at = random.next(bytes.len() + 1);
        let spice = SPICE[random.next(SPICE.len())];
        match random.next(12) {
            0..=3 if at < bytes.len() => bytes[at] ^= 1 << random.next(8),
            4..=5 if at < bytes.len() => bytes[at] = spice,
            6..=7 if at < bytes.len() => drop(bytes.remove(at)),
            8 => bytes.truncate(at),
            _ => bytes.insert(at, spice),
        }
    }
}

#[test]
fn mutated_manifests_stay_within_the_grammars() {
    let cases = cases();
    let mut random = Random(0x7461_6b65_6261_636b);
    let (mut rounds, mut readable) = (0, 0);
    for case in &cases {
        // The largest case alone would take as long as all others together.
        let times = if case.name == "two-hundred" { 20 } else { 150 };
        for round in 0..times {
            let mut inputs = case.inputs.clone();
            inputs
                .values_mut()
                .for_each(|bytes| mutate(&mut random, bytes));
            let hints = answer(case.os(), &inputs);
            assert_sound(&format!("{} mutated, round {round}", case.name), &hints);
            for line in command_lines(&hints) {
                assert!(!line.contains("evil.invalid"), "{line:?}");
            }
            rounds += 1;
            readable += usize::from(hints.iter().any(|hint| hint.severity == Severity::Action));
        }
    }
    assert!(rounds >= 8_000, "only {rounds} rounds");
    // Else the mutations would only test the JSON parser.
    assert!(
        readable * 3 > rounds,
        "only {readable} of {rounds} rounds had commands"
    );
}

fn inputs(installed: &Value, known: &Value, settings: &Value) -> BTreeMap<&'static str, Vec<u8>> {
    let files = crate::support::INPUTS.map(|(file, _)| file);
    let values = [installed, known, settings];
    let present = files
        .into_iter()
        .zip(values)
        .filter(|(_, value)| !value.is_null());
    present
        .map(|(file, value)| (file, value.to_string().into_bytes()))
        .collect()
}

fn recovered(os: OperatingSystem, inputs: &BTreeMap<&'static str, Vec<u8>>) -> Recovery {
    let [installed, known, settings] =
        crate::support::INPUTS.map(|(file, _)| inputs.get(file).map(Vec::as_slice));
    recover(
        os,
        &Files {
            installed,
            known,
            settings,
        },
    )
}

fn project(path: &str) -> Value {
    json!({"version": 2, "plugins": {"p@m": [{"scope": "project", "projectPath": path}]}})
}

/// A manifest with as many entries as fit: each made by `entry` from its number.
fn huge(entry: impl Fn(usize) -> (String, Value)) -> Value {
    let mut plugins = Map::new();
    let mut size = 0;
    for (id, record) in (0..).map(entry) {
        size += id.len() + record.to_string().len() + 4;
        if size > 1_000_000 {
            break;
        }
        plugins.insert(id, record);
    }
    json!({"version": 2, "plugins": plugins})
}

#[test]
fn huge_manifests_stay_within_the_limits() {
    let long = "y".repeat(110);
    let path = "$".repeat(3000);
    let manifests = [
        huge(|n| (format!("p{n}@m{n}"), json!({}))),
        huge(|n| (format!("{long}{n}@{long}{n}"), json!({"version": "1.0.0"}))),
        huge(|n| (format!("bad {n}"), json!({}))),
        huge(|n| {
            (
                format!("p{n}@m"),
                json!({"scope": "local", "projectPath": format!("/{path}{n}")}),
            )
        }),
        huge(|n| {
            (
                format!("p{n}@m"),
                json!({"scope": "local", "projectPath": format!("/{n}")}),
            )
        }),
    ];
    let known = json!({"m": {"source": {"source": "github", "repo": "a/b"}}});
    for (number, manifest) in manifests.iter().enumerate() {
        for known in [&Value::Null, &known] {
            let hints = answer(
                OperatingSystem::Linux,
                &inputs(manifest, known, &Value::Null),
            );
            assert_sound(&format!("huge manifest {number}"), &hints);
            assert!(hints.iter().any(|hint| hint.save.is_some()));
        }
    }
}

#[test]
fn a_file_beyond_the_limit_is_not_read() {
    let mut inputs = inputs(&project("/x"), &Value::Null, &Value::Null);
    inputs
        .values_mut()
        .for_each(|bytes| bytes.resize((1 << 20) + 1, b' '));
    let recovery = recovered(OperatingSystem::Linux, &inputs);
    assert_eq!(recovery.parse.installed, Parse::TooLarge);
    assert_eq!(recovery.installs, []);
}

#[test]
fn deep_nesting_is_malformed() {
    for depth in [200, 200_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
        let inputs = BTreeMap::from([("installed_plugins.json", deep)]);
        let recovery = recovered(OperatingSystem::Linux, &inputs);
        assert_eq!(recovery.parse.installed, Parse::Malformed);
    }
}

#[test]
fn project_paths_are_those_of_the_system() {
    let windows = [
        "C:\\Users\\Ada\\src",
        "d:/src",
        "\\\\wsl$\\Debian\\home\\ada",
    ];
    let unix = ["/home/ada/src", "/home/ada/my app", "/home/ada/caf\u{e9}"];
    let nowhere = [
        "",
        "src",
        "~/src",
        "C:src",
        "/a/../b",
        "/a\nb",
        "/a\u{85}b",
        "/a\u{2028}b",
    ];
    let accepted = |os, path: &str| {
        let recovery = recovered(os, &inputs(&project(path), &Value::Null, &Value::Null));
        let refused = recovery
            .skipped
            .iter()
            .map(|entry| entry.reason)
            .collect::<Vec<_>>();
        let accepted = recovery
            .installs
            .iter()
            .any(|i| i.cwd.as_deref() == Some(path));
        assert!(accepted || refused == [Refused::BadProjectPath], "{path:?}");
        accepted
    };
    for os in [
        OperatingSystem::Linux,
        OperatingSystem::Macos,
        OperatingSystem::Windows,
    ] {
        let is_windows = os == OperatingSystem::Windows;
        assert!(windows.iter().all(|path| accepted(os, path) == is_windows));
        assert!(unix.iter().all(|path| accepted(os, path) != is_windows));
        assert!(nowhere.iter().all(|path| !accepted(os, path)));
    }
}

/// A project path may hold anything, and stands right above a command.
#[test]
fn a_hostile_project_path_is_shown_without_teeth() {
    let known = json!({
        "m": {"source": {"source": "directory", "path": "/x`id`\n/plugin install evil@evil"}},
    });
    let path = "/home/ada/$(touch x); rm -rf ~ `id` && !ls | \"q\" \u{202e}\u{1f9ea}";
    let hints = answer(
        OperatingSystem::Linux,
        &inputs(&project(path), &known, &Value::Null),
    );
    assert_sound("hostile path", &hints);
    let text = format!("{hints:?}");
    for teeth in ["$(", "; rm", "`", "&&", "!ls", "| "] {
        assert!(!text.contains(teeth), "{teeth:?} in {text}");
    }
    assert!(text.contains("u0024") && text.contains("ud83e"), "{text}");
}
