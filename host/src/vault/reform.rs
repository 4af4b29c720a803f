//! Changes of the form of one archive. Killed at any point, the record names a form that is
//! whole, and what is not named is a left-over:
//!
//! 1. what will be leant on was read whole and is what its record says;
//! 2. the new file is written beside the old one and synced;
//! 3. it is read back, rebuilt, and compared with the digest in the record; its directory
//!    is synced;
//! 4. the record is exchanged for one that names the new file;
//! 5. the old file goes, and the index of a plain one with it.

use super::error::{StoredTrouble, VaultError};
use super::layout::{RECORD, Vault};
use super::leaning::Leaning;
use super::lock::VaultLock;
use super::record::{Form, SnapshotRecord, TargetRecord, Thin, plain_name, thin_name};
use crate::archive::thin::{ReadAt, Recipe, ThinError, ThinFile, write_thin};
use crate::fs::{Dir, FsError, PrivateDir};
use crate::model::{SnapshotId, TargetId};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The records of a vault while its lock is held, and what is known of their archives.
pub(super) struct Bench<'a> {
    pub(super) vault: &'a Vault,
    snapshots: Vec<SnapshotRecord>,
    /// Archives that were read whole and found to be what their records say.
    sound: BTreeSet<(SnapshotId, TargetId)>,
}

impl<'a> Bench<'a> {
    /// Reads all records. The lock shows that nobody else changes them.
    pub(super) fn new(vault: &'a Vault, lock: &VaultLock) -> Result<Self, VaultError> {
        Ok(Self::of(vault, lock, vault.catalogue()?.snapshots))
    }

    /// Takes records that were just read.
    pub(super) fn of(vault: &'a Vault, _lock: &VaultLock, snapshots: Vec<SnapshotRecord>) -> Self {
        Self {
            vault,
            snapshots,
            sound: BTreeSet::new(),
        }
    }

    /// All records, newest first.
    pub(super) fn snapshots(&self) -> &[SnapshotRecord] {
        &self.snapshots
    }

