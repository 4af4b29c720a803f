//! From bytes to a verified archive: the first pass parses, validates and hashes and
//! writes nothing; the second must see exactly the same.

use super::entries::Entries;
use super::error::ArchiveError;
use super::header::MemberType;
use super::listing::{Collector, ListedEntry, Listing};
use super::manifest::Manifest;
use super::open::{Content, OpenArchive, Take};
use super::reader::{MemberHeader, ReadLimits, TarStream};
use super::{MANIFEST_NAME, SUMS_NAME, format, sums};
use crate::model::limits::SUMS_BYTES;
use crate::model::{ArchivePath, Digest, EntryKind, Meta, ModTime, PathError};
use flate2::bufread::GzDecoder;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// The newest time an archive may give a file, in seconds from now.
const FUTURE: i64 = 24 * 3600;

/// An archive whose every byte was read and found in order. No later stage of a
/// restore accepts anything else.
pub struct VerifiedArchive<F> {
    file: RefCell<F>,
    listing: Listing,
    limits: ReadLimits,
    now: i64,
}

struct Member<'a, R> {
    tar: &'a mut TarStream<R>,
    hash: Sha256,
    buffer: Vec<u8>,
}

impl<R: Read> Content for Member<'_, R> {
    fn next(&mut self) -> Result<&[u8], ArchiveError> {
        let got = self.tar.read_content(&mut self.buffer)?;
        self.hash.update(&self.buffer[..got]);
        Ok(&self.buffer[..got])
    }
}

impl<F: Read + Seek> VerifiedArchive<F> {
    /// Reads the whole archive and checks everything about it. `now` is in seconds since
    /// 1970: no file gets a time beyond tomorrow.
    ///
    /// # Errors
    /// Names the first thing that is not acceptable.
    pub fn read(mut file: F, limits: ReadLimits, now: i64) -> Result<Self, ArchiveError> {
        let listing = pass(&mut file, limits, now, &mut |_, content| drain(content))?;
        Ok(Self {
            file: RefCell::new(file),
            listing,
            limits,
            now,
        })
    }
}

impl<F: Read + Seek> OpenArchive for VerifiedArchive<F> {
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
        let mut failed = None;
        let mut each = |entry: &ListedEntry, content: &mut dyn Content| {
            let chosen = chosen
                .binary_search_by(|one| one.path.cmp(&entry.path))
                .map(|at| chosen[at]);
            if let Ok(entry) = chosen {
                take(entry, content).map_err(|e| {
                    failed = Some(e);
                    ArchiveError::Changed
                })?;
            }
            drain(content)
        };
        let again = pass(
            &mut *self.file.borrow_mut(),
            self.limits,
            self.now,
            &mut each,
        );
        if let Some(error) = failed {
            return Err(error);
        }
        let again = again?;
        let same = again.digest == self.listing.digest && again.entries == self.listing.entries;
        if same {
            Ok(())
        } else {
            Err(ArchiveError::Changed.into())
        }
    }
}

fn drain(content: &mut dyn Content) -> Result<(), ArchiveError> {
    while !content.next()?.is_empty() {}
    Ok(())
}

type Each<'a> = &'a mut dyn FnMut(&ListedEntry, &mut dyn Content) -> Result<(), ArchiveError>;

