//! One 512-byte tar header, written through the `tar` crate and read strictly here.

use super::error::ArchiveError;
use super::pax;
use crate::model::{Meta, ModTime};
use tar::{EntryType, Header};

/// Size of a block.
pub(super) const BLOCK: usize = 512;
/// Longest name that fits the header's name field.
const NAME_FIELD: usize = 100;
/// The latest time the header's field holds in octal.
const LATEST: i64 = 0o77_777_777_777;

/// What kind of member a header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberType {
    File,
    Directory,
    Link,
    /// Another name of a member before it: programs that take what links lead to write it.
    HardLink,
    /// PAX records for the next member.
    Extension,
    /// GNU: the next member's name.
    LongName,
    /// GNU: the next member's link target.
    LongLink,
    /// Anything that is never restored, in words.
    Other(&'static str),
}

impl MemberType {
    /// Whether it is about the next member.
    fn is_extension(self) -> bool {
        matches!(self, Self::Extension | Self::LongName | Self::LongLink)
    }
}

/// A header as read.
#[derive(Debug)]
pub(super) struct RawHeader {
    pub(super) kind: MemberType,
    pub(super) name: String,
    pub(super) link: String,
    pub(super) size: u64,
    pub(super) meta: Meta,
}

/// The blocks that announce a member: an extension header where needed, then its own.
pub(super) fn write(
    kind: EntryType,
    name: &str,
    link: &str,
    size: u64,
    meta: Meta,
) -> Result<Vec<u8>, ArchiveError> {
    let mut records = String::new();
    if !fits(name) {
        records += &pax::record("path", name);
    }
    if !fits(link) {
        records += &pax::record("linkpath", link);
    }
    if meta.mtime.nanos != 0 || !(0..=LATEST).contains(&meta.mtime.seconds) {
        records += &pax::record("mtime", &pax::time(meta.mtime));
    }
    let mut blocks = Vec::new();
    if !records.is_empty() {
        let plain = Meta {
            mode: 0o644,
            mtime: ModTime::default(),
        };
        let length = records.len() as u64;
        blocks.extend(block(EntryType::XHeader, "@PaxHeader", "", length, plain)?);
        blocks.extend(records.as_bytes());
        blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
    }
    blocks.extend(block(kind, name, link, size, meta)?);
    Ok(blocks)
}

/// UTF-8 goes into the field as it is: every reader takes those bytes, while some
/// normalise the names of extension records and so make one file of two.
fn fits(text: &str) -> bool {
    text.len() <= NAME_FIELD
}

/// Cut for the header's own field; the extension header holds the whole.
fn cut(text: &str) -> String {
    if fits(text) {
        return text.to_owned();
    }
    text.chars()
        .filter(char::is_ascii)
        .take(NAME_FIELD)
        .collect()
}

fn block(
    kind: EntryType,
    name: &str,
    link: &str,
    size: u64,
    meta: Meta,
) -> Result<[u8; BLOCK], ArchiveError> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(meta.mode);
    header.set_mtime(meta.mtime.seconds.clamp(0, LATEST).unsigned_abs());
    header.set_uid(0);
    header.set_gid(0);
    // Straight into the fields: the crate's setters would split and rewrite names.
    let fields = header.as_ustar_mut().ok_or(ArchiveError::CutShort)?;
    for (field, text) in [
        (&mut fields.name, cut(name)),
        (&mut fields.linkname, cut(link)),
    ] {
        field[..text.len()].copy_from_slice(text.as_bytes());
    }
    header.set_cksum();
    Ok(*header.as_bytes())
}

/// Reads a block strictly; `None` for a block of zeros.
pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Option<RawHeader>, &'static str> {
    if block.iter().all(|b| *b == 0) {
        return Ok(None);
    }
    check_sum(block)?;
    let mut name = field(&block[..100])?;
    let prefix = prefix(block)?;
    if !prefix.is_empty() {
        name = format!("{prefix}/{name}");
    }
    let kind = member_type(block[156]);
    if kind.is_extension() && format(block) == Format::Unclear {
        return Err("an extension is not in a known tar format");
    }
    let mode = octal(&block[100..108]).unwrap_or(0o644);
    let seconds = octal(&block[136..148]).unwrap_or_default();
    let mtime = ModTime {
        seconds: i64::try_from(seconds).unwrap_or_default(),
        nanos: 0,
    };
    Ok(Some(RawHeader {
        kind,
        name,
        link: field(&block[157..257])?,
        size: octal(&block[124..136])?,
        meta: Meta {
            mode: u32::try_from(mode & 0o7777).unwrap_or(0o644),
            mtime,
        },
    }))
}

