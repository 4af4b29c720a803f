//! Reading all of an archive, to see whether it is whole.

use super::read::disagree;
use super::{IndexedArchive, damaged};
use crate::archive::error::ArchiveError;
use crate::archive::index::IndexError;
use crate::archive::listing::ListedEntry;
use crate::archive::open::{Content, OpenArchive};
use crate::archive::reader::TarStream;
use crate::archive::thin::digest_of;
use crate::archive::{MANIFEST_NAME, SUMS_NAME, sums};
use flate2::Decompress;

impl IndexedArchive {
    /// Reads everything: the file must have the digest of its record, every header must say
    /// what the index says, every file must have its content, and the checksum list must
    /// name them all. All of it must have been asked for when it was opened.
    ///
    /// # Errors
    /// Names the first thing that is not as it must be.
    pub fn check(&self) -> Result<(), ArchiveError> {
        if self.listing.unasked > 0 {
            return Err(damaged(IndexError("not all of it is listed")));
        }
        let chosen: Vec<&ListedEntry> = self.listing.entries.values().collect();
        let ignore = |_: &ListedEntry, _: &mut dyn Content| Ok::<(), ArchiveError>(());
        let file = self.base.file();
        let (digest, read) = std::thread::scope(|scope| {
            let digest = scope.spawn(|| digest_of(file));
            let read = self
                .extract(&chosen, &ignore)
                .and_then(|()| self.check_sums());
            (digest.join(), read)
        });
        read?;
        let digest = digest.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let digest = digest.map_err(ArchiveError::Read)?;
        if digest == self.listing.digest {
            Ok(())
        } else {
            Err(ArchiveError::Changed)
        }
    }

    /// The checksum list must name exactly the files there are, and then the tar ends.
    fn check_sums(&self) -> Result<(), ArchiveError> {
        let index = self.base.index();
        let tail = index.pieces().len().saturating_sub(index.tail as usize);
        let (mut bytes, mut state) = (Vec::new(), Decompress::new(false));
        for piece in &index.pieces()[tail..] {
            bytes.extend(self.base.expand(piece, &mut state)?);
        }
        let mut tar = TarStream::new(bytes.as_slice(), self.limits);
        let header = tar.next()?.ok_or_else(disagree)?;
        if header.name != SUMS_NAME {
            return Err(disagree());
        }
        let list = tar.content(self.limits.own, "bytes of checksum list")?;
        self.compare(&list)?;
        match tar.next()? {
            None => Ok(()),
            Some(_) => Err(ArchiveError::AfterEnd),
        }
    }
}

impl IndexedArchive {
    /// The list stands in the order of the entries: no map of all names is needed.
    fn compare(&self, list: &[u8]) -> Result<(), ArchiveError> {
        let first = std::iter::once((MANIFEST_NAME.to_owned(), self.manifest));
        let files = self.listing.entries.values();
        let files = files.filter_map(|entry| Some((entry.path.to_string(), entry.digest?)));
        let (mut rest, mut line) = (list, String::new());
        for (name, digest) in first.chain(files) {
            line.clear();
            sums::write_line(&mut line, &name, &digest);
            rest = rest
                .strip_prefix(line.as_bytes())
                .ok_or_else(|| differs(rest, name))?;
        }
        match std::str::from_utf8(rest) {
            Ok("") => Ok(()),
            _ => Err(ArchiveError::Sums("it lists more than there is".to_owned())),
        }
    }
}

/// Why the list does not go on with the line of this file.
fn differs(rest: &[u8], path: String) -> ArchiveError {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.ends_with(format!("  {path}").as_bytes()) {
        ArchiveError::Digest(path)
    } else {
        ArchiveError::Unlisted {
            path,
            listed: false,
        }
    }
}
