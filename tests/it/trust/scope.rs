//! The scope that was granted holds at backup and at restore, for archives from before it
//! was narrowed too; and what nobody can grant is had in no way.

use super::{adapter, add, lock, record, sha256, stored};
use crate::support::tarball::{Archive, Member};
use crate::support::tools::extract;
use crate::support::{TestEnv, TreeSnapshot};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::symlink;
use takeback_artifacts::guest;

const KEY: &str = "a private key";

/// A home with a key, and with what the honest adapters keep.
fn home() -> TestEnv {
    let env = TestEnv::small();
    env.write(".ssh/id_ed25519", KEY);
    env.write(".echo-tool/settings.json", "{}\n");
    env.write(".echo-more/more.json", "{}\n");
    env
}

/// Whether an archive of the vault holds the key, under whatever name.
fn is_kept(env: &TestEnv) -> bool {
    let out = tempfile::tempdir().unwrap();
    let key = crate::support::tree::hex(&Sha256::digest(KEY));
    env.snapshots().iter().any(|snapshot| {
        let into = out.path().join(snapshot);
        fs::create_dir(&into).unwrap();
        for entry in fs::read_dir(env.snapshot(snapshot)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".tar.gz") {
                extract(&path, &into.join(path.file_name().unwrap()));
            }
        }
        // Every archive lists what it holds by its digest.
        let sums = TreeSnapshot::of(&into);
        let mut lists = sums.0.keys().filter(|path| path.ends_with("SHA256SUMS"));
        lists.any(|path| fs::read_to_string(into.join(path)).unwrap().contains(&key))
    })
}

/// Records a guest by hand, as somebody who can write the record, with any scope.
fn record_by_hand(env: &TestEnv, name: &str, id: &str, scope: &str) {
    let digest = sha256(guest(name));
    let dir = lock(env).with_file_name("adapters");
    fs::create_dir_all(&dir).unwrap();
    fs::copy(guest(name), dir.join(format!("{digest}.wasm"))).unwrap();
    let text = format!(
        "[[adapter]]\nid = \"{id}\"\nversion = \"0.1.0\"\nsha256 = \"{digest}\"\nscope = \
         [{scope}]\nsource = \"by hand\"\nadded = \"2026-01-01T00:00:00Z\"\n"
    );
    fs::write(lock(env), text).unwrap();
}

#[test]
fn keys_are_had_by_no_adapter_however_it_comes() {
    for name in ["ssh-keys", "shell-startup"] {
        let env = home();
        let path = guest(name).to_str().unwrap();
        let digest = sha256(guest(name));
        let added = adapter(&env, &["add", path, "--yes", "--sha256", &digest]).exits(7);
        assert!(added.stderr.contains("off limits"), "{added}");
        assert_eq!((record(&env), stored(&env)), (String::new(), Vec::new()));
        let given = env.run(&["backup", name, "--adapter", path]);
        assert_eq!(given.code, 7, "{given}");
        for scope in ["\"home/.ssh\"", "\"home/.ssh\", \"home/.bashrc\"", ""] {
            record_by_hand(&env, name, name, scope);
            let done = env.run(&["backup", name]).exits(7);
            assert!(done.stderr.contains(name), "{done}");
            env.run(&["backup"]).exits(3);
            assert!(!is_kept(&env), "{name} {scope}");
        }
    }
}

#[test]
fn keys_are_reached_neither_by_a_variable_nor_by_a_link() {
    let mut env = home();
    add(&env, "grown-tool");
    for place in [".ssh", ".ssh/", ".ssh/../.ssh", "."] {
        env.set("ECHO_TOOL_HOME", env.home().join(place));
        env.run(&["backup"]).exits(0);
        assert!(!is_kept(&env), "{place}");
    }
    // A link to where keys are, by a variable, as a place and inside one.
    symlink(env.home().join(".ssh"), env.home().join("innocent")).unwrap();
    env.set("ECHO_TOOL_HOME", env.home().join("innocent"));
    symlink("../.ssh/id_ed25519", env.home().join(".echo-tool/key")).unwrap();
    symlink("../.ssh", env.home().join(".echo-tool/keys")).unwrap();
    fs::remove_dir_all(env.home().join(".echo-more")).unwrap();
    symlink(".ssh", env.home().join(".echo-more")).unwrap();
    let done = env.run(&["backup"]);
    assert!(matches!(done.code, 0 | 3), "{done}");
    assert!(!is_kept(&env), "{done}");
}

