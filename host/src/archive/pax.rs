//! PAX extension records: `length key=value\n`, read by length and nothing else.

use crate::model::ModTime;
use crate::model::limits::PAX_RECORDS;
use std::collections::BTreeMap;

/// What an extension header may say about the next member.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) path: Option<String>,
    pub(super) link: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) mtime: Option<ModTime>,
}

/// Writes one record; the length counts itself.
pub(super) fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

/// A time as PAX writes it.
pub(super) fn time(mtime: ModTime) -> String {
    if mtime.seconds < 0 && mtime.nanos > 0 {
        // -1.25 is one second and a quarter before 1970; the system counts up from -2.
        return format!(
            "-{}.{:09}",
            -(mtime.seconds + 1),
            1_000_000_000 - mtime.nanos
        );
    }
    if mtime.nanos == 0 {
        return mtime.seconds.to_string();
    }
    format!("{}.{:09}", mtime.seconds, mtime.nanos)
}

/// Reads the records of an extension header.
pub(super) fn parse(body: &[u8]) -> Result<Extension, &'static str> {
    let mut records: BTreeMap<&str, &[u8]> = BTreeMap::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (key, value, after) = split_record(rest)?;
        if records.insert(key, value).is_some() {
            return Err("an extension key stands in it twice");
        }
        if records.len() > PAX_RECORDS {
            return Err("it has too many extension records");
        }
        rest = after;
    }
    let mut extension = Extension::default();
    for (key, value) in records {
        // Attributes are bytes and ignored; everything else is text of one line.
        if key.starts_with("SCHILY.xattr.") || key.starts_with("LIBARCHIVE.xattr.") {
            continue;
        }
        let value = text(value)?;
        match key {
            "path" | "linkpath" if value.is_empty() => return Err("an extension record is empty"),
            "path" => extension.path = Some(value.to_owned()),
            "linkpath" => extension.link = Some(value.to_owned()),
            "size" => extension.size = Some(number(value)?),
            "mtime" => extension.mtime = parse_time(value),
            "atime" | "ctime" | "uid" | "gid" | "uname" | "gname" | "comment" => {}
            key if key.starts_with("GNU.sparse.") => return Err("it is a sparse file"),
            key if key.starts_with("SCHILY.") || key.starts_with("LIBARCHIVE.") => {}
            _ => return Err("an extension key has no meaning here"),
        }
    }
    Ok(extension)
}

fn split_record(rest: &[u8]) -> Result<(&str, &[u8], &[u8]), &'static str> {
    const BAD: &str = "an extension record is malformed";
    let space = rest.iter().take(8).position(|b| *b == b' ').ok_or(BAD)?;
    let digits = std::str::from_utf8(&rest[..space]).map_err(|_| BAD)?;
    if digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BAD);
    }
    let length: usize = digits.parse().map_err(|_| BAD)?;
    let record = rest.get(..length).ok_or(BAD)?;
    let body = record
        .get(space + 1..)
        .and_then(|r| r.strip_suffix(b"\n"))
        .ok_or(BAD)?;
    let equals = body.iter().position(|b| *b == b'=').ok_or(BAD)?;
    let key = std::str::from_utf8(&body[..equals]).map_err(|_| BAD)?;
    if key.is_empty() {
        return Err(BAD);
    }
    Ok((key, &body[equals + 1..], &rest[length..]))
}

/// A value is text without NUL or line breaks. Some keys may be empty, such as a
/// user's name; a path may not.
fn text(value: &[u8]) -> Result<&str, &'static str> {
    let text = std::str::from_utf8(value).map_err(|_| "an extension record is not UTF-8")?;
    if text.contains(['\0', '\n']) {
        return Err("an extension record holds NUL or a line break");
    }
    Ok(text)
}

fn number(value: &str) -> Result<u64, &'static str> {
    let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    plain
        .then(|| value.parse().ok())
        .flatten()
        .ok_or("a size is malformed")
}

/// A time that cannot be read is no reason to refuse: the header's own is used.
fn parse_time(value: &str) -> Option<ModTime> {
    let (negative, value) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nine: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let nanos: u32 = nine.parse().ok()?;
    Some(match (negative, nanos) {
        (false, _) => ModTime { seconds, nanos },
        (true, 0) => ModTime {
            seconds: -seconds,
            nanos,
        },
        (true, _) => ModTime {
            seconds: -seconds - 1,
            nanos: 1_000_000_000 - nanos,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_count_themselves() {
        assert_eq!(record("path", "x"), "9 path=x\n");
        for length in 1..1200 {
            let record = record("path", &"x".repeat(length));
            let said: usize = record.split(' ').next().unwrap().parse().unwrap();
            assert_eq!(said, record.len());
            assert_eq!(
                parse(record.as_bytes()).unwrap().path.unwrap().len(),
                length
            );
        }
    }

    #[test]
    fn times_round_trip() {
        for (seconds, nanos) in [
            (0, 0),
            (1, 5),
            (-1, 0),
            (-2, 750_000_000),
            (-1, 999_999_999),
        ] {
            let mtime = ModTime { seconds, nanos };
            assert_eq!(parse_time(&time(mtime)), Some(mtime), "{}", time(mtime));
        }
        for bad in ["", "nan", "1e9", "--1", "1.x", "99999999999999999999"] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn ambiguous_records_are_refused() {
        let twice = record("path", "a") + &record("path", "b");
        let hidden = record("comment", "x\n27 path=/etc/passwd");
        for bad in [
            twice.as_str(),
            "x path=a\n",
            "010 path=a\n",
            "99 path=a\n",
            "10 path=a",
            "6 path\n",
            "5 =a\n",
            "-9 path=a\n",
            &record("path", ""),
            &record("path", "a\0b"),
            &record("path", "a\nb"),
            &record("size", "-1"),
            &record("size", "1e3"),
            &record("GNU.sparse.name", "x"),
            &record("hdrcharset", "BINARY"),
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(parse(hidden.as_bytes()).is_err());
    }
}
