//! Files that are given for adapters and are none.

use super::{archived, home_for, line_about, ready};
use crate::hostile::manners;
use std::collections::BTreeMap;
use takeback_artifacts::write_malformed;

#[test]
fn a_file_that_is_no_component_is_named_with_what_it_is() {
    if !ready() {
        return;
    }
    let says = BTreeMap::from([
        ("core-module", "a WebAssembly module, not a component"),
        ("empty", "not a WebAssembly component"),
        ("precompiled", "native code"),
        ("preamble-only", "does not export `describe`"),
        ("random", "not a WebAssembly component"),
        ("text", "not a WebAssembly component"),
        ("truncated", "not a WebAssembly component"),
        ("flipped", "it "),
    ]);
    let env = home_for("nothing");
    let dir = env.root().join("files");
    std::fs::create_dir(&dir).unwrap();
    let mut tried = 0;
    for (name, path) in write_malformed(&dir).unwrap() {
        let done = env.run(&["--adapter", path.to_str().unwrap(), "backup"]);
        assert_eq!(manners(&done), Vec::<String>::new(), "{name}");
        let done = done.exits(3);
        let line = line_about(&done, name).unwrap_or_else(|why| panic!("{name}: {why}"));
        let says = says.get(name).unwrap_or_else(|| panic!("what of {name}?"));
        assert!(
            line.contains(says),
            "{name}: it does not say {says:?}\n{done}"
        );
        assert_eq!(archived(&env), ["claude"], "{name}\n{done}");
        tried += 1;
    }
    assert_eq!(tried, says.len());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let env = home_for("nothing");
    let missing = env.home().join("missing.wasm");
    for path in [missing, env.home()] {
        let done = env.run(&["--adapter", path.to_str().unwrap(), "backup"]);
        assert_eq!(manners(&done), Vec::<String>::new());
        assert_ne!(done.code, 0, "{done}");
        let name = path.file_name().unwrap().to_str().unwrap();
        line_about(&done, name).unwrap();
    }
}