    pub(super) fn leaning(&self) -> Leaning<'_> {
        Leaning(&self.snapshots)
    }

    /// What a snapshot holds of a target, as it is now.
    pub(super) fn target(
        &self,
        id: &SnapshotId,
        target: &TargetId,
    ) -> Result<TargetRecord, VaultError> {
        let found = self.leaning().target(id, target).cloned();
        found.ok_or_else(|| {
            let gone = io::Error::from(io::ErrorKind::NotFound);
            let path = self.vault.backups.path().join(id.as_str());
            FsError::new("find the snapshot", &path, gone).into()
        })
    }

    /// Reads an archive whole, unless that was done before, and compares it with its record.
    pub(super) fn ensure_sound(
        &mut self,
        id: &SnapshotId,
        target: &TargetId,
    ) -> Result<(), VaultError> {
        let key = (id.clone(), target.clone());
        if !self.sound.contains(&key) {
            self.vault.check_whole(id, &self.target(id, target)?)?;
            self.sound.insert(key);
        }
        Ok(())
    }

    /// The recipe of a thin archive; `None` when it is plain.
    pub(super) fn recipe(
        &self,
        id: &SnapshotId,
        target: &TargetId,
    ) -> Result<Option<Recipe>, VaultError> {
        let record = self.target(id, target)?;
        if record.thin().is_none() {
            return Ok(None);
        }
        let (file, size) = self.vault.file(id, &record.file_name())?;
        match ThinFile::read(Box::new(file), size) {
            Ok(file) => Ok(Some(file.recipe().clone())),
            Err(source) => Err(self.failed(id, &record, source)),
        }
    }

    /// Makes an archive thin, or gives a thin one another recipe.
    pub(super) fn make_thin(
        &mut self,
        id: &SnapshotId,
        target: &TargetId,
        recipe: &Recipe,
        base: &SnapshotId,
    ) -> Result<(), VaultError> {
        self.ensure_sound(base, target)?;
        let old = self.target(id, target)?;
        let whole = self.vault.archive(id, &old)?;
        let second = old.thin().is_some_and(|thin| !thin.second);
        let name = thin_name(target, second);
        let dir = self.dir(id)?;
        let (digest, size) = self.put(&dir, &name, |out| {
            write_thin(recipe, &whole, out).map_err(|source| self.failed(id, &old, source))
        })?;
        let base = base.clone();
        let thin = Thin {
            base,
            digest,
            size,
            second,
        };
        let new = TargetRecord {
            form: Form::Thin(thin),
            index: None,
            ..old.clone()
        };
        self.swap_in(id, &dir, &old, new)
    }

    /// Makes a thin archive plain again.
    pub(super) fn make_plain(
        &mut self,
        id: &SnapshotId,
        target: &TargetId,
    ) -> Result<(), VaultError> {
        let old = self.target(id, target)?;
        if old.thin().is_none() {
            return Ok(());
        }
        let whole = self.vault.archive(id, &old)?;
        let dir = self.dir(id)?;
        self.put(&dir, &plain_name(target), |out| {
            copy(&whole, out).map_err(|source| self.failed(id, &old, source))
        })?;
        let new = TargetRecord {
            form: Form::Plain,
            index: None,
            ..old.clone()
        };
        self.swap_in(id, &dir, &old, new)
    }

    /// Lets an archive lean on another snapshot whose archive is the same as the one it
    /// leans on now: only the record changes.
    pub(super) fn lean_on(
        &mut self,
        id: &SnapshotId,
        target: &TargetId,
        base: &SnapshotId,
    ) -> Result<(), VaultError> {
        self.ensure_sound(base, target)?;
        let old = self.target(id, target)?;
        let Form::Thin(thin) = &old.form else {
            return Ok(());
        };
        let thin = Thin {
            base: base.clone(),
            ..thin.clone()
        };
        let new = TargetRecord {
            form: Form::Thin(thin),
            ..old.clone()
        };
        self.vault.check_whole_as(id, &new)?;
        self.record(id, new)
    }

    /// Gives an archive the form that the same archive has in another snapshot: its file
    /// gets a second name.
    pub(super) fn take_form(
        &mut self,
        id: &SnapshotId,
        target: &TargetId,
        from: &SnapshotId,
    ) -> Result<(), VaultError> {
        let (old, like) = (self.target(id, target)?, self.target(from, target)?);
        let (dir, from_dir) = (self.dir(id)?, self.dir(from)?);
        let form = match &like.form {
            Form::Plain => Form::Plain,
            Form::Thin(thin) => {
                let second = old.thin().is_some_and(|thin| !thin.second);
                let thin = thin.clone();
                Form::Thin(Thin { second, ..thin })
            }
        };
        let new = TargetRecord {
            form,
            index: None,
            ..old.clone()
        };
        let name = new.file_name();
        if name == old.file_name() {
            return Ok(());
        }
        remove_if_there(&dir, &name)?;
        from_dir.link_or_copy(like.file_name().as_ref(), &dir, name.as_ref())?;
        self.swap_in(id, &dir, &old, new)
    }

    /// Writes a file that no record names, and makes it durable; what was left at its name
    /// goes. What cannot be written whole is not there at all.
    fn put<T>(
        &self,
        dir: &Dir,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        remove_if_there(dir, name)?;
        let file = dir.create_new(name.as_ref(), 0o600)?;
        let mut out = BufWriter::with_capacity(256 << 10, &file);
        let failed = |e| VaultError::from(FsError::new("write", &dir.path().join(name), e));
        let written = write(&mut out).and_then(|made| {
            out.flush().and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(made)
        });
        written.inspect_err(|_| {
            let _ = dir.remove_file(name.as_ref());
        })
    }

    /// Lets a new file, already written, take the place of the old one.
    fn swap_in(
        &mut self,
        id: &SnapshotId,
        dir: &Dir,
        old: &TargetRecord,
        new: TargetRecord,
    ) -> Result<(), VaultError> {
        let name = new.file_name();
        let made = self
            .vault
            .check_file(id, &new)
            .and_then(|()| self.vault.check_whole_as(id, &new))
            .and_then(|()| Ok(dir.sync()?))
            .and_then(|()| self.record(id, new));
        if let Err(error) = made {
            // A record that may have been exchanged already needs the file.
            if self.names(id, &name) == Some(false) {
                let _ = dir.remove_file(name.as_ref());
            }
            return Err(error);
        }
        // What cannot be removed now is a left-over, and goes with the next upkeep.
        let _ = dir.remove_file(old.file_name().as_ref());
        if old.index.is_some() {
            let _ = dir.remove_file(old.index_name().as_ref());
        }
        Ok(())
    }

    /// Whether the record on the disk names a file; `None` when it cannot be read.
    fn names(&self, id: &SnapshotId, name: &str) -> Option<bool> {
        let record = self.vault.record(id).ok()??;
        Some(
            record
                .targets
                .iter()
                .any(|target| target.file_name() == name),
        )
    }

    /// Exchanges a target in a record.
    pub(super) fn record(&mut self, id: &SnapshotId, new: TargetRecord) -> Result<(), VaultError> {
        self.vault.is_all_known(id)?;
        let Some(record) = self.snapshots.iter_mut().find(|record| record.id == *id) else {
            return Ok(());
        };
        let mut changed = record.clone();
        for target in &mut changed.targets {
            if target.target == new.target {
                *target = new.clone();
            }
        }
        let dir = self.vault.backups.dir(Path::new(id.as_str()))?;
        let written = PrivateDir::write_file(&dir, RECORD, changed.to_toml()?.as_bytes());
        // A step may have failed after the exchange: what counts is what is there.
        *record = match &written {
            Ok(()) => changed,
            Err(_) => self.vault.record(id)?.unwrap_or(changed),
        };
        Ok(written?)
    }

    fn dir(&self, id: &SnapshotId) -> Result<Dir, VaultError> {
        Ok(self.vault.backups.dir(Path::new(id.as_str()))?)
    }

    fn failed(&self, id: &SnapshotId, record: &TargetRecord, source: ThinError) -> VaultError {
        let file = self.vault.archive_path(id, record);
        VaultError::Thinning { file, source }
    }

    /// Forgets a snapshot that is gone.
    pub(super) fn forget(&mut self, id: &SnapshotId) {
        self.snapshots.retain(|record| record.id != *id);
    }
}

