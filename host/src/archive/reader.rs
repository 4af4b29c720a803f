//! Reading a tar stream strictly, within limits.

use super::error::ArchiveError;
use super::header::{self, BLOCK, MemberType};
use super::pax::{self, Extension};
use crate::model::Meta;
use crate::model::limits::{
    ARCHIVE_BYTES, BOMB_FLOOR, BOMB_RATIO, ENTRIES, EXPANDED_CEILING, EXPANDED_FLOOR,
    EXPANDED_RATIO, EXTENSION_BYTES, FILE_BYTES, MANIFEST_BYTES,
};
use std::io::Read;

/// How much an archive may hold.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimits {
    /// Bytes of the archive file.
    pub archive: u64,
    /// Bytes it may expand to.
    pub expanded: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Members.
    pub entries: u64,
    /// Bytes of the manifest, and of the checksum list.
    pub own: u64,
    /// Whether modes and times are taken as they are, for they are known to be ours.
    pub exact_modes: bool,
}

impl ReadLimits {
    /// For an archive of unknown origin with so many bytes.
    #[must_use]
    pub fn foreign(size: u64) -> Self {
        let by_ratio = size.saturating_mul(EXPANDED_RATIO);
        let bomb = size.saturating_mul(BOMB_RATIO).max(BOMB_FLOOR);
        let expanded = by_ratio.clamp(EXPANDED_FLOOR, EXPANDED_CEILING).min(bomb);
        let (archive, file, entries, own) = (ARCHIVE_BYTES, FILE_BYTES, ENTRIES, MANIFEST_BYTES);
        Self {
            archive,
            expanded,
            file,
            entries,
            own,
            exact_modes: false,
        }
    }

    /// For an archive of the vault, which holds exactly what its record says.
    #[must_use]
    pub fn recorded(size: u64, expanded: u64, entries: u64) -> Self {
        Self {
            archive: size,
            expanded,
            file: expanded,
            entries,
            own: expanded,
            exact_modes: true,
        }
    }
}

/// A member's header with all its extensions applied.
#[derive(Debug)]
pub(super) struct MemberHeader {
    pub(super) kind: MemberType,
    pub(super) name: String,
    pub(super) link: String,
    pub(super) size: u64,
    pub(super) meta: Meta,
}

/// A tar stream being read.
pub(super) struct TarStream<R> {
    input: R,
    limits: ReadLimits,
    /// Bytes of the stream taken so far.
    taken: u64,
    /// Members seen so far.
    index: u64,
    /// Content and padding of the current member still to be read.
    content: u64,
    padding: u64,
}

impl<R: Read> TarStream<R> {
    pub(super) fn new(input: R, limits: ReadLimits) -> Self {
        Self {
            input,
            limits,
            taken: 0,
            index: 0,
            content: 0,
            padding: 0,
        }
    }

    pub(super) fn limits(&self) -> ReadLimits {
        self.limits
    }

    /// The next member; `None` at the end marker, after which only zeros may follow.
    pub(super) fn next(&mut self) -> Result<Option<MemberHeader>, ArchiveError> {
        self.skip_rest()?;
        self.index += 1;
        if self.index > self.limits.entries.saturating_add(1) {
            return Err(limit("entries", self.limits.entries, "--max-entries"));
        }
        let mut extension: Option<Extension> = None;
        let (mut long_name, mut long_link) = (None, None);
        loop {
            let Some(raw) = header::parse(&self.block()?).map_err(|why| self.refuse(why))? else {
                if extension.is_some() || long_name.is_some() || long_link.is_some() {
                    return Err(self.refuse("an extension has no member"));
                }
                self.expect_end()?;
                return Ok(None);
            };
            match raw.kind {
                MemberType::Extension if extension.is_none() => {
                    let body = self.extension_body(raw.size)?;
                    extension = Some(pax::parse(&body).map_err(|why| self.refuse(why))?);
                }
                // Readers differ on whether records before a long name are about it.
                MemberType::LongName | MemberType::LongLink if extension.is_some() => {
                    return Err(self.refuse("a long name follows another extension"));
                }
                MemberType::LongName if long_name.is_none() => {
                    long_name = Some(self.long_text(raw.size)?);
                }
                MemberType::LongLink if long_link.is_none() => {
                    long_link = Some(self.long_text(raw.size)?);
                }
                MemberType::Extension | MemberType::LongName | MemberType::LongLink => {
                    return Err(self.refuse("an extension stands before it twice"));
                }
                _ => {
                    let extension = extension.unwrap_or_default();
                    return self.member(raw, extension, long_name, long_link).map(Some);
                }
            }
        }
    }