/// One reading of the whole file.
fn pass<F: Read + Seek>(
    file: &mut F,
    limits: ReadLimits,
    now: i64,
    each: Each<'_>,
) -> Result<Listing, ArchiveError> {
    let size = file.seek(SeekFrom::End(0)).map_err(ArchiveError::Read)?;
    if size > limits.archive {
        let (what, flag) = ("bytes of archive", "--max-archive-size");
        return Err(ArchiveError::Limit {
            what,
            limit: limits.archive,
            flag,
        });
    }
    file.seek(SeekFrom::Start(0)).map_err(ArchiveError::Read)?;
    let mut input = BufReader::with_capacity(
        64 << 10,
        Tee {
            input: file,
            hash: Sha256::new(),
        },
    );
    let start = input.fill_buf().map_err(ArchiveError::Read)?;
    if !start.starts_with(&[0x1f, 0x8b]) {
        return Err(ArchiveError::NotGzip);
    }
    let mut tar = TarStream::new(GzDecoder::new(input), limits);
    let read = read_manifest(&mut tar)
        .and_then(|manifest| Ok((read_members(&mut tar, &manifest, now, each)?, manifest)));
    let mut input = tar.into_inner().into_inner();
    let ((entries, ignored, bytes), manifest) = match read {
        // A tar that goes on in a second member seems to end with the first.
        Err(ArchiveError::CutShort) if !input.fill_buf().unwrap_or_default().is_empty() => {
            return Err(ArchiveError::TrailingBytes);
        }
        read => read?,
    };
    if !input.fill_buf().map_err(ArchiveError::Read)?.is_empty() {
        return Err(ArchiveError::TrailingBytes);
    }
    let digest = Digest::from_bytes(input.into_inner().hash.finalize().into());
    Ok(Listing {
        manifest: manifest.0,
        entries,
        unasked: 0,
        ignored,
        digest,
        bytes,
    })
}

/// The manifest with the digest of its bytes.
pub(super) struct ReadManifest(pub(super) Manifest, pub(super) Digest);

pub(super) fn read_manifest<R: Read>(tar: &mut TarStream<R>) -> Result<ReadManifest, ArchiveError> {
    let first = tar.next()?.ok_or(ArchiveError::NoManifest)?;
    if first.name != MANIFEST_NAME || first.kind != MemberType::File {
        return Err(ArchiveError::NoManifest);
    }
    let bytes = tar.content(tar.limits().own, "bytes of manifest")?;
    Ok(ReadManifest(format::parse(&bytes)?, Digest::of(&bytes)))
}

type Members = (Entries, Vec<String>, u64);

fn read_members<R: Read>(
    tar: &mut TarStream<R>,
    manifest: &ReadManifest,
    now: i64,
    each: Each<'_>,
) -> Result<Members, ArchiveError> {
    let mut collector = Collector::new(&manifest.0, 0);
    let mut buffer = vec![0; 64 << 10];
    // Files beside the entries.
    let mut others = BTreeMap::from([(MANIFEST_NAME.to_owned(), manifest.1)]);
    let (mut ignored, mut bytes, mut sums) = (Vec::new(), 0, None);
    while let Some(header) = tar.next()? {
        if sums.is_some() {
            return Err(ArchiveError::Sums("something stands behind it".to_owned()));
        }
        if header.name == MANIFEST_NAME {
            return Err(ArchiveError::Manifest("it stands in it twice".to_owned()));
        }
        if header.name == SUMS_NAME && header.kind == MemberType::File {
            let most = tar.limits().own.max(SUMS_BYTES);
            sums = Some(tar.content(most, "bytes of checksum list")?);
            continue;
        }
        let Some(mut entry) = entry(&header, tar.limits(), now)? else {
            // Outside the known trees. It must still be harmless and in the list.
            if header.kind == MemberType::File {
                let digest = hash_content(tar)?;
                if others.insert(header.name.clone(), digest).is_some() {
                    return Err(ArchiveError::Collision(header.name));
                }
            }
            if !names_the_top(&header.name) {
                ignored.push(header.name);
            }
            continue;
        };
        if header.kind == MemberType::File {
            let mut member = Member {
                tar,
                hash: Sha256::new(),
                buffer: std::mem::take(&mut buffer),
            };
            each(&entry, &mut member)?;
            buffer = member.buffer;
            entry.digest = Some(Digest::from_bytes(member.hash.finalize().into()));
            bytes += header.size;
        }
        collector.add(entry)?;
    }
    let sums = sums.ok_or_else(|| ArchiveError::Sums("there is none".to_owned()))?;
    let entries = collector.finish(tar.limits())?;
    sums::compare(&sums, &entries, &others)?;
    Ok((entries, ignored, bytes))
}

