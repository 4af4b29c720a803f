//! Loads adapters, runs those that are components bounded and without authority, and
//! turns what they say into checked values.
//!
//! What is absent: this module can open no file and knows no vault, so there is
//! nothing here that a component could be given.

mod admission;
#[cfg_attr(
    any(test, fuzzing),
    expect(
        missing_docs,
        reason = "generated, and only seen from outside by fuzzing"
    )
)]
mod bindings;
mod convert;
mod declarative;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz_hooks;
mod metadata;
mod pack;
mod registry;
mod runtime;
mod sections;
mod together;

use bindings::v0_1::takeback::adapter::types as wire;

pub use admission::{Admission, CONTRACT};
pub use convert::{AfterRestore, ReadBackFile, RuleOutcome};
pub use declarative::Sweep;
pub use error::AdapterError;
pub use metadata::{Disagreement, Metadata};
pub use pack::Packed;
pub use registry::{Recorded, Registry, Source};
pub use runtime::{Adapter, Runtime};
