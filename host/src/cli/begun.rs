//! How a command begins: what it needs of the configuration file.

use super::args::Command;
use super::config::{self, Config};
use super::error::CommandError;
use std::path::Path;
use takeback::vault::retention::Policies;

/// What a command needs of the configuration file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// It must be sound, and there if it was named.
    Usual,
    /// It need not be there: it is being written.
    Writing,
    /// The command says what is wrong with it.
    Examining,
}

impl Begun {
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::Init(_) => Self::Writing,
            Command::Doctor(_) => Self::Examining,
            _ => Self::Usual,
        }
    }
}

/// What the configuration file says, checked.
pub(super) fn configured(path: &Path, must_be: bool) -> Result<(Config, Policies), CommandError> {
    let mut config = config::read(path, must_be)?;
    let policies = config.keep.take().unwrap_or_default().policies(path)?;
    Ok((config, policies))
}
