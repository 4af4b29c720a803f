//! What files were like when they were read: whatever somebody does to hide a change, only a
//! cache that was forged for it hides one, and reading everything finds that too.

use super::{assert_as_from_scratch, assert_holds, backup, tree};
use crate::support::copy::set_time;
use crate::support::env::archive_of;
use crate::support::{TestEnv, tools};
use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

const MAGIC: &[u8] = b"takeback-seen 1\n";
const ENTRY: usize = 28;

fn file(env: &TestEnv, number: usize) -> PathBuf {
    env.home().join(format!(".claude/skills/file-{number}"))
}

/// A home with files of one size and time.
fn home() -> TestEnv {
    let env = TestEnv::new();
    for number in 0..30 {
        env.write(
            &format!(".claude/skills/file-{number}"),
            format!("number {number:03}\n").repeat(200),
        );
        set_time(&file(&env, number), 1_700_000_000, 0);
    }
    env.write(".claude/skills/large", vec![b'l'; 400_000]);
    env
}

fn settle() {
    std::thread::sleep(Duration::from_millis(4_200));
}

/// Makes a backup, which must hold what there is.
#[track_caller]
fn must_be_right(env: &TestEnv, what: &str) -> String {
    let id = backup(env, &[]);
    assert_holds(env, &id, &tree(env));
    assert_as_from_scratch(env, &id, what);
    id
}

/// Changes one byte and gives the file its time back.
fn edit(path: &Path) {
    let meta = path.metadata().unwrap();
    let open = fs::File::options().read(true).write(true).open(path);
    let file = open.unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, 50).unwrap();
    file.write_all_at(&[byte[0] ^ 1], 50).unwrap();
    set_time(path, meta.mtime(), meta.mtime_nsec());
}

/// Puts another file with the same size, mode and time in the place of one.
fn replace(path: &Path, by_rename: bool) {
    let meta = path.metadata().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[7] ^= 1;
    let write = |at: &Path| {
        fs::write(at, &bytes).unwrap();
        fs::set_permissions(at, fs::Permissions::from_mode(meta.mode())).unwrap();
        set_time(at, meta.mtime(), meta.mtime_nsec());
    };
    if by_rename {
        let beside = path.with_extension("new");
        write(&beside);
        fs::rename(beside, path).unwrap();
    } else {
        // Many file systems give the number of the file that went to the next one.
        fs::remove_file(path).unwrap();
        write(path);
    }
}

#[test]
fn hidden_changes_are_found_whether_files_are_young_or_old() {
    let env = home();
    for old in [false, true, true] {
        if old {
            settle();
        }
        must_be_right(&env, "before");
        edit(&file(&env, 1));
        must_be_right(&env, "edited");
        edit(&env.home().join(".claude/skills/large"));
        must_be_right(&env, "the large one edited");
        replace(&file(&env, 2), true);
        must_be_right(&env, "replaced");
        replace(&file(&env, 3), false);
        must_be_right(&env, "replaced with the same number");
        // Two files change places; nothing else about them is different.
        let [one, other] = [4, 5].map(|number| file(&env, number));
        let between = one.with_extension("between");
        fs::rename(&one, &between).unwrap();
        fs::rename(&other, &one).unwrap();
        fs::rename(&between, &other).unwrap();
        must_be_right(&env, "swapped");
        // In the same moment as a backup, again and again.
        for _ in 0..3 {
            edit(&file(&env, 6));
            backup(&env, &[]);
            edit(&file(&env, 6));
            must_be_right(&env, "edited right behind a backup");
        }
    }
}

#[test]
fn files_from_the_future_and_the_past_are_kept_right() {
    let env = home();
    let times = [
        4_102_444_800,
        1 << 33,
        -1,
        0,
        i64::from(i32::MAX),
        -2_000_000_000,
    ];
    for (number, seconds) in (0..).zip(times) {
        set_time(&file(&env, number), seconds, 5);
    }
    settle();
    for _ in 0..2 {
        must_be_right(&env, "odd times");
        for number in 0..times.len() {
            edit(&file(&env, number));
        }
        must_be_right(&env, "odd times edited");
    }
}

/// What the cache holds: the archive's digest, and what each entry was like.
fn parts(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let content = bytes[..bytes.len() - 32].strip_prefix(MAGIC).unwrap();
    let entries = content[32..].chunks(ENTRY).map(<[u8]>::to_vec);
    (content[..32].to_vec(), entries.collect())
}

fn whole(archive: &[u8], entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = [MAGIC, archive, &entries.concat()].concat();
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest.as_slice());
    bytes
}

/// What the cache would hold of a file.
fn identity(path: &Path) -> Vec<u8> {
    let meta = path.metadata().unwrap();
    let mut bytes = [meta.dev().to_le_bytes(), meta.ino().to_le_bytes()].concat();
    bytes.extend(meta.ctime().to_le_bytes());
    bytes.extend((meta.ctime_nsec() as u32).to_le_bytes());
    bytes
}

