//! Components for the tests, and the gates that keep the committed ones true.
//!
//! The build script compiles the built-in adapters, the misbehaving guests and the
//! example adapter; here are their paths. Without the wasm target nothing is compiled
//! and [`built`] says so: a test that needs a component asks it first and reports in
//! capitals what it could not do. The first gate needs no component and always runs.

mod gates;
mod imports;
mod lock;
mod malformed;
mod sources;
mod verdict;

pub use gates::{Report, dist, gate1, gate2};
pub use imports::imports;
pub use malformed::{malformed, write_malformed};
pub use verdict::Verdict;

use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/built.rs"));

/// What to do when [`built`] is false, in one line.
pub const NOT_BUILT: &str =
    "COMPONENTS WERE NOT REBUILT: run `rustup target add wasm32-wasip2` and build again";

/// Whether there are fresh components: false where Rust lacks the wasm target.
#[must_use]
pub fn built() -> bool {
    BUILT
}

/// The repository this was built in.
#[must_use]
pub fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// The ids of the built-in adapters, sorted.
pub fn adapters() -> impl Iterator<Item = &'static str> {
    ADAPTERS.iter().map(|(id, _, _)| *id)
}

/// The freshly built component of a built-in adapter.
///
/// # Panics
/// If there is no such adapter, or nothing was [`built`].
#[must_use]
pub fn adapter(id: &str) -> &'static Path {
    let path = ADAPTERS
        .iter()
        .find_map(|(known, path, _)| (*known == id).then_some(*path));
    fresh(path, id)
}

/// The names of the guests in `tests/guests`, sorted.
pub fn guests() -> impl Iterator<Item = &'static str> {
    GUESTS.iter().map(|(name, _)| *name)
}

/// The component of a guest.
///
/// # Panics
/// If there is no such guest, or nothing was [`built`].
#[must_use]
pub fn guest(name: &str) -> &'static Path {
    fresh(
        GUESTS
            .iter()
            .find_map(|(known, path)| (*known == name).then_some(*path)),
        name,
    )
}

/// The same guest, made for the contract that is not published. A few that use no part of
/// `takeback_guests` are made for the published one here too.
///
/// # Panics
/// If there is no such guest, or nothing was [`built`].
#[must_use]
pub fn next_guest(name: &str) -> &'static Path {
    let mut all = NEXT_GUESTS.iter();
    let found = all.find_map(|(known, path)| (*known == name).then_some(*path));
    fresh(found, name)
}

/// How the host must answer a guest; `None` if there is no such guest.
#[must_use]
pub fn verdict(name: &str) -> Option<Verdict> {
    verdict::VERDICTS
        .iter()
        .find_map(|(known, verdict)| (*known == name).then_some(*verdict))
}

/// The component of `examples/adapter-rust`, a stranger's adapter for `notepad9`.
///
/// # Panics
/// If nothing was [`built`].
#[must_use]
pub fn example_rust() -> &'static Path {
    fresh(Some(EXAMPLE_RUST), "notepad9")
}

/// The same example as a WebAssembly module, with its contract in a section of its own.
///
/// # Panics
/// If nothing was [`built`].
#[must_use]
pub fn example_module() -> &'static Path {
    fresh(Some(EXAMPLE_MODULE), "notepad9-module")
}

#[expect(
    clippy::panic,
    reason = "a test without its component can only stop, and must say why"
)]
fn fresh(path: Option<&'static str>, name: &str) -> &'static Path {
    match path {
        Some(path) if built() => Path::new(path),
        Some(_) => panic!("no component `{name}`. {NOT_BUILT}"),
        None => panic!("there is no component `{name}`"),
    }
}
