//! What the tests lean on: a sealed home, the built program, fake homes, trees to compare.

pub(crate) mod blocks;
pub(crate) mod copy;
pub(crate) mod env;
pub(crate) mod fixture;
pub(crate) mod odd;
pub(crate) mod tarball;
pub(crate) mod tools;
#[cfg(target_os = "linux")]
pub(crate) mod tracer;
pub(crate) mod tree;

pub(crate) use env::{Output, TestEnv};
pub(crate) use fixture::{Fixture, materialize, materialize_live};
pub(crate) use tree::{Node, TreeSnapshot};
