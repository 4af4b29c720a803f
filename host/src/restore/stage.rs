//! A private copy of what is to be restored. Files are numbered: no name from an
//! archive touches the staging file system.

use crate::archive::{ArchiveError, Content, VerifiedArchive};
use crate::fs::{Dir, FsError, PrivateDir, ScratchDir};
use crate::model::limits::FREE_SPACE_MARGIN;
use crate::model::{ArchivePath, Digest};
use crate::restore::RestoreError;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

/// One staged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Its name in the staging directory.
    pub name: OsString,
    /// Digest of its content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// All staged files of a restore; gone when dropped.
#[derive(Debug)]
pub struct StagedTree {
    scratch: ScratchDir,
    files: BTreeMap<ArchivePath, Staged>,
    count: u64,
}

impl StagedTree {
    /// Makes an empty one in the state directory, once there is room for `bytes` twice.
    ///
    /// # Errors
    /// When the directory cannot be made or the disk is too full.
    pub fn new(state_dir: &Path, bytes: u64) -> Result<Self, RestoreError> {
        let parent = PrivateDir::create_all(&state_dir.join("staging"))?;
        let free = parent.free_bytes()?;
        let needed = bytes.saturating_mul(2).saturating_add(FREE_SPACE_MARGIN);
        if free < needed {
            let place = parent.path().display().to_string();
            return Err(RestoreError::NoSpace {
                place,
                free,
                needed,
            });
        }
        Ok(Self {
            scratch: ScratchDir::new_in(&parent)?,
            files: BTreeMap::new(),
            count: 0,
        })
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
                match self.copy(content)? {
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

    fn copy(&mut self, content: &mut dyn Content) -> Result<Result<Staged, FsError>, ArchiveError> {
        let (name, mut file) = match self.create() {
            Ok(created) => created,
            Err(e) => return Ok(Err(e)),
        };
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let got = content.read(&mut buffer)?;
            if got == 0 {
                break;
            }
            hash.update(&buffer[..got]);
            size += got as u64;
            if let Err(e) = file.write_all(&buffer[..got]) {
                return Ok(Err(FsError::new(
                    "write",
                    &self.dir().path().join(&name),
                    e,
                )));
            }
        }
        let digest = Digest::from_bytes(hash.finalize().into());
        Ok(Ok(Staged { name, digest, size }))
    }

    fn create(&mut self) -> Result<(OsString, File), FsError> {
        let name = OsString::from(self.count.to_string());
        self.count += 1;
        let file = self.dir().create_new(&name, 0o600)?;
        Ok((name, file))
    }

    /// Puts other content in a file's place.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn replace(&mut self, path: &ArchivePath, content: &[u8]) -> Result<(), FsError> {
        let (name, mut file) = self.create()?;
        file.write_all(content)
            .map_err(|e| FsError::new("write", &self.dir().path().join(&name), e))?;
        let (digest, size) = (Digest::of(content), content.len() as u64);
        self.files
            .insert(path.clone(), Staged { name, digest, size });
        Ok(())
    }

    /// A staged file's content, if it is not larger than `limit`.
    #[must_use]
    pub fn content(&self, path: &ArchivePath, limit: u64) -> Option<Vec<u8>> {
        let staged = self.files.get(path).filter(|staged| staged.size <= limit)?;
        crate::fs::read_small(self.dir(), staged.name.to_str()?, limit).ok()
    }

    /// Whether a staged file begins with these bytes.
    #[must_use]
    pub fn starts_with(&self, path: &ArchivePath, magic: &[u8]) -> bool {
        let mut start = vec![0; magic.len()];
        let staged = self.files.get(path);
        let opened = staged.and_then(|staged| self.dir().file(Path::new(&staged.name)).ok());
        opened.is_some_and(|(mut file, _)| file.read_exact(&mut start).is_ok() && start == magic)
    }

    /// The staged file for a path.
    #[must_use]
    pub fn get(&self, path: &ArchivePath) -> Option<&Staged> {
        self.files.get(path)
    }

    /// The staging directory.
    #[must_use]
    pub fn dir(&self) -> &Dir {
        self.scratch.dir()
    }
}
