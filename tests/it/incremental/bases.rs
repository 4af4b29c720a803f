//! Archives to start from that are damaged or gone: what is damaged is not carried over, and
//! the next archive is right.

use super::{archive, assert_as_from_scratch, assert_holds, backup, record, tree, vault};
use crate::support::TestEnv;
use crate::support::index::RawIndex;
use crate::support::odd::noise;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

/// A home with an archive of it, old enough that its files need not be read again.
fn settled() -> (TestEnv, String) {
    let env = TestEnv::new();
    for number in 0..90 {
        let text = format!("file {number}\n").repeat(90);
        env.write(&format!(".claude/skills/file-{number}"), text);
    }
    env.write(".claude/skills/large", noise(900_000));
    std::thread::sleep(Duration::from_millis(4_200));
    let id = backup(&env, &[]);
    (env, id)
}

fn is_as_recorded(env: &TestEnv, id: &str) -> bool {
    let vault = vault(env);
    let (id, target) = record(&vault, id);
    vault.check_whole(&id, &target).is_ok()
}

/// Backs up from a base that somebody has spoilt, and mends that.
#[track_caller]
fn from_spoilt(env: &TestEnv, base: &str, what: &str, spoil: impl FnOnce(&PathBuf)) {
    let path = archive(env, base);
    let whole = fs::read(&path).unwrap();
    // Snapshots in which nothing had changed may have the same file.
    fs::remove_file(&path).unwrap();
    fs::write(&path, &whole).unwrap();
    spoil(&path);
    let id = backup(env, &[]);
    assert!(is_as_recorded(env, &id), "{what}: damage was carried over");
    assert_holds(env, &id, &tree(env));
    assert_as_from_scratch(env, &id, what);
    assert!(!is_as_recorded(env, base), "{what}: it was no damage");
    // The next one starts from the base again.
    fs::remove_dir_all(env.snapshot(&id)).unwrap();
    if path.symlink_metadata().unwrap().is_dir() {
        fs::remove_dir(&path).unwrap();
    } else {
        fs::remove_file(&path).unwrap();
    }
    fs::write(&path, whole).unwrap();
    assert!(is_as_recorded(env, base));
}

fn flip(path: &PathBuf, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_piece_that_is_damaged_is_not_copied() {
    let (env, id) = settled();
    let index = RawIndex::read(&super::index(&env, &id));
    // Something in the first piece changes, so that what is beside it is taken out of there.
    env.write(".claude/skills/file-1", "changed\n");
    let (starts, body) = (index.starts(), index.body());
    let large = index.row("home/.claude/skills/large").piece as usize + body.start;
    let mut pieces = vec![0, body.start, body.start + 1, body.end - 1, large];
    pieces.extend([large + 1, large + 2]);
    for piece in pieces {
        let middle = (starts[piece] + index.pieces[piece].length / 2) as usize;
        from_spoilt(&env, &id, &format!("piece {piece}"), |path| {
            flip(path, middle);
        });
    }
}

#[test]
fn a_large_file_that_changed_is_not_compared_with_damage() {
    let (env, id) = settled();
    let index = RawIndex::read(&super::index(&env, &id));
    let row = index.row("home/.claude/skills/large");
    let mut bytes = fs::read(env.home().join(".claude/skills/large")).unwrap();
    bytes[400_000] ^= 1;
    env.write(".claude/skills/large", bytes);
    for part in 1..5 {
        let piece = row.piece as usize + index.body().start + part;
        let at = (index.starts()[piece] + 9) as usize;
        from_spoilt(&env, &id, &format!("part {part}"), |path| flip(path, at));
    }
}

/// Something that is done to an archive as a whole, and its name.
type Spoiling = (String, Box<dyn Fn(&PathBuf)>);

fn spoilings(size: usize) -> Vec<Spoiling> {
    let mut all: Vec<Spoiling> = Vec::new();
    for length in [0, 5, 10, 2_000, size / 2, size - 9, size - 1] {
        let cut = move |path: &PathBuf| {
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_len(length as u64).unwrap();
        };
        all.push((format!("{length} bytes"), Box::new(cut)));
    }
    all.push((
        "longer".to_owned(),
        Box::new(|path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, [&bytes[..], b"x"].concat()).unwrap();
        }),
    ));
    all.push((
        "a directory".to_owned(),
        Box::new(|path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ));
    all.push((
        "a link".to_owned(),
        Box::new(|path| {
            let beside = path.with_extension("beside");
            fs::rename(path, &beside).unwrap();
            symlink(&beside, path).unwrap();
        }),
    ));
    all
}

#[test]
fn what_changed_is_kept_though_the_last_archive_is_cut_or_gone() {
    let (env, id) = settled();
    env.write(".claude/skills/file-1", "changed\n");
    let size = fs::metadata(archive(&env, &id)).unwrap().len() as usize;
    for (what, spoil) in spoilings(size) {
        from_spoilt(&env, &id, &what, |path| spoil(path));
    }
}

#[test]
fn what_did_not_change_is_kept_though_the_last_archive_is_cut_or_gone() {
    let (env, id) = settled();
    let size = fs::metadata(archive(&env, &id)).unwrap().len() as usize;
    for (what, spoil) in spoilings(size) {
        from_spoilt(&env, &id, &what, |path| spoil(path));
    }
}

#[test]
fn nothing_of_a_damaged_archive_is_taken_over_when_content_is_verified() {
    let (env, id) = settled();
    let path = archive(&env, &id);
    let size = fs::metadata(&path).unwrap().len() as usize;
    for at in [size / 3, size / 2, size - 5] {
        let whole = fs::read(&path).unwrap();
        flip(&path, at);
        let next = backup(&env, &["--verify-content"]);
        assert!(is_as_recorded(&env, &next), "byte {at}");
        assert_holds(&env, &next, &tree(&env));
        fs::remove_dir_all(env.snapshot(&next)).unwrap();
        fs::write(&path, whole).unwrap();
    }
    // What is whole is taken over.
    let next = backup(&env, &["--verify-content"]);
    let [one, other] = [&id, &next].map(|id| fs::read(archive(&env, id)).unwrap());
    assert!(one == other, "an archive was made though nothing changed");
}
