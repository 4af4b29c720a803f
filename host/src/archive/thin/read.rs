//! Reading a thin archive as if it were whole: any range, at any time, from many threads,
//! without ever putting the whole together.

use super::error::ThinError;
use super::recipe::{Recipe, Source};
use crate::model::Digest;
use crate::model::limits::THIN_RECIPE_BYTES;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Something that can be read anywhere, by many at once.
pub trait ReadAt: Send + Sync {
    /// Some bytes from an offset on; 0 at the end.
    ///
    /// # Errors
    /// When the system cannot read.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, at)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let from = usize::try_from(at).map_or(self.len(), |at| at.min(self.len()));
        let length = buffer.len().min(self.len() - from);
        buffer[..length].copy_from_slice(&self[from..from + length]);
        Ok(length)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Box<T> {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        (**self).read_at(buffer, at)
    }
}

/// Fills a buffer, as far as there are bytes.
pub(in crate::archive) fn read_full(
    from: &dyn ReadAt,
    buffer: &mut [u8],
    at: u64,
) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match from.read_at(&mut buffer[got..], at + got as u64) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

/// The digest of all that can be read.
///
/// # Errors
/// When the system cannot read.
pub fn digest_of(from: &dyn ReadAt) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut at = 0;
    loop {
        match from.read_at(&mut buffer, at) {
            Ok(0) => return Ok(Digest::from_bytes(hash.finalize().into())),
            Ok(got) => {
                hash.update(&buffer[..got]);
                at += got as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// A thin archive without its base: the recipe was read and is one.
pub struct ThinFile {
    recipe: Recipe,
    file: Box<dyn ReadAt>,
    own_at: u64,
}

/// A thin archive with its base.
pub struct ThinArchive {
    thin: ThinFile,
    base: Box<dyn ReadAt>,
}

impl ThinFile {
    /// Reads the recipe of a file with so many bytes.
    ///
    /// # Errors
    /// When the recipe cannot be read, or the file is not exactly as long as it says.
    pub fn read(file: Box<dyn ReadAt>, size: u64) -> Result<Self, ThinError> {
        let mut text = Vec::new();
        let mut room = 4 << 10;
        // Most recipes are short: more is taken only when that was not enough.
        let (recipe, own_at) = loop {
            let wanted = size.min(room).min(THIN_RECIPE_BYTES);
            text.resize(usize::try_from(wanted).unwrap_or(usize::MAX), 0);
            let got = read_full(&file, &mut text, 0).map_err(ThinError::Read)?;
            match Recipe::parse(&text[..got]) {
                Err(ThinError::Line { .. }) if got as u64 == wanted && wanted == room => {
                    room = room.saturating_mul(8);
                }
                parsed => break parsed?,
            }
        };
        let own_at = own_at as u64;
        if own_at.checked_add(recipe.own_bytes()) != Some(size) {
            let why = "the file is not as long as its own bytes";
            return Err(ThinError::Recipe(why));
        }
        Ok(Self {
            recipe,
            file,
            own_at,
        })
    }

    /// How it is put together.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Joins it with its base, which has this digest and size when it is plain.
    ///
    /// # Errors
    /// When it was made against another.
    pub fn over(
        self,
        base: Box<dyn ReadAt>,
        digest: Digest,
        size: u64,
    ) -> Result<ThinArchive, ThinError> {
        if self.recipe.base() == (digest, size) {
            Ok(ThinArchive { thin: self, base })
        } else {
            Err(ThinError::OtherBase)
        }
    }
}

impl ThinArchive {
    /// How it is put together.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.thin.recipe
    }
}

impl ReadAt for ThinArchive {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let runs = self.thin.recipe.runs();
        let mut index = runs.partition_point(|run| run.at + run.length <= at);
        let mut got = 0;
        while let Some(run) = runs.get(index).filter(|_| got < buffer.len()) {
            let inside = at + got as u64 - run.at;
            let left = usize::try_from(run.length - inside).unwrap_or(usize::MAX);
            let wanted = left.min(buffer.len() - got);
            let part = &mut buffer[got..got + wanted];
            let read = match run.source {
                Source::Own(offset) => {
                    let at = self.thin.own_at + offset + inside;
                    read_full(&self.thin.file, part, at)?
                }
                Source::Base(offset) => read_full(&self.base, part, offset + inside)?,
            };
            if read < wanted {
                let cut = "a file it is put together from has become shorter";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, cut));
            }
            got += wanted;
            index += 1;
        }
        Ok(got)
    }
}
