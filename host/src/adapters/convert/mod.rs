//! The one conversion between wire types and host values, where all distrust of an
//! answer's form lives: lengths, counts, names, paths, globs. What an adapter may ask
//! for is decided elsewhere, on the converted values.

mod declaration;
mod outcome;
mod text;

pub(super) use declaration::{declaration, identity, location, refusal};
pub use outcome::{AfterRestore, ReadBackFile, RuleOutcome};
pub(super) use outcome::{facts, hints};

use super::wire;
