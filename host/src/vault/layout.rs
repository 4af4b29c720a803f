//! The vault's directories.

use super::error::VaultError;
use super::leaning::Leaning;
use super::lock::VaultLock;
use super::record::{SnapshotRecord, TargetRecord};
use crate::fs::{Dir, FileKind, FsError, PrivateDir, read_small};
use crate::model::limits::RECORD_BYTES;
use crate::model::{SnapshotId, TargetId};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// The record's file name; a directory without one is no snapshot.
pub(super) const RECORD: &str = "snapshot.toml";
/// How the directories of unfinished snapshots begin.
pub(super) const DRAFT_PREFIX: &str = ".draft-";
const BACKUPS: &str = "backups";
/// Name of the text that says what a vault is.
const EXPLANATION: &str = "README.txt";
const README: &str = include_str!("README.txt");

/// An opened vault.
#[derive(Debug)]
pub struct Vault {
    pub(super) dir: Dir,
    pub(super) backups: Dir,
}

/// All snapshots of a vault, newest first, and the records that could not be read.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The snapshots.
    pub snapshots: Vec<SnapshotRecord>,
    /// What is wrong with the others.
    pub damaged: Vec<VaultError>,
    /// Those whose record says something, but not what was written.
    pub changed: BTreeSet<SnapshotId>,
}

impl Catalogue {
    /// The snapshots whose archive of a target is lost when this snapshot's is: they lean on
    /// it, over any number of steps.
    #[must_use]
    pub fn lost_with(&self, id: &SnapshotId, target: &TargetId) -> Vec<SnapshotId> {
        Leaning(&self.snapshots).lost_with(id, target)
    }
}

