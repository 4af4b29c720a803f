//! Files whose presence says that a tool is open, and how one that was left over is told
//! from one that counts.

use super::InUse;
use crate::fs::{Dir, FileKind, read_small, runs_for};
use crate::model::limits::LOCK_FILE_BYTES;
use crate::model::{HostFacts, Location, ShownPath};
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// Largest number a process can have; a larger one in a lock file is a time or a port.
const LARGEST_PID: u32 = 1 << 22;

/// Adds the lock files of a place that count, by name. Links on the way to them are
/// followed: nothing is done here but looking.
pub(super) fn look(
    place: &Location,
    facts: &HostFacts,
    users: &BTreeSet<u32>,
    found: &mut Vec<InUse>,
) {
    let Some(path) = facts.resolve(place) else {
        return;
    };
    let Some(above) = path.parent() else {
        return;
    };
    // A directory that is missing holds no lock; one that cannot be read says nothing.
    let Ok(dir) = Dir::open(above) else {
        return;
    };
    for name in dir.list().unwrap_or_default() {
        let matching = name.to_str().filter(|n| matches(place.path.name(), n));
        if matching.is_some_and(|name| counts(&dir, name, users)) {
            found.push(InUse::LockFile {
                path: ShownPath::from_home(&above.join(name), &facts.home),
            });
        }
    }
}

/// Whether a lock file says that its tool is open now. It is left over when it names a
/// process, and that one has ended or belongs to somebody else. Everything else counts:
/// there is nothing to judge it by. So does a number that the system has given to another
/// program of the same user since; when a process began cannot be compared with when a
/// file was written, for clocks jump where a virtual machine is paused.
///
/// A process is named by a file that begins with its number, or that is a JSON object with
/// a number in `pid` or `processId`.
fn counts(dir: &Dir, name: &str, users: &BTreeSet<u32>) -> bool {
    let Ok(Some(stat)) = dir.stat(OsStr::new(name)) else {
        return false;
    };
    if stat.kind != FileKind::Regular {
        return true;
    }
    let Ok(content) = read_small(dir, name, LOCK_FILE_BYTES) else {
        return true;
    };
    named_process(&content).is_none_or(|pid| runs_for(pid, users))
}

/// The process that a lock file's content names.
fn named_process(content: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(content).ok()?;
    let pid = if text.trim_start().starts_with('{') {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let field = |name: &str| json.get(name)?.as_u64();
        let pid = field("pid").or_else(|| field("processId"))?;
        u32::try_from(pid).ok()?
    } else {
        text.split_ascii_whitespace().next()?.parse().ok()?
    };
    (1..=LARGEST_PID).contains(&pid).then_some(pid)
}

/// Whether a name is what a pattern means, in which `*` stands for any letters and
/// everything else for itself.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match name.split_once(part) {
            Some((_, behind)) => name = behind,
            None => return false,
        }
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name) in [
            ("code.lock", "code.lock"),
            ("*.lock", "123.lock"),
            ("*.lock", ".lock"),
            ("a*b*c", "a-b-b-c"),
            ("a**c", "ac"),
            ("*", "anything"),
            ("[x]*", "[x]y"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("code.lock", "code.lock2"),
            ("*.lock", "123.lock.old"),
            ("a*a", "a"),
            ("a*b*c", "a-c-b"),
            ("?.lock", "x.lock"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn only_what_can_be_a_process_is_taken_for_one() {
        for (content, pid) in [
            (r#"{"pid": 4242, "port": 1}"#, Some(4242)),
            (r#" {"processId":7}"#, Some(7)),
            (r#"{"pid": "x", "processId": 8}"#, Some(8)),
            ("4242", Some(4242)),
            ("  4242\nmore\n", Some(4242)),
            ("4242 host.example", Some(4242)),
            ("", None),
            ("0", None),
            ("-1", None),
            ("1700000000", None),
            ("2024-01-01", None),
            (r#"{"pid": "4242"}"#, None),
            (r#"{"pid": 4242"#, None),
            (r#"{"pid": 99999999999}"#, None),
            (r#"{"port": 4242}"#, None),
            (r#"["pid", 4242]"#, None),
        ] {
            assert_eq!(named_process(content.as_bytes()), pid, "{content}");
        }
        assert_eq!(named_process(b"\xff 12"), None);
    }
}
