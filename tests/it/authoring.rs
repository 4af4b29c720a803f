//! What authors of adapters are given: a project to begin with, a check, and the file that
//! others get.

use crate::support::TestEnv;
use crate::support::authored::{Language, component};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use takeback::model::Digest;
use takeback_artifacts::{Verdict, example_module, example_rust, guest, guests, verdict};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a check says, and its exit code.
fn check(env: &TestEnv, file: &Path, more: &[&str]) -> (i32, Value) {
    let mut args = vec!["--json", "adapter", "check", path(file)];
    args.extend(more);
    let done = env.run(&args);
    (done.code, done.json())
}

fn example(below: &str) -> PathBuf {
    takeback_artifacts::repository()
        .join("examples")
        .join(below)
}

#[test]
fn a_project_is_begun_once_and_nothing_is_overwritten() {
    let env = TestEnv::new();
    for (language, source) in [
        ("rust", "src/lib.rs"),
        ("js", "adapter.js"),
        ("python", "adapter.py"),
        ("toml", "my-tool.toml"),
    ] {
        let dir = env.root().join(language);
        let args = [
            "adapter",
            "new",
            "--lang",
            language,
            "my-tool",
            "--dir",
            path(&dir),
        ];
        let made = env.run(&[&["--json"], &args[..]].concat()).exits(0).json();
        assert_eq!(made["id"], "my-tool");
        for file in made["files"].as_array().unwrap() {
            assert!(dir.join(file.as_str().unwrap()).is_file(), "{file}");
        }
        let text = fs::read_to_string(dir.join(source)).unwrap();
        assert!(text.contains("my-tool") && text.contains("MY_TOOL_HOME"));
        fs::write(dir.join(source), "mine").unwrap();
        env.run(&args).exits(4).says("is there already");
        assert_eq!(fs::read_to_string(dir.join(source)).unwrap(), "mine");
        let wit = fs::read(dir.join("wit/adapter.wit")).ok();
        let contract = fs::read(takeback_artifacts::repository().join("wit/adapter.wit")).unwrap();
        assert_eq!(wit, (language != "toml").then_some(contract));
    }
    let new = |name: &str| env.run(&["adapter", "new", "--lang", "js", name]);
    new("../up").exits(2).says("a target name is");
    new("claude").exits(4).says("built-in");
    assert!(!env.home().join("claude").exists());
}

#[test]
fn a_new_project_without_a_program_is_accepted_as_it_is() {
    let env = TestEnv::new();
    env.run(&["adapter", "new", "--lang", "toml", "my-tool"])
        .exits(0);
    let project = env.home().join("my-tool");
    let fixture = project.join("fixture");
    let file = project.join("my-tool.toml");
    let (code, found) = check(&env, &file, &["--fixture", path(&fixture)]);
    assert_eq!(
        (code, &found["accepted"]),
        (0, &Value::Bool(true)),
        "{found:#}"
    );
    let systems = found["systems"].as_array().unwrap();
    let walked = &systems[systems.len() - 1];
    let files = |rule: &str| {
        let rules = walked["rules"].as_array().unwrap();
        rules.iter().find(|one| one["id"] == rule).unwrap()["files"].clone()
    };
    assert_eq!(
        files("settings"),
        serde_json::json!(["home/.my-tool/settings.json"])
    );
    assert_eq!(
        files("cache"),
        serde_json::json!(["home/.my-tool/cache/pages"])
    );
    // The same home, named as one of this system.
    let home = fixture.join("linux");
    let (code, again) = check(&env, &file, &["--home", path(&home)]);
    assert_eq!(code, 0);
    assert_eq!(
        again["systems"].as_array().unwrap().last().unwrap()["rules"],
        walked["rules"]
    );
    let nowhere = env.root().join("nowhere");
    let args = ["adapter", "check", path(&file), "--home", path(&nowhere)];
    env.run(&args).exits(2).says("is not a directory");
    let args = ["adapter", "check", path(&file), "--fixture", path(&home)];
    env.run(&args).exits(2).says("linux, macos and windows");
}

/// The declarations, tallies, running checks, notes and numbers of hints on every system
/// are the same, whatever an adapter is written in.
#[test]
fn a_check_finds_the_same_whatever_an_adapter_is_written_in() {
    let env = TestEnv::new();
    let home = example("notepad9-home");
    let found = [
        example_rust().to_owned(),
        component(Language::JavaScript),
        component(Language::Python),
        example("adapter-toml/notepad9.toml"),
    ]
    .map(|file| {
        let (code, found) = check(&env, &file, &["--home", path(&home)]);
        assert_eq!(code, 0, "{found:#}");
        assert_eq!(found["doubts"], serde_json::json!([]), "{found:#}");
        found
    });
    assert_eq!(found[0]["systems"].as_array().unwrap().len(), 7);
    for other in &found[1..] {
        for field in [
            "id",
            "name",
            "version",
            "description",
            "scope",
            "variables",
            "systems",
        ] {
            assert_eq!(found[0][field], other[field], "{field}");
        }
    }
}