impl Vault {
    /// Opens a vault for reading; `None` when there is none yet.
    ///
    /// # Errors
    /// When the path is something else or cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>, VaultError> {
        let dir = match Dir::open(path) {
            Ok(dir) => dir,
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                return Err(VaultError::NotADirectory(path.to_owned()));
            }
            Err(e) if e.is_missing() => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        match dir.dir(Path::new(BACKUPS)) {
            Ok(backups) => Ok(Some(Self { dir, backups })),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Opens a vault for writing, and makes it where there is none.
    ///
    /// # Errors
    /// When the path is something else or cannot be written.
    pub fn create(path: &Path) -> Result<Self, VaultError> {
        let not_writable = |source| VaultError::NotWritable {
            path: path.to_owned(),
            source,
        };
        let dir = PrivateDir::create_all(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                VaultError::NotADirectory(path.to_owned())
            }
            _ => not_writable(e),
        })?;
        if dir.stat(OsStr::new(BACKUPS))?.is_none() {
            dir.make_dir(OsStr::new(BACKUPS), 0o700)
                .map_err(not_writable)?;
        }
        let backups = dir.dir(Path::new(BACKUPS))?;
        if !backups.may_write() {
            let denied = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(not_writable(FsError::new(
                "write to",
                backups.path(),
                denied,
            )));
        }
        Ok(Self { dir, backups })
    }

    /// Writes the README anew where it is an older program's.
    pub(super) fn refresh_readme(&self) -> Result<(), VaultError> {
        match read_small(&self.dir, EXPLANATION, RECORD_BYTES) {
            Ok(text) if text == README.as_bytes() => Ok(()),
            _ => Ok(PrivateDir::write_file(
                &self.dir,
                EXPLANATION,
                README.as_bytes(),
            )?),
        }
    }

    /// The vault's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Takes the vault's lock for writing and removes what an interrupted backup left.
    /// While somebody else holds it, `wait` is asked whether to try again.
    ///
    /// # Errors
    /// When somebody else holds it; the error says who.
    pub fn lock(
        &self,
        host: &str,
        command: &str,
        wait: &mut dyn FnMut() -> bool,
    ) -> Result<VaultLock, VaultError> {
        let lock = VaultLock::take(&self.dir, host, command, wait)?;
        for name in self.backups.list()? {
            if name
                .to_str()
                .is_some_and(|name| name.starts_with(DRAFT_PREFIX))
            {
                PrivateDir::remove_tree(&self.backups, &name)?;
            }
        }
        self.explain()?;
        Ok(lock)
    }

    /// Writes what the vault is, where that is missing, and removes what somebody left who was
    /// killed doing so. Only under the lock, so nobody else is at it.
    fn explain(&self) -> Result<(), VaultError> {
        if self.dir.stat(OsStr::new(EXPLANATION))?.is_some() {
            return Ok(());
        }
        for name in self.dir.list()? {
            let text = name.to_str().and_then(|name| name.strip_prefix('.'));
            if text.is_some_and(|text| text.starts_with(EXPLANATION)) {
                self.dir.remove_file(&name)?;
            }
        }
        let text = README.as_bytes();
        let written = PrivateDir::write_file(&self.dir, EXPLANATION, text);
        written.map_err(|source| VaultError::NotWritable {
            path: self.dir.path().to_owned(),
            source,
        })
    }

    /// Reads every record.
    ///
    /// # Errors
    /// When the directory itself cannot be read; single bad records are collected.
    pub fn catalogue(&self) -> Result<Catalogue, VaultError> {
        let mut catalogue = Catalogue::default();
        for name in self.backups.list()? {
            let Some(id) = name.to_str().and_then(|name| SnapshotId::new(name).ok()) else {
                continue;
            };
            match self.read(&id) {
                Ok(Some((record, as_written))) => {
                    if !as_written {
                        catalogue.changed.insert(id);
                    }
                    catalogue.snapshots.push(record);
                }
                Ok(None) => {}
                Err(error) => catalogue.damaged.push(error),
            }
        }
        catalogue
            .snapshots
            .sort_by_cached_key(|record| std::cmp::Reverse(record.rank()));
        Ok(catalogue)
    }

    pub(super) fn record(&self, id: &SnapshotId) -> Result<Option<SnapshotRecord>, VaultError> {
        Ok(self.read(id)?.map(|(record, _)| record))
    }

    /// A record, and whether it is as it was written.
    fn read(&self, id: &SnapshotId) -> Result<Option<(SnapshotRecord, bool)>, VaultError> {
        let name = OsStr::new(id.as_str());
        if self
            .backups
            .stat(name)?
            .is_none_or(|stat| stat.kind != FileKind::Directory)
        {
            return Ok(None);
        }
        let Some(text) = self.record_text(id)? else {
            return Ok(None);
        };
        let record = SnapshotRecord::from_toml(id, &text)?;
        Ok(Some((record, SnapshotRecord::is_as_written(&text))))
    }

    fn record_text(&self, id: &SnapshotId) -> Result<Option<String>, VaultError> {
        let dir = self.backups.dir(Path::new(id.as_str()))?;
        let damaged = |why: &str| VaultError::DamagedRecord {
            id: id.clone(),
            why: why.to_owned(),
        };
        let bytes = match read_small(&dir, RECORD, RECORD_BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.is_missing() => return Ok(None),
            Err(e) => return Err(damaged(&e.source.to_string())),
        };
        let text = String::from_utf8(bytes).map_err(|_| damaged("it is not UTF-8"))?;
        Ok(Some(text))
    }

    /// Whether a record is as it was written. One that is not can still be read, and says
    /// what it says; but nobody knows why.
    ///
    /// # Errors
    /// When it was changed since, or is missing.
    pub fn check_record(&self, id: &SnapshotId) -> Result<(), VaultError> {
        match self.record_text(id)? {
            Some(text) if SnapshotRecord::is_as_written(&text) => Ok(()),
            _ => Err(VaultError::DamagedRecord {
                id: id.clone(),
                why: "it was changed since it was written".to_owned(),
            }),
        }
    }

    /// Whether a record can be written anew without losing what is in it: a newer program
    /// may have put there what this one does not know.
    pub(super) fn is_all_known(&self, id: &SnapshotId) -> Result<(), VaultError> {
        self.check_record(id)?;
        let text = self.record_text(id)?.unwrap_or_default();
        if SnapshotRecord::from_toml(id, &text)?.says_all_of(&text) {
            Ok(())
        } else {
            Err(VaultError::NewerRecord(id.clone()))
        }
    }

    /// The path of an archive, for messages.
    #[must_use]
    pub fn archive_path(&self, id: &SnapshotId, target: &TargetRecord) -> PathBuf {
        self.backups
            .path()
            .join(id.as_str())
            .join(target.file_name())
    }

    /// Saves a text file beside the backups.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_text(&self, name: &str, text: &str) -> Result<PathBuf, VaultError> {
        PrivateDir::write_file(&self.dir, name, text.as_bytes())?;
        Ok(self.dir.path().join(name))
    }
}
