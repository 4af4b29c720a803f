//! An archive that another is made from: what did not change is copied out of it.

use super::error::ArchiveError;
use super::index::{Index, Piece};
use super::manifest::Manifest;
use super::pieces::unpack;
use super::reader::{ReadLimits, TarStream};
use super::thin::{ReadAt, read_full};
use super::verify::{self, ReadManifest};
use flate2::Decompress;
use std::sync::Arc;

/// An archive with its index.
#[derive(Clone)]
pub struct Base {
    file: Arc<dyn ReadAt>,
    index: Arc<Index>,
}

impl Base {
    /// Takes an archive and the index that belongs to it.
    #[must_use]
    pub fn new(file: Arc<dyn ReadAt>, index: Index) -> Self {
        Self {
            file,
            index: Arc::new(index),
        }
    }

    /// Its index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The archive.
    pub(super) fn file(&self) -> &dyn ReadAt {
        &*self.file
    }

    /// What the archive says about itself.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn manifest(&self) -> Result<Manifest, ArchiveError> {
        let index = &self.index;
        let limits = ReadLimits::recorded(index.size, index.expanded, index.members());
        Ok(self.read_manifest(limits)?.0)
    }

    pub(super) fn read_manifest(&self, limits: ReadLimits) -> Result<ReadManifest, ArchiveError> {
        let (mut bytes, mut state) = (Vec::new(), Decompress::new(false));
        for piece in self.index.pieces().iter().take(self.index.head as usize) {
            bytes.extend(self.expand(piece, &mut state)?);
        }
        verify::read_manifest(&mut TarStream::new(bytes.as_slice(), limits))
    }

    /// A piece as it stands in the archive, checked.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub fn copy(&self, piece: &Piece) -> Result<Vec<u8>, ArchiveError> {
        let bytes = self.bytes(piece)?;
        if Piece::digest_of(&bytes) == piece.digest {
            Ok(bytes)
        } else {
            Err(ArchiveError::Corrupt(
                "a piece is not the one that was written".to_owned(),
            ))
        }
    }

    /// What a piece expands to.
    pub(super) fn expand(
        &self,
        piece: &Piece,
        state: &mut Decompress,
    ) -> Result<Vec<u8>, ArchiveError> {
        let bytes = self.bytes(piece)?;
        unpack(state, piece, &bytes).map_err(|why| ArchiveError::Corrupt(why.to_owned()))
    }

    fn bytes(&self, piece: &Piece) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = vec![0; piece.length as usize];
        let got = read_full(&*self.file, &mut bytes, piece.at).map_err(ArchiveError::Read)?;
        if got < bytes.len() {
            return Err(ArchiveError::CutShort);
        }
        Ok(bytes)
    }
}