fn hash_content<R: Read>(tar: &mut TarStream<R>) -> Result<Digest, ArchiveError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match tar.read_content(&mut buffer)? {
            0 => return Ok(Digest::from_bytes(hash.finalize().into())),
            got => hash.update(&buffer[..got]),
        }
    }
}

/// The entry a header stands for; `None` when it lies outside the known trees.
pub(super) fn entry(
    header: &MemberHeader,
    limits: ReadLimits,
    now: i64,
) -> Result<Option<ListedEntry>, ArchiveError> {
    let name = header.name.as_str();
    let kind = match header.kind {
        MemberType::File => EntryKind::File { size: header.size },
        MemberType::Directory => EntryKind::Directory,
        MemberType::Link => EntryKind::Link {
            target: header.link.clone(),
        },
        MemberType::HardLink => return Err(refused(name, "a hard link")),
        MemberType::Other(what) => return Err(refused(name, what)),
        MemberType::Extension | MemberType::LongName | MemberType::LongLink => {
            return Err(ArchiveError::Header {
                index: 0,
                why: "an extension has no member",
            });
        }
    };
    let text = match kind {
        EntryKind::Directory => name.strip_suffix('/').unwrap_or(name),
        _ => name,
    };
    match ArchivePath::parse(text) {
        Ok(path) if path.rel().is_root() && kind != EntryKind::Directory => {
            Err(ArchiveError::Kind {
                path: name.to_owned(),
                what: "a base directory's place",
            })
        }
        Ok(path) => {
            let meta = if limits.exact_modes {
                exact(header.meta)
            } else {
                harmless(&kind, header.meta, now)
            };
            let is_link = matches!(kind, EntryKind::Link { .. });
            Ok(Some(ListedEntry {
                masked: !is_link && meta.mode != header.meta.mode,
                path,
                kind,
                meta,
                digest: None,
            }))
        }
        Err(PathError::UnknownTree) if !matches!(kind, EntryKind::Link { .. }) => Ok(None),
        Err(_) if kind == EntryKind::Directory && names_the_top(name) => Ok(None),
        Err(why) => Err(ArchiveError::Path {
            path: name.to_owned(),
            why,
        }),
    }
}

fn refused(path: &str, what: &'static str) -> ArchiveError {
    let path = path.to_owned();
    ArchiveError::Kind { path, what }
}

/// `.`, `./` and an empty name stand for the place an archive is extracted to; nothing
/// is done with it.
pub(super) fn names_the_top(name: &str) -> bool {
    matches!(name, "" | "." | "./")
}

/// What the vault's own archives say is what was on disk; only privileges are dropped.
fn exact(meta: Meta) -> Meta {
    Meta {
        mode: meta.mode & 0o777,
        ..meta
    }
}

/// Takes from modes what only gives privileges or locks the owner out, and from times
/// what no clock has seen.
fn harmless(kind: &EntryKind, meta: Meta, now: i64) -> Meta {
    let owner = if *kind == EntryKind::Directory {
        0o700
    } else {
        0o600
    };
    let mut mode = (meta.mode & 0o755) | owner;
    if *kind != EntryKind::Directory && mode & 0o100 == 0 {
        mode &= !0o011;
    }
    let sane = (0..=now.saturating_add(FUTURE)).contains(&meta.mtime.seconds);
    let mtime = if sane {
        meta.mtime
    } else {
        ModTime {
            seconds: now,
            nanos: 0,
        }
    };
    Meta { mode, mtime }
}

/// Passes bytes on, hashing them.
struct Tee<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.input.read(buffer)?;
        self.hash.update(&buffer[..got]);
        Ok(got)
    }
}