/// The sum of the block's bytes, its own field counted as spaces. Old programs summed
/// signed bytes.
fn check_sum(block: &[u8; BLOCK]) -> Result<(), &'static str> {
    let bytes = block.iter().enumerate();
    let counted = bytes.map(|(at, b)| if (148..156).contains(&at) { b' ' } else { *b });
    let (unsigned, signed) = counted.fold((0_i64, 0_i64), |(unsigned, signed), b| {
        (unsigned + i64::from(b), signed + i64::from(b.cast_signed()))
    });
    let said = i64::try_from(octal(&block[148..156])?).unwrap_or(-1);
    if said == unsigned || said == signed {
        Ok(())
    } else {
        Err("its checksum is wrong")
    }
}

/// The formats that say what they are. Where it is unclear, readers differ on what the
/// prefix and extensions mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Ustar,
    Gnu,
    Unclear,
}

fn format(block: &[u8; BLOCK]) -> Format {
    match &block[257..265] {
        b"ustar\x0000" => Format::Ustar,
        b"ustar  \0" => Format::Gnu,
        _ => Format::Unclear,
    }
}

/// What stands before the name. Only ustar has it; in headers of unclear format it must
/// be empty.
fn prefix(block: &[u8; BLOCK]) -> Result<String, &'static str> {
    match format(block) {
        Format::Ustar => field(&block[345..500]),
        Format::Unclear if block[345..500].iter().any(|b| *b != 0) => {
            Err("it is not in a known tar format")
        }
        Format::Gnu | Format::Unclear => Ok(String::new()),
    }
}

fn member_type(flag: u8) -> MemberType {
    match flag {
        b'0' | 0 => MemberType::File,
        b'5' => MemberType::Directory,
        b'2' => MemberType::Link,
        b'x' => MemberType::Extension,
        b'L' => MemberType::LongName,
        b'K' => MemberType::LongLink,
        b'1' => MemberType::HardLink,
        b'3' => MemberType::Other("a character device"),
        b'4' => MemberType::Other("a block device"),
        b'6' => MemberType::Other("a pipe"),
        b'S' => MemberType::Other("a sparse file"),
        b'g' => MemberType::Other("a global header"),
        _ => MemberType::Other("of an unknown type"),
    }
}

/// Text up to the first NUL; after it there must be nothing else.
fn field(bytes: &[u8]) -> Result<String, &'static str> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    if bytes[end..].iter().any(|b| *b != 0) {
        return Err("a name has something behind its end");
    }
    let text = std::str::from_utf8(&bytes[..end]).map_err(|_| "a name is not UTF-8")?;
    Ok(text.to_owned())
}

/// An octal number, padded with spaces and ended by space or NUL as tar programs write it.
fn octal(bytes: &[u8]) -> Result<u64, &'static str> {
    const BAD: &str = "a number is malformed";
    let text = std::str::from_utf8(bytes).map_err(|_| BAD)?;
    let digits = text.trim_start_matches(' ').trim_end_matches([' ', '\0']);
    if digits.is_empty() || !digits.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
        return Err(BAD);
    }
    u64::from_str_radix(digits, 8).map_err(|_| BAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: Meta = Meta {
        mode: 0o600,
        mtime: ModTime {
            seconds: 1_767_225_600,
            nanos: 0,
        },
    };

    #[test]
    fn what_is_written_reads_back() {
        let blocks = write(EntryType::Regular, "home/.claude/x", "", 5, META).unwrap();
        let header = parse(blocks.as_slice().try_into().unwrap())
            .unwrap()
            .unwrap();
        assert_eq!(header.kind, MemberType::File);
        assert_eq!((header.name.as_str(), header.size), ("home/.claude/x", 5));
        assert_eq!(header.meta, META);
    }

    #[test]
    fn long_names_and_fine_times_go_into_an_extension() {
        let name = "home/".to_owned() + &"ü".repeat(60);
        assert!(!fits(&name) && fits("home/ü"));
        let mtime = ModTime {
            seconds: -5,
            nanos: 1,
        };
        let blocks = write(EntryType::Regular, &name, "", 0, Meta { mtime, ..META }).unwrap();
        assert_eq!(blocks.len(), 3 * BLOCK);
        let first = parse(blocks[..BLOCK].try_into().unwrap()).unwrap().unwrap();
        assert_eq!(first.kind, MemberType::Extension);
        let length = usize::try_from(first.size).unwrap();
        let extension = pax::parse(&blocks[BLOCK..BLOCK + length]).unwrap();
        assert_eq!(extension.path.as_deref(), Some(name.as_str()));
        assert_eq!(extension.mtime, Some(mtime));
    }

    #[test]
    fn every_flipped_bit_of_a_header_is_noticed() {
        let blocks = write(EntryType::Regular, "home/x", "", 5, META).unwrap();
        let block: [u8; BLOCK] = blocks.as_slice().try_into().unwrap();
        for bit in 0..BLOCK * 8 {
            let mut bad = block;
            bad[bit / 8] ^= 1 << (bit % 8);
            let same =
                parse(&bad).is_ok_and(|h| h.is_some_and(|h| h.name == "home/x" && h.size == 5));
            // Inside the checksum's own field, space and NUL at its end mean the same.
            assert!(!same || (148..156).contains(&(bit / 8)), "bit {bit}");
        }
    }
}
