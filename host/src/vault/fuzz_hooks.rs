//! Reader and writer of a snapshot's record alone, for `tests/fuzz`. Compiled for fuzzing
//! and for this crate's own tests; no other build has it.

use super::error::VaultError;
use super::record::SnapshotRecord;
use crate::model::SnapshotId;

/// Reads `snapshot.toml` of the snapshot with this name.
///
/// # Errors
/// When it is damaged or the record of another.
pub fn parse_record(id: &SnapshotId, text: &str) -> Result<SnapshotRecord, VaultError> {
    SnapshotRecord::from_toml(id, text)
}

/// Writes `snapshot.toml`.
///
/// # Errors
/// When it cannot be put into TOML.
pub fn write_record(record: &SnapshotRecord) -> Result<String, VaultError> {
    record.to_toml()
}
