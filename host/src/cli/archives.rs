//! Opening the archives that people name, and those that records name.

use super::args::LimitArgs;
use super::error::{CommandError, ExitStatus};
use std::fs::File;
use std::path::Path;
use takeback::archive::{Opened, ReadLimits};
use takeback::fs::Dir;
use takeback::model::GlobList;
use takeback::restore::RestoreError;
use takeback::vault::{OpenError, SnapshotRecord, StoredArchive, TargetRecord, Vault};

/// Opens an archive by the path somebody typed, and gives its size.
pub(super) fn open_file(path: &Path) -> Result<(File, u64), CommandError> {
    // The name that was typed may be a link; what it leads to must be a file.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let path = real.as_path();
    let parent = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .ok_or_else(|| CommandError::usage("the archive is no file"))?;
    let opened = Dir::open(parent).and_then(|dir| dir.file(Path::new(name)));
    let (file, stat) = opened.map_err(|e| {
        let status = match path.symlink_metadata() {
            Err(_) => ExitStatus::NotFound,
            Ok(what) if !what.is_file() => ExitStatus::BadArchive,
            Ok(_) => ExitStatus::Failed,
        };
        CommandError {
            status,
            ..CommandError::from(e)
        }
    })?;
    Ok((file, stat.size))
}

pub(super) fn limits(args: &LimitArgs, size: u64) -> ReadLimits {
    let usual = ReadLimits::foreign(size);
    ReadLimits {
        archive: args.max_archive_size.unwrap_or(usual.archive),
        expanded: args.max_expanded_size.unwrap_or(usual.expanded),
        file: args.max_file_size.unwrap_or(usual.file),
        entries: args.max_entries.unwrap_or(usual.entries),
        ..usual
    }
}

/// An archive of the vault, as its record describes it.
pub(super) fn open_recorded(
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
) -> Result<Opened<StoredArchive>, CommandError> {
    open_recorded_files(vault, record, target, &GlobList::none())
}

/// The same for files that these globs take; of others the archive may say nothing.
pub(super) fn open_recorded_files(
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
    paths: &GlobList,
) -> Result<Opened<StoredArchive>, CommandError> {
    let archive = vault.archive_path(&record.id, target).display().to_string();
    let now = jiff::Timestamp::now().as_second();
    vault
        .open_files(&record.id, target, now, paths)
        .map_err(|failed| {
            let error = match failed {
                OpenError::Vault(e) => return e.into(),
                OpenError::Archive(source) => RestoreError::Archive { archive, source },
                OpenError::NotAsRecorded => RestoreError::NotAsRecorded { archive },
            };
            // A thin archive can be bad because of any file it is put together from.
            match vault.blame(&record.id, target) {
                Some(blamed) => CommandError::from(blamed),
                None => error.into(),
            }
        })
}
