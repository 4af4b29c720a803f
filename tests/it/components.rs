//! The committed components are what their sources make.

use crate::support::TestEnv;
use std::fs;
use takeback_artifacts as artifacts;

#[test]
fn the_committed_adapters_are_those_of_the_sources() {
    let report = artifacts::gate1(artifacts::repository()).unwrap();
    assert!(report.ok(), "{report}");
}

#[test]
fn rebuilt_adapters_are_the_committed_bytes() {
    assert!(
        artifacts::built(),
        "COMPONENTS WERE NOT REBUILT: run `rustup target add wasm32-wasip2`"
    );
    let report = artifacts::gate2(artifacts::repository()).unwrap();
    assert!(report.ok(), "{report}");
}

#[test]
fn an_adapter_built_from_the_contract_alone_is_used_without_rebuilding_the_program() {
    let env = TestEnv::small();
    env.write(".notepad9/settings.json", "{}");
    env.write(".notepad9/snippets/a.txt", "snippet");
    let component = artifacts::example_rust().to_str().unwrap();
    let report = env.backup(0, &["--adapter", component]);
    let names: Vec<_> = report["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["target"])
        .collect();
    assert_eq!(names, ["notepad9", "claude"]);
    fs::remove_dir_all(env.home().join(".notepad9")).unwrap();
    // Without its adapter an archive of the vault is still restorable.
    env.run(&["restore", "notepad9", "--yes"]).exits(0);
    assert_eq!(
        fs::read_to_string(env.home().join(".notepad9/snippets/a.txt")).unwrap(),
        "snippet"
    );
}

#[test]
fn a_recorded_adapter_is_used_until_its_bytes_change() {
    let env = TestEnv::small();
    env.write(".notepad9/settings.json", "{}");
    let component = artifacts::example_rust();
    let digest = takeback::model::Digest::of(&fs::read(component).unwrap()).to_string();
    let path = component.to_str().unwrap();
    env.run(&["adapter", "add", path]).exits(5).says("--sha256");
    env.run(&["adapter", "add", path, "--yes", "--sha256", &"0".repeat(64)])
        .exits(7)
        .says(&digest);
    env.run(&["adapter", "add", path, "--yes", "--sha256", &digest])
        .exits(0);
    env.backup(0, &["notepad9"]);
    let stored = env
        .home()
        .join(format!(".config/takeback/adapters/{digest}.wasm"));
    let mut bytes = fs::read(&stored).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&stored, bytes).unwrap();
    env.run(&["backup", "notepad9"])
        .exits(7)
        .says("not the ones recorded");
    env.run(&["backup"]).exits(3).says("not the ones recorded");
    env.run(&["adapter", "remove", "notepad9"]).exits(0);
    env.run(&["backup", "notepad9"])
        .exits(10)
        .says("no target called notepad9");
    env.run(&["restore", "notepad9", "--yes"]).exits(0);
}

#[test]
fn listing_runs_no_adapter() {
    let mut env = TestEnv::small();
    env.backup(0, &[]);
    let cache = env.root().join("empty-cache");
    env.set("XDG_CACHE_HOME", &cache);
    for args in [&["list"][..], &["show"], &["verify"]] {
        env.run(args).exits(0);
    }
    assert!(!cache.exists(), "nothing was compiled");
}

#[test]
fn an_adapter_named_for_a_run_takes_the_place_of_another_and_says_so() {
    let env = TestEnv::small();
    let fresh = artifacts::adapter("claude").to_str().unwrap();
    let output = env.run(&["backup", "--adapter", fresh]).exits(0);
    let warning = format!("claude: {fresh} is used in this run");
    assert!(output.stderr.contains(&warning), "{output:?}");
    let twice = ["backup", "--adapter", fresh, "--adapter", fresh];
    env.run(&twice)
        .exits(3)
        .says("already an adapter called `claude`");
    assert_eq!(env.snapshots().len(), 2);
}
