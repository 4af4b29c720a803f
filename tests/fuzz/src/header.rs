//! Bytes put before the archive reader. What begins like gzip is read as it is; a tar that
//! begins with a manifest is wrapped in correct gzip; anything else is taken for members,
//! which get what no mutation can make: right checksums, a manifest, a checksum list.

use super::gzip::stored;
use super::paths::{check_path, check_rel};
use super::sealed::seal;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::sync::Mutex;
use takeback::archive::{ArchiveError, Listing, OpenArchive, ReadLimits, VerifiedArchive};
use takeback::model::{Digest, EntryKind, link_stays_inside};

/// When the archives are read, in seconds since 1970.
const NOW: i64 = 1_800_000_000;
/// Bytes that an input may expand to: enough for every rule, and quickly read.
const EXPANDED: u64 = 4 << 20;

/// Reads an archive every way there is; says whether it was accepted.
pub fn header(data: &[u8]) -> bool {
    if data.starts_with(b"\x1f\x8b") {
        read(data)
    } else if data.starts_with(b"manifest.json") {
        read(&stored(data))
    } else {
        read(&stored(&seal(data)))
    }
}

fn read(file: &[u8]) -> bool {
    let limits = ReadLimits {
        expanded: EXPANDED,
        ..ReadLimits::foreign(file.len() as u64)
    };
    let Ok(archive) = VerifiedArchive::read(Cursor::new(file), limits, NOW) else {
        return false;
    };
    check_entries(archive.listing());
    check_contents(&archive);
    check_recorded(file, archive.listing());
    let mut tar = Vec::new();
    let mut gzip = GzDecoder::new(file);
    gzip.read_to_end(&mut tar)
        .expect("what was accepted unpacks");
    check_with_other_reader(&tar, archive.listing());
    true
}

/// Every path and link is harmless, and modes give nothing away.
fn check_entries(listing: &Listing) {
    let mut bytes = 0;
    for entry in listing.entries.values() {
        let path = &entry.path;
        check_path(path);
        let rule = listing.rule_for(path);
        if entry.kind != EntryKind::Directory {
            assert!(rule.is_some(), "{path} falls under no rule");
            assert!(!path.rel().is_root(), "{path} is a base directory");
        }
        if let EntryKind::Link { target } = &entry.kind {
            let root = rule.map(|rule| rule.at.path.clone()).unwrap_or_default();
            assert_eq!(link_stays_inside(&root, path.rel(), target), Ok(()));
            check_rel(&lexically(path.rel(), target));
        }
        let file = matches!(entry.kind, EntryKind::File { .. });
        assert_eq!(entry.digest.is_some(), file);
        assert_eq!(entry.meta.mode & !0o755, 0, "{path}: {:o}", entry.meta.mode);
        assert!((0..=NOW + 86_400).contains(&entry.meta.mtime.seconds));
        assert!(entry.meta.mtime.nanos < 1_000_000_000);
        bytes += entry.size();
    }
    assert_eq!(bytes, listing.bytes);
}

/// Where a link leads, by its text alone.
fn lexically(link: &takeback::model::RelPath, target: &str) -> takeback::model::RelPath {
    let mut parts: Vec<&str> = link.components().collect();
    parts.pop();
    for part in target.split('/') {
        if part == ".." {
            parts.pop().expect("it does not climb above its base");
        } else {
            parts.push(part);
        }
    }
    takeback::model::RelPath::new(&parts.join("/")).expect("it leads to a plain path")
}

