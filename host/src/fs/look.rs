//! Recognising what stands at a name.

use super::dir::{Dir, FileKind};
use super::error::FsError;
use crate::model::{Digest, Fingerprint};
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

impl Dir {
    /// The state of a name, with the digest of a file's content or of a link's target;
    /// `None` when there is no such name.
    ///
    /// # Errors
    /// When the system cannot say, or the file cannot be read.
    pub fn recognise(&self, name: &OsStr) -> Result<Option<Fingerprint>, FsError> {
        let Some(stat) = self.stat(name)? else {
            return Ok(None);
        };
        match stat.kind {
            FileKind::Regular => {
                let (mut file, stat) = self.file(Path::new(name))?;
                let digest =
                    digest_of(&mut file).map_err(|e| FsError::new("read", &self.full(name), e))?;
                Ok(Some(stat.fingerprint(Some(digest))))
            }
            FileKind::Link => {
                let target = self.read_link(name)?;
                Ok(Some(stat.fingerprint(Some(Digest::of(target.as_bytes())))))
            }
            _ => Ok(Some(stat.fingerprint(None))),
        }
    }
}

/// The digest of what is still to be read, of a file or anything else.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(file: &mut impl Read) -> Result<Digest, io::Error> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Digest::from_bytes(hash.finalize().into())),
            Ok(got) => hash.update(&buffer[..got]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
