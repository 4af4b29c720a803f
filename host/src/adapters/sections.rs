//! The outermost sections of a component or module, as bytes: to take some out and put
//! others in without touching the rest.

use std::borrow::Cow;

/// One section.
pub(super) struct Section<'a> {
    /// With its id and its length.
    pub(super) whole: &'a [u8],
    /// The name, if it is a custom one.
    pub(super) name: Option<&'a str>,
    /// What is in it, behind the name.
    pub(super) content: &'a [u8],
}

/// How long the beginning of every file is.
const HEADER: usize = 8;
/// The id of custom sections.
const CUSTOM: u8 = 0;

/// The sections of a file, in order.
pub(super) fn sections(bytes: &[u8]) -> Result<Vec<Section<'_>>, &'static str> {
    let body = bytes.get(HEADER..).ok_or("it ends in its header")?;
    let parts = parts(body).ok_or("it ends in a section")?;
    let mut found = Vec::new();
    for (id, whole) in parts {
        let content = content(whole).unwrap_or_default();
        let (name, content) = match id {
            CUSTOM => {
                let (name, rest) = named(content).ok_or("a section has no name")?;
                (Some(name), rest)
            }
            _ => (None, content),
        };
        found.push(Section {
            whole,
            name,
            content,
        });
    }
    Ok(found)
}

/// The same file without some of its custom sections, which are no part of what it does.
/// What cannot be taken apart stays as it is.
pub(super) fn without(bytes: &[u8], dropped: impl Fn(&str) -> bool) -> Cow<'_, [u8]> {
    let parts = sections(bytes).unwrap_or_default();
    let goes = |part: &Section<'_>| part.name.is_some_and(&dropped);
    if !parts.iter().any(goes) {
        return Cow::Borrowed(bytes);
    }
    let kept = parts.iter().filter(|part| !goes(part));
    let kept = kept.map(|part| part.whole);
    let all: Vec<&[u8]> = bytes.get(..HEADER).into_iter().chain(kept).collect();
    Cow::Owned(all.concat())
}

/// A sequence of ids, each with a length and so many bytes: ids, and everything with them.
pub(super) fn parts(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while let Some(id) = bytes.first() {
        let (length, digits) = number(bytes.get(1..)?)?;
        let end = digits.checked_add(1)?.checked_add(length)?;
        found.push((*id, bytes.get(..end)?));
        bytes = bytes.get(end..)?;
    }
    Some(found)
}

/// What stands behind the id and the length of a part.
fn content(whole: &[u8]) -> Option<&[u8]> {
    let (_, digits) = number(whole.get(1..)?)?;
    whole.get(1 + digits..)
}

/// A name with its length before it, and the rest.
fn named(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, digits) = number(bytes)?;
    let end = digits.checked_add(length)?;
    let name = std::str::from_utf8(bytes.get(digits..end)?).ok()?;
    Some((name, bytes.get(end..)?))
}

/// A number of at most 32 bits in groups of seven, and how many bytes it takes.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at + 1));
        }
    }
    None
}

/// Writes a number in groups of seven bits.
pub(super) fn leb(out: &mut Vec<u8>, mut value: usize) {
    loop {
        // The lowest seven bits fit.
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Writes a custom section.
pub(super) fn custom(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut inside = Vec::new();
    leb(&mut inside, name.len());
    inside.extend_from_slice(name.as_bytes());
    inside.extend_from_slice(content);
    out.push(CUSTOM);
    leb(out, inside.len());
    out.extend(inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let mut file = b"\0asm\x0d\0\x01\0".to_vec();
        let long = "x".repeat(300);
        for (name, text) in [("version", "1.0.0"), ("description", &long), ("", "")] {
            custom(&mut file, name, text.as_bytes());
        }
        let read = sections(&file).unwrap();
        let said: Vec<_> = read
            .iter()
            .map(|one| (one.name, one.content.len()))
            .collect();
        let expected = [
            (Some("version"), 5),
            (Some("description"), 300),
            (Some(""), 0),
        ];
        assert_eq!(said, expected);
        let whole: usize = read.iter().map(|one| one.whole.len()).sum();
        assert_eq!(whole + HEADER, file.len());
        let mut shorter = b"\0asm\x0d\0\x01\0".to_vec();
        custom(&mut shorter, "description", long.as_bytes());
        custom(&mut shorter, "", b"");
        assert_eq!(without(&file, |name| name == "version"), shorter);
        assert_eq!(without(&file, |name| name == "none"), file);
        assert_eq!(without(b"\0asm", |_| true), b"\0asm".as_slice());
    }

    #[test]
    fn what_is_cut_or_lies_about_its_length_is_refused() {
        let mut file = b"\0asm\x0d\0\x01\0".to_vec();
        custom(&mut file, "version", b"1.0.0");
        for length in 0..file.len() {
            let cut = sections(&file[..length]);
            assert_eq!(cut.is_ok(), length == HEADER, "{length}");
        }
        for bad in [
            &b"\0\xff\xff\xff\xff\x0f"[..],
            b"\0\xff\xff\xff\xff\xff\xff\x01",
            b"\0\x02\x05a",
            b"\0\x02\x01\xff",
        ] {
            let file = [b"\0asm\x0d\0\x01\0", bad].concat();
            assert!(sections(&file).is_err(), "{bad:?}");
        }
    }
}
