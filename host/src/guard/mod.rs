//! What a command did to the places of some targets: two looks, one before it ran and one
//! after, what is different between them, and an operation that takes it back.
//!
//! The steps of that operation are written down as made. What was there before comes out of
//! the snapshot that was taken first, and only as much of it as the command changed.
//!
//! What is absent: how a command is run, and how its effects are shown.

mod aftermath;
mod below;
mod compare;
mod sight;
mod steps;

pub use aftermath::{Aftermath, Effect, Fate, Shape};
pub use sight::Sight;
