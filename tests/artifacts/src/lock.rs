//! `adapters/dist/adapters.lock.toml`: what the committed components are and what
//! they were made from.

use crate::{HOST, RUSTC, TARGET, sources::hex};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

const HEAD: &str = "\
# The committed components. Written by `cargo run -p takeback-artifacts -- dist` and
# compared with sources and files in every test run; not for editing.
";

/// The lock as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    pub(crate) toolchain: Toolchain,
    #[serde(default, rename = "adapter")]
    pub(crate) adapters: Vec<Entry>,
}

/// What compiled the components. Another system may make other bytes of the same
/// sources, so it belongs to it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Toolchain {
    pub(crate) rustc: String,
    pub(crate) host: String,
    pub(crate) target: String,
}

/// One component.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) sha256: String,
    pub(crate) size: u64,
    pub(crate) sources: String,
}

impl Lock {
    /// Reads the lock of a repository.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = dist_folder(root).join("adapters.lock.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
        toml::from_str(&text).with_context(|| format!("{path:?} is not a lock of adapters"))
    }

    /// Writes the lock of a repository.
    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        let path = dist_folder(root).join("adapters.lock.toml");
        let text = format!("{HEAD}\n{}", toml::to_string(self)?);
        fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))
    }
}

impl Toolchain {
    /// The one that made the fresh components.
    pub(crate) fn of_this_build() -> Self {
        Self {
            rustc: RUSTC.into(),
            host: HOST.into(),
            target: TARGET.into(),
        }
    }
}

impl std::fmt::Display for Toolchain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {} for {}", self.rustc, self.host, self.target)
    }
}

/// Where the committed components are.
pub(crate) fn dist_folder(root: &Path) -> PathBuf {
    root.join("adapters/dist")
}

/// The digest by which a component is known.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
