//! Mending a damaged plain archive: its index says which pieces it must have, and other
//! archives of the vault may have the same pieces whole. Nothing takes its place that does
//! not have the digest of its record.

use super::error::VaultError;
use super::layout::Vault;
use super::lock::VaultLock;
use super::record::TargetRecord;
use super::reform::Bench;
use crate::archive::thin::digest_of;
use crate::archive::{Base, Index, Piece};
use crate::fs::{Dir, FsError};
use crate::model::{SnapshotId, TargetId};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

/// What became of an archive that was to be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repaired {
    /// It is what its record says, and was before.
    Sound,
    /// It was damaged, and is what its record says now. So many pieces came from elsewhere.
    Mended(usize),
    /// It is damaged, and what is missing is nowhere else in the vault.
    Lost,
}

impl Vault {
    /// Reads an archive whole, and mends it where it is damaged and can be mended. Thin ones
    /// can not: what they do not take from their base is nowhere else.
    ///
    /// # Errors
    /// When the disk refuses; the archive is then as it was.
    pub fn repair(
        &self,
        lock: &VaultLock,
        id: &SnapshotId,
        target: &TargetId,
    ) -> Result<Repaired, VaultError> {
        let bench = Bench::new(self, lock)?;
        let record = bench.target(id, target)?;
        if self.check_whole(id, &record).is_ok() {
            return Ok(Repaired::Sound);
        }
        let parsed = self
            .index(id, &record)
            .and_then(|bytes| Index::of_file(bytes).ok());
        let index = match parsed {
            Some(index) if record.thin().is_none() && index.archive == record.digest => index,
            _ => return Ok(Repaired::Lost),
        };
        let stores = Stores::of(self, &bench, id, target);
        let dir = self.backups.dir(Path::new(id.as_str()))?;
        let temp = format!(".{}.{}.tmp", record.file_name(), std::process::id());
        let temp = OsStr::new(&temp);
        let mended = self.mend(id, &record, &index, &stores, (&dir, temp));
        match mended {
            Ok(Some(count)) => {
                dir.move_over(temp, &dir, record.file_name().as_ref())?;
                dir.sync()?;
                Ok(Repaired::Mended(count))
            }
            Ok(None) => {
                dir.remove_file(temp)?;
                Ok(Repaired::Lost)
            }
            Err(error) => {
                let _ = dir.remove_file(temp);
                Err(error)
            }
        }
    }

    /// Writes the archive anew; `None` when that is not possible. The file is there in
    /// either case.
    fn mend(
        &self,
        id: &SnapshotId,
        record: &TargetRecord,
        index: &Index,
        stores: &Stores,
        (dir, name): (&Dir, &OsStr),
    ) -> Result<Option<usize>, VaultError> {
        let failed = |e| FsError::new("write", &dir.path().join(name), e);
        let file = dir.create_new(name, 0o600)?;
        let old = self.archive(id, record).ok();
        let old = old.map(|old| Base::new(Arc::new(old), index.clone()));
        let mut out = BufWriter::with_capacity(256 << 10, &file);
        let Some(count) = copy(old.as_ref(), index, stores, &mut out).map_err(failed)? else {
            return Ok(None);
        };
        out.flush().and_then(|()| file.sync_all()).map_err(failed)?;
        drop(out);
        let (written, size) = self.file(id, &name.to_string_lossy())?;
        let digest = digest_of(&written).map_err(failed)?;
        Ok((digest == record.digest && size == record.size).then_some(count))
    }
}

/// Length and digest of a piece.
type PieceKey = (u32, [u8; 16]);

/// Other archives with an index, and which pieces they have: the number of the archive, and
/// the offset there.
struct Stores {
    archives: Vec<Base>,
    pieces: HashMap<PieceKey, Vec<(usize, u64)>>,
}

impl Stores {
    fn of(vault: &Vault, bench: &Bench<'_>, but: &SnapshotId, target: &TargetId) -> Self {
        let others = bench.snapshots().iter().filter(|record| record.id != *but);
        let archives: Vec<Base> = others
            .filter_map(|record| {
                let target = record.target(target)?;
                let index = Index::of_file(vault.index(&record.id, target)?).ok()?;
                let archive = vault.archive(&record.id, target).ok()?;
                Some(Base::new(Arc::new(archive), index))
            })
            .collect();
        let mut pieces: HashMap<PieceKey, Vec<(usize, u64)>> = HashMap::new();
        for (number, archive) in archives.iter().enumerate() {
            for piece in archive.index().pieces() {
                let key = (piece.length, piece.digest);
                pieces.entry(key).or_default().push((number, piece.at));
            }
        }
        Self { archives, pieces }
    }

    /// The bytes of a piece, from whoever has them whole.
    fn piece(&self, piece: &Piece) -> Option<Vec<u8>> {
        let places = self.pieces.get(&(piece.length, piece.digest))?;
        places.iter().find_map(|&(number, at)| {
            let there = Piece { at, ..*piece };
            self.archives.get(number)?.copy(&there).ok()
        })
    }
}

/// Writes an archive out of what is whole of it and what others have. Gives how many pieces
/// came from others; `None` when something is nowhere.
fn copy(
    old: Option<&Base>,
    index: &Index,
    stores: &Stores,
    out: &mut dyn Write,
) -> io::Result<Option<usize>> {
    let (before, behind) = index.frame();
    out.write_all(&before)?;
    let mut count = 0;
    for piece in index.pieces() {
        let own = old.and_then(|old| old.copy(piece).ok());
        count += usize::from(own.is_none());
        let Some(found) = own.or_else(|| stores.piece(piece)) else {
            return Ok(None);
        };
        out.write_all(&found)?;
    }
    out.write_all(&behind)?;
    Ok(Some(count))
}
