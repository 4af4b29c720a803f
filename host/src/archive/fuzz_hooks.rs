//! Reader and writer of the manifest alone, for `tests/fuzz`. Compiled for fuzzing and
//! for this crate's own tests; no other build has it.

use super::error::ArchiveError;
use super::format;
use super::manifest::Manifest;

/// Reads `manifest.json`.
///
/// # Errors
/// When it is not one that an archive may have.
pub fn parse_manifest(bytes: &[u8]) -> Result<Manifest, ArchiveError> {
    format::parse(bytes)
}

/// Writes `manifest.json`.
///
/// # Errors
/// When it cannot be put into JSON.
pub fn write_manifest(manifest: &Manifest) -> Result<Vec<u8>, ArchiveError> {
    format::write(manifest)
}
