//! What every opened archive can do, however it is read.

use super::error::ArchiveError;
use super::indexed::IndexedArchive;
use super::listing::{ListedEntry, Listing};
use super::verify::VerifiedArchive;
use std::io::{Read, Seek};

/// A file's content while its archive is read.
pub trait Content {
    /// The next bytes of the content; none at its end.
    ///
    /// # Errors
    /// When the archive cannot be read any more.
    fn next(&mut self) -> Result<&[u8], ArchiveError>;
}

/// Takes the content of files. Several threads call it at once.
pub type Take<'a, E> = &'a (dyn Fn(&ListedEntry, &mut dyn Content) -> Result<(), E> + Sync);

/// An archive whose listing can be trusted.
pub trait OpenArchive {
    /// What it holds.
    fn listing(&self) -> &Listing;

    /// Gives up the file and keeps what it holds.
    fn into_listing(self) -> Listing;

    /// Reads the chosen entries, which must be some of the listing's, in its order. The
    /// content of files goes to `take`; what is not read to its end is still checked. When
    /// this returns without an error, everything `take` was given is what the listing says.
    ///
    /// # Errors
    /// When `take` fails, or the archive is not what the listing says.
    fn extract<E: From<ArchiveError> + Send>(
        &self,
        chosen: &[&ListedEntry],
        take: Take<'_, E>,
    ) -> Result<(), E>;
}

/// An archive that is read through its index where there is one, and as a whole otherwise.
pub enum Opened<F> {
    /// Only what is wanted is read.
    Indexed(Box<IndexedArchive>),
    /// All of it was read.
    Whole(Box<VerifiedArchive<F>>),
}

impl<F: Read + Seek> Opened<F> {
    /// Reads what was not read yet, and checks it.
    ///
    /// # Errors
    /// Names the first thing that is not as it must be.
    pub fn check(&self) -> Result<(), ArchiveError> {
        match self {
            Self::Indexed(archive) => archive.check(),
            Self::Whole(_) => Ok(()),
        }
    }
}

impl<F: Read + Seek> OpenArchive for Opened<F> {
    fn listing(&self) -> &Listing {
        match self {
            Self::Indexed(archive) => archive.listing(),
            Self::Whole(archive) => archive.listing(),
        }
    }

    fn into_listing(self) -> Listing {
        match self {
            Self::Indexed(archive) => archive.into_listing(),
            Self::Whole(archive) => archive.into_listing(),
        }
    }

    fn extract<E: From<ArchiveError> + Send>(
        &self,
        chosen: &[&ListedEntry],
        take: Take<'_, E>,
    ) -> Result<(), E> {
        match self {
            Self::Indexed(archive) => archive.extract(chosen, take),
            Self::Whole(archive) => archive.extract(chosen, take),
        }
    }
}
