//! Changes of what is trusted. The file is stored under the name of its content first; the
//! record that names it is replaced last, in one step. So whatever stops the program, the
//! record names only files that are whole; what no record names is swept by the next change.

use super::super::config::{self, AdapterLock, LOCK, LockedAdapter, STORE};
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::examine::Examined;
use super::obtain::lasting;
use std::path::Path;
use takeback::fs::{Dir, PrivateDir};
use takeback::model::Digest;

/// Seconds that a change waits for another one.
const PATIENCE: u64 = 10;

/// The record of trusted adapters, changed by nobody else meanwhile.
pub(super) struct Trusted<'a> {
    config: &'a Path,
    files: Dir,
    pub(super) lock: AdapterLock,
}

impl<'a> Trusted<'a> {
    /// Waits until nobody else changes the record, and reads it.
    pub(super) fn hold(context: &'a Context) -> Result<Self, CommandError> {
        let config = &context.own.config;
        // One after the other: only what lies above takeback's own places is anybody else's.
        PrivateDir::create_all(config)?;
        let files = PrivateDir::create_all(&config.join(STORE))?;
        let mut wait = context.patience(Some(PATIENCE));
        while !files.try_hold()? {
            if !wait() {
                let message = "another takeback is changing which adapters are trusted";
                return Err(CommandError::new(ExitStatus::Locked, message));
            }
        }
        let lock = AdapterLock::read(config)?;
        Ok(Self {
            config,
            files,
            lock,
        })
    }

    /// Records an adapter in the place of the one of its name.
    pub(super) fn put(mut self, examined: &Examined) -> Result<(), CommandError> {
        let locked = locked(examined);
        config::store_component(&self.files, &locked, &examined.bytes)?;
        self.lock.adapters.retain(|known| known.id != locked.id);
        self.lock.adapters.push(locked);
        self.write()
    }

    /// Forgets the adapters that are not to be kept.
    pub(super) fn forget(
        mut self,
        gone: impl Fn(&LockedAdapter) -> bool,
    ) -> Result<(), CommandError> {
        self.lock.adapters.retain(|known| !gone(known));
        self.write()
    }

    fn write(&self) -> Result<(), CommandError> {
        self.lock.write(self.config)?;
        self.sweep()
    }

    /// Removes files that no record names: of adapters that are gone, and of changes that
    /// were stopped half way. What has another kind of name is not ours.
    fn sweep(&self) -> Result<(), CommandError> {
        let named = |name: &str| self.lock.adapters.iter().any(|one| is_named(one, name));
        for name in self.files.list()? {
            let text = name.to_string_lossy();
            if is_stored(&text) && !named(&text) || is_unfinished(&text) {
                PrivateDir::remove_tree(&self.files, &name)?;
            }
        }
        let above = Dir::open(self.config)?;
        for name in above.list()? {
            let text = name.to_string_lossy();
            if is_unfinished(&text) && text.starts_with(&format!(".{LOCK}.")) {
                PrivateDir::remove_tree(&above, &name)?;
            }
        }
        Ok(())
    }
}

fn is_named(one: &LockedAdapter, name: &str) -> bool {
    name.split('.').next() == Some(&one.sha256)
}

/// Whether a name is that of a stored adapter.
fn is_stored(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    Digest::from_hex(stem).is_some() && name.len() > stem.len()
}

/// Whether a name is that of a file that was being written.
fn is_unfinished(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp")
}

fn locked(examined: &Examined) -> LockedAdapter {
    let identity = examined.adapter.identity();
    LockedAdapter {
        id: identity.id.to_string(),
        version: identity.version.to_string(),
        sha256: identity.digest.to_string(),
        scope: identity.scope.iter().map(ToString::to_string).collect(),
        variables: Some(identity.variables.clone()),
        source: lasting(&examined.source),
        added: jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
    }
}
