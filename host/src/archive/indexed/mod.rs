//! An archive of the vault, read through its index: only the pieces of what is wanted, by
//! several threads at once. The record of the snapshot vouches for the index, the index for
//! every piece, and the headers in the pieces must say what the index says.

mod check;
mod layout;
mod read;
mod tasks;

use super::base::Base;
use super::choice::takes_path;
use super::error::ArchiveError;
use super::index::{Index, IndexError, IndexRow};
use super::listing::{Collector, ListedEntry, Listing};
use super::manifest::Manifest;
use super::open::{OpenArchive, Take};
use super::reader::ReadLimits;
use super::thin::ReadAt;
use super::verify::ReadManifest;
use crate::model::{ArchivePath, Digest, EntryKind, GlobList};
use layout::Layout;
use std::sync::Arc;

/// An archive and its index. Its manifest is read; its entries only when they are wanted.
pub struct IndexedArchive {
    base: Base,
    listing: Listing,
    /// Piece and offset of each entry of the listing, in its order.
    places: Vec<(u32, u32)>,
    limits: ReadLimits,
    /// Digest of the manifest.
    manifest: Digest,
}

impl IndexedArchive {
    /// Opens an archive by the index that its record names, within the limits of the record.
    /// Where globs are given, files that none of them takes are not listed: to list all of a
    /// hundred thousand takes many times as long as to find one.
    ///
    /// # Errors
    /// When index, manifest and archive do not fit together.
    pub fn open(
        file: Arc<dyn ReadAt>,
        index: Index,
        limits: ReadLimits,
        paths: &GlobList,
    ) -> Result<Self, ArchiveError> {
        let base = Base::new(file, index);
        let ReadManifest(manifest, digest) = base.read_manifest(limits)?;
        let (listing, places) = list(manifest, base.index(), limits, paths)?;
        Ok(Self {
            base,
            listing,
            places,
            limits,
            manifest: digest,
        })
    }
}

impl OpenArchive for IndexedArchive {
    fn listing(&self) -> &Listing {
        &self.listing
    }

    fn into_listing(self) -> Listing {
        self.listing
    }

    fn extract<E: From<ArchiveError> + Send>(
        &self,
        chosen: &[&ListedEntry],
        take: Take<'_, E>,
    ) -> Result<(), E> {
        let tasks = tasks::tasks(&self.places, &self.listing, chosen)?;
        read::run(&self.base, self.limits, &tasks, take)
    }
}

pub(super) fn damaged(error: IndexError) -> ArchiveError {
    ArchiveError::Corrupt(error.to_string())
}

/// A listing, and where each of its entries lies.
type Listed = (Listing, Vec<(u32, u32)>);

/// What the rows say. All of them must lie in the pieces as they should; the paths of files that
/// are not asked for are not looked at.
fn list(
    manifest: Manifest,
    index: &Index,
    limits: ReadLimits,
    paths: &GlobList,
) -> Result<Listed, ArchiveError> {
    let room = if paths.is_empty() { index.room() } else { 0 };
    let mut collector = Collector::new(&manifest, room);
    let mut places = Vec::with_capacity(room);
    let mut layout = Layout::new(index);
    let (mut bytes, mut unasked) = (0, 0);
    let mut before: Option<ArchivePath> = None;
    let mut rows = index.rows();
    while let Some(row) = rows.next_raw() {
        let row = row.map_err(damaged)?;
        layout.row(&row.place).map_err(damaged)?;
        let is_file = matches!(row.place.kind, EntryKind::File { .. });
        if is_file && !takes_path(paths, row.path) {
            unasked += 1;
            continue;
        }
        let row = row.checked().map_err(damaged)?;
        if before.is_some_and(|before| before >= row.path) {
            return Err(damaged(IndexError("its entries are not in order")));
        }
        if row.meta.mode > 0o777 {
            return Err(damaged(IndexError("it holds a mode that is none")));
        }
        before = Some(row.path.clone());
        places.push((row.piece, row.offset));
        bytes += row.size();
        collector.add(row.into())?;
    }
    layout.end().map_err(damaged)?;
    let entries = collector.finish(limits)?;
    let listing = Listing {
        manifest,
        entries,
        unasked,
        ignored: Vec::new(),
        digest: index.archive,
        bytes,
    };
    Ok((listing, places))
}

impl From<IndexRow> for ListedEntry {
    fn from(row: IndexRow) -> Self {
        Self {
            path: row.path,
            kind: row.kind,
            masked: false,
            meta: row.meta,
            digest: row.digest,
        }
    }
}
