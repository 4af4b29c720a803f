//! The components are what their names promise, as far as their bytes show it.
#![expect(
    clippy::print_stderr,
    reason = "what could not be tested has to be said"
)]
#![expect(clippy::unwrap_used, reason = "a test is where to find out")]

use std::{fs, path::Path};
use takeback_artifacts::{
    NOT_BUILT, Verdict, adapter, adapters, built, example_rust, guest, guests, imports, malformed,
    verdict, write_malformed,
};

fn ready() -> bool {
    if !built() {
        eprintln!("NOT TESTED. {NOT_BUILT}");
    }
    built()
}

fn imports_of(path: &Path) -> Vec<String> {
    imports(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn adapters_and_example_import_nothing() {
    if !ready() {
        return;
    }
    assert!(adapters().count() >= 4);
    for path in adapters().map(adapter).chain([example_rust()]) {
        assert_eq!(imports_of(path), Vec::<String>::new(), "{path:?}");
    }
}

#[test]
fn guests_import_what_they_say() {
    if !ready() {
        return;
    }
    for name in guests() {
        let imports = imports_of(guest(name));
        match name {
            "foreign-import" => assert_eq!(imports, ["evil:host/api"]),
            "std-wasi" | "reads-environment" => {
                assert!(
                    imports
                        .iter()
                        .any(|import| import.starts_with("wasi:cli/environment@"))
                );
                assert!(imports.iter().all(|import| import.starts_with("wasi:")));
            }
            _ => assert!(imports.is_empty(), "{name} imports {imports:?}"),
        }
    }
}

#[test]
fn every_guest_has_a_verdict() {
    assert!(guests().all(|name| verdict(name).is_some()));
    assert_eq!(verdict("well-behaved"), Some(Verdict::Serves));
    assert_eq!(verdict("nobody"), None);
}

#[test]
fn malformed_files_are_no_adapters() {
    if !ready() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("malformed");
    fs::create_dir_all(&folder).unwrap();
    assert_eq!(
        write_malformed(&folder).unwrap().len(),
        malformed().unwrap().len()
    );
    for (name, bytes) in malformed().unwrap() {
        match name {
            // A component of nothing is one, and asks for nothing.
            "preamble-only" => assert!(imports(&bytes).is_ok()),
            _ => assert!(imports(&bytes).is_err(), "{name} passes for a component"),
        }
        assert_eq!(
            fs::read(folder.join(format!("{name}.wasm"))).unwrap(),
            bytes
        );
    }
}
