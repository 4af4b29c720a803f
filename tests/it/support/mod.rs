//! What the tests lean on: a sealed home, the built program, fake homes, trees to compare.

pub(crate) mod authored;
pub(crate) mod blocks;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(crate) mod copy;
pub(crate) mod coverage;
pub(crate) mod env;
pub(crate) mod fixture;
pub(crate) mod index;
pub(crate) mod odd;
pub(crate) mod schemas;
pub(crate) mod tarball;
pub(crate) mod tools;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(crate) mod tracer;
pub(crate) mod tree;
pub(crate) mod tty;

pub(crate) use env::{Output, TestEnv};
pub(crate) use fixture::{Fixture, materialize, materialize_live};
pub(crate) use tree::{Node, TreeSnapshot};
