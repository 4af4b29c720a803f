//! A tree of things that have bitten some archive program or other: names, modes, sizes,
//! times and links, all of which an archive must carry.

use super::TestEnv;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Names that have bitten some tool or other, all of them legal in an archive.
fn odd_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "with space.md",
        "caf\u{e9}.md",
        "cafe\u{301}.md",
        "-leading-dash",
        "--help",
        "-rf",
        "it's \"quoted\".md",
        "$(touch x);&|.md",
        "*?[glob]{a,b}",
        "emoji-\u{1f9ea}",
        "#hash",
        "%41",
        "~tilde",
        "@at",
        "trailing. ",
        " leading",
        "con:colon",
        "a=b",
        "!bang",
        "CASE",
        "case",
        "..dots",
        "...",
        "x\u{202e}txt.md",
        "\u{65e5}\u{672c}\u{8a9e}/SKILL.md",
    ]
    .map(str::to_owned)
    .into();
    // Around the 100 bytes of the name field, counted with what stands before the name.
    let before = "home/.claude/skills/odd/".len();
    names.extend((98..=102).map(|length| "n".repeat(length - before)));
    names.push("l".repeat(255));
    names.push("\u{fc}".repeat(127));
    // Around the 255 bytes that name and prefix fields hold together, and far above.
    for levels in [2, 3, 9] {
        names.push(format!(
            "{}/end.md",
            vec!["d".repeat(100); levels].join("/")
        ));
    }
    names
}

pub(crate) fn at(seconds: i64, nanos: u32) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let start = if seconds < 0 {
        UNIX_EPOCH - whole
    } else {
        UNIX_EPOCH + whole
    };
    start + Duration::from_nanos(nanos.into())
}

/// Times that need care: fine, before 1970, exactly then, and far ahead.
const TIMES: [(i64, u32); 8] = [
    (1_700_000_000, 0),
    (1_700_000_001, 123_456_789),
    (1_700_000_002, 1),
    (1_700_000_003, 999_999_999),
    (0, 0),
    (-1, 0),
    (-5, 250_000_000),
    (4_102_444_800, 5),
];

/// Builds a tree of odd things below `~/.claude`, in the order given or backwards.
pub(crate) fn odd_tree(env: &TestEnv, backwards: bool) {
    let root = ".claude/skills/odd";
    let mut files: Vec<(String, Vec<u8>, u32)> = Vec::new();
    for (index, name) in odd_names().into_iter().enumerate() {
        files.push((name, format!("content {index}\n").into_bytes(), 0o644));
    }
    for mode in [0o400, 0o600, 0o640, 0o644, 0o664, 0o700, 0o755, 0o777] {
        files.push((format!("mode-{mode:o}"), b"x".to_vec(), mode));
    }
    for size in [0, 1, 511, 512, 513] {
        files.push((format!("size-{size}"), vec![b's'; size], 0o644));
    }
    files.push(("large-even".to_owned(), vec![b'e'; 3 << 20], 0o644));
    files.push(("large-odd".to_owned(), noise((1 << 20) + 7), 0o644));
    if backwards {
        files.reverse();
    }
    for (name, content, mode) in &files {
        let path = env.write(&format!("{root}/{name}"), content);
        fs::set_permissions(path, Permissions::from_mode(*mode)).unwrap();
    }
    let dir = env.home().join(root);
    for (name, mode) in [
        ("empty-755", 0o755),
        ("empty-700", 0o700),
        ("empty-777", 0o777),
    ] {
        fs::create_dir(dir.join(name)).unwrap();
        fs::set_permissions(dir.join(name), Permissions::from_mode(mode)).unwrap();
    }
    symlink("with space.md", dir.join("link")).unwrap();
    symlink("../odd/caf\u{e9}.md", dir.join("link-caf\u{e9}")).unwrap();
    symlink("l".repeat(255), dir.join("link-long")).unwrap();
    let mut count = 0;
    set_times(&env.home().join(".claude"), &mut count);
}

/// Bytes that do not compress, always the same.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..size).map(|_| next()).collect()
}

/// Gives everything below a directory a time, children first and sorted.
pub(crate) fn set_times(path: &Path, count: &mut usize) {
    if path.is_dir() && !path.is_symlink() {
        let mut below: Vec<PathBuf> = fs::read_dir(path)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        below.sort();
        below.iter().for_each(|path| set_times(path, count));
    }
    let (seconds, nanos) = TIMES[*count % TIMES.len()];
    *count += 1;
    let time = rustix::fs::Timespec {
        tv_sec: seconds,
        tv_nsec: nanos.into(),
    };
    let times = rustix::fs::Timestamps {
        last_access: time,
        last_modification: time,
    };
    let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
    rustix::fs::utimensat(rustix::fs::CWD, path, &times, flags).unwrap();
}
