//! Packages of OCI registries: one layer, an adapter. Every byte is checked against its
//! digest before it is handed on, so nothing depends on the registry being honest.

mod access;
mod manifest;
mod pull;
mod push;

pub use access::Credentials;
pub use manifest::Package;
pub use pull::{Pulled, pull};
pub use push::{Pushed, push};
