//! A private copy of what is to be restored. Files are numbered: no name from an
//! archive touches the staging file system.

use crate::archive::{ArchiveError, Content, VerifiedArchive};
use crate::fs::{Dir, FsError};
use crate::model::limits::FREE_SPACE_MARGIN;
use crate::model::{ArchivePath, Digest, Meta, SQLITE_MAGIC};
use crate::operation::{Draft, Operations};
use crate::restore::RestoreError;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// One staged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The number of its slot in the draft.
    pub slot: u32,
    /// Digest of its content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Whether its content begins like a SQLite database's.
    pub database: bool,
}

/// All staged files of one target, in the slots of a draft.
#[derive(Debug)]
pub struct StagedTree {
    draft: Rc<Draft>,
    files: BTreeMap<ArchivePath, Staged>,
}

/// Whether there is room for `bytes` twice.
///
/// # Errors
/// When there is not.
pub(super) fn check_space(operations: &Operations, bytes: u64) -> Result<(), RestoreError> {
    let free = operations.free_bytes()?;
    let needed = bytes.saturating_mul(2).saturating_add(FREE_SPACE_MARGIN);
    if free >= needed {
        return Ok(());
    }
    let place = operations.path().display().to_string();
    Err(RestoreError::NoSpace {
        place,
        free,
        needed,
    })
}

impl StagedTree {
    /// Makes an empty one.
    #[must_use]
    pub fn new(draft: Rc<Draft>) -> Self {
        let files = BTreeMap::new();
        Self { draft, files }
    }

    /// Copies the chosen files out of an archive.
    ///
    /// # Errors
    /// When the archive changed since it was verified, or the disk refuses.
    pub fn fill<F: Read + Seek>(
        &mut self,
        archive: &mut VerifiedArchive<F>,
        chosen: &BTreeSet<ArchivePath>,
        name: &str,
    ) -> Result<(), RestoreError> {
        let refused = |source| RestoreError::Archive {
            archive: name.to_owned(),
            source,
        };
        let mut failed: Option<FsError> = None;
        let done = archive.contents(|entry, content| {
            if chosen.contains(&entry.path) {
                match self.copy(content, entry.meta)? {
                    Ok(staged) => self.files.insert(entry.path.clone(), staged),
                    Err(e) => {
                        failed = Some(e);
                        return Err(ArchiveError::Changed);
                    }
                };
            }
            Ok(())
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        done.map_err(refused)?;
        for (path, staged) in &self.files {
            let listed = archive.listing().entries.get(path);
            if listed.is_some_and(|entry| entry.digest != Some(staged.digest)) {
                return Err(refused(ArchiveError::Changed));
            }
        }
        Ok(())
    }

    fn copy(
        &self,
        content: &mut dyn Content,
        meta: Meta,
    ) -> Result<Result<Staged, FsError>, ArchiveError> {
        let (slot, mut file) = match self.draft.file() {
            Ok(created) => created,
            Err(e) => return Ok(Err(e)),
        };
        let mut hash = Sha256::new();
        let (mut size, mut start) = (0, Vec::new());
        let mut buffer = vec![0; 64 << 10];
        loop {
            let got = content.read(&mut buffer)?;
            if got == 0 {
                break;
            }
            hash.update(&buffer[..got]);
            let missing = SQLITE_MAGIC.len().saturating_sub(start.len());
            start.extend_from_slice(&buffer[..got.min(missing)]);
            size += got as u64;
            if let Err(e) = file.write_all(&buffer[..got]) {
                return Ok(Err(FsError::new("write", &self.path(slot), e)));
            }
        }
        let digest = Digest::from_bytes(hash.finalize().into());
        let finished = self.draft.finish_file(slot, &file, meta);
        let staged = Staged {
            slot,
            digest,
            size,
            database: start == SQLITE_MAGIC,
        };
        Ok(finished.map(|()| staged))
    }

    fn path(&self, slot: u32) -> PathBuf {
        self.dir().path().join(slot.to_string())
    }

    fn open(&self, staged: &Staged) -> Option<File> {
        let name = staged.slot.to_string();
        Some(self.dir().file(Path::new(&name)).ok()?.0)
    }

    /// Puts other content in a file's place.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn replace(
        &mut self,
        path: &ArchivePath,
        content: &[u8],
        meta: Meta,
    ) -> Result<(), FsError> {
        let (slot, mut file) = self.draft.file()?;
        file.write_all(content)
            .map_err(|e| FsError::new("write", &self.path(slot), e))?;
        self.draft.finish_file(slot, &file, meta)?;
        let staged = Staged {
            slot,
            digest: Digest::of(content),
            size: content.len() as u64,
            database: content.starts_with(SQLITE_MAGIC),
        };
        self.files.insert(path.clone(), staged);
        Ok(())
    }

    /// A staged file's content, if it is not larger than `limit`.
    #[must_use]
    pub fn content(&self, path: &ArchivePath, limit: u64) -> Option<Vec<u8>> {
        let staged = self.files.get(path).filter(|staged| staged.size <= limit)?;
        let mut content = Vec::new();
        self.open(staged)?
            .take(limit)
            .read_to_end(&mut content)
            .ok()?;
        Some(content)
    }

    /// Whether a staged file is a SQLite database.
    #[must_use]
    pub fn is_database(&self, path: &ArchivePath) -> bool {
        self.files.get(path).is_some_and(|staged| staged.database)
    }

    /// The staged file for a path.
    #[must_use]
    pub fn get(&self, path: &ArchivePath) -> Option<&Staged> {
        self.files.get(path)
    }

    /// The draft with the slots.
    #[must_use]
    pub fn draft(&self) -> &Rc<Draft> {
        &self.draft
    }

    fn dir(&self) -> &Dir {
        self.draft.files()
    }
}