#[test]
fn only_a_forged_cache_hides_a_change_and_reading_everything_finds_it() {
    let env = home();
    settle();
    let before = tree(&env);
    let id = backup(&env, &[]);
    let kept = fs::read(env.seen("claude")).unwrap();
    let (archive, mut entries) = parts(&kept);
    let old = identity(&file(&env, 7));
    let number = entries.iter().position(|entry| *entry == old);
    let number = number.unwrap_or_else(|| panic!("the file is not known"));
    edit(&file(&env, 7));
    entries[number] = identity(&file(&env, 7));
    fs::write(env.seen("claude"), whole(&archive, &entries)).unwrap();
    // It is believed, so the cache is what decides whether a file is read.
    let hidden = backup(&env, &[]);
    assert_holds(&env, &hidden, &before);
    let found = backup(&env, &["--verify-content"]);
    assert_holds(&env, &found, &tree(&env));
    assert_as_from_scratch(&env, &found, "everything read");
    assert_holds(&env, &id, &before);
    // From then on it is known what the file is like.
    let next = must_be_right(&env, "after everything was read");
    assert!(next != found);
    // The same where something else changed too, so that an archive is made.
    settle();
    must_be_right(&env, "settled");
    let (archive, mut entries) = parts(&fs::read(env.seen("claude")).unwrap());
    let old = identity(&file(&env, 8));
    let number = entries.iter().position(|entry| *entry == old).unwrap();
    edit(&file(&env, 8));
    entries[number] = identity(&file(&env, 8));
    fs::write(env.seen("claude"), whole(&archive, &entries)).unwrap();
    env.write(".claude/skills/more", "more\n");
    let found = backup(&env, &["--verify-content"]);
    assert_holds(&env, &found, &tree(&env));
}

#[test]
fn a_cache_that_is_another_s_damaged_or_gone_hides_nothing() {
    let env = home();
    settle();
    let place = env.seen("claude");
    backup(&env, &[]);
    let first = fs::read(&place).unwrap();
    env.write(".claude/skills/more", "more\n");
    backup(&env, &[]);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("of an earlier archive", first.clone()),
        ("empty", Vec::new()),
        ("cut", first[..first.len() / 2].to_vec()),
        ("longer", [&first[..], &[0; 28]].concat()),
        ("nothing but zeros", vec![0; first.len()]),
        (
            "short of an entry",
            whole(&parts(&first).0, &parts(&first).1[1..]),
        ),
    ];
    for (what, bytes) in cases {
        fs::write(&place, bytes).unwrap();
        edit(&file(&env, 9));
        must_be_right(&env, what);
    }
    fs::remove_file(&place).unwrap();
    edit(&file(&env, 9));
    must_be_right(&env, "gone");
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    edit(&file(&env, 9));
    must_be_right(&env, "a directory");
    fs::remove_dir(&place).unwrap();
    let elsewhere = env.root().join("elsewhere");
    fs::write(&elsewhere, &first).unwrap();
    symlink(&elsewhere, &place).unwrap();
    edit(&file(&env, 9));
    must_be_right(&env, "a link");
    assert!(
        fs::read(&elsewhere).unwrap() == first,
        "it was written through"
    );
}

/// Entries that moved because others came and went are not taken for each other.
#[test]
fn a_cache_with_the_entries_of_others_hides_nothing() {
    let env = home();
    settle();
    backup(&env, &[]);
    let (archive, mut entries) = parts(&fs::read(env.seen("claude")).unwrap());
    entries.reverse();
    fs::write(env.seen("claude"), whole(&archive, &entries)).unwrap();
    for number in 0..30 {
        edit(&file(&env, number));
    }
    must_be_right(&env, "reversed");
}

/// What changes in a database with a log shows in the log alone for a while. That nothing had
/// changed before must not make its file be relied on.
#[test]
fn a_database_is_read_again_though_its_file_is_as_it_was() {
    let env = TestEnv::new();
    env.write(".claude/skills/notes/SKILL.md", "x");
    let path = env.home().join(".claude/skills/notes/state.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         CREATE TABLE t (x); INSERT INTO t VALUES ('old'); PRAGMA wal_checkpoint(TRUNCATE);",
    )
    .unwrap();
    settle();
    let unchanged = |report: &Value| report["targets"][0]["unchanged_since"].is_string();
    assert!(!unchanged(&env.backup(0, &["claude"])));
    assert!(unchanged(&env.backup(0, &["claude"])), "it holds still");
    let before = fs::read(&path).unwrap();
    db.execute("UPDATE t SET x = 'new'", []).unwrap();
    assert_eq!(fs::read(&path).unwrap(), before, "only the log changed");
    let report = env.backup(0, &["claude"]);
    assert!(!unchanged(&report), "the change was missed");
    let into = env.root().join("out");
    tools::extract(&archive_of(&env, &report, "claude"), &into);
    let copy = Connection::open(into.join("home/.claude/skills/notes/state.db")).unwrap();
    let value: String = copy
        .query_row("SELECT x FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(value, "new");
}
