//! A private copy of what is to be restored. Files are numbered: no name from an
//! archive touches the staging file system.

use crate::archive::{ArchiveError, Content, ListedEntry, OpenArchive};
use crate::fs::{Dir, FsError};
use crate::model::limits::FREE_SPACE_MARGIN;
use crate::model::{ArchivePath, Digest, Meta, SQLITE_MAGIC};
use crate::operation::{Draft, Operations};
use crate::restore::RestoreError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

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

/// Why a file could not be staged.
enum Failed {
    Disk(FsError),
    Archive(ArchiveError),
}

impl From<ArchiveError> for Failed {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl From<FsError> for Failed {
    fn from(error: FsError) -> Self {
        Self::Disk(error)
    }
}

/// Copies one file into a slot. That the content is what the listing says is checked where
/// it comes from.
fn copy(draft: &Draft, entry: &ListedEntry, content: &mut dyn Content) -> Result<Staged, Failed> {
    let digest = entry.digest.ok_or(ArchiveError::Changed)?;
    let (slot, mut file) = draft.file()?;
    let mut start = Vec::new();
    loop {
        let bytes = content.next()?;
        if bytes.is_empty() {
            break;
        }
        let missing = SQLITE_MAGIC.len().saturating_sub(start.len());
        start.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        file.write_all(bytes)
            .map_err(|e| FsError::new("write", &slot_path(draft, slot), e))?;
    }
    draft.finish_file(slot, &file, entry.meta)?;
    Ok(Staged {
        slot,
        digest,
        size: entry.size(),
        database: start == SQLITE_MAGIC,
    })
}

fn slot_path(draft: &Draft, slot: u32) -> PathBuf {
    draft.files().path().join(slot.to_string())
}

/// Whether there is room for `bytes` twice.
///
/// # Errors
/// When there is not.
pub fn check_space(operations: &Operations, bytes: u64) -> Result<(), RestoreError> {
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

    /// Copies the chosen files out of an archive. They must be in its listing's order.
    ///
    /// # Errors
    /// When the archive is not what its listing says, or the disk refuses.
    pub fn fill(
        &mut self,
        archive: &impl OpenArchive,
        chosen: &[&ListedEntry],
        name: &str,
    ) -> Result<(), RestoreError> {
        let (draft, files) = (&*self.draft, Mutex::new(Vec::new()));
        let take = |entry: &ListedEntry, content: &mut dyn Content| {
            let staged = copy(draft, entry, content)?;
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            files.push((entry.path.clone(), staged));
            Ok(())
        };
        archive
            .extract(chosen, &take)
            .map_err(|failed| match failed {
                Failed::Disk(e) => e.into(),
                Failed::Archive(source) => RestoreError::Archive {
                    archive: name.to_owned(),
                    source,
                },
            })?;
        let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.files.extend(files);
        Ok(())
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
            .map_err(|e| FsError::new("write", &slot_path(&self.draft, slot), e))?;
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