/// The second pass hands out exactly the files that the first one listed.
fn check_contents(archive: &VerifiedArchive<Cursor<&[u8]>>) {
    let seen = Mutex::new(BTreeMap::new());
    let all: Vec<_> = archive.listing().entries.values().collect();
    let done = archive.extract::<ArchiveError>(&all, &|entry, content| {
        let mut hash = Sha256::new();
        loop {
            match content.next()? {
                [] => break,
                bytes => hash.update(bytes),
            }
        }
        let digest = Digest::from_bytes(hash.finalize().into());
        let mut seen = seen.lock().expect("nobody panicked");
        assert!(seen.insert(entry.path.clone(), digest).is_none());
        Ok(())
    });
    done.expect("nothing changed between the two readings");
    let listed = archive.listing().entries.values();
    let listed: BTreeMap<_, _> = listed
        .filter_map(|entry| Some((entry.path.clone(), entry.digest?)))
        .collect();
    assert_eq!(seen.into_inner().expect("nobody panicked"), listed);
}

/// What is good enough from outside is good enough for the vault, and holds the same.
fn check_recorded(file: &[u8], listing: &Listing) {
    let limits = ReadLimits::recorded(file.len() as u64, EXPANDED, EXPANDED);
    let again = VerifiedArchive::read(Cursor::new(file), limits, NOW)
        .expect("the vault takes what it would take from outside");
    let again = again.into_listing();
    assert_eq!(again.digest, listing.digest);
    assert_eq!(again.ignored, listing.ignored);
    let same = |listing: &Listing| -> Vec<_> {
        let entries = listing.entries.values();
        entries
            .map(|entry| (entry.path.clone(), entry.kind.clone(), entry.digest))
            .collect()
    };
    assert_eq!(same(&again), same(listing));
}

/// The `tar` crate sees the same regular files with the same content, and the same links.
fn check_with_other_reader(tar: &[u8], listing: &Listing) {
    let Some(theirs) = Theirs::read(tar) else {
        return;
    };
    let mut files = BTreeMap::new();
    let mut links = BTreeMap::new();
    let mut known: BTreeSet<Vec<u8>> = listing.ignored.iter().map(|n| n.clone().into()).collect();
    known.extend([b"manifest.json".to_vec(), b"SHA256SUMS".to_vec()]);
    for entry in listing.entries.values() {
        let name = entry.path.to_string().into_bytes();
        match (&entry.kind, entry.digest) {
            (EntryKind::Link { target }, _) => {
                links.insert(name.clone(), target.clone().into_bytes());
            }
            (_, Some(digest)) => {
                files.insert(name.clone(), digest);
            }
            _ => {}
        }
        known.insert(name);
    }
    assert_eq!(theirs.links, links);
    for (name, digest) in &files {
        assert_eq!(theirs.files.get(name), Some(digest), "{}", shown(name));
    }
    for name in theirs.files.keys().chain(&theirs.directories) {
        let plain = name.strip_suffix(b"/").unwrap_or(name);
        let top = plain.is_empty() || plain == b".";
        let seen = known.contains(name) || known.contains(plain);
        assert!(seen || top, "only the other reader sees {}", shown(name));
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// What the `tar` crate makes of a stream.
#[derive(Default)]
struct Theirs {
    files: BTreeMap<Vec<u8>, Digest>,
    links: BTreeMap<Vec<u8>, Vec<u8>>,
    directories: BTreeSet<Vec<u8>>,
}

impl Theirs {
    /// `None` where the crate is known to read wrongly: sums of signed bytes, and records
    /// that stand inside the value of an attribute, which it splits by line.
    fn read(tar: &[u8]) -> Option<Self> {
        let mut theirs = Self::default();
        let mut archive = tar::Archive::new(tar);
        let entries = archive.entries().expect("a stream can be begun");
        for entry in entries {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(e) if e.to_string().contains("checksum mismatch") => return None,
                Err(e) => panic!("only the other reader refuses it: {e}"),
            };
            let name = entry.path_bytes().into_owned();
            match entry.header().entry_type() {
                tar::EntryType::Symlink => {
                    let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                    theirs.links.insert(name, target);
                }
                tar::EntryType::Directory => {
                    theirs.directories.insert(name);
                }
                _ => {
                    let mut content = Vec::new();
                    entry.read_to_end(&mut content).expect("a whole member");
                    theirs.files.insert(name, Digest::of(&content));
                }
            }
        }
        Some(theirs)
    }
}