    fn member(
        &mut self,
        raw: header::RawHeader,
        extension: Extension,
        long_name: Option<String>,
        long_link: Option<String>,
    ) -> Result<MemberHeader, ArchiveError> {
        if (extension.path.is_some() && long_name.is_some())
            || (extension.link.is_some() && long_link.is_some())
        {
            return Err(self.refuse("two extensions name it differently"));
        }
        // Readers disagree which of two sizes counts, so there may only be one.
        if extension.size.is_some_and(|size| size != raw.size) {
            return Err(self.refuse("its two sizes differ"));
        }
        let has_content = raw.kind == MemberType::File;
        let refused_later = matches!(raw.kind, MemberType::Other(_) | MemberType::HardLink);
        if !has_content && raw.size != 0 && !refused_later {
            return Err(self.refuse("a directory or link has content"));
        }
        if raw.size > self.limits.file {
            return Err(limit(
                "bytes in one file",
                self.limits.file,
                "--max-file-size",
            ));
        }
        self.content = raw.size;
        self.padding = raw.size.next_multiple_of(BLOCK as u64) - raw.size;
        let mtime = extension.mtime.unwrap_or(raw.meta.mtime);
        Ok(MemberHeader {
            kind: raw.kind,
            name: extension.path.or(long_name).unwrap_or(raw.name),
            link: extension.link.or(long_link).unwrap_or(raw.link),
            size: raw.size,
            meta: Meta { mtime, ..raw.meta },
        })
    }

    /// Some bytes of the current member's content; 0 at its end.
    pub(super) fn read_content(&mut self, buffer: &mut [u8]) -> Result<usize, ArchiveError> {
        let want = usize::try_from(self.content)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        if want == 0 {
            return Ok(0);
        }
        let got = self.take(&mut buffer[..want])?;
        self.content -= got as u64;
        Ok(got)
    }

    /// The current member's whole content, which must not be larger than `most`.
    pub(super) fn content(
        &mut self,
        most: u64,
        what: &'static str,
    ) -> Result<Vec<u8>, ArchiveError> {
        if self.content > most {
            return Err(limit(what, most, "--max-file-size"));
        }
        // Grown by what there is, not by what the header says.
        let mut content = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match self.read_content(&mut buffer)? {
                0 => return Ok(content),
                got => content.extend_from_slice(&buffer[..got]),
            }
        }
    }

    /// Reads to the very end: after the end marker only zeros may stand.
    fn expect_end(&mut self) -> Result<(), ArchiveError> {
        if self.block()?.iter().any(|b| *b != 0) {
            return Err(self.refuse("a lone block of zeros stands before it"));
        }
        let mut buffer = [0; 4096];
        loop {
            let got = self.take_some(&mut buffer)?;
            if got == 0 {
                return Ok(());
            }
            if buffer[..got].iter().any(|b| *b != 0) {
                return Err(ArchiveError::AfterEnd);
            }
        }
    }

    fn skip_rest(&mut self) -> Result<(), ArchiveError> {
        let mut buffer = [0; 4096];
        while self.read_content(&mut buffer)? > 0 {}
        let padding = usize::try_from(std::mem::take(&mut self.padding)).unwrap_or_default();
        self.fill(&mut buffer[..padding])
    }

    fn extension_body(&mut self, size: u64) -> Result<Vec<u8>, ArchiveError> {
        if size > EXTENSION_BYTES {
            return Err(self.refuse("an extension is larger than 1 MiB"));
        }
        let size = usize::try_from(size).unwrap_or_default();
        let mut body = vec![0; size.next_multiple_of(BLOCK)];
        self.fill(&mut body)?;
        body.truncate(size);
        Ok(body)
    }

    fn long_text(&mut self, size: u64) -> Result<String, ArchiveError> {
        let mut body = self.extension_body(size)?;
        if body.last() == Some(&0) {
            body.pop();
        }
        if body.is_empty() || body.contains(&0) {
            return Err(self.refuse("a long name is empty or holds NUL"));
        }
        String::from_utf8(body).map_err(|_| self.refuse("a long name is not UTF-8"))
    }

    fn block(&mut self) -> Result<[u8; BLOCK], ArchiveError> {
        let mut block = [0; BLOCK];
        self.fill(&mut block)?;
        Ok(block)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), ArchiveError> {
        let mut done = 0;
        while done < buffer.len() {
            done += self.take(&mut buffer[done..])?;
        }
        Ok(())
    }

    fn take(&mut self, buffer: &mut [u8]) -> Result<usize, ArchiveError> {
        match self.take_some(buffer)? {
            0 => Err(ArchiveError::CutShort),
            got => Ok(got),
        }
    }

    fn take_some(&mut self, buffer: &mut [u8]) -> Result<usize, ArchiveError> {
        let got = loop {
            match self.input.read(buffer) {
                Ok(got) => break got,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                // The decoder reports damage as bad input, the disk anything else.
                Err(e) if e.raw_os_error().is_some() => return Err(ArchiveError::Read(e)),
                Err(e) => return Err(ArchiveError::Corrupt(e.to_string())),
            }
        };
        self.taken += got as u64;
        if self.taken > self.limits.expanded {
            return Err(limit(
                "expanded bytes",
                self.limits.expanded,
                "--max-expanded-size",
            ));
        }
        Ok(got)
    }

    fn refuse(&self, why: &'static str) -> ArchiveError {
        ArchiveError::Header {
            index: self.index,
            why,
        }
    }

    /// The stream below, once the end was seen.
    pub(super) fn into_inner(self) -> R {
        self.input
    }
}

fn limit(what: &'static str, limit: u64, flag: &'static str) -> ArchiveError {
    ArchiveError::Limit { what, limit, flag }
}
