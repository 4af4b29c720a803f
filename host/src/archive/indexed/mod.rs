//! An archive of the vault, read through its index: only the pieces of what is wanted, by
//! several threads at once. The record of the snapshot vouches for the index, the index for
//! every piece, and the headers in the pieces must say what the index says.

mod check;
mod layout;
mod read;
mod tasks;

use super::base::Base;
use super::error::ArchiveError;
use super::index::{Index, IndexError};
use super::listing::{Collector, ListedEntry, Listing};
use super::manifest::Manifest;
use super::open::{OpenArchive, Take};
use super::reader::ReadLimits;
use super::thin::ReadAt;
use super::verify::ReadManifest;
use crate::model::{Digest, EntryKind};
use layout::Layout;
use std::sync::Arc;

/// An archive and its index. Its manifest is read; its entries only when they are wanted.
pub struct IndexedArchive {
    base: Base,
    listing: Listing,
    limits: ReadLimits,
    /// Digest of the manifest.
    manifest: Digest,
}

impl IndexedArchive {
    /// Opens an archive by the index that its record names, within the limits of the record.
    ///
    /// # Errors
    /// When index, manifest and archive do not fit together.
    pub fn open(
        file: Arc<dyn ReadAt>,
        index: Index,
        limits: ReadLimits,
    ) -> Result<Self, ArchiveError> {
        let base = Base::new(file, index);
        let ReadManifest(manifest, digest) = base.read_manifest(limits)?;
        let listing = list(manifest, base.index(), limits)?;
        Ok(Self {
            base,
            listing,
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
        let tasks = tasks::tasks(self.base.index(), &self.listing, chosen)?;
        read::run(&self.base, self.limits, &tasks, take)
    }
}

pub(super) fn damaged(error: IndexError) -> ArchiveError {
    ArchiveError::Corrupt(error.to_string())
}

fn list(manifest: Manifest, index: &Index, limits: ReadLimits) -> Result<Listing, ArchiveError> {
    let mut collector = Collector::new(&manifest);
    let mut layout = Layout::new(index);
    let (mut bytes, mut before) = (0, None);
    for row in index.rows() {
        let row = row.map_err(damaged)?;
        if before.is_some_and(|before| before >= row.path) {
            return Err(damaged(IndexError("its entries are not in order")));
        }
        if row.meta.mode > 0o777 {
            return Err(damaged(IndexError("it holds a mode that is none")));
        }
        layout.row(&row).map_err(damaged)?;
        if let EntryKind::File { size } = row.kind {
            bytes += size;
        }
        before = Some(row.path.clone());
        collector.add(ListedEntry {
            path: row.path,
            kind: row.kind,
            masked: false,
            meta: row.meta,
            digest: row.digest,
        })?;
    }
    layout.end().map_err(damaged)?;
    let entries = collector.finish(limits)?;
    Ok(Listing {
        manifest,
        entries,
        ignored: Vec::new(),
        digest: index.archive,
        bytes,
    })
}