#[test]
fn an_archive_puts_nothing_where_keys_are() {
    let mut env = home();
    add(&env, "grown-tool");
    let moved = env.home().join("moved");
    fs::create_dir(&moved).unwrap();
    fs::write(moved.join("authorized_keys"), "mine").unwrap();
    env.set("ECHO_TOOL_HOME", &moved);
    env.backup(0, &["echo-tool"]);
    // The variable leads to the keys now, or a link in its place does.
    let ssh = env.home().join(".ssh");
    let before = TreeSnapshot::of(&ssh);
    env.set("ECHO_TOOL_HOME", &ssh);
    env.run(&["restore", "echo-tool", "--yes", "--force"]);
    before.assert_same(&TreeSnapshot::of(&ssh), "by a variable");
    env.set("ECHO_TOOL_HOME", &moved);
    fs::remove_dir_all(&moved).unwrap();
    symlink(&ssh, &moved).unwrap();
    env.run(&["restore", "echo-tool", "--yes", "--force"]);
    env.run(&[
        "restore",
        "echo-tool",
        "--yes",
        "--force",
        "--replace-links",
    ]);
    before.assert_same(&TreeSnapshot::of(&ssh), "by a link");
    // A manifest that says it all itself.
    let snapshot = env.snapshot(&env.snapshots()[0]);
    let whole = env.root().join("whole");
    extract(&snapshot.join("echo-tool.tar.gz"), &whole);
    let manifest = fs::read(whole.join("manifest.json")).unwrap();
    let archive = Archive {
        members: vec![Member::file("manifest.json", manifest)],
    };
    let forged = archive
        .edit(|manifest| {
            let rule = json!({"id": "keys", "at": "home/.ssh", "shape": "directory",
                              "class": "settings"});
            manifest["declaration"]["rules"]
                .as_array_mut()
                .unwrap()
                .push(rule);
            manifest["adapter"]["scope"]
                .as_array_mut()
                .unwrap()
                .push(json!("home/.ssh"));
        })
        .plus([Member::file("home/.ssh/authorized_keys", "evil\n")]);
    let file = env.root().join("forged.tar.gz");
    fs::write(&file, forged.bytes()).unwrap();
    let from = file.to_str().unwrap();
    let done = env.run(&["restore", "echo-tool", "--yes", "--force", "--from", from]);
    assert_eq!(done.code, 4, "{done}");
    before.assert_same(&TreeSnapshot::of(&ssh), "by a manifest");
}

#[test]
fn a_grant_that_was_narrowed_holds_for_what_was_kept_before() {
    let env = home();
    add(&env, "grown-tool");
    env.backup(0, &["echo-tool"]);
    let more = env.home().join(".echo-more/more.json");
    fs::write(&more, "changed").unwrap();
    let narrow = record(&env).replace("\"home/.echo-more\", ", "");
    assert_ne!(narrow, record(&env));
    fs::write(lock(&env), narrow).unwrap();
    let refused = || {
        let done = env
            .run(&["restore", "echo-tool", "--yes", "--force"])
            .exits(4);
        assert!(done.stderr.contains("home/.echo-more"), "{done}");
        assert_eq!(fs::read_to_string(&more).unwrap(), "changed");
    };
    // What it declares is more than it was left, now and then.
    let done = env.run(&["backup", "echo-tool"]).exits(7);
    assert!(done.stderr.contains("outside its scope"), "{done}");
    refused();
    // That its adapter does not run widens nothing.
    let file = lock(&env).with_file_name("adapters").join(&stored(&env)[0]);
    fs::write(&file, "not a component").unwrap();
    refused();
    fs::remove_file(&file).unwrap();
    refused();
}

#[test]
fn an_update_that_asks_for_less_narrows_what_was_granted() {
    let env = home();
    add(&env, "grown-tool");
    env.backup(0, &["echo-tool"]);
    let from = guest("well-behaved").to_str().unwrap();
    adapter(&env, &["update", "echo-tool", "--yes", "--from", from]).exits(0);
    let more = env.home().join(".echo-more/more.json");
    fs::write(&more, "changed").unwrap();
    env.run(&["restore", "echo-tool", "--yes", "--force"])
        .exits(4);
    assert_eq!(fs::read_to_string(&more).unwrap(), "changed");
    env.backup(0, &["echo-tool"]);
    // Somebody who agrees again has it back.
    let digest = sha256(guest("grown-tool"));
    let from = guest("grown-tool").to_str().unwrap();
    let args = [
        "update",
        "echo-tool",
        "--from",
        from,
        "--yes",
        "--sha256",
        &digest,
    ];
    adapter(&env, &args).exits(0);
    let first = &env.snapshots()[0];
    env.run(&["restore", "echo-tool", "--yes", "--force", "--from", first])
        .exits(0);
    assert_eq!(fs::read_to_string(&more).unwrap(), "{}\n");
}
