//! Adapters from afar: what a source is, and its bytes, bounded and checked.
//!
//! What is absent: this module writes nothing, knows no adapter and decides no trust. It
//! hands over bytes; who may run them is decided where everything else is.

mod address;
mod error;
#[cfg(feature = "download")]
mod http;
#[cfg(feature = "oci")]
mod oci;
mod reference;
mod source;

pub use address::Address;
pub use error::FetchError;
#[cfg(feature = "download")]
pub use http::{Client, Fetched};
#[cfg(feature = "oci")]
pub use oci::{Credentials, Package, Pulled, Pushed, pull, push};
pub use reference::Reference;
pub use source::Source;
