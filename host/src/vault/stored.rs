//! Archives as they lie in the vault, read as if each were plain.

use super::error::{StoredTrouble, VaultError};
use super::layout::Vault;
use super::leaning::Leaning;
use super::record::{Form, TargetRecord, Thin};
use crate::archive::thin::{ReadAt, ThinError, ThinFile, digest_of};
use crate::fs::{FsError, read_small};
use crate::model::limits::{INDEX_BYTES, THIN_STEPS};
use crate::model::{Digest, SnapshotId};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How often a chain of files is opened anew when one of them was exchanged meanwhile:
/// readers take no lock.
const TRIES: usize = 4;

/// An archive of the vault: the bytes of the plain file, whatever its form. All files it
/// is put together from are held open, so it stays readable whatever happens to their
/// names.
pub struct StoredArchive {
    source: Box<dyn ReadAt>,
    size: u64,
    at: u64,
}

impl StoredArchive {
    /// Bytes there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The digest of all of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn digest(&self) -> io::Result<Digest> {
        digest_of(&*self.source)
    }
}

impl ReadAt for StoredArchive {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.source.read_at(buffer, at)
    }
}

impl Read for StoredArchive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.source.read_at(buffer, self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

impl Seek for StoredArchive {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Vault {
    /// Opens an archive of a snapshot, whatever its form. Its content is not looked at.
    ///
    /// # Errors
    /// When it is missing or no regular file, or what it leans on is not what it must be.
    pub fn archive(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
    ) -> Result<StoredArchive, VaultError> {
        let mut known = target.clone();
        let mut tries = 1;
        loop {
            let failed = match self.open_form(id, &known, 0) {
                Ok((source, size)) => {
                    let at = 0;
                    return Ok(StoredArchive { source, size, at });
                }
                Err(failed) => failed,
            };
            // Upkeep may have exchanged a file between the record and the opening.
            let now = self.record(id).ok().flatten();
            let now = now.and_then(|record| record.target(&target.target).cloned());
            let same = |now: &TargetRecord| now.digest == target.digest;
            match now.filter(|now| tries < TRIES && same(now)) {
                Some(now) if now != known || known.thin().is_some() => known = now,
                _ => return Err(self.with_costs(failed, target)),
            }
            tries += 1;
        }
    }

    /// The file of an archive as it lies there.
    pub(super) fn file(&self, id: &SnapshotId, name: &str) -> Result<(File, u64), FsError> {
        let (file, stat) = self.backups.file(&Path::new(id.as_str()).join(name))?;
        Ok((file, stat.size))
    }

    pub(super) fn open_form(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
        steps: usize,
    ) -> Result<(Box<dyn ReadAt>, u64), VaultError> {
        let bad = |trouble| self.bad(id, target, trouble);
        let opened = self.file(id, &target.file_name());
        let (file, size) = match (opened, &target.form) {
            // What leans on nothing is missing as any file is.
            (Err(e), Form::Plain) if steps == 0 => return Err(e.into()),
            (opened, _) => opened.map_err(|e| bad(StoredTrouble::Missing(e)))?,
        };
        match &target.form {
            Form::Plain if steps > 0 && size != target.size => Err(bad(StoredTrouble::Length)),
            Form::Plain => Ok((Box::new(file), size)),
            Form::Thin(thin) if size != thin.size => Err(bad(StoredTrouble::Length)),
            Form::Thin(thin) => {
                let thin_file = ThinFile::read(Box::new(file), size);
                let thin_file = thin_file.map_err(|e| bad(StoredTrouble::Thin(e)))?;
                self.join(id, target, thin, thin_file, steps)
            }
        }
    }

    /// Opens what a thin archive leans on, and joins the two.
    fn join(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
        thin: &Thin,
        file: ThinFile,
        steps: usize,
    ) -> Result<(Box<dyn ReadAt>, u64), VaultError> {
        let bad = |trouble| self.bad(id, target, trouble);
        if file.recipe().whole() != (target.digest, target.size) {
            return Err(bad(StoredTrouble::OtherArchive));
        }
        if steps == THIN_STEPS {
            return Err(bad(StoredTrouble::TooDeep));
        }
        let record = self.record(&thin.base)?;
        let record = record.and_then(|record| record.target(&target.target).cloned());
        let Some(base) = record else {
            return Err(self.missing(&thin.base, target));
        };
        let (digest, size) = (base.digest, base.size);
        if file.recipe().base() != (digest, size) {
            return Err(bad(StoredTrouble::Thin(ThinError::OtherBase)));
        }
        let (below, _) = self.open_form(&thin.base, &base, steps + 1)?;
        let whole = file.over(below, digest, size);
        let whole = whole.map_err(|e| bad(StoredTrouble::Thin(e)))?;
        Ok((Box::new(whole), target.size))
    }

    pub(super) fn bad(
        &self,
        id: &SnapshotId,
        target: &TargetRecord,
        trouble: StoredTrouble,
    ) -> VaultError {
        VaultError::Stored {
            id: id.clone(),
            file: self.archive_path(id, target),
            trouble,
            costs: Vec::new(),
        }
    }

    /// A snapshot that is leant on, and is not there or does not have the target.
    pub(super) fn missing(&self, base: &SnapshotId, target: &TargetRecord) -> VaultError {
        let file = self.backups.path().join(base.as_str());
        let gone = io::Error::from(io::ErrorKind::NotFound);
        let trouble = StoredTrouble::Missing(FsError::new("open", &file, gone));
        let id = base.clone();
        VaultError::Stored {
            id,
            file: file.join(format!("{}.tar.gz", target.target)),
            trouble,
            costs: Vec::new(),
        }
    }

    /// Says of a bad file what is lost with it.
    fn with_costs(&self, error: VaultError, target: &TargetRecord) -> VaultError {
        let VaultError::Stored {
            id, file, trouble, ..
        } = error
        else {
            return error;
        };
        let snapshots = self.catalogue().unwrap_or_default().snapshots;
        let costs = Leaning(&snapshots).lost_with(&id, &target.target);
        VaultError::Stored {
            id,
            file,
            trouble,
            costs,
        }
    }

    /// Which file is to blame when a thin archive turns out not to be what its record says:
    /// every file it is put together from is read, the deepest first. `None` when each is as
    /// its record describes, or the archive is plain.
    #[must_use]
    pub fn blame(&self, id: &SnapshotId, target: &TargetRecord) -> Option<VaultError> {
        target.thin()?;
        let mut chain = vec![(id.clone(), target.clone())];
        while let Some(thin) = chain.last().and_then(|(_, target)| target.thin()) {
            let record = self.record(&thin.base).ok().flatten();
            let base = record.and_then(|record| record.target(&target.target).cloned())?;
            chain.push((thin.base.clone(), base));
            if chain.len() > THIN_STEPS + 1 {
                return None;
            }
        }
        let bad = chain
            .iter()
            .rev()
            .find_map(|(id, target)| self.check_file(id, target).err());
        bad.map(|error| self.with_costs(error, target))
    }

    /// Reads the file of an archive as it lies there and compares it with its record: what
    /// it leans on is not looked at.
    ///
    /// # Errors
    /// When it is not what the record describes.
    pub fn check_file(&self, id: &SnapshotId, target: &TargetRecord) -> Result<(), VaultError> {
        let bad = |trouble| self.bad(id, target, trouble);
        let opened = self.file(id, &target.file_name());
        let (file, size) = opened.map_err(|e| bad(StoredTrouble::Missing(e)))?;
        if size != target.stored_size() {
            return Err(bad(StoredTrouble::Length));
        }
        let digest = digest_of(&file).map_err(|e| bad(StoredTrouble::Read(e)))?;
        if digest == target.stored_digest() {
            Ok(())
        } else {
            Err(bad(StoredTrouble::Digest))
        }
    }

    /// Reads an archive whole and compares it with its record.
    ///
    /// # Errors
    /// When it cannot be read, or is not what the record describes.
    pub fn check_whole(&self, id: &SnapshotId, target: &TargetRecord) -> Result<(), VaultError> {
        let bad = |trouble| self.bad(id, target, trouble);
        let archive = self.archive(id, target)?;
        let digest = archive.digest().map_err(|e| bad(StoredTrouble::Read(e)))?;
        if digest == target.digest && archive.size() == target.size {
            return Ok(());
        }
        Err(self
            .blame(id, target)
            .unwrap_or_else(|| bad(StoredTrouble::Digest)))
    }

    /// The index beside an archive; `None` when there is none, or it is not the one of the
    /// record: an index is made anew rather than mourned.
    #[must_use]
    pub fn index(&self, id: &SnapshotId, target: &TargetRecord) -> Option<Vec<u8>> {
        let wanted = target.index?;
        let dir = self.backups.dir(Path::new(id.as_str())).ok()?;
        let bytes = read_small(&dir, &target.index_name(), INDEX_BYTES).ok()?;
        (Digest::of(&bytes) == wanted).then_some(bytes)
    }
}
