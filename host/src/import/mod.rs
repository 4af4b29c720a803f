//! What other programs backed up, as the home and project it was taken from: a source is read,
//! its layout recognised, and what it holds of a home laid out in a private directory. From
//! there on it is backed up like any home.
//!
//! A source is hostile: it is read by the strict reader of foreign tars, or through directories
//! held open; nothing in it names a destination of this machine; links are laid out as links
//! and never gone through while that is done.
//!
//! What is absent: which tool keeps what (adapters say that), the vault, and the terminal.

mod error;
mod layout;
mod left;
mod note;
mod source;
mod stage;
mod survey;
mod when;

pub use error::ImportError;
pub use layout::{Image, Known, Layout, Tree, Wish, recognise};
pub use left::{Left, left_behind};
pub use source::Source;
pub use stage::{Staged, stage};
pub use survey::{Passed, Survey};
pub use when::{Clock, When};
