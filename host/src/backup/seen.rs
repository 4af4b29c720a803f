//! What the files of an archive were like when they were read, so that the next backup need
//! not read those again that were not changed. Kept in the cache directory, one file for each
//! archive series; without it everything is read.

use crate::fs::{Dir, read_small};
use crate::model::limits::SEEN_BYTES;
use crate::model::{Digest, Identity, ModTime};
use std::ffi::OsStr;
use std::io::Write;

const MAGIC: &[u8] = b"takeback-seen 1\n";
/// Bytes of one file's identity.
const ENTRY: usize = 28;
/// A file that was changed so short a time before it was read may have been changed again
/// within the same tick of the file system's clock. The coarsest known, FAT's, has two
/// seconds; clocks of other machines are a little off.
const COARSEST: i64 = 3;

/// Identities, by the number of the entry in its archive, as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen(Vec<u8>);

impl Seen {
    /// None yet, with room for so many.
    pub(super) fn with_room(entries: usize) -> Self {
        Self(Vec::with_capacity(entries * ENTRY))
    }

    /// What was kept of the archive with this digest; nothing when that is of another, or
    /// damaged.
    pub(super) fn read(dir: &Dir, name: &str, archive: Digest) -> Self {
        let read = || {
            let mut bytes = read_small(dir, name, SEEN_BYTES).ok()?;
            let end = bytes.len().checked_sub(32)?;
            let (content, digest) = bytes.split_at_checked(end)?;
            if Digest::of(content).as_bytes() != digest {
                return None;
            }
            let rest = content.strip_prefix(MAGIC)?;
            let rest = rest.strip_prefix(archive.as_bytes().as_slice())?;
            let start = end - rest.len();
            bytes.truncate(end);
            bytes.drain(..start);
            Some(Self(bytes))
        };
        read().unwrap_or_default()
    }

    /// Keeps it. That this fails only makes the next backup slower.
    pub(super) fn write(&self, dir: &Dir, name: &str, archive: Digest) {
        let parts = [MAGIC, archive.as_bytes(), &self.0];
        let digest = Digest::of_parts(&parts);
        // Nobody else writes under this name: the vault is locked. What somebody left who was
        // killed goes with the next. It need not be durable, for its digest tells a torn one.
        let temp = format!(".{name}.tmp");
        let (temp, name) = (OsStr::new(&temp), OsStr::new(name));
        let _ = dir.remove_file(temp);
        let write = || {
            let mut file = dir.create_new(temp, 0o600).ok()?;
            for part in parts.into_iter().chain([digest.as_bytes().as_slice()]) {
                file.write_all(part).ok()?;
            }
            dir.move_over(temp, dir, name).ok()
        };
        if write().is_none() {
            let _ = dir.remove_file(temp);
        }
    }

    /// The identity of an entry when it was read.
    pub(super) fn get(&self, number: u32) -> Option<Identity> {
        decode(self.0.as_chunks::<ENTRY>().0.get(number as usize)?)
    }

    /// Adds the next entry. `since` is when the backup began, in seconds since 1970: what
    /// was changed just before is not relied on, and no more what was changed after.
    pub(super) fn push(&mut self, identity: Option<Identity>, mtime: ModTime, since: i64) {
        let old = |time: ModTime| time.seconds < since.saturating_sub(COARSEST);
        let certain = identity.filter(|identity| old(identity.ctime) && old(mtime));
        self.0.extend_from_slice(&encode(certain));
    }
}

/// More nanoseconds than a second has stand for no identity.
fn encode(identity: Option<Identity>) -> [u8; ENTRY] {
    let mut bytes = [0xff; ENTRY];
    if let Some(Identity { inode, ctime }) = identity {
        bytes[..8].copy_from_slice(&inode.0.to_le_bytes());
        bytes[8..16].copy_from_slice(&inode.1.to_le_bytes());
        bytes[16..24].copy_from_slice(&ctime.seconds.to_le_bytes());
        bytes[24..].copy_from_slice(&ctime.nanos.to_le_bytes());
    }
    bytes
}

fn decode(bytes: &[u8]) -> Option<Identity> {
    let (device, rest) = bytes.split_first_chunk()?;
    let (inode, rest) = rest.split_first_chunk()?;
    let (seconds, rest) = rest.split_first_chunk()?;
    let nanos = u32::from_le_bytes(*rest.first_chunk()?);
    (nanos < 1_000_000_000).then(|| Identity {
        inode: (u64::from_le_bytes(*device), u64::from_le_bytes(*inode)),
        ctime: ModTime {
            seconds: i64::from_le_bytes(*seconds),
            nanos,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::PrivateDir;

    fn at(seconds: i64) -> ModTime {
        ModTime { seconds, nanos: 7 }
    }

    fn identity(seconds: i64) -> Identity {
        Identity {
            inode: (1, u64::MAX),
            ctime: at(seconds),
        }
    }

    #[test]
    fn only_what_was_left_alone_for_a_while_is_relied_on() {
        let mut seen = Seen::default();
        for (ctime, mtime) in [(10, 10), (97, 10), (10, 97), (200, 10), (10, 200), (96, 96)] {
            seen.push(Some(identity(ctime)), at(mtime), 100);
        }
        seen.push(None, at(10), 100);
        let certain: Vec<bool> = (0..8).map(|n| seen.get(n).is_some()).collect();
        assert_eq!(
            certain,
            [true, false, false, false, false, true, false, false]
        );
    }

    #[test]
    fn what_is_of_another_archive_or_damaged_is_not_taken() {
        let place = tempfile::tempdir().unwrap();
        let dir = Dir::open(place.path()).unwrap();
        let mut seen = Seen::default();
        seen.push(Some(identity(-5)), at(3), 100);
        seen.push(None, at(3), 100);
        let archive = Digest::of(b"a");
        seen.write(&dir, "claude", archive);
        assert_eq!(Seen::read(&dir, "claude", archive), seen);
        assert_eq!(
            Seen::read(&dir, "claude", Digest::of(b"b")),
            Seen::default()
        );
        assert_eq!(Seen::read(&dir, "cursor", archive), Seen::default());
        let whole = read_small(&dir, "claude", SEEN_BYTES).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            PrivateDir::write_file(&dir, "claude", &bytes).unwrap();
            assert_eq!(
                Seen::read(&dir, "claude", archive),
                Seen::default(),
                "byte {at}"
            );
        }
    }
}
