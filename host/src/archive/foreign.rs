//! Tars that other programs wrote: read with the same strictness and limits as our own, but
//! without a manifest, a checksum list or known trees. Nothing is written here.
//!
//! What is different: `./` may stand before names, the tar may lie there without gzip, a hard
//! link is a name for the content of a member before it, and a pipe or device is named, for
//! the rest can be had without it.

use super::error::ArchiveError;
use super::header::MemberType;
use super::open::Content;
use super::reader::{MemberHeader, ReadLimits, TarStream};
use super::verify::names_the_top;
use crate::model::{Meta, PathError, RelPath};
use flate2::bufread::GzDecoder;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// What a member of a foreign tar is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForeignKind {
    /// A file of so many bytes.
    File(u64),
    /// A directory.
    Directory,
    /// A symbolic link with its target as written.
    Link(String),
    /// A file with the content of an earlier one.
    Same(RelPath),
    /// A pipe or device, in words.
    Special(&'static str),
}

/// One member of a foreign tar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignMember {
    /// Its path from the tar's top.
    pub path: RelPath,
    /// What it is.
    pub kind: ForeignKind,
    /// Mode and time as written.
    pub meta: Meta,
}

/// What is made of the members of a foreign tar.
pub trait ForeignVisitor {
    /// A member; the content is empty for everything but a file.
    ///
    /// # Errors
    /// When it cannot be taken, which ends the reading.
    fn member(
        &mut self,
        member: ForeignMember,
        content: &mut dyn Content,
    ) -> Result<(), ArchiveError>;

    /// Something that cannot be taken at all, such as a name that no archive of ours could
    /// hold.
    fn passed_over(&mut self, name: &str, why: String);
}

/// Reads a foreign tar from its beginning to its end, compressed by gzip or not.
///
/// # Errors
/// Names the first thing that is not acceptable, or what the visitor said.
pub fn read_foreign<F: Read + Seek>(
    file: &mut F,
    limits: ReadLimits,
    visitor: &mut dyn ForeignVisitor,
) -> Result<(), ArchiveError> {
    let size = file.seek(SeekFrom::End(0)).map_err(ArchiveError::Read)?;
    if size > limits.archive {
        return Err(ArchiveError::Limit {
            what: "bytes of archive",
            limit: limits.archive,
            flag: "--max-archive-size",
        });
    }
    file.seek(SeekFrom::Start(0)).map_err(ArchiveError::Read)?;
    let mut input = BufReader::with_capacity(64 << 10, file);
    let start = input.fill_buf().map_err(ArchiveError::Read)?;
    if !start.starts_with(&[0x1f, 0x8b]) {
        if !is_tar(start) {
            return Err(ArchiveError::NotTar);
        }
        return members(&mut TarStream::new(input, limits), visitor);
    }
    let mut tar = TarStream::new(GzDecoder::new(input), limits);
    let read = members(&mut tar, visitor);
    let mut input = tar.into_inner().into_inner();
    match read {
        // A tar that goes on in a second member seems to end with the first.
        Ok(()) | Err(ArchiveError::CutShort)
            if !input.fill_buf().map_err(ArchiveError::Read)?.is_empty() =>
        {
            Err(ArchiveError::TrailingBytes)
        }
        read => read,
    }
}

/// Whether a file that begins so is a tar that lies there uncompressed: all but the oldest have
/// this word in their first header.
#[must_use]
pub fn is_tar(start: &[u8]) -> bool {
    start.get(257..262) == Some(b"ustar")
}

fn members<R: Read>(
    tar: &mut TarStream<R>,
    visitor: &mut dyn ForeignVisitor,
) -> Result<(), ArchiveError> {
    let mut buffer = vec![0; 64 << 10];
    while let Some(header) = tar.next()? {
        if header.kind == MemberType::Directory && names_the_top(&header.name) {
            continue;
        }
        let Some(path) = path(&header.name, header.kind, visitor)? else {
            continue;
        };
        let member = ForeignMember {
            kind: kind(&header)?,
            meta: header.meta,
            path,
        };
        let mut content = Body {
            tar: &mut *tar,
            buffer: &mut buffer,
        };
        visitor.member(member, &mut content)?;
    }
    Ok(())
}

/// A member's path; `None` when no archive of ours could hold it. What climbs or is absolute
/// was made to, and is refused with everything around it.
fn path(
    name: &str,
    kind: MemberType,
    visitor: &mut dyn ForeignVisitor,
) -> Result<Option<RelPath>, ArchiveError> {
    let text = plain(name, kind == MemberType::Directory);
    match RelPath::new(text) {
        Ok(path) => Ok(Some(path)),
        Err(why @ (PathError::Absolute | PathError::Parent)) => Err(ArchiveError::Path {
            path: name.to_owned(),
            why,
        }),
        Err(why) => {
            visitor.passed_over(name, why.to_string());
            Ok(None)
        }
    }
}

/// A name without what tar programs put around it.
fn plain(name: &str, directory: bool) -> &str {
    let name = name.strip_prefix("./").unwrap_or(name);
    if directory {
        name.strip_suffix('/').unwrap_or(name)
    } else {
        name
    }
}

fn kind(header: &MemberHeader) -> Result<ForeignKind, ArchiveError> {
    Ok(match header.kind {
        MemberType::File => ForeignKind::File(header.size),
        MemberType::Directory => ForeignKind::Directory,
        MemberType::Link => ForeignKind::Link(header.link.clone()),
        MemberType::HardLink if header.size != 0 => {
            return Err(ArchiveError::Kind {
                path: header.name.clone(),
                what: "a hard link with content of its own",
            });
        }
        MemberType::HardLink => {
            let of = RelPath::new(plain(&header.link, false));
            ForeignKind::Same(of.map_err(|why| ArchiveError::Path {
                path: header.link.clone(),
                why,
            })?)
        }
        MemberType::Other(what @ ("a pipe" | "a character device" | "a block device")) => {
            ForeignKind::Special(what)
        }
        MemberType::Other(what) => {
            return Err(ArchiveError::Kind {
                path: header.name.clone(),
                what,
            });
        }
        MemberType::Extension | MemberType::LongName | MemberType::LongLink => {
            return Err(ArchiveError::Header {
                index: 0,
                why: "an extension has no member",
            });
        }
    })
}

struct Body<'a, R> {
    tar: &'a mut TarStream<R>,
    buffer: &'a mut Vec<u8>,
}

impl<R: Read> Content for Body<'_, R> {
    fn next(&mut self) -> Result<&[u8], ArchiveError> {
        let got = self.tar.read_content(self.buffer)?;
        Ok(&self.buffer[..got])
    }
}