#[test]
fn a_check_refuses_what_a_backup_would_refuse() {
    // Their hints are refused after a restore, which is tame; a check hears of it before.
    let tamed_late = ["escape-codes", "save-elsewhere"];
    // Those that are stopped by the clock are waited for elsewhere.
    let names = guests().filter(|name| !name.starts_with("loops"));
    let mut failures = Vec::new();
    for name in names {
        let accepted = matches!(verdict(name), Some(Verdict::Serves | Verdict::Tamed))
            && !tamed_late.contains(&name);
        let env = TestEnv::new();
        let (code, found) = check(&env, guest(name), &[]);
        let refused = found["refused"].as_array().unwrap();
        let right = (code == 0, found["accepted"].as_bool(), refused.is_empty());
        if right != (accepted, Some(accepted), accepted) {
            failures.push(format!("{name}: exit code {code}, {refused:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_never_ends_is_tried_on_one_system_only() {
    let env = TestEnv::new();
    let (code, found) = check(&env, guest("loops-in-declare"), &[]);
    assert_eq!(code, 7);
    assert_eq!(found["systems"].as_array().unwrap().len(), 1, "{found:#}");
    let why = found["refused"][0].as_str().unwrap();
    assert!(
        why.contains("linux: it did not finish `declare` within"),
        "{why}"
    );
}

fn pack(env: &TestEnv, from: &Path, name: &str) -> (PathBuf, Value) {
    let to = env.root().join(name);
    let args = [
        "--json",
        "adapter",
        "pack",
        path(from),
        "--output",
        path(&to),
    ];
    let packed = env.run(&args).exits(0).json();
    let digest = Digest::of(&fs::read(&to).unwrap()).to_string();
    assert_eq!(packed["sha256"], digest.as_str());
    (to, packed)
}

#[test]
fn a_packed_adapter_names_itself_and_is_packed_only_once() {
    let env = TestEnv::new();
    for (at, from) in [example_rust().to_owned(), component(Language::JavaScript)]
        .iter()
        .enumerate()
    {
        let (packed, said) = pack(&env, from, &format!("{at}.wasm"));
        assert_eq!(said["encoded"], false);
        let (code, found) = check(&env, &packed, &[]);
        assert_eq!(code, 0, "{found:#}");
        let sections = serde_json::json!({
            "component-name": "notepad9",
            "description": "Settings, snippets, skills and history of Notepad 9",
            "homepage": "https://example.invalid/notepad9",
            "licenses": "MIT OR Apache-2.0",
            "version": "0.1.0",
        });
        assert_eq!(found["sections"], sections);
        assert_eq!(found["doubts"], serde_json::json!([]));
        let (again, _) = pack(&env, &packed, "again.wasm");
        assert_eq!(fs::read(&packed).unwrap(), fs::read(&again).unwrap());
    }
}

#[test]
fn a_module_is_packed_into_a_component() {
    let env = TestEnv::new();
    let module = path(example_module());
    env.run(&["adapter", "check", module])
        .exits(7)
        .says("takeback adapter pack");
    let (packed, said) = pack(&env, example_module(), "packed.wasm");
    assert_eq!(said["encoded"], true);
    let (_, made) = check(&env, &packed, &[]);
    let (_, linked) = check(&env, example_rust(), &[]);
    assert_eq!(made["systems"], linked["systems"]);
    assert_eq!(made["accepted"], true);
}

#[test]
fn what_is_no_adapter_is_not_packed() {
    let env = TestEnv::new();
    let to = env.root().join("packed.wasm");
    let refused = |from: &Path| {
        let args = ["adapter", "pack", path(from), "--output", path(&to)];
        env.run(&args).exits(7).says("is not packed")
    };
    refused(&example("adapter-toml/notepad9.toml")).says("handed out as it is");
    refused(guest("ssh-keys")).says(".ssh");
    refused(guest("wrong-world")).says("not a takeback adapter");
    let odd = env.write("odd.wasm", b"\0asm\x01\0\0\0\x7f\x7f");
    refused(&odd).says("no component can be made of it");
    assert!(!to.exists());
}

#[test]
fn sections_that_say_something_else_than_the_adapter_raise_a_doubt() {
    let env = TestEnv::new();
    let (packed, _) = pack(&env, example_rust(), "packed.wasm");
    let mut bytes = fs::read(&packed).unwrap();
    let version = b"version0.1.0";
    let at = bytes
        .windows(version.len())
        .rposition(|part| part == version);
    bytes[at.unwrap() + 7] = b'9';
    let lying = env.write("lying.wasm", bytes);
    let (code, found) = check(&env, &lying, &[]);
    assert_eq!(code, 0);
    let doubts = found["doubts"].to_string();
    assert!(
        doubts.contains("`version`") && doubts.contains("9.1.0"),
        "{doubts}"
    );
}
