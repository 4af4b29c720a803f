//! Walks the places a declaration names and says what is there, what is missing, and
//! why. Reads names and properties, never content (but for a database's first bytes).
//!
//! What is absent: no archive, no vault, and nothing here is ever written.

mod inventory;
mod links;
mod roots;
mod walk;

pub use inventory::{Inventory, ScannedEntry};
pub use links::{Anchors, Parents, Place, PlacePath};
pub use roots::off_limits;
pub use walk::scan;
