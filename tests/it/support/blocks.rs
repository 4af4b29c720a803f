//! The members of an archive, read by their blocks: as little code as tells them apart,
//! and none of the program's.

use flate2::bufread::GzDecoder;
use std::io::Read;
use std::path::Path;

/// One member: its header block, and its content.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) header: Vec<u8>,
    pub(crate) content: Vec<u8>,
}

impl Member {
    /// The type flag; `x` is a PAX extension of the member behind it.
    pub(crate) fn flag(&self) -> char {
        char::from(self.header[156])
    }

    /// A header field up to its NUL.
    pub(crate) fn field(&self, range: std::ops::Range<usize>) -> String {
        let bytes: Vec<u8> = self.header[range]
            .iter()
            .copied()
            .take_while(|b| *b != 0)
            .collect();
        String::from_utf8(bytes).unwrap()
    }

    /// The name in the header itself.
    pub(crate) fn name(&self) -> String {
        self.field(0..100)
    }

    /// A PAX record of this extension.
    pub(crate) fn record(&self, key: &str) -> Option<String> {
        let text = String::from_utf8(self.content.clone()).unwrap();
        let line = |line: &str| {
            Some(
                line.split_once(' ')?
                    .1
                    .strip_prefix(key)?
                    .strip_prefix('=')?
                    .to_owned(),
            )
        };
        text.lines().find_map(line)
    }
}

/// What the one gzip member of an archive expands to.
pub(crate) fn expand(archive: &Path) -> Vec<u8> {
    let packed = std::fs::read(archive).unwrap();
    let mut decoder = GzDecoder::new(packed.as_slice());
    let mut tar = Vec::new();
    decoder.read_to_end(&mut tar).unwrap();
    assert!(
        decoder.into_inner().is_empty(),
        "something follows the first gzip member"
    );
    tar
}

/// Every member up to the end marker, which must be the end.
pub(crate) fn members(archive: &Path) -> Vec<Member> {
    let tar = expand(archive);
    assert_eq!(tar.len() % 512, 0, "the tar is not made of whole blocks");
    let mut rest = tar.as_slice();
    let mut members = Vec::new();
    while rest[..512].iter().any(|b| *b != 0) {
        let header = rest[..512].to_vec();
        let member = Member {
            header,
            content: Vec::new(),
        };
        let size = usize::from_str_radix(member.field(124..136).trim(), 8).unwrap();
        let content = rest[512..512 + size].to_vec();
        rest = &rest[512 + size.next_multiple_of(512)..];
        members.push(Member { content, ..member });
    }
    assert_eq!(
        rest, [0; 1024],
        "the end is not two empty blocks and nothing else"
    );
    members
}

/// Whole names in order, PAX taken into account, each with the member itself.
pub(crate) fn named(members: &[Member]) -> Vec<(String, &Member)> {
    let mut long = None;
    let mut named = Vec::new();
    for member in members {
        if member.flag() == 'x' {
            long = member.record("path");
        } else {
            named.push((long.take().unwrap_or_else(|| member.name()), member));
        }
    }
    named
}
