//! Tests of the built program: everything here runs `takeback` as a person would, each
//! test in a home of its own, and looks at what is on disk afterwards.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed, and says where"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "what the program finds on the disk is made here, and what it left is looked at"
)]

mod authoring;
mod backup;
mod canaries;
mod components;
mod concurrency;
mod damage;
mod diff;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod faults;
mod gaps;
mod guards;
mod history;
mod hostile;
mod in_use;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod incremental;
mod init;
mod keep;
mod languages;
mod lists;
mod manual;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod model;
mod mounts;
mod portable;
mod readers;
mod refusals;
mod restore;
mod sandbox;
mod schedule;
mod settings;
mod shells;
mod site;
mod sqlite;
mod support;
mod terminal;
mod thin;
mod tidy;
mod trust;
mod undo;
