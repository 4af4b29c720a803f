//! What is to be restored, and how.

use crate::archive::Choice;

/// What somebody wants restored, and how.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which entries.
    pub choice: Choice,
    /// Also remove what is only local.
    pub exact: bool,
    /// Put files in the place of live links.
    pub replace_links: bool,
}