impl Vault {
    /// Reads an archive whole in a form that its record does not name yet.
    fn check_whole_as(&self, id: &SnapshotId, target: &TargetRecord) -> Result<(), VaultError> {
        let bad = |trouble| self.bad(id, target, trouble);
        let (source, _) = self.open_form(id, target, 0)?;
        match crate::archive::thin::digest_of(&*source) {
            Ok(digest) if digest == target.digest => Ok(()),
            Ok(_) => Err(bad(StoredTrouble::Digest)),
            Err(e) => Err(bad(StoredTrouble::Read(e))),
        }
    }
}

fn remove_if_there(dir: &Dir, name: &str) -> Result<(), FsError> {
    let name = OsStr::new(name);
    match dir.stat(name)? {
        Some(_) => PrivateDir::remove_tree(dir, name),
        None => Ok(()),
    }
}

fn copy(from: &dyn ReadAt, out: &mut dyn Write) -> Result<(), ThinError> {
    let mut buffer = vec![0; 256 << 10];
    let mut at = 0;
    loop {
        match from.read_at(&mut buffer, at) {
            Ok(0) => return Ok(()),
            Ok(got) => {
                out.write_all(&buffer[..got]).map_err(ThinError::Write)?;
                at += got as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(ThinError::Read(e)),
        }
    }
}
