//! Writing an archive: entries first into a body, then manifest, body and checksum
//! list joined into one gzip member. The manifest comes first in the file though it
//! tells what happened while the entries were read, so it can only be written last.

use super::deflate::{Deflater, GZIP_HEADER, gzip_trailer};
use super::error::ArchiveError;
use super::header::{self, BLOCK};
use super::manifest::Manifest;
use super::{MANIFEST_NAME, SUMS_NAME, format, sums};
use crate::model::{ArchivePath, Digest, Meta, ModTime};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use tar::EntryType;

/// Manifest and checksum list have fixed properties, so that archives are deterministic.
const OWN_META: Meta = Meta {
    mode: 0o644,
    mtime: ModTime {
        seconds: 0,
        nanos: 0,
    },
};

/// An archive being written. Entries must come sorted, directories before their content.
pub struct ArchiveWriter<F: Write> {
    body: Deflater<F>,
    sums: BTreeMap<String, Digest>,
    entries: u64,
    length: u64,
}

/// A finished archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Digest of the whole file.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Bytes it expands to.
    pub expanded: u64,
    /// Members, the two of our own included.
    pub entries: u64,
}

impl<F: Read + Write + Seek> ArchiveWriter<F> {
    /// Starts an archive; `body` is an empty scratch file.
    #[must_use]
    pub fn new(body: F) -> Self {
        Self {
            body: Deflater::new(body),
            sums: BTreeMap::new(),
            entries: 0,
            length: 0,
        }
    }

    /// Adds a directory.
    ///
    /// # Errors
    /// When the scratch file cannot be written.
    pub fn add_directory(&mut self, path: &ArchivePath, meta: Meta) -> Result<(), ArchiveError> {
        let name = format!("{path}/");
        self.put(&header::write(EntryType::Directory, &name, "", 0, meta)?)?;
        self.entries += 1;
        Ok(())
    }

    /// Adds a link. The manifest must list it too.
    ///
    /// # Errors
    /// When the scratch file cannot be written.
    pub fn add_link(
        &mut self,
        path: &ArchivePath,
        target: &str,
        meta: Meta,
    ) -> Result<(), ArchiveError> {
        let meta = Meta {
            mode: 0o777,
            ..meta
        };
        self.put(&header::write(
            EntryType::Symlink,
            &path.to_string(),
            target,
            0,
            meta,
        )?)?;
        self.entries += 1;
        Ok(())
    }

    /// Adds a file of exactly `size` bytes; gives its digest.
    ///
    /// # Errors
    /// When the content ends early or the scratch file cannot be written.
    pub fn add_file(
        &mut self,
        path: &ArchivePath,
        meta: Meta,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<Digest, ArchiveError> {
        let name = path.to_string();
        self.put(&header::write(EntryType::Regular, &name, "", size, meta)?)?;
        let mut hash = Sha256::new();
        let mut left = size;
        let mut buffer = vec![0; 64 << 10];
        while left > 0 {
            let want = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let got = content
                .read(&mut buffer[..want])
                .map_err(ArchiveError::Read)?;
            if got == 0 {
                return Err(ArchiveError::ShortContent(name));
            }
            hash.update(&buffer[..got]);
            self.put(&buffer[..got])?;
            left -= got as u64;
        }
        self.put(&padding(size))?;
        let digest = Digest::from_bytes(hash.finalize().into());
        self.sums.insert(name, digest);
        self.entries += 1;
        Ok(digest)
    }

    /// Writes the whole archive to `out`.
    ///
    /// # Errors
    /// When the manifest cannot be expressed or a file cannot be written.
    pub fn seal(mut self, manifest: &Manifest, out: impl Write) -> Result<Sealed, ArchiveError> {
        let manifest = format::write(manifest)?;
        self.sums
            .insert(MANIFEST_NAME.to_owned(), Digest::of(&manifest));
        let head = own_member(MANIFEST_NAME, &manifest)?;
        let mut tail = own_member(SUMS_NAME, sums::write(&self.sums).as_bytes())?;
        tail.resize(tail.len() + 2 * BLOCK, 0);
        let expanded = (head.len() + tail.len()) as u64 + self.length;

        let mut out = Hashing {
            out,
            hash: Sha256::new(),
            length: 0,
        };
        out.write_all(&GZIP_HEADER).map_err(ArchiveError::Write)?;
        let mut crc = deflate_part(&mut out, &head, false)?;
        let (mut body, body_crc) = self.body.pause().map_err(ArchiveError::Write)?;
        crc.combine(&body_crc);
        body.seek(SeekFrom::Start(0)).map_err(ArchiveError::Read)?;
        io::copy(&mut body, &mut out).map_err(ArchiveError::Write)?;
        crc.combine(&deflate_part(&mut out, &tail, true)?);
        out.write_all(&gzip_trailer(&crc, expanded))
            .map_err(ArchiveError::Write)?;
        out.flush().map_err(ArchiveError::Write)?;
        Ok(Sealed {
            digest: Digest::from_bytes(out.hash.finalize().into()),
            size: out.length,
            expanded,
            entries: self.entries + 2,
        })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.length += bytes.len() as u64;
        self.body.write_all(bytes).map_err(ArchiveError::Write)
    }
}

fn own_member(name: &str, content: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let size = content.len() as u64;
    let mut member = header::write(EntryType::Regular, name, "", size, OWN_META)?;
    member.extend_from_slice(content);
    member.extend(padding(size));
    Ok(member)
}

fn padding(size: u64) -> Vec<u8> {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    vec![0; (BLOCK - over) % BLOCK]
}

fn deflate_part(
    out: &mut impl Write,
    bytes: &[u8],
    last: bool,
) -> Result<flate2::Crc, ArchiveError> {
    let mut deflater = Deflater::new(out);
    deflater.write_all(bytes).map_err(ArchiveError::Write)?;
    let (_, crc) = if last {
        deflater.finish()
    } else {
        deflater.pause()
    }
    .map_err(ArchiveError::Write)?;
    Ok(crc)
}

/// Passes bytes on, hashing and counting them.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    length: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
